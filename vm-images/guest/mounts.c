// The job's mounts, caches and secrets: directories and files that scripts see at absolute paths, the targets.
#include "guest.h"
#include <sys/stat.h>

enum { MAX_MOUNTS = 1024 };

static struct job_mount { const char *source, *target; bool is_file; } mounts[MAX_MOUNTS];
static int mount_count;

// Adds a directory or a file and its target to the list.
static void add_mount(const char *source, const char *target, bool is_file) {
  if (mount_count == MAX_MOUNTS) die("the job has more than %d mounts", MAX_MOUNTS);
  mounts[mount_count++] = (struct job_mount){ source, target, is_file };
}

static const char SECRETS[] = "/guest/secrets";
static bool has_secrets;

// Stores a secret. Unlike a tmpfs, a ramfs is never written to swap space, so no disk gets the secrets.
void add_secret(const char *name, const char *value, size_t length) {
  if (!has_secrets) {
    mkdir(SECRETS, 0755);
    REQUIRE(mount("secrets", SECRETS, "ramfs", MS_NODEV | MS_NOSUID | MS_NOEXEC, "mode=0755"),
      "the directory for secrets can't be mounted: %s", strerror(errno));
    has_secrets = true;
  }
  int file = open(xasprintf("%s/%s", SECRETS, name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0400);
  if (file < 0 || !write_all(file, value, (ssize_t)length)) die("the secret '%s' can't be stored in the guest: %s", name, strerror(errno));
  close(file);
}

// Fills the list of mounts from the job's parameters.
void collect_mounts(void) {
  const char *target;
  for (int i = 0; (target = find_parameter(xasprintf("mounts/%d", i))); i++) {
    char *source = xasprintf("/guest/mounts/%d", i);
    if (access(source, F_OK) < 0) die("the disk 'mount-%d' is missing", i);
    const char *file = find_parameter(xasprintf("mount-files/%d", i));
    add_mount(file ? xasprintf("%s/%s", source, file) : source, target, file);
  }
  for (int i = 0; (target = find_parameter(xasprintf("caches/%d", i))); i++) add_mount(cache_source(i), target, false);
  if (!has_secrets) return;
  REQUIRE(mount(NULL, SECRETS, NULL, MS_REMOUNT | MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOEXEC, NULL),
    "the secrets can't be made read-only: %s", strerror(errno));
  add_mount(SECRETS, "/run/secrets", false);
}

// Whether the job has mounts, caches or secrets.
bool has_mounts(void) { return mount_count > 0; }

// Whether something of the job is mounted at exactly this path.
bool is_mount_target(const char *path) {
  for (int i = 0; i < mount_count; i++) if (!strcmp(mounts[i].target, path)) return true;
  return false;
}

// Adds a missing file as a mount point, and the missing directories that lead to it.
static void add_file_target(int root, const char *target) {
  int existing = open_inside(root, target, O_PATH);
  if (existing >= 0) {
    close(existing);
    return;
  }
  char *directory = xasprintf("%s", target), *name = strrchr(directory, '/');
  *name++ = 0;
  add_mount_point(add_directories(root, directory), name, S_IFREG, target);
}

// Adds the missing directories and files of the targets below root.
void add_mount_targets(int root) {
  for (int i = 0; i < mount_count; i++) {
    if (mounts[i].is_file) add_file_target(root, mounts[i].target);
    else add_directories(root, mounts[i].target);
  }
}

// Mounts all directories and files on their targets below root, in the mount namespace of this process.
void bind_mounts_below(int root) {
  for (int i = 0; i < mount_count; i++)
    mount_inside(root, mounts[i].target, mounts[i].is_file ? 0 : O_DIRECTORY, mounts[i].source, NULL, NULL);
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
static void make_target_in_guest_root(const char *target, bool is_file) {
  for (const char *end = target; *end; ) {
    end += 1 + strcspn(end + 1, "/");
    char *path = xasprintf("%.*s", (int)(end - target), target);
    int made = is_file && !*end ? mknod(path, S_IFREG | 0644, 0) : mkdir(path, 0755);
    if (made < 0 && errno != EEXIST) die("'%s' can't be made in the guest: %s", path, strerror(errno));
    free(path);
  }
}

static bool bound_in_guest_root;

// Mounts all directories and files in the guest's root, for hooks. A second call does nothing. The mount points are never removed, because the
// guest's root is in memory.
void bind_mounts_in_guest_root(void) {
  if (bound_in_guest_root) return;
  bound_in_guest_root = true;
  int root = open_directory("/");
  for (int i = 0; i < mount_count; i++) {
    refuse_guest_directory(mounts[i].target);
    // The guest has symbolic links to the toolbox, such as /bin. Mounting through such a link would hide the toolbox.
    struct stat status;
    if (lstat(mounts[i].target, &status) == 0 && S_ISLNK(status.st_mode)) unlink(mounts[i].target);
    make_target_in_guest_root(mounts[i].target, mounts[i].is_file);
  }
  bind_mounts_below(root);
  close(root);
}

// Notes that unmount_all has unmounted the directories from the guest's root.
void forget_mounts_in_guest_root(void) { bound_in_guest_root = false; }
