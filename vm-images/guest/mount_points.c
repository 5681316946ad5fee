// Directories and files that the guest adds to an image or a layer to mount on, and removes after the script, so that the new layer does not contain
// them.
#include "guest.h"
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { MAX_MOUNT_POINTS = 1024 };

// Opens a path below root as a process with that root directory would: neither '..' nor a symbolic link leads out of root.
int open_inside(int root, const char *path, int flags) {
  struct { uint64_t flags, mode, resolve; } how = { (uint64_t)(flags | O_CLOEXEC), 0, 0x10 /* RESOLVE_IN_ROOT */ };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// An added mount point. It is removed by its name in its open parent directory, so that nothing a script puts in its path can redirect the removal.
static struct mount_point { int parent, unlink_flags; char *name; } mount_points[MAX_MOUNT_POINTS];
static int mount_point_count;

// Sets a directory's times back, so that adding and removing mount points does not show in the layer.
static void restore_times(int directory, const struct stat *before) {
  futimens(directory, (struct timespec[]){ before->st_atim, before->st_mtim });
}

// Makes a directory or an empty file. The parent directory keeps its times.
static bool make_entry(int directory, const char *name, mode_t type) {
  struct stat before;
  fstat(directory, &before);
  bool done = S_ISDIR(type) ? mkdirat(directory, name, 0755) == 0 : mknodat(directory, name, S_IFREG | 0644, 0) == 0;
  if (done) restore_times(directory, &before);
  return done;
}

// Removes a file, or with AT_REMOVEDIR an empty directory. The parent directory keeps its times.
static void remove_entry(int directory, const char *name, int unlink_flags) {
  struct stat before;
  fstat(directory, &before);
  if (unlinkat(directory, name, unlink_flags) == 0) restore_times(directory, &before);
}

// A directory of the image that the overlay copies to the new layer because a mount point is added in it. The copies are recorded in a file, because
// another process removes them after it has unmounted the overlay.
struct directory_copy { char path_in_layer[PATH_MAX]; struct stat before; };
static const char COPIES_FILE[] = "/copies", MERGED[] = "/disk/mnt";

// Records which of the directory and its parents are not in the new layer yet.
static void record_copies(int directory) {
  char path[PATH_MAX / 2];
  ssize_t length = readlink(xasprintf("/proc/self/fd/%d", directory), path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  if (strncmp(path, MERGED, strlen(MERGED)) || path[strlen(MERGED)] != '/') return;
  int record = open(COPIES_FILE, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(record, "copied directories can't be recorded: %s", strerror(errno));
  // The deepest directory comes first, because a directory can be removed only when it is empty.
  for (; strlen(path) > strlen(MERGED); *strrchr(path, '/') = 0) {
    struct directory_copy copy = { 0 };
    struct stat in_layer;
    snprintf(copy.path_in_layer, sizeof copy.path_in_layer, "/disk/layer%s", path + strlen(MERGED));
    if (lstat(copy.path_in_layer, &in_layer) == 0) break;
    if (stat(path, &copy.before) == 0) write_all(record, (char *)&copy, sizeof copy);
  }
  close(record);
}

// Whether a directory of the new layer has extended attributes besides those that the overlay sets on every copy.
static bool has_own_attributes(const char *path) {
  char names[4096];
  ssize_t length = llistxattr(path, names, sizeof names);
  if (length < 0) return true;
  for (char *name = names; name < names + length; name += strlen(name) + 1)
    if (strcmp(name, "trusted.overlay.origin") && strcmp(name, "trusted.overlay.impure")) return true;
  return false;
}

// Whether a copied directory still has the metadata of the original.
static bool is_unchanged(const struct directory_copy *copy) {
  struct stat now;
  return lstat(copy->path_in_layer, &now) == 0 && now.st_mode == copy->before.st_mode
    && now.st_uid == copy->before.st_uid && now.st_gid == copy->before.st_gid
    && !memcmp(&now.st_mtim, &copy->before.st_mtim, sizeof now.st_mtim) && !has_own_attributes(copy->path_in_layer);
}

// Removes the recorded copies that the script left unchanged, so that the new layer has only the script's changes. The overlay must be unmounted.
void remove_unchanged_copies(void) {
  int record = open(COPIES_FILE, O_RDONLY | O_CLOEXEC);
  if (record < 0) return;
  for (struct directory_copy copy; read(record, &copy, sizeof copy) == sizeof copy; ) {
    if (!is_unchanged(&copy)) continue;
    char *name = strrchr(copy.path_in_layer, '/');
    *name++ = 0;
    int parent = open(copy.path_in_layer, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) continue;
    remove_entry(parent, name, AT_REMOVEDIR);
    close(parent);
  }
  close(record);
  unlink(COPIES_FILE);
}

// Adds a directory (S_IFDIR) or an empty file (S_IFREG) as a mount point. The path is for messages.
void add_mount_point(int directory, const char *name, mode_t type, const char *path) {
  record_copies(directory);
  if (!make_entry(directory, name, type))
    die("'%s' can't be made: %s", path, errno == EEXIST ? "a symbolic link without a target is in its place" : strerror(errno));
  if (mount_point_count == MAX_MOUNT_POINTS) die("more than %d mount points are missing", MAX_MOUNT_POINTS);
  mount_points[mount_point_count++] = (struct mount_point){ directory, S_ISDIR(type) ? AT_REMOVEDIR : 0, xasprintf("%s", name) };
}

// Opens the directory at an absolute path below root. Missing directories are added as mount points.
int add_directories(int root, const char *path) {
  int parent = root;
  for (const char *name = path + strspn(path, "/"); *name; ) {
    size_t length = strcspn(name, "/");
    char *prefix = xasprintf("%.*s", (int)(name + length - path), path), *component = xasprintf("%.*s", (int)length, name);
    int directory = open_inside(root, prefix, O_RDONLY | O_DIRECTORY);
    if (directory < 0 && errno == ENOENT) {
      add_mount_point(parent, component, S_IFDIR, prefix);
      directory = open_inside(root, prefix, O_RDONLY | O_DIRECTORY);
    }
    REQUIRE(directory, "nothing can be mounted on '%s': %s", prefix, strerror(errno));
    parent = directory;
    name += length + strspn(name + length, "/");
  }
  return parent;
}

// Removes the mount points that were added, the last one first. A directory or a file that the script filled stays.
void remove_mount_points(void) {
  while (mount_point_count > 0) {
    struct mount_point *added = &mount_points[--mount_point_count];
    struct stat status;
    bool is_empty_file = !added->unlink_flags && fstatat(added->parent, added->name, &status, AT_SYMLINK_NOFOLLOW) == 0
      && S_ISREG(status.st_mode) && status.st_size == 0;
    // unlinkat(2) refuses to remove a directory that is not empty.
    if (added->unlink_flags || is_empty_file) remove_entry(added->parent, added->name, added->unlink_flags);
  }
}

// Mounts a file system on a path below root. Without a type, it bind-mounts the source.
void mount_inside(int root, const char *path, int flags, const char *source, const char *type, const char *options) {
  int target = open_inside(root, path, O_PATH | flags);
  REQUIRE(target, "nothing can be mounted on '%s': %s", path, strerror(errno));
  unsigned long mount_flags = type ? 0 : MS_BIND;
  REQUIRE(mount(source, xasprintf("/proc/self/fd/%d", target), type, mount_flags, options),
    "nothing can be mounted on '%s': %s", path, strerror(errno));
  close(target);
}
