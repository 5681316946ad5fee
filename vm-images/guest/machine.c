// The guest's own file systems: drivers, disks, the overlay. Each command is a call of init, which as a shell would need many a fork for it:
//
//   machine load LIST            loads the kernel modules of a list, in its order
//   machine await-job SLOTS      says READY; on WAKE sets the clock and makes the random numbers its own; on JOB mounts each disk where its serial number says
//   machine overlay PARENTS      mounts the overlay of /l/0 ... and /disk/layer on /disk/mnt
//   machine unmount-overlay      unmounts it, and whatever the scripts have mounted
//   machine unmount-disk         unmounts the upper disk too, and proves that it is at rest
#include "guest.h"
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum { PROTOCOL = 3, CONTROL = 3, PATIENCE_SECONDS = 30, MOST_DISKS = 1024 };

static void pause_milliseconds(long milliseconds) { nanosleep(&(struct timespec){ .tv_nsec = milliseconds * 1000000 }, NULL); }

static time_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

// Loads the modules of a list: a line each, the name and, behind a space, its parameters.
static void load(const char *list) {
  char *lines = contents(AT_FDCWD, list);
  for (char *line; lines && (line = strsep(&lines, "\n")) && *line; ) {
    char *path = text("/modules/%s", strsep(&line, " "));
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || syscall(SYS_finit_module, file, line ? line : "", 0) < 0)
      error("the kernel module %s can't be loaded: %s", path, strerror(errno));
    close(file);
  }
}

// Writing to /dev/random would only stir the pool: numbers go on coming from the key that every guest of this snapshot has. Entropy that is credited,
// and then a new key drawn from it, change what getrandom(2), /dev/urandom and the kernel itself give from the very next byte on.
static void wake(struct timespec time, const char *entropy) {
  struct { int bits, bytes; unsigned char data[64]; } pool = { 0 };
  while (pool.bytes < (int)sizeof pool.data && sscanf(entropy + 2 * pool.bytes, "%2hhx", &pool.data[pool.bytes]) == 1) pool.bytes++;
  if (pool.bytes < (int)sizeof pool.data) error("the host gave too little entropy");
  pool.bits = 8 * pool.bytes;
  int random = open("/dev/urandom", O_WRONLY | O_CLOEXEC);
  REQUIRE(random, "no /dev/urandom: %s", strerror(errno));
  REQUIRE(ioctl(random, _IOW('R', 3, int[2]) /* RNDADDENTROPY */, &pool), "the kernel takes no entropy: %s", strerror(errno));
  REQUIRE(ioctl(random, _IO('R', 7) /* RNDRESEEDCRNG */), "the kernel draws no new key: %s", strerror(errno));
  REQUIRE(clock_settime(CLOCK_REALTIME, &time), "the clock can't be set: %s", strerror(errno));
}

// The disks that are known, in the order in which they were found: first the slots, which are there, empty, before the guest is saved.
static struct disk { char *name, *serial; } disks[MOST_DISKS];
static int disk_count, slot_count;

// False while the disk can't be used yet: sysfs shows it before devtmpfs does, and a disk that was probed while another one was plugged
// may have got nothing but the news of that ("reported LUNs data has changed") for an answer. Once things are quiet, such a disk is probed again.
static bool probe(const char *name, bool quiet) {
  unsigned char page[256] = { 0 };
  int file = open(text("/sys/block/%s/device/vpd_pg80", name), O_RDONLY | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, page, sizeof page - 1);
  if (file >= 0) close(file);
  uint64_t size = 0;
  int disk = open(text("/dev/%s", name), O_RDONLY | O_CLOEXEC);
  if (disk < 0 || ioctl(disk, BLKGETSIZE64, &size) < 0) size = 0;
  if (disk >= 0) close(disk);
  if (length < 4 || size == 0) {
    int rescan = quiet ? open(text("/sys/block/%s/device/rescan", name), O_WRONLY | O_CLOEXEC) : -1;
    if (rescan >= 0 && (write(rescan, "1", 1), close(rescan)) < 0) error("the disk %s can't be probed again", name);
    return false;
  }
  disks[disk_count++] = (struct disk){ text("%s", name), text("%s", (char *)page + 4) };
  return true;
}

static bool is_known(const char *name) {
  for (int i = 0; i < disk_count; i++) if (!strcmp(disks[i].name, name)) return true;
  return false;
}

