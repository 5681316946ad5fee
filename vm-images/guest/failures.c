// The failure record: the bash that runs a script writes it when a command fails and when the script ends (bash-env). The host takes the line and the
// command of a failed script from the record. The first process sends the record to the host and does not interpret it.
#include "guest.h"

static const char RECORD[] = "/.overlayimg/failure";

// One line of the protocol has 1,024 bytes, and a byte of the record takes two digits. A longer record is cut: only its commands can be long.
enum { BYTES_OF_LINE = 480, MAX_LINES = 4 };

// Empties the record before a script.
void clear_failure_record(void) {
  int file = open(RECORD, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  REQUIRE(file, "the record of failed commands can't be made: %s", strerror(errno));
  close(file);
}

// Makes the record writable in a chroot, whose toolbox is read-only.
void bind_failure_record(void) {
  REQUIRE(mount(RECORD, xasprintf("/image%s", RECORD), NULL, MS_BIND, NULL), "the record of failed commands can't be mounted: %s", strerror(errno));
}

// Sends the record to the host.
void send_failure_record(void) {
  int file = open(RECORD, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  unsigned char bytes[BYTES_OF_LINE];
  ssize_t length;
  for (int lines = 0; lines < MAX_LINES && (length = read(file, bytes, sizeof bytes)) > 0; lines++) {
    char digits[2 * BYTES_OF_LINE + 1];
    for (ssize_t i = 0; i < length; i++) snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
    send_to_host("FAILURE %s\n", digits);
  }
  close(file);
}
