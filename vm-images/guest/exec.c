// Turns a process into a script: environment variables, standard streams and interpreter.
#include "guest.h"
#include <sys/wait.h>

enum { MAX_VARIABLES = 4096 };

#define USUAL_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

// Adds a variable NAME=VALUE, or replaces the variable of the same name.
static void set_variable(char **variables, int *count, char *variable) {
  int index = 0;
  while (index < *count && strncmp(variables[index], variable, strcspn(variable, "=") + 1)) index++;
  if (index == MAX_VARIABLES - 1) die("the job has more than 4,000 environment variables");
  variables[index] = variable;
  if (index == *count) ++*count;
}

// Adds the variables of the parameters that begin with prefix, and replaces variables of the same name.
static void set_variables(char **variables, int *count, const char *prefix) {
  size_t length = strlen(prefix);
  for (int i = 0; i < parameter_count; i++) {
    if (strncmp(parameters[i].name, prefix, length)) continue;
    set_variable(variables, count, xasprintf("%s=%s", parameters[i].name + length, parameters[i].value));
  }
}

// Returns a script's environment, ended by NULL: the defaults, replaced or extended by the image's variables for a step, and then by the job's
// variables.
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
  if (kind == IMAGE_ROOT) {
    set_variables(variables, &count, "image-environment/");
    // The toolbox must be found whatever PATH the image sets.
    const char *path = find_parameter("image-environment/PATH");
    if (path) variables[0] = xasprintf("PATH=%s:/.overlayimg/bin", path);
  }
  set_variables(variables, &count, "environment/");
  // An interactive shell and its pager would otherwise write what was typed to files of the layer. bash is kept from that by shell-rc.
  if (kind == IMAGE_ROOT && find_parameter("shell")) {
    set_variable(variables, &count, "HISTFILE=");
    set_variable(variables, &count, "LESSHISTFILE=-");
  }
  return variables;
}

// Returns the variables with BASH_ENV, which makes bash set the traps that tell which command of a script failed. Variables with a BASH_ENV of their
// own stay as they are.
char **with_failure_traps(char **variables) {
  size_t count = 0;
  for (; variables[count]; count++) if (!strncmp(variables[count], "BASH_ENV=", 9)) return variables;
  char **extended = calloc(count + 2, sizeof *extended);
  if (!extended) die("the guest is out of memory");
  memcpy(extended, variables, count * sizeof *extended);
  extended[count] = "BASH_ENV=/.overlayimg/libexec/bash-env";
  return extended;
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

// Returns the part of a path after its last slash.
static const char *base_name(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash ? slash + 1 : path;
}

// Whether a first line starts bash, itself or by env, so that bash reads the file of BASH_ENV. Not with 'posix', because bash ignores BASH_ENV
// then, and not with 'x', because bash would print the commands of that file.
static bool starts_bash(const char *interpreter, const char *argument) {
  bool is_bash = !strcmp(base_name(interpreter), "bash");
  if (!is_bash && strcmp(base_name(interpreter), "env")) return false;
  char *words = xasprintf("%s", argument);
  for (char *word; (word = strsep(&words, " \t")); ) {
    if (!*word) continue;
    if (strstr(word, "posix") || strstr(word, "xtrace") || (is_bash && *word == '-' && word[1] != '-' && strchr(word, 'x'))) return false;
    if (!is_bash && *word != '-' && strcmp(base_name(word), "bash")) return false;
    if (!is_bash && *word != '-') is_bash = true;
  }
  return is_bash;
}

// Executes a script by the interpreter of its first line. Returns if the script names no interpreter, or a shell that the image can't run: the
// toolbox's bash replaces such a shell. Any other interpreter that the image can't run is an error of the script (status 127).
static void exec_interpreter(const char *script, char **variables) {
  char buffer[256], *argument;
  char *interpreter = parse_shebang(script, buffer, sizeof buffer, &argument);
  if (!interpreter) return;
  if (starts_bash(interpreter, argument)) variables = with_failure_traps(variables);
  if (*argument) execve(interpreter, (char *[]){ interpreter, argument, (char *)script, NULL }, variables);
  else execve(interpreter, (char *[]){ interpreter, (char *)script, NULL }, variables);
  static const char *const shells[] = { "sh", "ash", "bash", "dash", "ksh", "mksh", "zsh", "busybox", NULL };
  const char *name = base_name(interpreter);
  for (const char *const *shell = shells; *shell; shell++) if (!strcmp(name, *shell)) return;
  dprintf(STDERR_FILENO, "The script's first line names %s, which the image can't run: %s\n", interpreter, strerror(errno));
  _exit(127);
}

// Executes the user's script in a chroot.
_Noreturn void exec_script(const char *script, char **variables) {
  exec_interpreter(script, variables);
  exec_bash(script, with_failure_traps(variables));
}

// Executes the user's commands in a chroot: by the image's sh, as RUN in a Dockerfile does, or by the toolbox's bash if the image has no sh.
_Noreturn void exec_commands(const char *commands, char **variables) {
  execve("/bin/sh", (char *[]){ "/bin/sh", "-e", "-c", (char *)commands, NULL }, variables);
  execve("/.overlayimg/bin/bash", (char *[]){ "bash", "-e", "-c", (char *)commands, NULL }, variables);
  die("neither the image's sh nor the toolbox's bash can be run: %s", strerror(errno));
}

// Returns the value of PATH, or "".
static const char *path_of(char **variables) {
  for (; *variables; variables++) if (!strncmp(*variables, "PATH=", 5)) return *variables + 5;
  return "";
}

// Executes a program of the image, found by PATH without the toolbox. Returns if the image has no such program that it can run.
static void exec_from_image(const char *program, char *const *arguments, char **variables) {
  char *directories = xasprintf("%s", path_of(variables));
  for (char *directory; (directory = strsep(&directories, ":")); )
    if (*directory == '/' && strncmp(directory, "/.overlayimg/", 13)) execve(xasprintf("%s/%s", directory, program), arguments, variables);
}

// Executes an interactive shell: the image's bash, else its sh, else the toolbox's bash. Only a bash records commands.
_Noreturn void exec_shell(char **variables, bool records_commands) {
  char *const bash[] = { "bash", "--rcfile", records_commands ? "/.overlayimg/libexec/recording-rc" : "/.overlayimg/libexec/shell-rc", NULL };
  exec_from_image("bash", bash, variables);
  if (!records_commands) exec_from_image("sh", (char *[]){ "sh", NULL }, variables);
  dprintf(STDERR_FILENO, "The image has no %s: this is the bash of the guest.\n", records_commands ? "bash" : "shell");
  execve("/.overlayimg/bin/bash", bash, variables);
  die("the toolbox's bash can't be run: %s", strerror(errno));
}

// Converts a status of waitpid(2) to an exit status as shells do: 128 + n for signal n.
int exit_status(int wait_status) { return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status); }
