// The virtual machine and its kernel: drivers, clock, random numbers, network and namespaces.
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

// Loads a kernel module. Returns 0 or the error number.
static int load_module(const char *path, const char *module_parameters) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  int error = file < 0 || syscall(SYS_finit_module, file, module_parameters, 0) < 0 ? errno : 0;
  close(file);
  return error;
}

// Loads the modules of a list file in their order. Each line is a file name and, after a space, optional module parameters.
void load_modules(const char *list) {
  char *lines = read_file(list);
  for (char *line; lines && (line = strsep(&lines, "\n")) && *line; ) {
    char *path = xasprintf("/modules/%s", strsep(&line, " "));
    const char *module_parameters = line ? line : "";
    // Emulated kernels have rejected the valid signature of an intact module, in a few boots of some thousand. Trying again is safe: the kernel loads
    // only a module whose signature it accepts.
    int error = load_module(path, module_parameters);
    for (int tries = 3; error == EKEYREJECTED && tries > 0; tries--) {
      fprintf(stderr, "the kernel rejected the signature of the module %s: trying again\n", path);
      error = load_module(path, module_parameters);
    }
    if (error) die("the kernel module %s can't be loaded: %s", path, strerror(error));
  }
}

// Decodes lower-case hexadecimal digits. Returns false for anything else.
static bool decode_hexadecimal(const char *digits, unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < 2 * count; i++) {
    char digit = digits[i];
    int value = digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
    if (value < 0) return false;
    bytes[i / 2] = (unsigned char)(bytes[i / 2] << 4 | value);
  }
  return true;
}

// Handles WAKE: sets the clock and reseeds the random number generator with the host's entropy. Guests from one snapshot share the generator's key.
// Writing to /dev/random would not replace the key. Adding credited entropy and reseeding does, from the next byte on, for getrandom(2), /dev/urandom
// and the kernel itself.
void refresh_clock_and_entropy(const char *line) {
  struct { int bits, bytes; unsigned char data[64]; } entropy = { .bytes = sizeof entropy.data };
  char *rest;
  struct timespec time = { .tv_sec = strtoll(line, &rest, 10) };
  time.tv_nsec = strtol(rest, &rest, 10);
  if (*rest++ != ' ' || strlen(rest) != 2 * sizeof entropy.data || !decode_hexadecimal(rest, entropy.data, sizeof entropy.data))
    die("the host sent no time, or too little entropy");
  entropy.bits = 8 * entropy.bytes;
  int random = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  REQUIRE(random, "/dev/urandom can't be opened: %s", strerror(errno));
  REQUIRE(ioctl(random, _IOW('R', 3, int[2]) /* RNDADDENTROPY */, &entropy), "the kernel refused new entropy: %s", strerror(errno));
  REQUIRE(ioctl(random, _IO('R', 7) /* RNDRESEEDCRNG */), "the kernel did not reseed its random numbers: %s", strerror(errno));
  REQUIRE(clock_settime(CLOCK_REALTIME, &time), "the clock can't be set: %s", strerror(errno));
}

// Stores an IPv4 address in a socket address.
static void set_address(struct sockaddr *target, const char *address) {
  *(struct sockaddr_in *)target = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(address) };
}

// Loads the network card's driver and configures the network. The addresses are fixed by QEMU's user-mode network.
void configure_network(void) {
  load_modules("/modules/network");
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING }, card = { .ifr_name = "eth0" };
  struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
  set_address(&route.rt_gateway, "10.0.2.2");
  set_address(&route.rt_dst, "0.0.0.0");
  set_address(&route.rt_genmask, "0.0.0.0");
  REQUIRE(any < 0 ? any : ioctl(any, SIOCSIFFLAGS, &loopback), "the loopback device can't be configured: %s", strerror(errno));
  set_address(&card.ifr_addr, "10.0.2.15");
  REQUIRE(ioctl(any, SIOCSIFADDR, &card), "the network card is missing: %s", strerror(errno));
  set_address(&card.ifr_netmask, "255.255.255.0");
  REQUIRE(ioctl(any, SIOCSIFNETMASK, &card), "the network can't be configured: %s", strerror(errno));
  card.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(any, SIOCSIFFLAGS, &card) < 0 || ioctl(any, SIOCADDRT, &route) < 0) die("the network can't be configured: %s", strerror(errno));
  close(any);
}

// Makes the IPC, network and UTS namespaces of the script, which do not depend on the job, and keeps them as files in /ns. Making a network namespace
// takes longer than a short script. Made before the guest is saved, the namespaces cost later guests nothing.
void make_namespaces(void) {
  static const char *const names[] = { "ipc", "net", "uts" };
  pid_t maker = fork();
  REQUIRE(maker, "the process for the namespaces can't be started: %s", strerror(errno));
  if (maker == 0) {
    REQUIRE(unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS), "the namespaces can't be made: %s", strerror(errno));
    struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0 || ioctl(any, SIOCSIFFLAGS, &loopback) < 0 || sethostname("localhost", 9) < 0)
      die("the loopback device or the host name can't be set: %s", strerror(errno));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
      char *path = xasprintf("/ns/%s", names[i]);
      int file = open(path, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
      REQUIRE(file < 0 ? file : mount(xasprintf("/proc/self/ns/%s", names[i]), path, NULL, MS_BIND, NULL),
        "the namespace %s can't be kept: %s", path, strerror(errno));
    }
    _exit(0);
  }
  // After an error the child has sent RESULT itself, since report_fd is -1, and never ends: neither does this wait.
  waitpid(maker, NULL, 0);
}