// Waits until so many disks are known. The kernel names SCSI disks in the order it meets them and tells of each by a uevent; polling sysfs after each
// event finds them without a race.
static void find_disks(int expected) {
  struct sockaddr_nl_ { unsigned short family, pad; uint32_t pid, groups; } address = { .family = AF_NETLINK, .groups = 1 };
  int events = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 15);
  if (events < 0 || bind(events, (struct sockaddr *)&address, sizeof address) < 0) error("no uevents: %s", strerror(errno));
  bool rescanned = false, quiet = false;
  for (time_t progress = now(); ; ) {
    DIR *directory = opendir("/sys/block");
    for (struct dirent *entry; directory && (entry = readdir(directory)); ) {
      if (strncmp(entry->d_name, "sd", 2) || is_known(entry->d_name)) continue;
      if (disk_count == expected) error("there are more disks than the %d that were told of", expected);
      if (probe(entry->d_name, quiet)) progress = now();
    }
    if (directory) closedir(directory);
    if (disk_count >= expected) break;
    if (now() - progress > PATIENCE_SECONDS) error("only %d of %d disks were found", disk_count, expected);
    // The device tells of eight new disks at a time; what it had to drop is found by a scan.
    if (!rescanned && now() - progress >= 2) {
      int scan = open("/sys/class/scsi_host/host0/scan", O_WRONLY | O_CLOEXEC);
      rescanned = scan >= 0 && write(scan, "- - -", 5) == 5 && close(scan) == 0;
    }
    quiet = poll(&(struct pollfd){ .fd = events, .events = POLLIN }, 1, 100) == 0;
    for (char event[8192]; recv(events, event, sizeof event, 0) > 0; ) { }
  }
  close(events);
}

static void mount_disk(const struct disk *disk) {
  const char *serial = disk->serial, *target, *device = text("/dev/%s", disk->name);
  unsigned long flags = MS_NOATIME | MS_RDONLY;
  if (!strcmp(serial, "job")) target = "/job";
  else if (!strcmp(serial, "upper")) target = "/disk", flags = MS_NOATIME;
  else if (!strncmp(serial, "parent-", 7)) target = text("/l/%s", serial + 7);
  else if (!strncmp(serial, "mount-", 6)) target = text("/m/%s", serial + 6);
  else error("a disk has the unknown serial number '%s'", serial);
  mkdir(target, 0755);
  REQUIRE(mount(device, target, "ext4", flags, NULL), "the disk '%s' can't be mounted: %s", serial, strerror(errno));
  if (!strcmp(serial, "upper") && symlink(device, "/upper-device") < 0) error("two disks have the serial number 'upper'");
}

// Mounts the disk in a slot; false if there is no such slot.
static bool mount_slot(const char *serial) {
  for (int i = 0; i < slot_count; i++) if (!strcmp(disks[i].serial, serial)) return mount_disk(&disks[i]), true;
  return false;
}

// Mounts the disks of the job: those in slots, and then those that were plugged for want of one.
static void mount_disks(int expected) {
  int mounted = mount_slot("job") + mount_slot("upper");
  char *parents = contents(AT_FDCWD, "/job/parents");
  for (int parent = 0; parent < (parents ? atoi(parents) : 0) && mount_slot(text("parent-%d", parent)); parent++) mounted++;
  int plugged = expected - mounted;
  if (plugged < 0 || slot_count + plugged > MOST_DISKS) error("the guest takes no more than %d disks", MOST_DISKS);
  if (plugged > 0) find_disks(slot_count + plugged);
  for (int i = slot_count; i < disk_count; i++) mount_disk(&disks[i]);
}

// The namespaces of the script that need nothing of the job, kept by their files in /ns. A network takes the kernel longer to make than all else that a short
// script needs: made before the guest is saved, later guests have it for nothing.
static void make_namespaces(void) {
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
  int status;
  // What went wrong, it has said.
  if (waitpid(maker, &status, 0) != maker || status != 0) _exit(1);
}

// One line of the host, which sends none before it has the answer to the last.
static char *read_line(char *line, size_t size) {
  for (size_t length = 0; length < size; ) {
    ssize_t n = read(CONTROL, line + length, size - length);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    length += (size_t)n;
    if (line[length - 1] == '\n') return line[length - 1] = 0, line;
  }
  return NULL;
}

// All of it by one process, which is there when the guest is saved: each one that a later guest must start costs it milliseconds under emulation.
static void await_job(int slots) {
  make_namespaces();
  REQUIRE(mount("parents", "/l", "tmpfs", 0, NULL), "no place for the parents: %s", strerror(errno));
  if (slots > MOST_DISKS) error("the guest takes no more than %d disks", MOST_DISKS);
  if (slots > 0) find_disks(slots);
  slot_count = disk_count;
  while (true) {
    char line[1024], entropy[129];
    long long seconds;
    long nanoseconds;
    int count;
    REQUIRE(dprintf(CONTROL, "READY %d\n", PROTOCOL), "the host can't be reached: %s", strerror(errno));
    if (!read_line(line, sizeof line)) break;
    if (sscanf(line, "JOB %d", &count) == 1) {
      dprintf(CONTROL, "PHASE disks\n");
      mount_disks(count);
      return;
    }
    if (sscanf(line, "WAKE %lld %ld %128s", &seconds, &nanoseconds, entropy) != 3) break;
    wake((struct timespec){ .tv_sec = seconds, .tv_nsec = nanoseconds }, entropy);
  }
  // The host is gone, or says what nobody here knows.
  reboot(RB_POWER_OFF);
}

