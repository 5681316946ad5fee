// The mounts of the job: directories of disks that its scripts see at absolute paths.
#include "guest.h"
#include <sys/stat.h>

enum { MOST_MOUNTS = 1024 };

static struct { const char *source, *target; } mounts[MOST_MOUNTS];
static int mount_count;

static void take_mount(const char *source, const char *target) {
  if (mount_count == MOST_MOUNTS) error("the job has more than %d mounts", MOST_MOUNTS);
  mounts[mount_count].source = source;
  mounts[mount_count++].target = target;
}

// Takes them from the job's parameters.
void take_mounts(void) {
  const char *target;
  for (int i = 0; (target = parameter(text("mounts/%d", i))); i++) {
    if (access(text("/guest/mounts/%d", i), F_OK) < 0) error("the disk 'mount-%d' is missing", i);
    take_mount(text("/guest/mounts/%d", i), target);
  }
  for (int i = 0; (target = parameter(text("caches/%d", i))); i++) take_mount(cache_source(i), target);
}

// Adds the missing directories below root that the mounts need.
void make_mount_points(int root) {
  for (int i = 0; i < mount_count; i++) add_directories(root, mounts[i].target);
}

void bind_mounts_below(int root) {
  for (int i = 0; i < mount_count; i++) mount_inside(root, mounts[i].target, O_DIRECTORY, mounts[i].source, NULL, NULL);
}

// What this process mounts from here on, no other process sees.
void make_mounts_private(void) { REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "no private mounts: %s", strerror(errno)); }

// A mount on one of these would take away from a script in the guest's root what it works with.
static void refuse_place_of_guest(const char *target) {
  static const char *const places[] = { "/.overlayimg", "/dev", "/disk", "/guest", "/proc", "/sys" };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    size_t length = strlen(places[i]);
    if (!strncmp(target, places[i], length) && (!target[length] || target[length] == '/'))
      error("'%s' is the guest's own directory, so a hook can't have a mount at '%s'", places[i], target);
  }
}

static bool bound_in_guest;

// Scripts in the guest's root see the mounts there. The directories that these need stay: the guest's root ends with the guest.
void bind_mounts_in_guest(void) {
  if (bound_in_guest) return;
  bound_in_guest = true;
  int root = open_directory("/");
  for (int i = 0; i < mount_count; i++) {
    refuse_place_of_guest(mounts[i].target);
    // The guest has links to the toolbox such as /bin: a mount there must not cover the toolbox.
    struct stat status;
    if (lstat(mounts[i].target, &status) == 0 && S_ISLNK(status.st_mode)) unlink(mounts[i].target);
    for (const char *end = mounts[i].target; *end; ) {
      end += 1 + strcspn(end + 1, "/");
      char *path = text("%.*s", (int)(end - mounts[i].target), mounts[i].target);
      if (mkdir(path, 0755) < 0 && errno != EEXIST) error("'%s' can't be made in the guest: %s", path, strerror(errno));
      free(path);
    }
  }
  bind_mounts_below(root);
  close(root);
}

// The mounts in the guest's root are gone with all others.
void unbind_mounts_in_guest(void) { bound_in_guest = false; }
