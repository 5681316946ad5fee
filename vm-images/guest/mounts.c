// The job's mounts and caches: directories of disks that scripts see at absolute paths, the targets.
#include "guest.h"
#include <sys/stat.h>

enum { MAX_MOUNTS = 1024 };

static struct { const char *source, *target; } mounts[MAX_MOUNTS];
static int mount_count;

// Adds a directory and its target to the list.
static void add_mount(const char *source, const char *target) {
  if (mount_count == MAX_MOUNTS) die("the job has more than %d mounts", MAX_MOUNTS);
  mounts[mount_count].source = source;
  mounts[mount_count++].target = target;
}

// Fills the list of mounts from the job's parameters.
void collect_mounts(void) {
  const char *target;
  for (int i = 0; (target = find_parameter(xasprintf("mounts/%d", i))); i++) {
    char *source = xasprintf("/guest/mounts/%d", i);
    if (access(source, F_OK) < 0) die("the disk 'mount-%d' is missing", i);
    add_mount(source, target);
  }
  for (int i = 0; (target = find_parameter(xasprintf("caches/%d", i))); i++) add_mount(cache_source(i), target);
}

// Adds the missing directories of the targets below root.
void add_mount_targets(int root) {
  for (int i = 0; i < mount_count; i++) add_directories(root, mounts[i].target);
}

// Mounts all directories on their targets below root, in the mount namespace of this process.
void bind_mounts_below(int root) {
  for (int i = 0; i < mount_count; i++) mount_inside(root, mounts[i].target, O_DIRECTORY, mounts[i].source, NULL, NULL);
}

// Keeps later mounts of this process from propagating to other mount namespaces.
void make_mounts_private(void) {
  REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "the mounts can't be made private: %s", strerror(errno));
}

// Dies if a target is in a directory that the guest needs. A mount there would hide it from the guest and from scripts in the guest's root.
static void refuse_guest_directory(const char *target) {
  static const char *const directories[] = { "/.overlayimg", "/dev", "/disk", "/guest", "/proc", "/sys" };
  for (size_t i = 0; i < sizeof directories / sizeof *directories; i++) {
    size_t length = strlen(directories[i]);
    if (!strncmp(target, directories[i], length) && (!target[length] || target[length] == '/'))
      die("'%s' is the guest's own directory, so a hook can't have a mount at '%s'", directories[i], target);
  }
}

// Makes a target and its parents in the guest's root.
static void make_target_in_guest_root(const char *target) {
  for (const char *end = target; *end; ) {
    end += 1 + strcspn(end + 1, "/");
    char *path = xasprintf("%.*s", (int)(end - target), target);
    if (mkdir(path, 0755) < 0 && errno != EEXIST) die("'%s' can't be made in the guest: %s", path, strerror(errno));
    free(path);
  }
}

static bool bound_in_guest_root;

// Mounts all directories in the guest's root, for hooks. Does nothing if they are mounted there already. Directories made for that are never removed,
// because the guest's root is in memory.
void bind_mounts_in_guest_root(void) {
  if (bound_in_guest_root) return;
  bound_in_guest_root = true;
  int root = open_directory("/");
  for (int i = 0; i < mount_count; i++) {
    refuse_guest_directory(mounts[i].target);
    // The guest has symbolic links to the toolbox, such as /bin. Mounting through such a link would hide the toolbox.
    struct stat status;
    if (lstat(mounts[i].target, &status) == 0 && S_ISLNK(status.st_mode)) unlink(mounts[i].target);
    make_target_in_guest_root(mounts[i].target);
  }
  bind_mounts_below(root);
  close(root);
}

// Notes that unmount_all has unmounted the directories from the guest's root.
void forget_mounts_in_guest_root(void) { bound_in_guest_root = false; }
