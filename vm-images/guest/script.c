// What becomes of a process that is a script: its variables, its streams, its shell.
#include "guest.h"
#include <sys/wait.h>

enum { MOST_VARIABLES = 4096 };

#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// The variables of a script: the usual ones, then the job's, of which each may replace one. A layer alone may have programs without what these need, so
// there the toolbox comes first.
char **environment(enum place place) {
  const char *const defaults[] = {
    place == IN_LAYER ? "PATH=/.overlayimg/bin:" USUAL_PATH : "PATH=" USUAL_PATH ":/.overlayimg/bin", "HOME=/root", "TERM=dumb",
    // Without it bash asks the image for the user of its own process, by whatever libraries nsswitch.conf names: made for another C library, they can end it.
    "SHELL=/bin/sh",
  };
  static char *variables[MOST_VARIABLES];
  int count = 0;
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) variables[count++] = text("%s", defaults[i]);
  for (int i = 0; i < parameter_count; i++) {
    if (strncmp(parameters[i].name, "environment/", 12)) continue;
    const char *name = parameters[i].name + 12;
    char *variable = text("%s=%s", name, parameters[i].value);
    int same = 0;
    while (same < count && strncmp(variables[same], variable, strlen(name) + 1)) same++;
    if (same == MOST_VARIABLES - 1) error("more than 4,000 variables");
    variables[same] = variable;
    if (same == count) count++;
  }
  return variables;
}

// Makes this process what a script's process is: nothing to read, a session of its own, and the first to be ended when memory is short.
void be_script(void) {
  int none = open("/dev/null", O_RDONLY), adjustment = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (none < 0 || dup2(none, STDIN_FILENO) < 0 || write(adjustment, "0", 1) < 0 || setsid() < 0)
    error("no process for the script: %s", strerror(errno));
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
}

// Becomes the guest's bash, of which nothing is open but the three streams.
_Noreturn void run_script(const char *script, char **variables) {
  execve("/.overlayimg/bin/bash", (char *[]){ "bash", "-e", (char *)script, NULL }, variables);
  error("the toolbox's bash can't be run: %s", strerror(errno));
}

// Becomes the program that the first line names behind "#!", with what stands behind its name as one argument, as the kernel reads that line. Comes back
// if there is no such line, or the line names a shell that the image can't run: the guest's bash does as well then.
static void run_named_interpreter(const char *script, char **variables) {
  char line[256];
  int file = open(script, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, line, sizeof line - 1);
  if (file >= 0) close(file);
  if (length < 3 || memcmp(line, "#!", 2)) return;
  line[length] = 0;
  // A longer line would be cut somewhere.
  char *end = memchr(line, '\n', length);
  if (!end && length == (ssize_t)sizeof line - 1) return;
  if (end) *end = 0;
  for (char *last = line + strlen(line); last > line + 2 && strchr(" \t", last[-1]); ) *--last = 0;
  char *program = line + 2 + strspn(line + 2, " \t"), *argument = program + strcspn(program, " \t");
  if (*argument) {
    *argument++ = 0;
    argument += strspn(argument, " \t");
  }
  if (*program != '/') return;
  if (*argument) execve(program, (char *[]){ program, argument, (char *)script, NULL }, variables);
  else execve(program, (char *[]){ program, (char *)script, NULL }, variables);
  static const char *const shells[] = { "sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "busybox", NULL };
  const char *name = strrchr(program, '/') + 1;
  for (const char *const *shell = shells; *shell; shell++) if (!strcmp(name, *shell)) return;
  dprintf(STDERR_FILENO, "The script's first line names %s, which the image can't run: %s\n", program, strerror(errno));
  _exit(127);
}

// Becomes the user's script in the image.
_Noreturn void run_in_image(const char *script, char **variables) {
  run_named_interpreter(script, variables);
  run_script(script, variables);
}

int exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }
