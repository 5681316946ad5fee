// The job's caches: disks that scripts write and that later jobs may use again. A cache that can't be used never fails the job. An empty directory
// replaces it, and the host is told to drop the cache.
#include "guest.h"
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { MAX_CACHES = 16 };

// A cache is full when less than 1/FREE_FRACTION of its blocks or inodes is free. A full cache would make every later script fail.
enum { FREE_FRACTION = 20 };

// source is the directory that scripts see.
static struct cache { const char *partition, *source; bool mounted; } caches[MAX_CACHES];
static int cache_count;

// Mounts a cache. Scripts see its directory "content", so that they do not find "lost+found".
void mount_cache(int number, const char *partition) {
  if (number != cache_count || number == MAX_CACHES) die("the disk 'cache-%d' is one too many", number);
  struct cache *cache = &caches[cache_count++];
  char *mount_point = xasprintf("/guest/caches/%d", number);
  mkdir(mount_point, 0755);
  // errors=remount-ro: the superblock may ask for a kernel panic after an error.
  bool mounted = mount(partition, mount_point, "ext4", MS_NOATIME | MS_NODEV | MS_NOSUID,
    "errors=remount-ro,noinit_itable,no_prefetch_block_bitmaps") == 0;
  char *content_path = xasprintf("%s/content", mount_point);
  int content = mounted ? open(content_path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  *cache = (struct cache){ .partition = partition, .source = content_path, .mounted = content >= 0 };
  if (content >= 0) close(content);
  else if (mounted) umount2(mount_point, MNT_DETACH);
}

// Returns the directory that scripts see: the cache's own, or for an unusable cache a new one on the upper disk, outside the new layer.
const char *cache_source(int number) {
  if (number >= cache_count) die("the disk 'cache-%d' is missing", number);
  struct cache *cache = &caches[number];
  if (!cache->mounted) {
    mkdir("/disk/caches", 0755);
    cache->source = xasprintf("/disk/caches/%d", number);
    REQUIRE(mkdir(cache->source, 0755), "the directory that replaces a cache can't be made: %s", strerror(errno));
  }
  return cache->source;
}

// Returns the state of a mounted cache. The kernel's error counter is read as well, because not every kernel makes a damaged file system read-only.
static const char *state_before_unmount(const struct cache *cache, const char *mount_point) {
  struct statvfs status;
  char *errors = read_file(xasprintf("/sys/fs/ext4/%s/errors_count", strrchr(cache->partition, '/') + 1));
  if (!errors || atol(errors) || statvfs(mount_point, &status) < 0 || status.f_flag & ST_RDONLY) return "damaged";
  return status.f_bavail < status.f_blocks / FREE_FRACTION || status.f_ffree < status.f_files / FREE_FRACTION ? "full" : "clean";
}

// Writes all data of a cache to its disk and unmounts it. Returns false if a write failed or the cache stays in use.
static bool sync_and_unmount(const struct cache *cache, const char *mount_point) {
  int root = open(mount_point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool synced = root >= 0 && syncfs(root) == 0;
  if (root >= 0) close(root);
  if (!synced) return false;
  // A process that was just killed, or a mount namespace that is being destroyed, keeps the file system alive. The disk does not open exclusively
  // then.
  umount2(mount_point, UMOUNT_NOFOLLOW);
  time_t start = monotonic_seconds();
  int disk;
  while ((disk = open(cache->partition, O_RDWR | O_EXCL | O_CLOEXEC)) < 0) {
    if (monotonic_seconds() - start > BUSY_TIMEOUT) return false;
    umount2(mount_point, UMOUNT_NOFOLLOW);
    sleep_milliseconds(5);
  }
  bool written = fsync(disk) == 0;
  close(disk);
  return written;
}

// Unmounts the caches and sends the host the state of each. Everything that was mounted on a cache must be unmounted.
void unmount_caches(void) {
  for (int i = 0; i < cache_count; i++) {
    char *mount_point = xasprintf("/guest/caches/%d", i);
    const char *state = caches[i].mounted ? state_before_unmount(&caches[i], mount_point) : "unusable";
    if (caches[i].mounted && !sync_and_unmount(&caches[i], mount_point)) state = "damaged";
    send_to_host("CACHE %d %s\n", i, state);
  }
}
