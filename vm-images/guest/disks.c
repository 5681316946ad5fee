// The guest's disks: parts of the few devices that it has from the beginning, told of by the host, and at rest in the end.
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/stat.h>

// What the kernel and QEMU agree on: so many partitions has a device at most.
enum { MOST_PARTS = 255, MOST_DEVICES = 8 };

// linux/blkpg.h, which this C library does not come with: a partition that no table on the device tells of.
struct blkpg_partition { long long start, length; int number; char names[128]; };
struct blkpg_ioctl_arg { int operation, flags, length; void *data; };
enum { BLKPG_ADD_PARTITION = 1 };
#define BLKPG _IO(0x12, 105)

// A device, empty until the host has put the job's disks behind it, one behind the other.
static struct device { char *name, *serial; int parts; long long used; } devices[MOST_DEVICES];
static int device_count;

int parent_count;

// Remembers the devices before the guest is saved: the drivers have found all of them when they are loaded.
void find_devices(void) {
  REQUIRE(mount("parents", "/l", "tmpfs", 0, NULL), "no place for the parents: %s", strerror(errno));
  DIR *directory = opendir("/sys/block");
  for (struct dirent *entry; directory && (entry = readdir(directory)); ) {
    char *serial = strncmp(entry->d_name, "vd", 2) ? NULL : contents(text("/sys/block/%s/serial", entry->d_name));
    if (!serial) continue;
    if (device_count == MOST_DEVICES) error("the guest has more than %d devices for disks", MOST_DEVICES);
    devices[device_count++] = (struct device){ .name = text("%s", entry->d_name), .serial = serial };
  }
  if (directory) closedir(directory);
}

static struct device *device_of(const char *serial) {
  for (int i = 0; i < device_count; i++) if (!strcmp(devices[i].serial, serial)) return &devices[i];
  error("the guest has no device '%s'", serial);
}

// The path of the next part of a device, so many bytes long.
static char *add_part(const char *serial, long long length) {
  struct device *device = device_of(serial);
  struct blkpg_partition part = { .start = device->used, .length = length, .number = ++device->parts };
  struct blkpg_ioctl_arg request = { .operation = BLKPG_ADD_PARTITION, .length = sizeof part, .data = &part };
  int whole = open(text("/dev/%s", device->name), O_RDONLY | O_CLOEXEC);
  REQUIRE(whole < 0 ? whole : ioctl(whole, BLKPG, &request), "the kernel takes no part %d of %s: %s", part.number, device->name, strerror(errno));
  close(whole);
  device->used += length;
  return text("/dev/%s%d", device->name, part.number);
}

// Mounts a disk of the job where its name says.
static void mount_disk(const char *name, long long length) {
  static int read_only_count;
  const char *target, *options = NULL;
  unsigned long flags = MS_NOATIME | MS_RDONLY;
  if (!strncmp(name, "parent-", 7)) target = text("/l/%s", name + 7), parent_count++;
  else if (!strncmp(name, "mount-", 6)) target = text("/guest/mounts/%s", name + 6);
  else if (!strncmp(name, "cache-", 6)) return mount_cache(atoi(name + 6), add_part("cache", length));
  // No thread that reads ahead and writes behind the scripts' back: the disk lives as long as the job, and what was never written is zeros.
  else if (!strcmp(name, "upper")) target = "/disk", flags = MS_NOATIME, options = "noinit_itable,no_prefetch_block_bitmaps";
  else error("a disk has the unknown name '%s'", name);
  char *part = add_part(flags & MS_RDONLY ? text("readonly-%d", read_only_count++ / MOST_PARTS) : "upper", length);
  mkdir(target, 0755);
  REQUIRE(mount(part, target, "ext4", flags, options), "the disk '%s' can't be mounted: %s", name, strerror(errno));
  if (!strcmp(name, "upper") && symlink(part, "/upper-device") < 0) error("two disks have the name 'upper'");
}

// Mounts the disks of the job, so many: the host tells the name and the length of each, in the order in which they lie on the devices.
void mount_disks(int count) {
  say("PHASE disks\n");
  while (count-- > 0) {
    char *line = line_of_host(), *space = strchr(line, ' ');
    if (!space) error("the host tells no length of a disk");
    *space = 0;
    mount_disk(line, strtoll(space + 1, NULL, 10));
  }
}

// Nothing of the upper file system is on its way to the disk afterwards.
void sync_disk(void) {
  int root = open("/disk", O_RDONLY | O_CLOEXEC);
  REQUIRE(root < 0 ? root : syncfs(root), "the upper disk can't be written: %s", strerror(errno));
  close(root);
}

// The caches come first: the directory in the place of one is on the upper disk. Unmounting tells of no write that failed, and a mount namespace on its way
// out or a swap file keeps the file system alive behind its back: so it is synced before, and afterwards the disk must open exclusively.
void unmount_disks(void) {
  unmount(true);
  unmount_caches();
  sync_disk();
  unmount(false);
  int disk;
  for (time_t start = now(); (disk = open("/upper-device", O_RDWR | O_EXCL | O_CLOEXEC)) < 0; pause_milliseconds(5))
    if (now() - start > PATIENCE) error("the upper disk is still in use after the scripts: %s", strerror(errno));
  REQUIRE(fsync(disk), "the upper disk can't be written: %s", strerror(errno));
}
