// The terminal of an interactive shell. The shell's process opens a pseudoterminal in the image's /dev/pts and sends its master to the runner. The
// runner passes bytes between the master and the log port, and window sizes from the control port.
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

// Sends the terminal's master to the runner, with a report line that finish_script ignores: a message must have a byte.
static void send_master(int master) {
  char line[] = "terminal\n";
  union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof master)]; } control = { 0 };
  struct iovec text = { line, strlen(line) };
  struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes };
  control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof master), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS };
  memcpy(CMSG_DATA(&control.header), &master, sizeof master);
  REQUIRE(sendmsg(report_fd, &message, 0), "the terminal can't be passed on: %s", strerror(errno));
}

// Opens a terminal with a size "<rows> <columns>" as the controlling terminal and the standard streams of this process, which leads its session.
void open_terminal(const char *size) {
  struct winsize window = { 0 };
  struct termios modes;
  if (sscanf(size, "%hu %hu", &window.ws_row, &window.ws_col) != 2) die("the host sent no size for the terminal");
  int master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC), unlocked = 0;
  REQUIRE(master, "the terminal can't be made: %s", strerror(errno));
  REQUIRE(ioctl(master, TIOCSPTLCK, &unlocked), "the terminal can't be unlocked: %s", strerror(errno));
  int terminal = ioctl(master, _IO('T', 0x41) /* TIOCGPTPEER */, O_RDWR | O_NOCTTY | O_CLOEXEC);
  REQUIRE(terminal, "the terminal can't be opened: %s", strerror(errno));
  REQUIRE(ioctl(terminal, TIOCSCTTY, 0), "the terminal can't control the shell: %s", strerror(errno));
  // IUTF8: erasing a character in a line that no program edits erases all of its bytes.
  if (tcgetattr(terminal, &modes) < 0) die("the terminal can't be set up: %s", strerror(errno));
  modes.c_iflag |= IUTF8;
  if (tcsetattr(terminal, TCSANOW, &modes) < 0 || ioctl(terminal, TIOCSWINSZ, &window) < 0)
    die("the terminal can't be set up: %s", strerror(errno));
  send_master(master);
  for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
    REQUIRE(dup2(terminal, stream), "the terminal can't be used: %s", strerror(errno));
}

// Receives report lines of a child process. If a terminal's master comes with them, it is stored in terminal. Returns their length, 0 at the end.
ssize_t receive_report(int socket, char *lines, size_t size, int *terminal) {
  union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof *terminal)]; } control;
  struct iovec text = { lines, size };
  struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.bytes };
  ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  struct cmsghdr *header = length > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (header && header->cmsg_type == SCM_RIGHTS) {
    memcpy(terminal, CMSG_DATA(header), sizeof *terminal);
    // Input must not block: a program that reads nothing may still write.
    fcntl(*terminal, F_SETFL, O_NONBLOCK);
  }
  return length;
}

// Reads lines "WINDOW <rows> <columns>" from the host and sets the terminal's size. The kernel tells the foreground job by SIGWINCH. Only the runner
// reads the control port while a shell runs.
void resize_terminal(int terminal) {
  static char line[64];
  static size_t length;
  char bytes[1024];
  ssize_t count = read(CONTROL_PORT, bytes, sizeof bytes);
  for (ssize_t i = 0; i < count; i++) {
    if (bytes[i] != '\n') {
      if (length == sizeof line - 1) die("the host sent a line that this guest does not know");
      line[length++] = bytes[i];
      continue;
    }
    struct winsize window = { 0 };
    line[length] = 0;
    length = 0;
    if (sscanf(line, "WINDOW %hu %hu", &window.ws_row, &window.ws_col) != 2) die("the host sent a line that this guest does not know");
    if (terminal >= 0) ioctl(terminal, TIOCSWINSZ, &window);
  }
}

// What the user has typed and the terminal has not taken yet.
static char input[4096];
static ssize_t input_start, input_end;

bool has_pending_input(void) { return input_start < input_end; }

// Reads what the user types.
void receive_input(void) {
  ssize_t count = read(LOG_PORT, input, sizeof input);
  input_start = 0;
  input_end = count > 0 ? count : 0;
}

// Passes input on to the terminal. Returns false if the terminal is closed.
bool pass_input(int terminal) {
  ssize_t count = write(terminal, input + input_start, (size_t)(input_end - input_start));
  if (count < 0 && errno != EAGAIN && errno != EINTR) return false;
  if (count > 0) input_start += count;
  return true;
}
