// The first process of a chroot script's PID namespace, and the script's process. Both enter the script's root and wait there for the launch request
// of the guest's first process. Everything that does not depend on the job is done before the request, and so before the guest is saved.
#include "guest.h"
#include <sched.h>
#include <sys/wait.h>

// Enters the namespaces of make_namespaces. With the network, the script keeps the guest's network namespace, which comes last in the list.
static void join_namespaces(bool network) {
  static const struct { const char *file; int type; } namespaces[] = {
    { "/ns/ipc", CLONE_NEWIPC }, { "/ns/uts", CLONE_NEWUTS }, { "/ns/net", CLONE_NEWNET },
  };
  size_t count = sizeof namespaces / sizeof *namespaces - (network ? 1 : 0);
  for (size_t i = 0; i < count; i++) {
    int file = open(namespaces[i].file, O_RDONLY | O_CLOEXEC);
    REQUIRE(file < 0 ? file : setns(file, namespaces[i].type), "the namespace %s can't be entered: %s", namespaces[i].file, strerror(errno));
    close(file);
  }
}

// Sends the launch request to the script's process: a digit, which is 1 if shadow-setup runs first; a digit, which is 1 if a shell records commands;
// the size of the terminal if an interactive shell runs instead of the script, or nothing; the commands that run instead of the script, or nothing;
// and the environment variables. A NUL follows each text. The request is one write, so that the process wakes up once.
void send_launch_request(struct script_run *run, enum script_root kind, struct launch launch) {
  char **variables = script_environment(kind);
  const char *commands = launch.commands ? launch.commands : "", *terminal = launch.terminal ? launch.terminal : "";
  size_t size = 2 + strlen(terminal) + 1 + strlen(commands) + 1;
  for (char **variable = variables; *variable; variable++) size += strlen(*variable) + 1;
  char *request = malloc(size);
  if (!request) die("the guest is out of memory");
  char *end = request;
  *end++ = launch.shadow_setup ? '1' : '0';
  *end++ = launch.records_commands ? '1' : '0';
  end = stpcpy(end, terminal) + 1;
  end = stpcpy(end, commands) + 1;
  for (char **variable = variables; *variable; variable++) end = stpcpy(end, *variable) + 1;
  // A failed write means that the process has ended. Its report says why.
  write_all(run->launch_pipe, request, (ssize_t)size);
  close(run->launch_pipe);
  run->launch_pipe = -1;
  free(request);
}

// Returns the environment variables of a launch request, ended by NULL.
static char **parse_variables(char *bytes, const char *end) {
  size_t count = 0;
  for (const char *c = bytes; c < end; c++) if (!*c) count++;
  char **variables = calloc(count + 1, sizeof *variables);
  if (!variables) die("the guest is out of memory");
  for (size_t i = 0; i < count; i++) {
    variables[i] = bytes;
    bytes += strlen(bytes) + 1;
  }
  return variables;
}

// Waits for the launch request and becomes the script.
static _Noreturn void await_launch_request(const char *script, int directory, int launch_pipe) {
  REQUIRE(fchdir(directory), "the script's directory can't be entered: %s", strerror(errno));
  become_script_process();
  dprintf(report_fd, "entered\n");
  size_t length;
  char *request = read_to_end(launch_pipe, &length);
  // No request: the job has no script for this root, or a script that needs more than was prepared.
  if (length == 0) _exit(0);
  const char *terminal = request + 2, *commands = terminal + strlen(terminal) + 1;
  char **variables = parse_variables((char *)commands + strlen(commands) + 1, request + length);
  if (*request == '1') {
    int status;
    pid_t setup = fork();
    REQUIRE(setup, "the process for shadow-setup can't be started: %s", strerror(errno));
    if (setup == 0) exec_bash("/.overlayimg/bin/shadow-setup", variables);
    waitpid(setup, &status, 0);
    if (status) _exit(exit_status(status));
  }
  if (*terminal) {
    open_terminal(terminal);
    exec_shell(variables, request[1] == '1');
  }
  if (*commands) exec_commands(commands, variables);
  exec_script(script, variables);
}

// Runs as the first process of the PID namespace, until the script has ended. The script itself can't be that process: the kernel would ignore
// signals that it sends to itself, and nobody would reap orphans.
_Noreturn void run_image_init(enum script_root kind, const char *script, int launch_pipe, bool network) {
  join_namespaces(network);
  int status, directory = enter_script_root(kind);
  pid_t process = fork();
  REQUIRE(process, "the script's process can't be started: %s", strerror(errno));
  if (process == 0) await_launch_request(script, directory, launch_pipe);
  // Only the script's process keeps the pipes open, so that their other ends see when it ends or becomes the script.
  close(report_fd);
  close(launch_pipe);
  while (waitpid(-1, &status, 0) != process) { }
  _exit(exit_status(status));
}
