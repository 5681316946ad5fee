// Turns a process into a script: environment variables, standard streams and interpreter.
#include "guest.h"
#include <sys/wait.h>

enum { MAX_VARIABLES = 4096 };

#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Returns a script's environment, ended by NULL: the defaults, replaced or extended by the job's variables.
char **script_environment(enum script_root kind) {
  const char *const defaults[] = {
    // The toolbox comes first in a layer: the layer's own programs may need libraries of the parent layers.
    kind == LAYER_ROOT ? "PATH=/.overlayimg/bin:" USUAL_PATH : "PATH=" USUAL_PATH ":/.overlayimg/bin", "HOME=/root", "TERM=dumb",
    // Without SHELL, bash looks up its user by the libraries that the image's nsswitch.conf names. Made for another C library, they can crash bash.
    "SHELL=/bin/sh",
  };
  static char *variables[MAX_VARIABLES];
  int count = 0;
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) variables[count++] = xasprintf("%s", defaults[i]);
  for (int i = 0; i < parameter_count; i++) {
    if (strncmp(parameters[i].name, "environment/", 12)) continue;
    const char *name = parameters[i].name + 12;
    char *variable = xasprintf("%s=%s", name, parameters[i].value);
    int index = 0;
    while (index < count && strncmp(variables[index], variable, strlen(name) + 1)) index++;
    if (index == MAX_VARIABLES - 1) die("the job has more than 4,000 environment variables");
    variables[index] = variable;
    if (index == count) count++;
  }
  return variables;
}

// Gives this process what every script has: empty standard input, a session of its own, and an oom_score_adj of 0, so that the kernel kills the
// script and not the guest's first process when memory runs out.
void become_script_process(void) {
  int null = open("/dev/null", O_RDONLY), adjustment = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (null < 0 || dup2(null, STDIN_FILENO) < 0 || write(adjustment, "0", 1) < 0 || setsid() < 0)
    die("the script's process can't be set up: %s", strerror(errno));
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
}

// Executes a script by the toolbox's bash. bash inherits the three standard streams only.
_Noreturn void exec_bash(const char *script, char **variables) {
  execve("/.overlayimg/bin/bash", (char *[]){ "bash", "-e", (char *)script, NULL }, variables);
  die("the toolbox's bash can't be run: %s", strerror(errno));
}

// Splits a line "#!interpreter argument" as the kernel does: everything after the interpreter is one argument. Returns the interpreter's absolute
// path, or NULL if the first line of the script is something else. The argument is "" if there is none. Both are in the buffer.
static char *parse_shebang(const char *script, char *buffer, size_t size, char **argument) {
  int file = open(script, O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, buffer, size - 1);
  if (file >= 0) close(file);
  if (length < 3 || memcmp(buffer, "#!", 2)) return NULL;
  buffer[length] = 0;
  char *newline = memchr(buffer, '\n', (size_t)length);
  // A longer line would be truncated at an arbitrary place.
  if (!newline && (size_t)length == size - 1) return NULL;
  if (newline) *newline = 0;
  for (char *end = buffer + strlen(buffer); end > buffer + 2 && strchr(" \t", end[-1]); ) *--end = 0;
  char *interpreter = buffer + 2 + strspn(buffer + 2, " \t");
  *argument = interpreter + strcspn(interpreter, " \t");
  if (**argument) {
    *(*argument)++ = 0;
    *argument += strspn(*argument, " \t");
  }
  return *interpreter == '/' ? interpreter : NULL;
}

// Executes a script by the interpreter of its first line. Returns if the script names no interpreter, or a shell that the image can't run: the
// toolbox's bash replaces such a shell. Any other interpreter that the image can't run is an error of the script (status 127).
static void exec_interpreter(const char *script, char **variables) {
  char buffer[256], *argument;
  char *interpreter = parse_shebang(script, buffer, sizeof buffer, &argument);
  if (!interpreter) return;
  if (*argument) execve(interpreter, (char *[]){ interpreter, argument, (char *)script, NULL }, variables);
  else execve(interpreter, (char *[]){ interpreter, (char *)script, NULL }, variables);
  static const char *const shells[] = { "sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "busybox", NULL };
  const char *name = strrchr(interpreter, '/') + 1;
  for (const char *const *shell = shells; *shell; shell++) if (!strcmp(name, *shell)) return;
  dprintf(STDERR_FILENO, "The script's first line names %s, which the image can't run: %s\n", interpreter, strerror(errno));
  _exit(127);
}

// Executes the user's script in a chroot.
_Noreturn void exec_script(const char *script, char **variables) {
  exec_interpreter(script, variables);
  exec_bash(script, variables);
}

// Converts a status of waitpid(2) to an exit status as shells do: 128 + n for signal n.
int exit_status(int wait_status) { return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status); }
