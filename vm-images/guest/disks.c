// The guest's disks: found by their serial numbers, mounted where those say, and at rest in the end.
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

enum { MOST_DISKS = 1024 };

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

// Waits for the news of so many disks, which are few among all the kernel's; false if there was no news at all for a while.
static bool await_news(int events, int disks_missing) {
  for (int added = 0; poll(&(struct pollfd){ .fd = events, .events = POLLIN }, 1, 100) > 0; ) {
    for (char event[8192]; recv(events, event, sizeof event, 0) > 0; ) added += !strncmp(event, "add@", 4) && strstr(event, "/block/sd");
    if (added >= disks_missing) return true;
  }
  return false;
}

// Waits until so many disks are known. The kernel names SCSI disks in the order it meets them and tells of each by a uevent; looking at sysfs after
// the events, and where none comes, finds them without a race.
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
    if (now() - progress > PATIENCE) error("only %d of %d disks were found", disk_count, expected);
    // The device tells of eight new disks at a time; what it had to drop is found by a scan.
    if (!rescanned && now() - progress >= 2) {
      int scan = open("/sys/class/scsi_host/host0/scan", O_WRONLY | O_CLOEXEC);
      rescanned = scan >= 0 && write(scan, "- - -", 5) == 5 && close(scan) == 0;
    }
    quiet = !await_news(events, expected - disk_count);
  }
  close(events);
}

static void mount_disk(const struct disk *disk) {
  const char *serial = disk->serial, *target, *device = text("/dev/%s", disk->name), *options = NULL;
  unsigned long flags = MS_NOATIME | MS_RDONLY;
  if (!strcmp(serial, "job")) target = "/job";
  // No thread that reads ahead and writes behind the scripts' back: the disk lives as long as the job, and what was never written is zeros.
  else if (!strcmp(serial, "upper")) target = "/disk", flags = MS_NOATIME, options = "noinit_itable,no_prefetch_block_bitmaps";
  else if (!strncmp(serial, "parent-", 7)) target = text("/l/%s", serial + 7);
  else if (!strncmp(serial, "mount-", 6)) target = text("/m/%s", serial + 6);
  else error("a disk has the unknown serial number '%s'", serial);
  mkdir(target, 0755);
  REQUIRE(mount(device, target, "ext4", flags, options), "the disk '%s' can't be mounted: %s", serial, strerror(errno));
  if (!strcmp(serial, "upper") && symlink(device, "/upper-device") < 0) error("two disks have the serial number 'upper'");
}

// Mounts the disk in a slot; false if there is no such slot.
static bool mount_slot(const char *serial) {
  for (int i = 0; i < slot_count; i++) if (!strcmp(disks[i].serial, serial)) return mount_disk(&disks[i]), true;
  return false;
}

// Mounts the disks of the job: those in slots, and then those that were plugged for want of one.
void mount_disks(int expected) {
  int mounted = mount_slot("job") + mount_slot("upper");
  char *parents = contents(AT_FDCWD, "/job/parents");
  for (int parent = 0; parent < (parents ? atoi(parents) : 0) && mount_slot(text("parent-%d", parent)); parent++) mounted++;
  int plugged = expected - mounted;
  if (plugged < 0 || slot_count + plugged > MOST_DISKS) error("the guest takes no more than %d disks", MOST_DISKS);
  if (plugged > 0) find_disks(slot_count + plugged);
  for (int i = slot_count; i < disk_count; i++) mount_disk(&disks[i]);
}

// Remembers the disks that are there, empty, from the beginning; later ones are the job's own.
void find_slots(int count) {
  REQUIRE(mount("parents", "/l", "tmpfs", 0, NULL), "no place for the parents: %s", strerror(errno));
  if (count > MOST_DISKS) error("the guest takes no more than %d disks", MOST_DISKS);
  if (count > 0) find_disks(count);
  slot_count = disk_count;
}

// Unmounting tells of no write that failed, and a mount namespace on its way out or a swap file keeps the file system alive behind its back:
// so it is synced before, and afterwards the disk must open exclusively.
void unmount_disk(void) {
  int root = open("/disk", O_RDONLY | O_CLOEXEC), disk;
  REQUIRE(root < 0 ? root : syncfs(root), "the upper disk can't be written: %s", strerror(errno));
  close(root);
  unmount(false);
  for (time_t start = now(); (disk = open("/upper-device", O_RDWR | O_EXCL | O_CLOEXEC)) < 0; pause_milliseconds(5))
    if (now() - start > PATIENCE) error("the upper disk is still in use after the scripts: %s", strerror(errno));
  REQUIRE(fsync(disk), "the upper disk can't be written: %s", strerror(errno));
}
