// The places that the guest makes in a file system to mount on, and takes away again.
#include "guest.h"
#include <limits.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { MOST_PLACES = 1024 };

// A path as a process chrooted in root would see it: neither '..' nor a symbolic link leads out.
int open_inside(int root, const char *path, int flags) {
  struct { uint64_t flags, mode, resolve; } how = { (uint64_t)(flags | O_CLOEXEC), 0, 0x10 /* RESOLVE_IN_ROOT */ };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// A place that was added. It is removed by its open directory and its name, so nothing else can be hit.
static struct addition { int directory, flags; char *name; } additions[MOST_PLACES];
static int addition_count;

// Makes (flags < 0) or removes a name; the directory keeps its times, so that the layer shows what the script did and no more.
static bool change_keeping_times(int directory, const char *name, int flags, mode_t type) {
  struct stat before;
  fstat(directory, &before);
  bool done = flags >= 0 ? unlinkat(directory, name, flags) == 0
    : S_ISDIR(type) ? mkdirat(directory, name, 0755) == 0 : mknodat(directory, name, S_IFREG | 0644, 0) == 0;
  if (done) futimens(directory, (struct timespec[]){ before.st_atim, before.st_mtim });
  return done;
}

// A directory of the image that the overlay copies to the upper because a place is added in it. The process that unmounts the overlay is another one, so
// the copies are noted in a file of the guest's own root.
struct copy { char upper[PATH_MAX]; struct stat before; };
static const char COPIES[] = "/copies", MERGED[] = "/disk/mnt";

static void note_copies(int directory) {
  char path[PATH_MAX / 2];
  ssize_t length = readlink(text("/proc/self/fd/%d", directory), path, sizeof path - 1);
  if (length < 0) return;
  path[length] = 0;
  if (strncmp(path, MERGED, strlen(MERGED)) || path[strlen(MERGED)] != '/') return;
  int notes = open(COPIES, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  REQUIRE(notes, "the copies of directories can't be noted: %s", strerror(errno));
  // The deepest directory comes first: a directory can be removed when it is empty.
  for (; strlen(path) > strlen(MERGED); *strrchr(path, '/') = 0) {
    struct copy copy = { 0 };
    struct stat upper;
    snprintf(copy.upper, sizeof copy.upper, "/disk/layer%s", path + strlen(MERGED));
    if (lstat(copy.upper, &upper) == 0) break;
    if (stat(path, &copy.before) == 0) write_all(notes, (char *)&copy, sizeof copy);
  }
  close(notes);
}

// Whether a directory of the upper has attributes besides those with which the overlay marks any copy.
static bool has_own_attributes(const char *path) {
  char names[4096];
  ssize_t length = llistxattr(path, names, sizeof names);
  if (length < 0) return true;
  for (char *name = names; name < names + length; name += strlen(name) + 1)
    if (strcmp(name, "trusted.overlay.origin") && strcmp(name, "trusted.overlay.impure")) return true;
  return false;
}

// After the overlay is unmounted: a copy of a directory that the script did not change is no part of the layer.
void remove_unchanged_copies(void) {
  int notes = open(COPIES, O_RDONLY | O_CLOEXEC);
  if (notes < 0) return;
  for (struct copy copy; read(notes, &copy, sizeof copy) == sizeof copy; ) {
    struct stat now;
    if (lstat(copy.upper, &now) < 0 || now.st_mode != copy.before.st_mode || now.st_uid != copy.before.st_uid || now.st_gid != copy.before.st_gid
      || memcmp(&now.st_mtim, &copy.before.st_mtim, sizeof now.st_mtim) || has_own_attributes(copy.upper)) continue;
    char *name = strrchr(copy.upper, '/');
    *name++ = 0;
    int parent = open(copy.upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (parent < 0) continue;
    change_keeping_times(parent, name, AT_REMOVEDIR, 0);
    close(parent);
  }
  close(notes);
  unlink(COPIES);
}

// Adds a directory or an empty file; the path is for messages.
void add_place(int directory, const char *name, mode_t type, const char *path) {
  note_copies(directory);
  if (!change_keeping_times(directory, name, -1, type))
    error("'%s' can't be made: %s", path, errno == EEXIST ? "a symbolic link to nothing is there" : strerror(errno));
  if (addition_count == MOST_PLACES) error("more than %d mount points are missing", MOST_PLACES);
  additions[addition_count++] = (struct addition){ directory, S_ISDIR(type) ? AT_REMOVEDIR : 0, text("%s", name) };
}

// Returns the directory at an absolute path below root, opened. Missing directories are added.
int add_directories(int root, const char *path) {
  int parent = root;
  for (const char *name = path + strspn(path, "/"); *name; ) {
    size_t length = strcspn(name, "/");
    char *prefix = text("%.*s", (int)(name + length - path), path), *component = text("%.*s", (int)length, name);
    int directory = open_inside(root, prefix, O_RDONLY | O_DIRECTORY);
    if (directory < 0 && errno == ENOENT) {
      add_place(parent, component, S_IFDIR, prefix);
      directory = open_inside(root, prefix, O_RDONLY | O_DIRECTORY);
    }
    REQUIRE(directory, "'%s' can't be mounted on: %s", prefix, strerror(errno));
    parent = directory;
    name += length + strspn(name + length, "/");
  }
  return parent;
}

// Removes what was added, where it is still there and empty.
void remove_added_places(void) {
  while (addition_count > 0) {
    struct addition *a = &additions[--addition_count];
    struct stat status;
    // An empty directory goes by itself; a file only if the script left it empty.
    if (a->flags || (fstatat(a->directory, a->name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) && status.st_size == 0))
      change_keeping_times(a->directory, a->name, a->flags, 0);
  }
}

// Mounts on a path below root: a file system of a type, or without one a bind mount of the source.
void mount_inside(int root, const char *path, int flags, const char *source, const char *type, const char *options) {
  int place = open_inside(root, path, O_PATH | flags);
  REQUIRE(place, "'%s' can't be mounted on: %s", path, strerror(errno));
  unsigned long how = type ? 0 : MS_BIND;
  REQUIRE(mount(source, text("/proc/self/fd/%d", place), type, how, options), "'%s' can't be mounted on: %s", path, strerror(errno));
  close(place);
}
