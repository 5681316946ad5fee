// The job's disks. The host attaches them behind a few devices that exist since boot, and tells the guest their lengths. The guest makes a partition
// for each disk.
#include "guest.h"
#include <sys/ioctl.h>
#include <sys/stat.h>

// MAX_PARTITIONS is the kernel's limit for a device. The host must use the same number to know which disk is on which device.
enum { MAX_PARTITIONS = 255, MAX_DEVICES = 8 };

// From linux/blkpg.h, which musl's headers lack: adds a partition to a device without a partition table.
struct blkpg_partition { long long start, length; int number; char names[128]; };
struct blkpg_ioctl_arg { int operation, flags, length; void *data; };
enum { BLKPG_ADD_PARTITION = 1 };
#define BLKPG _IO(0x12, 105)

// A virtio-blk device. It is empty until the host attaches the job's disks, concatenated. used is the length of the partitions made so far, in bytes.
static struct device { char *name, *serial; int partition_count; long long used; } devices[MAX_DEVICES];
static int device_count;

int parent_count;

// Collects the devices. This happens before the guest is saved, so later guests have no drivers to wait for: each driver has found its device.
void find_devices(void) {
  REQUIRE(mount("parents", "/l", "tmpfs", 0, NULL), "the directory for the parent layers can't be mounted: %s", strerror(errno));
  DIR *directory = opendir("/sys/block");
  for (struct dirent *entry; directory && (entry = readdir(directory)); ) {
    char *serial = strncmp(entry->d_name, "vd", 2) ? NULL : read_file(xasprintf("/sys/block/%s/serial", entry->d_name));
    if (!serial) continue;
    if (device_count == MAX_DEVICES) die("the guest has more than %d devices for disks", MAX_DEVICES);
    devices[device_count++] = (struct device){ .name = xasprintf("%s", entry->d_name), .serial = serial };
  }
  if (directory) closedir(directory);
}

// Returns the device with a serial number.
static struct device *find_device(const char *serial) {
  for (int i = 0; i < device_count; i++) if (!strcmp(devices[i].serial, serial)) return &devices[i];
  die("the guest has no device '%s'", serial);
}

// Makes the next partition of a device, of a length in bytes. Returns the partition's path in /dev.
static char *add_partition(const char *serial, long long length) {
  struct device *device = find_device(serial);
  struct blkpg_partition partition = { .start = device->used, .length = length, .number = ++device->partition_count };
  struct blkpg_ioctl_arg request = { .operation = BLKPG_ADD_PARTITION, .length = sizeof partition, .data = &partition };
  int whole = open(xasprintf("/dev/%s", device->name), O_RDONLY | O_CLOEXEC);
  REQUIRE(whole < 0 ? whole : ioctl(whole, BLKPG, &request), "partition %d of %s can't be made: %s", partition.number, device->name, strerror(errno));
  close(whole);
  device->used += length;
  return xasprintf("/dev/%s%d", device->name, partition.number);
}

// Mounts a disk of the job. Its name says what the disk is for.
static void mount_disk(const char *name, long long length) {
  static int read_only_count;
  if (!strncmp(name, "cache-", 6)) {
    mount_cache(atoi(name + 6), add_partition("cache", length));
    return;
  }
  const char *target, *options = NULL;
  unsigned long flags = MS_NOATIME | MS_RDONLY;
  if (!strncmp(name, "parent-", 7)) {
    target = xasprintf("/l/%s", name + 7);
    parent_count++;
  } else if (!strncmp(name, "mount-", 6)) {
    target = xasprintf("/guest/mounts/%s", name + 6);
  } else if (!strcmp(name, "upper")) {
    // The options turn off two of ext4's background threads. The disk lives as long as the job, and its unused inode tables are zeros already.
    target = "/disk";
    flags = MS_NOATIME;
    options = "noinit_itable,no_prefetch_block_bitmaps";
  } else {
    die("a disk has the unknown name '%s'", name);
  }
  bool read_only = flags & MS_RDONLY;
  char *partition = add_partition(read_only ? xasprintf("readonly-%d", read_only_count++ / MAX_PARTITIONS) : "upper", length);
  mkdir(target, 0755);
  REQUIRE(mount(partition, target, "ext4", flags, options), "the disk '%s' can't be mounted: %s", name, strerror(errno));
  if (!read_only && symlink(partition, "/upper-device") < 0) die("two disks have the name 'upper'");
}

// Handles DISKS: reads a line "<name> <bytes>" for each disk and mounts the disk. The lines have the order of the disks on their devices.
void mount_disks(int count) {
  send_to_host("PHASE disks\n");
  while (count-- > 0) {
    char *line = read_host_line(), *space = strchr(line, ' ');
    if (!space) die("the host sent a disk without its length");
    *space = 0;
    mount_disk(line, strtoll(space + 1, NULL, 10));
  }
}

// Writes all data of the upper file system to the disk.
void sync_upper_disk(void) {
  int root = open("/disk", O_RDONLY | O_CLOEXEC);
  REQUIRE(root < 0 ? root : syncfs(root), "the upper disk can't be written: %s", strerror(errno));
  close(root);
}

// Unmounts all disks at the end of the job. The caches come first, because the directory that replaces an unusable cache is on the upper disk.
// umount(2) does not report failed writes, so the file system is synced before. A mount namespace that is being destroyed, or a swap file, keeps the
// file system alive after umount(2), so the disk must open exclusively afterwards.
void unmount_disks(void) {
  unmount_all(true);
  unmount_caches();
  sync_upper_disk();
  unmount_all(false);
  time_t start = monotonic_seconds();
  int disk;
  while ((disk = open("/upper-device", O_RDWR | O_EXCL | O_CLOEXEC)) < 0) {
    if (monotonic_seconds() - start > BUSY_TIMEOUT) die("the upper disk is still in use after the scripts: %s", strerror(errno));
    sleep_milliseconds(5);
  }
  REQUIRE(fsync(disk), "the upper disk can't be written: %s", strerror(errno));
}
