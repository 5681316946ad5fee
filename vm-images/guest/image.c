// The image as its scripts see it: the places that the guest needs in it, made and taken away again, and what is mounted there.
#include "guest.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { MOST_MOUNTS = 1024 };

int open_image(void) {
  int root = open("/disk/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(root, "the image can't be opened: %s", strerror(errno));
  return root;
}

// A path as a process chrooted in root would see it: neither '..' nor a symbolic link leads out.
static int open_inside(int root, const char *path, int flags) {
  struct { uint64_t flags, mode, resolve; } how = { (uint64_t)(flags | O_CLOEXEC), 0, 0x10 /* RESOLVE_IN_ROOT */ };
  return (int)syscall(SYS_openat2, root, path, &how, sizeof how);
}

// What the guest adds to the image to mount on. It is removed by its open directory and its name, so nothing else can be hit.
static struct addition { int directory, flags; char *name; } additions[MOST_MOUNTS];
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

static void add(int directory, const char *name, mode_t type, const char *path) {
  if (!change_keeping_times(directory, name, -1, type))
    error("'%s' can't be made in the image: %s", path, errno == EEXIST ? "a symbolic link to nothing is there" : strerror(errno));
  if (addition_count == MOST_MOUNTS) error("too many mount points are missing in the image");
  additions[addition_count++] = (struct addition){ directory, S_ISDIR(type) ? AT_REMOVEDIR : 0, text("%s", name) };
}

// Returns the directory at an absolute path of the image, opened. Missing ones are made.
static int add_directories(int root, const char *path) {
  int parent = root;
  for (const char *name = path + strspn(path, "/"); *name; ) {
    size_t length = strcspn(name, "/");
    char *prefix = text("%.*s", (int)(name + length - path), path), *component = text("%.*s", (int)length, name);
    int directory = open_inside(root, prefix, O_RDONLY | O_DIRECTORY);
    if (directory < 0 && errno == ENOENT) {
      add(parent, component, S_IFDIR, prefix);
      directory = open_inside(root, prefix, O_RDONLY | O_DIRECTORY);
    }
    REQUIRE(directory, "'%s' in the image can't be mounted on: %s", prefix, strerror(errno));
    parent = directory;
    name += length + strspn(name + length, "/");
  }
  return parent;
}

// The places of the guest itself must be the image's own directories: through a symbolic link the guest would mount over something else.
static const char *const places[] = { "/dev", "/proc", "/sys", "/.overlayimg" };

static int mounts;
static const char *targets[MOST_MOUNTS];

void prepare_mounts(int root) {
  for (; mounts < MOST_MOUNTS && (targets[mounts] = parameter(text("mounts/%d", mounts))); mounts++) {
    if (access(text("/m/%d", mounts), F_OK) < 0) error("the disk 'mount-%d' is missing", mounts);
    add_directories(root, targets[mounts]);
  }
}

static void prepare_places(int root) {
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct stat status;
    if (fstatat(root, places[i] + 1, &status, AT_SYMLINK_NOFOLLOW) < 0) add(root, places[i] + 1, S_IFDIR, places[i]);
    else if (S_ISLNK(status.st_mode)) error("'%s' in the image is not a directory but a symbolic link", places[i]);
    else if (!S_ISDIR(status.st_mode)) error("'%s' in the image is not a directory", places[i]);
  }
}

void prepare_image(int root, bool network) {
  prepare_places(root);
  prepare_mounts(root);
  int etc = network ? add_directories(root, "/etc") : -1;
  if (network && faccessat(etc, "resolv.conf", F_OK, AT_SYMLINK_NOFOLLOW) < 0) add(etc, "resolv.conf", S_IFREG, "/etc/resolv.conf");
}

void restore_image(void) {
  while (addition_count-- > 0) {
    struct addition *a = &additions[addition_count];
    struct stat status;
    // An empty directory goes by itself; a file only if the script left it empty.
    if (a->flags || (fstatat(a->directory, a->name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode) && status.st_size == 0))
      change_keeping_times(a->directory, a->name, a->flags, 0);
  }
}

static void mount_inside(int root, const char *path, int flags, const char *source, const char *type, const char *options) {
  int place = open_inside(root, path, O_PATH | flags);
  REQUIRE(place, "'%s' in the image can't be mounted on: %s", path, strerror(errno));
  unsigned long how = type ? 0 : MS_BIND;
  REQUIRE(mount(source, text("/proc/self/fd/%d", place), type, how, options), "'%s' in the image can't be mounted on: %s", path, strerror(errno));
  close(place);
}

// A /dev of its own: the nodes that programs expect, and none of the guest's disks and ports.
static void fill_dev(void) {
  static const struct { const char *name; unsigned major, minor; } nodes[] = {
    { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
  };
  static const char *const links[][2] = {
    { "fd", "/proc/self/fd" }, { "stdin", "fd/0" }, { "stdout", "fd/1" }, { "stderr", "fd/2" }, { "ptmx", "pts/ptmx" },
  };
  umask(0);
  REQUIRE(chdir("/dev"), "no /dev: %s", strerror(errno));
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    REQUIRE(mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)), "/dev/%s: %s", nodes[i].name, strerror(errno));
  for (size_t i = 0; i < sizeof links / sizeof *links; i++) REQUIRE(symlink(links[i][1], links[i][0]), "/dev/%s: %s", links[i][0], strerror(errno));
  if (mkdir("pts", 0755) < 0 || mount("devpts", "pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5") < 0
    || mkdir("shm", 0755) < 0 || mount("tmpfs", "shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") < 0) error("no /dev: %s", strerror(errno));
  umask(022);
}

// Opens the image's root in the mount namespace of this process alone: what is mounted from here on, nobody else sees.
static int open_privately(void) {
  REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "no private mounts: %s", strerror(errno));
  return open("/disk/mnt", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void bind_mounts_at(int root) {
  for (int i = 0; i < mounts; i++) mount_inside(root, targets[i], O_DIRECTORY, text("/m/%d", i), NULL, NULL);
}

// The mounts of the job, in the mount namespace of this process alone.
void bind_mounts(void) { bind_mounts_at(open_privately()); }

void enter_image(bool network) {
  int root = open_privately();
  mount_inside(root, "/dev", O_NOFOLLOW, "tmpfs", "tmpfs", "mode=0755");
  mount_inside(root, "/sys", O_NOFOLLOW, "sysfs", "sysfs", NULL);
  mount_inside(root, "/.overlayimg", O_NOFOLLOW, "/.overlayimg", NULL, NULL);
  bind_mounts_at(root);
  // On the file or on the symbolic link itself, wherever that leads.
  if (network) mount_inside(root, "/etc/resolv.conf", O_NOFOLLOW, "/etc/resolv.conf", NULL, NULL);
  mount_inside(root, "/proc", O_NOFOLLOW, "proc", "proc", NULL);
  // The script sees its own directory alone, and from in here nothing leads to the upper disk: the overlay keeps its own hold on it.
  if (mount("/disk/mnt", "/image", NULL, MS_MOVE, NULL) < 0 || umount2("/disk", MNT_DETACH) < 0
    || mount(NULL, "/image/.overlayimg", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0
    || chroot("/image") < 0) error("the image can't be entered: %s", strerror(errno));
  close(root);
  fill_dev();
}
