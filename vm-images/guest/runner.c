// Runs one script of the job. A runner process prepares the script's root, starts the script in its namespaces, forwards its output, and reports
// how it ended. Everything that the runner has opened is closed when it ends.
#include "guest.h"
#include <sched.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/statfs.h>
#include <sys/wait.h>

// Returns the number of processes that the kernel has killed for lack of memory since boot.
static long read_oom_kills(void) {
  char *counters = read_file("/proc/vmstat"), *kills = counters ? strstr(counters, "\noom_kill ") : NULL;
  long count = kills ? atol(kills + 10) : 0;
  free(counters);
  return count;
}

// The number of killed processes before the script, or -1 if it must be read again. Reading it takes as long as a short script, so it is read before
// the guest is saved, and again only before a second script.
static long oom_kills_before = -1;

// Remembers the number of killed processes before a script.
void count_oom_kills(void) { oom_kills_before = read_oom_kills(); }

// Forwards readable output to the log port. At the end of the output the descriptor becomes -1, which poll(2) ignores.
static void forward(struct pollfd *source) {
  static char bytes[65536];
  if (!(source->revents & (POLLIN | POLLHUP | POLLERR))) return;
  ssize_t length = read(source->fd, bytes, sizeof bytes);
  if (length > 0) write_all(LOG_PORT, bytes, length);
  else if (length == 0 || (errno != EAGAIN && errno != EINTR)) source->fd = -1;
}

// Forwards a script's output to the log port until the script and its descendants have ended. Passes input to the terminal of an interactive shell;
// terminal is -1 without one. Returns whether the upper disk was full at any time.
static bool forward_output(pid_t script, int output, int terminal, int *status) {
  enum { OUTPUT, SCRIPT, HOST, TERMINAL, INPUT, COUNT };
  struct pollfd watched[] = {
    { output, POLLIN, 0 }, { (int)syscall(SYS_pidfd_open, script, 0), POLLIN, 0 }, { CONTROL_PORT, terminal < 0 ? 0 : POLLIN, 0 },
    { terminal, POLLIN, 0 }, { -1, POLLIN, 0 },
  };
  REQUIRE(watched[SCRIPT].fd, "the script can't be watched: %s", strerror(errno));
  bool disk_was_full = false, alive = true;
  while (alive || watched[OUTPUT].fd >= 0 || watched[TERMINAL].fd >= 0) {
    // More input is read only when the terminal has taken the last.
    watched[TERMINAL].events = has_pending_input() ? POLLIN | POLLOUT : POLLIN;
    watched[INPUT].fd = watched[TERMINAL].fd < 0 || has_pending_input() ? -1 : LOG_PORT;
    poll(watched, COUNT, 100);
    // The host has closed the port, so nobody needs the result.
    if (watched[HOST].revents & (POLLHUP | POLLERR)) reboot(RB_POWER_OFF);
    struct statfs disk;
    if (statfs("/disk", &disk) == 0 && (disk.f_bavail < 16 || disk.f_ffree == 0)) disk_was_full = true;
    if (watched[HOST].revents & POLLIN) resize_terminal(terminal);
    forward(&watched[OUTPUT]);
    forward(&watched[TERMINAL]);
    if (watched[INPUT].revents & POLLIN) receive_input();
    if (watched[TERMINAL].revents & POLLOUT && !pass_input(terminal)) watched[TERMINAL].fd = -1;
    if (alive && watched[SCRIPT].revents && waitpid(script, status, 0) == script) {
      alive = false;
      watched[SCRIPT].fd = -1;
      // Kills every process but the guest's first process and this one. A daemon of the script would keep the overlay and the output pipe in use.
      kill(-1, SIGKILL);
    }
  }
  return disk_was_full;
}

// Closes all files but the three standard streams and the given ones, which get the next file descriptors.
static void close_other_files(int *files, int count) {
  int first = STDERR_FILENO + 1;
  // Moved out of the way first, so that dup3(2) does not overwrite a file that is still needed.
  for (int i = 0; i < count; i++)
    REQUIRE(files[i] = fcntl(files[i], F_DUPFD_CLOEXEC, first + count), "a pipe can't be duplicated: %s", strerror(errno));
  for (int i = 0; i < count; i++) REQUIRE(files[i] = dup3(files[i], first + i, O_CLOEXEC), "a pipe can't be duplicated: %s", strerror(errno));
  syscall(SYS_close_range, first + count, ~0U, 0);
}

