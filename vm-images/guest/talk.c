// What the guest says to the host, and the strings for it.
#include "guest.h"
#include <sys/reboot.h>

// Where a process that is not the first one leaves its answer, one line: "ok", "failed <status> [oom] [no-space]" or "error <sentence>". The first one says
// it to the host.
int answer = -1;

// What the first script that failed left: "failed <phase> <status> [oom] [no-space]". It ends the job, and is what the user wants to hear of,
// whatever fails after it.
char *failure;

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vdprintf(CONTROL, format, arguments);
  va_end(arguments);
}

// The last word. The host ends QEMU, or hangs up, when it has read it.
_Noreturn void end(const char *result) {
  say("RESULT %s\n", result);
  for (char any; read(CONTROL, &any, 1) < 0 && errno == EINTR; ) { }
  reboot(RB_POWER_OFF);
  abort();
}

// Ends with a sentence for the host. Names from an image may hold anything, so what is not printable ASCII becomes '?': RESULT is one line.
_Noreturn void error(const char *format, ...) {
  char line[900] = "error ";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + 6, sizeof line - 7, format, arguments);
  va_end(arguments);
  for (char *c = line; *c; c++) if (*c < ' ' || *c > '~') *c = '?';
  if (answer < 0) end(failure ? failure : line);
  dprintf(answer, "%s\n", line);
  _exit(1);
}

char *text(const char *format, ...) {
  char *result;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&result, format, arguments) < 0) error("the guest is out of memory");
  va_end(arguments);
  return result;
}

// The whole file, with a NUL behind it; NULL if it can't be opened.
char *contents(int directory, const char *path) {
  int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  size_t length = 0, capacity = 1024;
  char *bytes = malloc(capacity);
  for (ssize_t n; bytes && (n = read(file, bytes + length, capacity - length - 1)) > 0; ) {
    length += (size_t)n;
    if (capacity - length < 2) bytes = realloc(bytes, capacity *= 2);
  }
  close(file);
  if (!bytes) error("the guest is out of memory");
  bytes[length] = 0;
  return bytes;
}

time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

void pause_milliseconds(long milliseconds) { nanosleep(&(struct timespec){ .tv_nsec = milliseconds * 1000000 }, NULL); }
