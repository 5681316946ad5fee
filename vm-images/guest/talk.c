// What the guest says to the host, and the strings for it.
#include "guest.h"
#include <sys/reboot.h>

// Where a process that is not the first one leaves its answer: lines "warning <sentence>", and at last "ok", "failed <status> [oom] [no-space]" or
// "error <sentence>". The first process says them to the host.
int answer = -1;

// What the first script that failed left: "failed <phase> <status> [oom] [no-space]". It ends the job, and is what the user wants to hear of,
// whatever fails after it.
char *failure;

// What the host has said and nobody has taken yet: it does not wait for an answer where none is due.
static char heard[65536];
static size_t heard_from, heard_to;

void say(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vdprintf(CONTROL, format, arguments);
  va_end(arguments);
}

// The last word. The host ends QEMU, or hangs up, when it has read it; what it still sends is of no use any more.
_Noreturn void end(const char *result) {
  say("RESULT %s\n", result);
  for (ssize_t n; (n = read(CONTROL, heard, sizeof heard)) > 0 || (n < 0 && errno == EINTR); ) { }
  reboot(RB_POWER_OFF);
  abort();
}

// Names from an image may hold anything, so what is not printable ASCII becomes '?': what is said is one line.
static void clean(char *line) {
  for (char *c = line; *c; c++) if (*c < ' ' || *c > '~') *c = '?';
}

// Tells the host what the user should know though the job goes on.
void warn(const char *format, ...) {
  char line[900];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  clean(line);
  if (answer < 0) say("WARNING %s\n", line);
  else dprintf(answer, "warning %s\n", line);
}

// Ends with a sentence for the host.
_Noreturn void error(const char *format, ...) {
  char line[900] = "error ";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + 6, sizeof line - 7, format, arguments);
  va_end(arguments);
  clean(line);
  if (answer < 0) end(failure ? failure : line);
  dprintf(answer, "%s\n", line);
  _exit(1);
}

// A host that has gone wants nothing any more.
static void hear(void) {
  ssize_t n;
  do n = read(CONTROL, heard, sizeof heard); while (n < 0 && errno == EINTR);
  if (n <= 0) reboot(RB_POWER_OFF);
  heard_from = 0;
  heard_to = (size_t)n;
}

// The host's next line, its end taken off; valid until the next one is asked for.
char *line_of_host(void) {
  static char line[1024];
  for (size_t length = 0; ; ) {
    if (heard_from == heard_to) hear();
    char byte = heard[heard_from++];
    if (byte == '\n') return line[length] = 0, line;
    if (length == sizeof line - 1) error("the host says a line of more than 1,024 bytes");
    line[length++] = byte;
  }
}

// So many bytes that the host sends behind a line, and a NUL.
char *bytes_of_host(size_t count) {
  char *bytes = malloc(count + 1);
  if (!bytes) error("the guest is out of memory");
  for (size_t length = 0; length < count; ) {
    if (heard_from == heard_to) hear();
    size_t piece = heard_to - heard_from < count - length ? heard_to - heard_from : count - length;
    memcpy(bytes + length, heard + heard_from, piece);
    heard_from += piece;
    length += piece;
  }
  bytes[count] = 0;
  return bytes;
}

char *text(const char *format, ...) {
  char *result;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&result, format, arguments) < 0) error("the guest is out of memory");
  va_end(arguments);
  return result;
}

bool write_all(int file, const char *bytes, ssize_t length) {
  while (length > 0) {
    ssize_t n = write(file, bytes, (size_t)length);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) bytes += n, length -= n;
  }
  return true;
}

// All that can still be read of a file, with a NUL behind it.
char *rest_of(int file, size_t *length) {
  size_t capacity = 1024;
  char *bytes = malloc(capacity);
  *length = 0;
  for (ssize_t n; bytes && (n = read(file, bytes + *length, capacity - *length - 1)) > 0; ) {
    *length += (size_t)n;
    if (capacity - *length < 2) bytes = realloc(bytes, capacity *= 2);
  }
  if (!bytes) error("the guest is out of memory");
  bytes[*length] = 0;
  return bytes;
}

// The whole file, with a NUL behind it; NULL if it can't be opened.
char *contents(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  size_t length;
  char *bytes = rest_of(file, &length);
  close(file);
  return bytes;
}

time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

void pause_milliseconds(long milliseconds) { nanosleep(&(struct timespec){ .tv_nsec = milliseconds * 1000000 }, NULL); }