// Runs as the child of the runner, in new namespaces, and becomes the script or the first process of the script's PID namespace.
static _Noreturn void run_child(enum script_root kind, const char *script, const char *directory, int output, int launch_pipe) {
  if (dup2(output, STDOUT_FILENO) < 0 || dup2(output, STDERR_FILENO) < 0) die("the script's output can't be redirected: %s", strerror(errno));
  int kept[] = { report_fd, launch_pipe };
  close_other_files(kept, is_chroot(kind) ? 2 : 1);
  report_fd = kept[0];
  if (is_chroot(kind)) run_image_init(kind, script, kept[1], find_parameter("network"));
  if (kind == GUEST_ROOT_WITH_OVERLAY) {
    make_mounts_private();
    bind_mounts_below(open_directory("/disk/mnt"));
  }
  REQUIRE(chdir(directory), "%s can't be entered: %s", directory, strerror(errno));
  become_script_process();
  exec_bash(script, with_failure_traps(script_environment(kind)));
}

// Runs as the runner process: prepares the script's root, runs the script, cleans up, and writes the report to report_fd.
static _Noreturn void run_script(enum script_root kind, int launch_pipe, const char *script, const char *directory) {
  if (is_chroot(kind)) prepare_script_root(kind, find_parameter("network"));
  else if (kind == GUEST_ROOT_WITH_OVERLAY) add_mount_targets(open_directory("/disk/mnt"));
  int output[2], child_report[2], status = 0;
  // A socket, because the terminal of an interactive shell comes with the report.
  if (pipe2(output, O_CLOEXEC) < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, child_report) < 0)
    die("the script's pipes can't be made: %s", strerror(errno));
  long namespaces = is_chroot(kind) ? CLONE_NEWNS | CLONE_NEWPID : kind == GUEST_ROOT_WITH_OVERLAY ? CLONE_NEWNS : 0;
  pid_t child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, 0);
  REQUIRE(child, "the script's process can't be started: %s", strerror(errno));
  if (child == 0) {
    report_fd = child_report[1];
    run_child(kind, script, directory, output[1], launch_pipe);
  }
  close(output[1]);
  close(child_report[1]);
  // Forwards the child's report lines, "entered", "terminal" or "error ...", until the child has become the script. After an error the line that is
  // added below is ignored, because finish_script stops at the first line that ends a report.
  char lines[1024];
  int terminal = -1;
  for (ssize_t length; (length = receive_report(child_report[0], lines, sizeof lines, &terminal)) > 0; ) write_all(report_fd, lines, length);
  bool disk_was_full = forward_output(child, output[0], terminal, &status);
  if (is_chroot(kind)) check_etc_files();
  remove_mount_points();
  status = exit_status(status);
  if (status) dprintf(report_fd, "failed %d%s%s\n", status, read_oom_kills() > oom_kills_before ? " oom" : "", disk_was_full ? " no-space" : "");
  else dprintf(report_fd, "ok\n");
  _exit(0);
}

// Starts a script's runner. The current directory is only for a script without a chroot. A script with a chroot waits for its launch request.
struct script_run start_script(enum script_root kind, const char *script, const char *directory) {
  int report[2], launch[2] = { -1, -1 };
  if (pipe2(report, O_CLOEXEC) < 0 || (is_chroot(kind) && pipe2(launch, O_CLOEXEC) < 0))
    die("the script's pipes can't be made: %s", strerror(errno));
  if (oom_kills_before < 0) count_oom_kills();
  clear_record();
  pid_t runner = fork();
  REQUIRE(runner, "the script's runner can't be started: %s", strerror(errno));
  if (runner == 0) {
    report_fd = report[1];
    close(launch[1]);
    run_script(kind, launch[0], script, directory);
  }
  close(report[1]);
  close(launch[0]);
  return (struct script_run){ runner, report[0], launch[1] };
}

// Returns the next line of a script's report without its newline, or "" at the end. The line is valid until the next call.
static char *read_report_line(const struct script_run *run) {
  static char line[1024];
  size_t length = 0;
  while (length < sizeof line - 1 && read(run->report_pipe, line + length, 1) == 1 && line[length] != '\n') length++;
  line[length] = 0;
  return line;
}

// Returns when the script's process has entered its chroot.
void await_chroot_entered(const struct script_run *run) {
  char *line = read_report_line(run);
  if (strcmp(line, "entered")) send_result_and_halt(*line ? line : "error the first process in the image ended too early");
}

// Waits for the end of a script and returns the line that ends its report. Passes its warnings on. A script that has had no launch request never
// runs: its runner only cleans up.
char *finish_script(struct script_run *run) {
  if (run->launch_pipe >= 0) close(run->launch_pipe);
  char *line;
  for (;;) {
    line = read_report_line(run);
    if (!strncmp(line, "warning ", 8)) send_to_host("WARNING %s\n", line + 8);
    else if (strcmp(line, "entered") && strcmp(line, "terminal")) break;
  }
  close(run->report_pipe);
  waitpid(run->runner, NULL, 0);
  run->runner = -1;
  oom_kills_before = -1;
  return line;
}
