// The root directory of a script with a chroot, which is the image or the new layer: what the guest adds to it, and how a process enters it.
#include "guest.h"
#include <sys/stat.h>
#include <sys/sysmacros.h>

// Whether a script runs in a chroot, with namespaces of its own.
bool is_chroot(enum script_root kind) { return kind <= LAYER_ROOT; }

// Returns the path of the root directory.
static const char *root_path(enum script_root kind) { return kind == LAYER_ROOT ? "/disk/layer" : "/disk/mnt"; }

// Adds the directories that the guest mounts on. They must be real directories: through a symbolic link the guest would mount over something else.
static void prepare_guest_directories(int root) {
  static const char *const paths[] = { "/dev", "/proc", "/sys", "/.overlayimg" };
  for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
    struct stat status;
    if (fstatat(root, paths[i] + 1, &status, AT_SYMLINK_NOFOLLOW) < 0) add_mount_point(root, paths[i] + 1, S_IFDIR, paths[i]);
    else if (S_ISLNK(status.st_mode)) die("'%s' in the image is not a directory but a symbolic link", paths[i]);
    else if (!S_ISDIR(status.st_mode)) die("'%s' in the image is not a directory", paths[i]);
  }
}

// Adds /tmp to an image, because programs expect it.
static void prepare_temporary_directory(int root) {
  struct stat status;
  if (fstatat(root, "tmp", &status, AT_SYMLINK_NOFOLLOW) == 0) return;
  add_mount_point(root, "tmp", S_IFDIR, "/tmp");
  REQUIRE(fchmodat(root, "tmp", 01777, 0), "/tmp in the image can't be made: %s", strerror(errno));
}

// Adds everything that is missing in the root. The root stays open, because remove_mount_points needs it.
void prepare_script_root(enum script_root kind, bool network) {
  int root = open_directory(root_path(kind));
  prepare_guest_directories(root);
  add_mount_targets(root);
  prepare_etc_files(root, kind, network);
  if (kind == IMAGE_ROOT) prepare_temporary_directory(root);
}

// Fills the new /dev with the device nodes that programs expect, and none of the guest's disks and ports.
static void fill_dev(void) {
  static const struct { const char *name; unsigned major, minor; } nodes[] = {
    { "null", 1, 3 }, { "zero", 1, 5 }, { "full", 1, 7 }, { "random", 1, 8 }, { "urandom", 1, 9 }, { "tty", 5, 0 },
  };
  static const char *const links[][2] = {
    { "fd", "/proc/self/fd" }, { "stdin", "fd/0" }, { "stdout", "fd/1" }, { "stderr", "fd/2" }, { "ptmx", "pts/ptmx" },
  };
  umask(0);
  REQUIRE(chdir("/dev"), "/dev can't be entered: %s", strerror(errno));
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
    REQUIRE(mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)),
      "/dev/%s can't be made: %s", nodes[i].name, strerror(errno));
  for (size_t i = 0; i < sizeof links / sizeof *links; i++)
    REQUIRE(symlink(links[i][1], links[i][0]), "/dev/%s can't be made: %s", links[i][0], strerror(errno));
  if (mkdir("pts", 0755) < 0 || mount("devpts", "pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5") < 0)
    die("/dev/pts can't be mounted: %s", strerror(errno));
  if (mkdir("shm", 0755) < 0 || mount("tmpfs", "shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") < 0)
    die("/dev/shm can't be mounted: %s", strerror(errno));
  umask(022);
}

// Opens the new layer without the mounts below it. A script that changes its whole current directory ('chown -R 1000 .') leaves the mounts alone.
static int open_layer_without_mounts(void) {
  int layer = (int)syscall(SYS_open_tree, AT_FDCWD, "/image", 1 /* OPEN_TREE_CLONE */ | O_CLOEXEC);
  REQUIRE(layer, "the layer can't be opened: %s", strerror(errno));
  return layer;
}

// Mounts everything that a script needs, in this process's mount namespace, and changes the root directory. Returns the script's current directory.
int enter_script_root(enum script_root kind) {
  make_mounts_private();
  REQUIRE(mount(root_path(kind), "/image", NULL, kind == LAYER_ROOT ? MS_BIND : MS_MOVE, NULL), "the image can't be entered: %s", strerror(errno));
  int root = open("/image", O_PATH | O_DIRECTORY | O_CLOEXEC), layer = kind == LAYER_ROOT ? open_layer_without_mounts() : -1;
  mount_inside(root, "/dev", O_NOFOLLOW, "tmpfs", "tmpfs", "mode=0755");
  mount_inside(root, "/sys", O_NOFOLLOW, "sysfs", "sysfs", NULL);
  mount_inside(root, "/.overlayimg", O_NOFOLLOW, "/.overlayimg", NULL, NULL);
  bind_mounts_below(root);
  mount_etc_files(root);
  mount_inside(root, "/proc", O_NOFOLLOW, "proc", "proc", NULL);
  // Without /disk the script has no way to the upper disk. The overlay keeps the disk alive.
  if (umount2("/disk", MNT_DETACH) < 0 || mount(NULL, "/image/.overlayimg", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0)
    die("the image can't be entered: %s", strerror(errno));
  bind_record();
  REQUIRE(chroot("/image"), "the image can't be entered: %s", strerror(errno));
  close(root);
  fill_dev();
  return layer < 0 ? open_directory("/") : layer;
}
