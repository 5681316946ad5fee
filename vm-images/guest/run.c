// Runs one script of the job: its environment, its namespaces, its output, its end.
#include "guest.h"
#include <sched.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>

enum { MOST_MOUNTS = 1024, MOST_VARIABLES = 4096 };

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

static bool network;
static int mounts;
static char *targets[MOST_MOUNTS];

static void prepare_mounts(int root) {
  for (; mounts < MOST_MOUNTS && (targets[mounts] = contents(AT_FDCWD, text("/job/mounts/%d/target", mounts))); mounts++) {
    if (access(text("/m/%d", mounts), F_OK) < 0) error("the disk 'mount-%d' is missing", mounts);
    add_directories(root, targets[mounts]);
  }
}

static void prepare_image(int root) {
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    struct stat status;
    if (fstatat(root, places[i] + 1, &status, AT_SYMLINK_NOFOLLOW) < 0) add(root, places[i] + 1, S_IFDIR, places[i]);
    else if (S_ISLNK(status.st_mode)) error("'%s' in the image is not a directory but a symbolic link", places[i]);
    else if (!S_ISDIR(status.st_mode)) error("'%s' in the image is not a directory", places[i]);
  }
  prepare_mounts(root);
  int etc = network ? add_directories(root, "/etc") : -1;
  if (network && faccessat(etc, "resolv.conf", F_OK, AT_SYMLINK_NOFOLLOW) < 0) add(etc, "resolv.conf", S_IFREG, "/etc/resolv.conf");
}

static void restore_image(void) {
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

static void bind_mounts(int root) {
  for (int i = 0; i < mounts; i++) mount_inside(root, targets[i], O_DIRECTORY, text("/m/%d", i), NULL, NULL);
}

static void enter_image(void) {
  int root = open_privately();
  mount_inside(root, "/dev", O_NOFOLLOW, "tmpfs", "tmpfs", "mode=0755");
  mount_inside(root, "/sys", O_NOFOLLOW, "sysfs", "sysfs", NULL);
  mount_inside(root, "/.overlayimg", O_NOFOLLOW, "/.overlayimg", NULL, NULL);
  bind_mounts(root);
  // On the file or on the symbolic link itself, wherever that leads.
  if (network) mount_inside(root, "/etc/resolv.conf", O_NOFOLLOW, "/etc/resolv.conf", NULL, NULL);
  mount_inside(root, "/proc", O_NOFOLLOW, "proc", "proc", NULL);
  // The script sees its own directory alone, and from in here nothing leads to the upper disk: the overlay keeps its own hold on it.
  if (mount("/disk/mnt", "/image", NULL, MS_MOVE, NULL) < 0 || umount2("/disk", MNT_DETACH) < 0
    || mount("/job/scripts", "/image/.overlayimg/scripts", NULL, MS_BIND, NULL) < 0
    || mount(NULL, "/image/.overlayimg", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) < 0
    || chroot("/image") < 0) error("the image can't be entered: %s", strerror(errno));
  fill_dev();
}

// Enters namespaces that were made before the guest was READY; with the network, the script has the guest's own.
static void join_namespaces(void) {
  static const struct { const char *file; int type; } namespaces[] = { { "/ns/ipc", CLONE_NEWIPC }, { "/ns/uts", CLONE_NEWUTS }, { "/ns/net", CLONE_NEWNET } };
  for (size_t i = 0; i < sizeof namespaces / sizeof *namespaces - network; i++) {
    int file = open(namespaces[i].file, O_RDONLY | O_CLOEXEC);
    REQUIRE(file < 0 ? file : setns(file, namespaces[i].type), "%s can't be entered: %s", namespaces[i].file, strerror(errno));
    close(file);
  }
}

static char **environment(void) {
  static const char *const defaults[] = {
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/.overlayimg/bin", "HOME=/root", "TERM=dumb",
    // Without it bash asks the image for the user of its own process, by whatever libraries nsswitch.conf names: made for another C library, they can end it.
    "SHELL=/bin/sh",
  };
  static char *variables[MOST_VARIABLES];
  int count = 0;
  for (size_t i = 0; i < sizeof defaults / sizeof *defaults; i++) variables[count++] = text("%s", defaults[i]);
  DIR *directory = opendir("/job/environment");
  for (struct dirent *entry; directory && (entry = readdir(directory)); ) {
    if (entry->d_name[0] == '.') continue;
    char *variable = text("%s=%s", entry->d_name, contents(dirfd(directory), entry->d_name));
    int same = 0;
    while (same < count && strncmp(variables[same], variable, strlen(entry->d_name) + 1)) same++;
    if (same == MOST_VARIABLES - 1) error("more than 4,000 variables");
    variables[same] = variable;
    if (same == count) count++;
  }
  return variables;
}

static _Noreturn void execute(const char *script, const char *directory, char **variables) {
  int none = open("/dev/null", O_RDONLY), adjustment = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (none < 0 || dup2(none, STDIN_FILENO) < 0 || write(adjustment, "0", 1) < 0 || chdir(directory) < 0 || setsid() < 0)
    error("'%s' can't be run: %s", script, strerror(errno));
  syscall(SYS_close_range, STDERR_FILENO + 1, ~0U, 4 /* CLOSE_RANGE_CLOEXEC */);
  execve("/.overlayimg/bin/bash", (char *[]){ "bash", "-e", (char *)script, NULL }, variables);
  error("the toolbox's bash can't be run: %s", strerror(errno));
}

static int exit_status(int status) { return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status); }

