// The root of a script that runs in the image or in the new layer: what the guest prepares there, and how a process enters it.
#include "guest.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const char *root_of(enum place place) { return place == IN_LAYER ? "/disk/layer" : "/disk/mnt"; }

int open_directory(const char *path) {
  int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(directory, "%s can't be opened: %s", path, strerror(errno));
  return directory;
}

// The places of the guest itself must be directories of the root itself: through a symbolic link the guest would mount over something else.
static void prepare_places(int root) {
  static const char *const places[] = { "/dev", "/proc", "/sys", "/.overlayimg" };
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct stat status;
    if (fstatat(root, places[i] + 1, &status, AT_SYMLINK_NOFOLLOW) < 0) add_place(root, places[i] + 1, S_IFDIR, places[i]);
    else if (S_ISLNK(status.st_mode)) error("'%s' in the image is not a directory but a symbolic link", places[i]);
    else if (!S_ISDIR(status.st_mode)) error("'%s' in the image is not a directory", places[i]);
  }
}

// Programs expect a directory for temporary files. A layer alone has what its script makes.
static void prepare_temporary_directory(int root) {
  struct stat status;
  if (fstatat(root, "tmp", &status, AT_SYMLINK_NOFOLLOW) == 0) return;
  add_place(root, "tmp", S_IFDIR, "/tmp");
  REQUIRE(fchmodat(root, "tmp", 01777, 0), "/tmp in the image can't be made: %s", strerror(errno));
}

// Adds what is missing in the root. The root stays open until what was added is removed.
void prepare_image(enum place place, bool network) {
  int root = open_directory(root_of(place));
  prepare_places(root);
  make_mount_points(root);
  prepare_covers(root, place, network);
  if (place == IN_IMAGE) prepare_temporary_directory(root);
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

// The root without the mounts below it, for a script that changes whole trees from its current directory ('chown -R 1000 .').
static int open_bare(void) {
  int bare = (int)syscall(SYS_open_tree, AT_FDCWD, "/image", 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
  REQUIRE(bare, "the layer can't be opened: %s", strerror(errno));
  return bare;
}

// Mounts what a script needs, in the mount namespace of this process alone, and enters. Returns the directory that the script begins in.
int enter_image(enum place place) {
  make_mounts_private();
  REQUIRE(mount(root_of(place), "/image", NULL, place == IN_LAYER ? MS_BIND : MS_MOVE, NULL), "the image can't be entered: %s", strerror(errno));
  int root = open("/image", O_PATH | O_DIRECTORY | O_CLOEXEC), bare = place == IN_LAYER ? open_bare() : -1;
  mount_inside(root, "/dev", O_NOFOLLOW, "tmpfs", "tmpfs", "mode=0755");
  mount_inside(root, "/sys", O_NOFOLLOW, "sysfs", "sysfs", NULL);
  mount_inside(root, "/.overlayimg", O_NOFOLLOW, "/.overlayimg", NULL, NULL);
  bind_mounts_below(root);
  mount_covers(root);
  mount_inside(root, "/proc", O_NOFOLLOW, "proc", "proc", NULL);
  // From inside nothing leads to the upper disk: the overlay keeps its own hold on it.
  if (umount2("/disk", MNT_DETACH) < 0 || mount(NULL, "/image/.overlayimg", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0
    || chroot("/image") < 0) error("the image can't be entered: %s", strerror(errno));
  close(root);
  fill_dev();
  return bare < 0 ? open_directory("/") : bare;
}
