// The first process of the image's PID namespace, and the script's. They enter the image, and wait there for the orders of the guest's first process: what
// doesn't depend on them can be done before a job is known, and before the guest is saved.
#include "guest.h"
#include <sched.h>
#include <sys/wait.h>

// Enters namespaces that were made before the guest was READY; with the network, the script has the guest's own.
static void join_namespaces(bool network) {
  static const struct { const char *file; int type; } namespaces[] = { { "/ns/ipc", CLONE_NEWIPC }, { "/ns/uts", CLONE_NEWUTS }, { "/ns/net", CLONE_NEWNET } };
  for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces - network; i++) {
    int file = open(namespaces[i].file, O_RDONLY | O_CLOEXEC);
    REQUIRE(file < 0 ? file : setns(file, namespaces[i].type), "%s can't be entered: %s", namespaces[i].file, strerror(errno));
    close(file);
  }
}

// Tells the process inside what its scripts are to run with: a digit, 1 if shadow-setup comes first, then the variables, each with a NUL behind it. In one
// piece, so that it wakes up once.
void give_orders(struct run *run, enum place place, bool shadow_setup) {
  char **variables = environment(place), *orders, *end;
  size_t size = 1;
  for (char **variable = variables; *variable; variable++) size += strlen(*variable) + 1;
  if (!(orders = malloc(size))) error("the guest is out of memory");
  end = orders;
  *end++ = shadow_setup ? '1' : '0';
  for (char **variable = variables; *variable; variable++) end = stpcpy(end, *variable) + 1;
  // What ended the process inside, its answer says.
  write_all(run->orders, orders, (ssize_t)size);
  close(run->orders);
  run->orders = -1;
  free(orders);
}

static char **variables_in(char *bytes, const char *end) {
  size_t count = 0;
  for (const char *c = bytes; c < end; c++) count += !*c;
  char **variables = calloc(count + 1, sizeof *variables);
  if (!variables) error("the guest is out of memory");
  for (size_t i = 0; i < count; i++, bytes += strlen(bytes) + 1) variables[i] = bytes;
  return variables;
}

// Waits for its orders, and becomes the script.
static _Noreturn void await_orders(const char *script, int directory, int orders) {
  REQUIRE(fchdir(directory), "the script's directory can't be entered: %s", strerror(errno));
  be_script();
  dprintf(answer, "entered\n");
  size_t length;
  char *given = rest_of(orders, &length);
  // The job has no script for the image, or one that needs more than was prepared.
  if (length == 0) _exit(0);
  char **variables = variables_in(given + 1, given + length);
  if (*given == '1') {
    int status;
    pid_t setup = fork();
    REQUIRE(setup, "no process for shadow-setup: %s", strerror(errno));
    if (setup == 0) run_script("/.overlayimg/bin/shadow-setup", variables);
    waitpid(setup, &status, 0);
    if (status) _exit(exit_status(status));
  }
  run_in_image(script, variables);
}

// A script in the place of this process could not be ended by a signal of its own, and would not reap its orphans.
_Noreturn void be_first_inside(enum place place, const char *script, int orders, bool network) {
  join_namespaces(network);
  int status, directory = enter_image(place);
  pid_t process = fork();
  REQUIRE(process, "no process for the script: %s", strerror(errno));
  if (process == 0) await_orders(script, directory, orders);
  // The script alone holds the pipes from now on, until it is bash.
  close(answer);
  close(orders);
  while (waitpid(-1, &status, 0) != process) { }
  _exit(exit_status(status));
}