// The first process of the image's PID namespace. A script in its place could not be ended by a signal of its own, and would not reap its orphans.
static _Noreturn void image_init(bool shadow_setup, char **variables) {
  join_namespaces();
  enter_image();
  const char *scripts[] = { "/.overlayimg/bin/shadow-setup", "/.overlayimg/scripts/run-as-root" };
  int status = 0, trouble = answer;
  for (size_t i = shadow_setup ? 0 : 1; i < 2 && status == 0; i++) {
    pid_t script = fork();
    REQUIRE(script, "no process for the script: %s", strerror(errno));
    if (script == 0) execute(scripts[i], "/", variables);
    // The script alone holds the pipe for sentences from now on, until it is bash.
    if (i == 1) close(trouble);
    while (waitpid(-1, &status, 0) != script) { }
  }
  _exit(exit_status(status));
}

long oom_kills(void) {
  char *counters = contents(AT_FDCWD, "/proc/vmstat"), *kills = counters ? strstr(counters, "\noom_kill ") : NULL;
  long count = kills ? atol(kills + 10) : 0;
  free(counters);
  return count;
}

static bool write_all(int file, const char *bytes, ssize_t length) {
  while (length > 0) {
    ssize_t n = write(file, bytes, (size_t)length);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) bytes += n, length -= n;
  }
  return true;
}

// Passes the output on until the process has ended, and with it all that it left running; true if the upper disk was full at any time.
static bool attend(pid_t process, int output, int *status) {
  static char bytes[65536];
  bool full = false, alive = true;
  struct pollfd watched[] = { { output, POLLIN, 0 }, { (int)syscall(SYS_pidfd_open, process, 0), POLLIN, 0 }, { CONTROL, 0, 0 } };
  REQUIRE(watched[1].fd, "the script can't be waited for: %s", strerror(errno));
  while (alive || watched[0].fd >= 0) {
    poll(watched, 3, 100);
    // The host is gone: nobody wants the result.
    if (watched[2].revents & (POLLHUP | POLLERR)) reboot(RB_POWER_OFF);
    struct statfs disk;
    if (statfs("/disk", &disk) == 0 && (disk.f_bavail < 16 || disk.f_ffree == 0)) full = true;
    if (watched[0].revents) {
      ssize_t length = read(output, bytes, sizeof bytes);
      if (length <= 0) watched[0].fd = -1;
      else write_all(LOG, bytes, length);
    }
    if (alive && watched[1].revents && waitpid(process, status, 0) == process) {
      alive = false;
      watched[1].fd = -1;
      // Everything but init and this process: a daemon would keep the overlay busy, and the pipe open.
      kill(-1, SIGKILL);
    }
  }
  return full;
}

// Leaves its answer where 'answer' says. Its process ends with the script, and with it whatever it has opened.
_Noreturn void run(enum place place, const char *script, const char *directory, long kills) {
  bool shadow_setup = access("/job/shadow-setup", F_OK) == 0;
  char **variables = environment();
  network = access("/job/network", F_OK) == 0;
  int root = open("/disk/mnt", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (place == IN_IMAGE) prepare_image(root);
  else if (place == IN_GUEST_WITH_MOUNTS) prepare_mounts(root);
  int output[2], trouble[2], status = 0;
  if (pipe2(output, O_CLOEXEC) < 0 || pipe2(trouble, O_CLOEXEC) < 0) error("no pipe for the script: %s", strerror(errno));
  long namespaces = place == IN_IMAGE ? CLONE_NEWNS | CLONE_NEWPID : place == IN_GUEST_WITH_MOUNTS ? CLONE_NEWNS : 0;
  pid_t child = (pid_t)syscall(SYS_clone, namespaces | SIGCHLD, NULL, NULL, NULL, 0);
  REQUIRE(child, "no process for the script: %s", strerror(errno));
  if (child == 0) {
    // Only what a script may have stays open: its three streams, and until it runs, the pipe for sentences.
    answer = STDERR_FILENO + 1;
    if (dup2(output[1], STDOUT_FILENO) < 0 || dup2(output[1], STDERR_FILENO) < 0 || dup3(trouble[1], answer, O_CLOEXEC) < 0) _exit(1);
    syscall(SYS_close_range, answer + 1, ~0U, 0);
    if (place == IN_IMAGE) image_init(shadow_setup, variables);
    if (place == IN_GUEST_WITH_MOUNTS) bind_mounts(open_privately());
    execute(script, directory, variables);
  }
  close(output[1]);
  close(trouble[1]);
  char sentence[1024];
  ssize_t length = read(trouble[0], sentence, sizeof sentence);
  bool full = attend(child, output[0], &status);
  if (length > 0) write_all(answer, sentence, length), _exit(1);
  restore_image();
  status = exit_status(status);
  if (status) dprintf(answer, "failed %d%s%s\n", status, oom_kills() > kills ? " oom" : "", full ? " no-space" : "");
  else dprintf(answer, "ok\n");
  _exit(0);
}
