// Runs one script of the job, in a process of its own: its namespaces, its output, its end.
#include "guest.h"
#include <sched.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/statfs.h>
#include <sys/wait.h>

static long oom_kills(void) {
  char *counters = contents("/proc/vmstat"), *kills = counters ? strstr(counters, "\noom_kill ") : NULL;
  long count = kills ? atol(kills + 10) : 0;
  free(counters);
  return count;
}

// How many processes the kernel had ended for want of memory when no script had run yet: counting them again costs as much as a short script, and is
// left to the scripts that follow another.
static long kills = -1;

void count_oom_kills(void) { kills = oom_kills(); }

// Passes the output on until the process has ended, and with it all that it left running; true if the upper disk was full at any time.
static bool attend(pid_t process, int output, int *status) {
  static char bytes[65536];
  bool full = false, alive = true;
  struct pollfd watched[] = { { output, POLLIN, 0 }, { (int)syscall(SYS_pidfd_open, process, 0), POLLIN, 0 }, { CONTROL, 0, 0 } };
  REQUIRE(watched[1].fd, "the script can't be waited for: %s", strerror(errno));
  while (alive || watched[0].fd >= 0) {
    poll(watched, 3, 100);
    // The host is gone: nobody wants the result.
    if (watched[2].revents & (POLLHUP | POLLERR)) reboot(RB_POWER_OFF);
    struct statfs disk;
    if (statfs("/disk", &disk) == 0 && (disk.f_bavail < 16 || disk.f_ffree == 0)) full = true;
    if (watched[0].revents) {
      ssize_t length = read(output, bytes, sizeof bytes);
      if (length <= 0) watched[0].fd = -1;
      else write_all(LOG, bytes, length);
    }
    if (alive && watched[1].revents && waitpid(process, status, 0) == process) {
      alive = false;
      watched[1].fd = -1;
      // Everything but init and this process: a daemon would keep the overlay busy, and the pipe open.
      kill(-1, SIGKILL);
    }
  }
  return full;
}

// Closes all files but the three streams and these, which become the first behind them.
static void keep_only(int *files, int count) {
  int first = STDERR_FILENO + 1;
  for (int i = 0; i < count; i++) REQUIRE(files[i] = fcntl(files[i], F_DUPFD_CLOEXEC, first + count), "a pipe can't be kept: %s", strerror(errno));
  for (int i = 0; i < count; i++) REQUIRE(files[i] = dup3(files[i], first + i, O_CLOEXEC), "a pipe can't be kept: %s", strerror(errno));
  syscall(SYS_close_range, first + count, ~0U, 0);
}

// Leaves its answer where 'answer' says. Its process ends with the script, and with it whatever it has opened.
static _Noreturn void run(enum place place, int orders, const char *script, const char *directory) {
  bool network = parameter("network");
  bool inside = place == IN_IMAGE || place == IN_LAYER;
  if (inside) prepare_image(place, network);
  else if (place == IN_GUEST_WITH_OVERLAY) make_mount_points(open_directory("/disk/mnt"));
  int output[2], trouble[2], status = 0;
  if (pipe2(output, O_CLOEXEC) < 0 || pipe2(trouble, O_CLOEXEC) < 0) error("no pipe for the script: %s", strerror(errno));
  long namespaces = inside ? CLONE_NEWNS | CLONE_NEWPID : place == IN_GUEST_WITH_OVERLAY ? CLONE_NEWNS : 0;
  pid_t child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, 0);
  REQUIRE(child, "no process for the script: %s", strerror(errno));
  if (child == 0) {
    answer = trouble[1];
    if (dup2(output[1], STDOUT_FILENO) < 0 || dup2(output[1], STDERR_FILENO) < 0) error("no streams for the script: %s", strerror(errno));
    // Only what a script may have stays open: its three streams, and until it runs, the pipes for sentences and for orders.
    int kept[] = { trouble[1], orders };
    keep_only(kept, inside ? 2 : 1);
    answer = kept[0];
    if (inside) be_first_inside(place, script, kept[1], network);
    if (place == IN_GUEST_WITH_OVERLAY) make_mounts_private(), bind_mounts_below(open_directory("/disk/mnt"));
    REQUIRE(chdir(directory), "%s can't be entered: %s", directory, strerror(errno));
    be_script();
    run_script(script, environment(place));
  }
  close(output[1]);
  close(trouble[1]);
  // What the child says before it is bash: that it has entered the image, or an error. The first process takes the first line that ends something.
  char sentence[1024];
  for (ssize_t length; (length = read(trouble[0], sentence, sizeof sentence)) > 0; ) write_all(answer, sentence, length);
  bool full = attend(child, output[0], &status);
  if (inside) check_covers();
  remove_added_places();
  status = exit_status(status);
  if (status) dprintf(answer, "failed %d%s%s\n", status, oom_kills() > kills ? " oom" : "", full ? " no-space" : "");
  else dprintf(answer, "ok\n");
  _exit(0);
}

// Starts the process that will run a script. One in the image or in the layer waits for its orders.
struct run start(enum place place, const char *script, const char *directory) {
  int answers[2], orders[2] = { -1, -1 };
  if (pipe2(answers, O_CLOEXEC) < 0 || (place <= IN_LAYER && pipe2(orders, O_CLOEXEC) < 0)) error("no pipe for a script: %s", strerror(errno));
  if (kills < 0) count_oom_kills();
  pid_t runner = fork();
  REQUIRE(runner, "no process for a script: %s", strerror(errno));
  if (runner == 0) {
    answer = answers[1];
    close(orders[1]);
    run(place, orders[0], script, directory);
  }
  close(answers[1]);
  close(orders[0]);
  return (struct run){ runner, answers[0], orders[1] };
}

// A line of a run's answers, its end taken off: "" when there are no more. Valid until the next one is asked for.
static char *line_of(const struct run *run) {
  static char line[1024];
  size_t length = 0;
  while (length < sizeof line - 1 && read(run->answers, line + length, 1) == 1 && line[length] != '\n') length++;
  line[length] = 0;
  return line;
}

// Returns when the run's process is in the image.
void await_entry(const struct run *run) {
  char *line = line_of(run);
  if (strcmp(line, "entered")) end(*line ? line : "error the image's first process ended early");
}

// The run's last answer. Without orders, a run in the image takes back what it has prepared, and nothing more comes of it.
char *finish(struct run *run) {
  if (run->orders >= 0) close(run->orders);
  char *line;
  for (;;) {
    line = line_of(run);
    if (!strncmp(line, "warning ", 8)) say("WARNING %s\n", line + 8);
    else if (strcmp(line, "entered")) break;
  }
  close(run->answers);
  waitpid(run->runner, NULL, 0);
  run->runner = -1;
  kills = -1;
  return line;
}
