// The guest's one job, from READY to RESULT (PROTOCOL.md). One program and one process does all but the scripts, and is there when the guest is saved:
// each process that a later guest must start costs it milliseconds under emulation.
//
//   job load LIST    loads the kernel modules of a list, in its order
//   job SLOTS        as the first process: the job, in a guest with so many slots for disks
#include "guest.h"
#include <sys/reboot.h>
#include <sys/wait.h>

enum { PROTOCOL = 3 };

// One line of the host, which sends none before it has the answer to the last. None when it has gone.
static char *read_line(char *line, size_t size) {
  for (size_t length = 0; length < size; ) {
    ssize_t n = read(CONTROL, line + length, size - length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    length += (size_t)n;
    if (line[length - 1] == '\n') return line[length - 1] = 0, line;
  }
  return NULL;
}

// Returns when all disks of a job are mounted.
static void await_job(void) {
  while (true) {
    char line[1024], entropy[129];
    long long seconds;
    long nanoseconds;
    int count;
    say("READY %d\n", PROTOCOL);
    if (!read_line(line, sizeof line)) reboot(RB_POWER_OFF);
    if (sscanf(line, "JOB %d", &count) == 1) {
      say("PHASE disks\n");
      mount_disks(count);
      return;
    }
    if (sscanf(line, "WAKE %lld %ld %128s", &seconds, &nanoseconds, entropy) != 3) error("the host says what this guest does not know");
    wake((struct timespec){ .tv_sec = seconds, .tv_nsec = nanoseconds }, entropy);
  }
}

// How many processes the kernel had ended for want of memory when no script had run yet: counting them again costs as much as a short script, and is
// left to the scripts that follow another.
static long kills;

// The answer of a process that runs a script: a line, its end taken off.
static char *answer_of(enum place place, const char *script, const char *directory) {
  static char line[1024];
  int answers[2];
  REQUIRE(pipe2(answers, O_CLOEXEC), "no pipe for an answer: %s", strerror(errno));
  if (kills < 0) kills = oom_kills();
  pid_t runner = fork();
  REQUIRE(runner, "no process for a script: %s", strerror(errno));
  if (runner == 0) {
    answer = answers[1];
    run(place, script, directory, kills);
  }
  close(answers[1]);
  size_t length = 0;
  for (ssize_t n; length < sizeof line - 1 && (n = read(answers[0], line + length, sizeof line - 1 - length)) > 0; ) length += (size_t)n;
  close(answers[0]);
  waitpid(runner, NULL, 0);
  kills = -1;
  line[length] = 0;
  line[strcspn(line, "\n")] = 0;
  return line;
}

// Runs a script, if the job has it and none before it failed.
static void script(const char *phase, const char *name, enum place place, const char *directory) {
  const char *path = text("/job/scripts/%s", name);
  if (failure || access(path, F_OK) < 0) return;
  say("PHASE %s\n", phase);
  char *line = answer_of(place, path, directory);
  if (!strncmp(line, "failed ", 7)) failure = text("failed %s %s", phase, line + 7);
  else if (!strncmp(line, "error ", 6)) end(line);
  else if (strcmp(line, "ok")) error("the guest itself failed in: %s", phase);
}

static _Noreturn void job(int slots) {
  make_namespaces();
  find_slots(slots);
  kills = oom_kills();
  await_job();
  char *parents = contents(AT_FDCWD, "/job/parents");
  if (!parents) error("the job disk does not tell the number of parent layers");
  if (access("/job/network", F_OK) == 0) configure_network();
  script("pre-mount", "pre-mount", IN_GUEST, "/disk");
  if (!failure) {
    say("PHASE mount\n");
    mount_overlay(atoi(parents));
    script("script", "run-as-root", IN_IMAGE, "/");
    script("post-mount", "post-mount", IN_GUEST_WITH_MOUNTS, "/disk");
    say("PHASE unmount\n");
    unmount(true);
    script("extra-commands", "extra-commands", IN_GUEST, "/disk/layer");
    script("post-umount", "post-umount", IN_GUEST, "/disk");
  }
  unmount_disk();
  end(failure ? failure : "ok");
}

int main(int count, char **arguments) {
  if (count == 2) job(atoi(arguments[1]));
  // There is no port yet.
  answer = STDERR_FILENO;
  if (count != 3 || strcmp(arguments[1], "load")) error("the guest's init asked for what the guest does not know");
  load_modules(arguments[2]);
}
