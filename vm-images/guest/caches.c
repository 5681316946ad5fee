// The caches of the job: disks that scripts write and that later jobs get. Whatever is on one, the job goes on: a cache that can't be used is replaced by an
// empty directory, and the host is told to drop it.
#include "guest.h"
#include <sys/stat.h>
#include <sys/statvfs.h>

enum { MOST_CACHES = 16 };

// The file system must have more free blocks and inodes than one in so many at the end: a cache that is full would end every later script.
enum { LEAST_FREE_PART = 20 };

static struct cache { const char *part, *source; bool mounted; } caches[MOST_CACHES];
static int cache_count;

// Mounts the disk of a cache. Its directory "content" is what scripts see: "lost+found" is none of their business.
void mount_cache(int number, const char *part) {
  if (number != cache_count || number == MOST_CACHES) error("the disk 'cache-%d' is one too many", number);
  struct cache *cache = &caches[cache_count++];
  char *place = text("/guest/caches/%d", number);
  mkdir(place, 0755);
  // An error of the file system must not panic the kernel, whatever the superblock says.
  bool mounted = mount(part, place, "ext4", MS_NOATIME | MS_NODEV | MS_NOSUID, "errors=remount-ro,noinit_itable,no_prefetch_block_bitmaps") == 0;
  int content = mounted ? open(text("%s/content", place), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
  *cache = (struct cache){ .part = part, .source = text("%s/content", place), .mounted = content >= 0 };
  if (content >= 0) close(content);
  else if (mounted) umount2(place, MNT_DETACH);
}

// The directory that scripts see. In the place of a cache that can't be used, one on the upper disk, outside the layer.
const char *cache_source(int number) {
  if (number >= cache_count) error("the disk 'cache-%d' is missing", number);
  struct cache *cache = &caches[number];
  if (!cache->mounted) {
    mkdir("/disk/caches", 0755);
    cache->source = text("/disk/caches/%d", number);
    REQUIRE(mkdir(cache->source, 0755), "no directory in the place of a cache: %s", strerror(errno));
  }
  return cache->source;
}

// What the file system is like before it is unmounted. The kernel counts its errors; not every kernel makes it read-only because of one.
static const char *state_of(const struct cache *cache, const char *place) {
  struct statvfs status;
  char *errors = contents(text("/sys/fs/ext4/%s/errors_count", strrchr(cache->part, '/') + 1));
  if (!errors || atol(errors) || statvfs(place, &status) < 0 || status.f_flag & ST_RDONLY) return "damaged";
  return status.f_bavail < status.f_blocks / LEAST_FREE_PART || status.f_ffree < status.f_files / LEAST_FREE_PART ? "full" : "clean";
}

// Writes all of a cache to its disk and unmounts it. False where something failed, or still uses it.
static bool put_to_rest(const struct cache *cache, const char *place) {
  int root = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC), disk;
  bool synced = root >= 0 && syncfs(root) == 0;
  if (root >= 0) close(root);
  if (!synced) return false;
  // A process that was just killed, or a mount namespace on its way out, keeps the file system alive: then the disk does not open exclusively.
  umount2(place, UMOUNT_NOFOLLOW);
  for (time_t start = now(); (disk = open(cache->part, O_RDWR | O_EXCL | O_CLOEXEC)) < 0; umount2(place, UMOUNT_NOFOLLOW), pause_milliseconds(5))
    if (now() - start > PATIENCE) return false;
  bool written = fsync(disk) == 0;
  close(disk);
  return written;
}

// Unmounts the caches and tells the host what has become of each. All that was mounted over them must be gone.
void unmount_caches(void) {
  for (int i = 0; i < cache_count; i++) {
    char *place = text("/guest/caches/%d", i);
    const char *state = caches[i].mounted ? state_of(&caches[i], place) : "unusable";
    if (caches[i].mounted && !put_to_rest(&caches[i], place)) state = "damaged";
    say("CACHE %d %s\n", i, state);
  }
}
