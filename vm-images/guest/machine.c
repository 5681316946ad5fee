// The machine and its kernel: drivers, the clock and the random numbers, the network, namespaces.
#include "guest.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

// The error number of the kernel, or 0 where the kernel took the module.
static int load_module(const char *path, const char *parameters) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  int reason = file < 0 || syscall(SYS_finit_module, file, parameters, 0) < 0 ? errno : 0;
  close(file);
  return reason;
}

// Loads the modules of a list: a line each, the name and, behind a space, its parameters.
void load_modules(const char *list) {
  char *lines = contents(list);
  for (char *line; lines && (line = strsep(&lines, "\n")) && *line; ) {
    char *path = text("/modules/%s", strsep(&line, " "));
    // Emulated kernels have found the signature of a sound module wrong, in a few boots of some thousand. Only a module whose signature is right is ever
    // loaded, however often the kernel reads it.
    int reason = load_module(path, line ? line : "");
    for (int tries = 3; reason == EKEYREJECTED && tries > 0; tries--) {
      fprintf(stderr, "the signature of the kernel module %s was found wrong: trying again\n", path);
      reason = load_module(path, line ? line : "");
    }
    if (reason) error("the kernel module %s can't be loaded: %s", path, strerror(reason));
  }
}

// False where the digits are none.
static bool read_hexadecimal(const char *digits, unsigned char *bytes, size_t count) {
  for (size_t i = 0; i < 2 * count; i++) {
    char digit = digits[i];
    int value = digit >= '0' && digit <= '9' ? digit - '0' : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
    if (value < 0) return false;
    bytes[i / 2] = (unsigned char)(bytes[i / 2] << 4 | value);
  }
  return true;
}

// Writing to /dev/random would only stir the pool: numbers go on coming from the key that every guest of this snapshot has. Entropy that is credited,
// and then a new key drawn from it, change what getrandom(2), /dev/urandom and the kernel itself give from the very next byte on.
void wake(const char *line) {
  struct { int bits, bytes; unsigned char data[64]; } pool = { .bytes = sizeof pool.data };
  char *rest;
  struct timespec time = { .tv_sec = strtoll(line, &rest, 10) };
  time.tv_nsec = strtol(rest, &rest, 10);
  if (*rest++ != ' ' || strlen(rest) != 2 * sizeof pool.data || !read_hexadecimal(rest, pool.data, sizeof pool.data))
    error("the host gave no time, or too little entropy");
  pool.bits = 8 * pool.bytes;
  int random = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  REQUIRE(random, "no /dev/urandom: %s", strerror(errno));
  REQUIRE(ioctl(random, _IOW('R', 3, int[2]) /* RNDADDENTROPY */, &pool), "the kernel takes no entropy: %s", strerror(errno));
  REQUIRE(ioctl(random, _IO('R', 7) /* RNDRESEEDCRNG */), "the kernel draws no new key: %s", strerror(errno));
  REQUIRE(clock_settime(CLOCK_REALTIME, &time), "the clock can't be set: %s", strerror(errno));
}

static void set_address(struct sockaddr *place, const char *address) {
  *(struct sockaddr_in *)place = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = inet_addr(address) };
}

// The addresses are those of QEMU's user-mode network.
void configure_network(void) {
  load_modules("/modules/network");
  int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING }, card = { .ifr_name = "eth0" };
  struct rtentry route = { .rt_flags = RTF_UP | RTF_GATEWAY };
  set_address(&route.rt_gateway, "10.0.2.2");
  set_address(&route.rt_dst, "0.0.0.0");
  set_address(&route.rt_genmask, "0.0.0.0");
  REQUIRE(any < 0 ? any : ioctl(any, SIOCSIFFLAGS, &loopback), "no loopback device: %s", strerror(errno));
  set_address(&card.ifr_addr, "10.0.2.15");
  REQUIRE(ioctl(any, SIOCSIFADDR, &card), "the network card is missing: %s", strerror(errno));
  set_address(&card.ifr_netmask, "255.255.255.0");
  REQUIRE(ioctl(any, SIOCSIFNETMASK, &card), "the network can't be configured: %s", strerror(errno));
  card.ifr_flags = IFF_UP | IFF_RUNNING;
  if (ioctl(any, SIOCSIFFLAGS, &card) < 0 || ioctl(any, SIOCADDRT, &route) < 0) error("the network can't be configured: %s", strerror(errno));
  close(any);
}

// The namespaces of the script that need nothing of the job, kept by their files in /ns. A network takes the kernel longer to make than all else that a short
// script needs: made before the guest is saved, later guests have it for nothing.
void make_namespaces(void) {
  static const char *const names[] = { "ipc", "net", "uts" };
  pid_t maker = fork();
  REQUIRE(maker, "no process for the namespaces: %s", strerror(errno));
  if (maker == 0) {
    REQUIRE(unshare(CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWUTS), "no namespaces: %s", strerror(errno));
    struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING };
    int any = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (any < 0 || ioctl(any, SIOCSIFFLAGS, &loopback) < 0 || sethostname("localhost", 9) < 0) error("no loopback device: %s", strerror(errno));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
      char *place = text("/ns/%s", names[i]);
      int file = open(place, O_CREAT | O_RDONLY | O_CLOEXEC, 0600);
      REQUIRE(file < 0 ? file : mount(text("/proc/self/ns/%s", names[i]), place, NULL, MS_BIND, NULL), "%s can't be kept: %s", place, strerror(errno));
    }
    _exit(0);
  }
  // What goes wrong, it says; then it does not end.
  waitpid(maker, NULL, 0);
}
