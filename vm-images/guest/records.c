// The record: a file that the bash of a script or a shell writes, and that the host gets in lines of the protocol. For a script it is the failure
// record: what the host tells the user about the failed command (bash-env). For an interactive shell it is the commands that were typed (shell-rc).
// The first process sends the record to the host and does not interpret it.
#include "guest.h"

static const char RECORD[] = "/.overlayimg/record";

// One line of the protocol has 1,024 bytes, and a byte of the record takes two digits. A longer record is cut: in a failure record only commands can
// be long, and shell-rc stops far below the limit.
enum { BYTES_OF_LINE = 480, MAX_FAILURE_LINES = 4, MAX_COMMANDS_LINES = 4400 };

// Empties the record before a script.
void clear_record(void) {
  int file = open(RECORD, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  REQUIRE(file, "the record of commands can't be made: %s", strerror(errno));
  close(file);
}

// Makes the record writable in a chroot, whose toolbox is read-only.
void bind_record(void) {
  REQUIRE(mount(RECORD, xasprintf("/image%s", RECORD), NULL, MS_BIND, NULL), "the record of commands can't be mounted: %s", strerror(errno));
}

// Sends the record to the host, in lines that begin with the keyword.
static void send_record(const char *keyword, int max_lines) {
  int file = open(RECORD, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  unsigned char bytes[BYTES_OF_LINE];
  ssize_t length;
  for (int lines = 0; lines < max_lines && (length = read(file, bytes, sizeof bytes)) > 0; lines++) {
    char digits[2 * BYTES_OF_LINE + 1];
    for (ssize_t i = 0; i < length; i++) snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
    send_to_host("%s %s\n", keyword, digits);
  }
  close(file);
}

// Sends the failure record of a script.
void send_failure_record(void) { send_record("FAILURE", MAX_FAILURE_LINES); }

// Sends the commands of an interactive shell.
void send_commands_record(void) { send_record("COMMANDS", MAX_COMMANDS_LINES); }