static void overlay(int parents) {
  // mount(2) takes one page; the short names leave room for some 480 parents, and the kernel stops at 500. The first name is the top.
  char options[4096] = "lowerdir=";
  size_t length = strlen(options);
  for (int parent = parents - 1; parent >= 0 && length < sizeof options; parent--) {
    char *path = text("/l/%d", parent);
    if (access(path, F_OK) < 0) error("the disk 'parent-%d' is missing", parent);
    length += (size_t)snprintf(options + length, sizeof options - length, "%s%s", path, parent ? ":" : "");
  }
  length += (size_t)snprintf(options + length, length < sizeof options ? sizeof options - length : 0,
    "%s,upperdir=/disk/layer,workdir=/disk/work,redirect_dir=off,metacopy=off,index=off,xino=off", parents ? "" : "/l");
  if (length >= sizeof options) error("%d parent layers are more than one overlay mount can name", parents);
  REQUIRE(mount("overlay", "/disk/mnt", "overlay", MS_NOATIME, options), "the overlay can't be mounted: %s", strerror(errno));
  // The overlay has its own hold on the parents. Without hundreds of mounts a new namespace comes and goes in no time.
  REQUIRE(umount2("/l", MNT_DETACH), "the parents' mounts can't be hidden: %s", strerror(errno));
}

// The mounts that init and this program make themselves, but for the two that the commands below end.
static bool is_ours(const char *target, bool with_disk) {
  static const char *const ours[] = { "/", "/dev", "/proc", "/sys", "/job", "/l" };
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) if (!strcmp(target, ours[i])) return true;
  return !strncmp(target, "/ns/", 4) || !strncmp(target, "/l/", 3) || !strncmp(target, "/m/", 3) || (with_disk && !strcmp(target, "/disk"));
}

// Every other mount goes, the last one first: a hook may have mounted the overlay once more, elsewhere.
// What was just killed may hold one a moment longer.
static void unmount(bool keep_disk) {
  for (time_t start = now(); ; pause_milliseconds(5)) {
    char *mounts = contents(AT_FDCWD, "/proc/self/mounts"), *last = NULL, *rest = mounts;
    for (char *line; (line = strsep(&rest, "\n")) && *line; ) {
      char *target = (strsep(&line, " "), strsep(&line, " "));
      if (!is_ours(target, keep_disk)) last = target;
    }
    if (!last) break;
    for (char *from = last, *to = last; (*to = *from); to++) // the kernel writes odd characters as a backslash and three octal digits
      from += *from == '\\' ? (*to = (char)strtol((char[]){ from[1], from[2], from[3], 0 }, NULL, 8), 4) : 1;
    if (umount2(last, UMOUNT_NOFOLLOW) < 0 && now() - start > PATIENCE_SECONDS) error("%s can't be unmounted: %s", last, strerror(errno));
    free(mounts);
  }
}

// Unmounting tells of no write that failed, and a mount namespace on its way out or a swap file keeps the file system alive behind its back:
// so it is synced before, and afterwards the disk must open exclusively.
static void unmount_disk(void) {
  int root = open("/disk", O_RDONLY | O_CLOEXEC), disk;
  REQUIRE(root < 0 ? root : syncfs(root), "the upper disk can't be written: %s", strerror(errno));
  close(root);
  unmount(false);
  for (time_t start = now(); (disk = open("/upper-device", O_RDWR | O_EXCL | O_CLOEXEC)) < 0; pause_milliseconds(5))
    if (now() - start > PATIENCE_SECONDS) error("the upper disk is still in use after the scripts: %s", strerror(errno));
  REQUIRE(fsync(disk), "the upper disk can't be written: %s", strerror(errno));
}

int main(int count, char **arguments) {
  const char *command = count > 1 ? arguments[1] : "";
  if (!strcmp(command, "load") && count == 3) load(arguments[2]);
  else if (!strcmp(command, "await-job") && count == 3) await_job(atoi(arguments[2]));
  else if (!strcmp(command, "overlay") && count == 3) overlay(atoi(arguments[2]));
  else if (!strcmp(command, "unmount-overlay") && count == 2) unmount(true);
  else if (!strcmp(command, "unmount-disk") && count == 2) unmount_disk();
  else error("the guest's init asked for '%s'", command);
  puts("ok");
}
