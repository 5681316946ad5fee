// The guest's side of the control port: lines to and from the host (PROTOCOL.md), and how warnings and errors reach the host.
#include "guest.h"
#include <sys/reboot.h>

// Where a process other than the guest's first process writes its report; -1 in the first process. A report is lines "warning <sentence>" and a
// last line "ok", "failed <status> [oom] [no-space]" or "error <sentence>". The first process passes the report on to the host.
int report_fd = -1;

// The failure of the job's first failed script: "failed <phase> <status> [oom] [no-space]", or NULL. It is the job's result, whatever fails after it,
// because it is the cause that the user must know.
char *script_failure;

// Bytes that the host has sent and nobody has read yet. The host sends several lines without waiting for an answer.
static char input[65536];
static size_t input_start, input_end;

// Writes to the control port.
void send_to_host(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vdprintf(CONTROL_PORT, format, arguments);
  va_end(arguments);
}

// Sends the job's result, the last line of the protocol. The host then ends QEMU or closes the port. Anything that the host still sends is discarded.
_Noreturn void send_result_and_halt(const char *result) {
  send_to_host("RESULT %s\n", result);
  for (ssize_t n; (n = read(CONTROL_PORT, input, sizeof input)) > 0 || (n < 0 && errno == EINTR); ) { }
  reboot(RB_POWER_OFF);
  abort();
}

// Replaces everything but printable ASCII by '?': file names of an image can contain newlines, and a message must stay one line.
static void replace_unprintable(char *line) {
  for (char *c = line; *c; c++) if (*c < ' ' || *c > '~') *c = '?';
}

// Sends the user a warning. The job goes on.
void warn_user(const char *format, ...) {
  char line[900];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  replace_unprintable(line);
  if (report_fd < 0) send_to_host("WARNING %s\n", line);
  else dprintf(report_fd, "warning %s\n", line);
}

// Ends the job in the first process, or this process elsewhere, with an error message for the user. The message has no full stop.
_Noreturn void die(const char *format, ...) {
  char line[900] = "error ";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + 6, sizeof line - 7, format, arguments);
  va_end(arguments);
  replace_unprintable(line);
  if (report_fd < 0) send_result_and_halt(script_failure ? script_failure : line);
  dprintf(report_fd, "%s\n", line);
  _exit(1);
}

// Reads more input. Powers off if the host has closed the port, because nobody needs the result then.
static void fill_input(void) {
  ssize_t n;
  do n = read(CONTROL_PORT, input, sizeof input); while (n < 0 && errno == EINTR);
  if (n <= 0) reboot(RB_POWER_OFF);
  input_start = 0;
  input_end = (size_t)n;
}

// Returns the host's next line without its newline. The line is valid until the next call.
char *read_host_line(void) {
  static char line[1024];
  for (size_t length = 0; ; ) {
    if (input_start == input_end) fill_input();
    char byte = input[input_start++];
    if (byte == '\n') {
      line[length] = 0;
      return line;
    }
    if (length == sizeof line - 1) die("the host sent a line of more than 1,024 bytes");
    line[length++] = byte;
  }
}

// Returns the next bytes from the host, followed by a NUL. The caller owns the memory.
char *read_host_bytes(size_t count) {
  char *bytes = malloc(count + 1);
  if (!bytes) die("the guest is out of memory");
  for (size_t length = 0; length < count; ) {
    if (input_start == input_end) fill_input();
    size_t piece = input_end - input_start < count - length ? input_end - input_start : count - length;
    memcpy(bytes + length, input + input_start, piece);
    input_start += piece;
    length += piece;
  }
  bytes[count] = 0;
  return bytes;
}
