// The overlay of the parent layers and the new layer, and unmounting everything after the scripts.
#include "guest.h"

// Mounts the overlay on /disk/mnt.
void mount_overlay(void) {
  // mount(2) takes one page of options. With these short paths a page has room for about 480 parents; the kernel's own limit is 500.
  char options[4096] = "lowerdir=";
  size_t length = strlen(options);
  // The first lower directory is the top one.
  for (int parent = parent_count - 1; parent >= 0 && length < sizeof options; parent--) {
    char *path = xasprintf("/l/%d", parent);
    if (access(path, F_OK) < 0) die("the disk 'parent-%d' is missing", parent);
    length += (size_t)snprintf(options + length, sizeof options - length, "%s%s", path, parent ? ":" : "");
  }
  // volatile: the overlay ignores a script's sync(2) and fsync(2). The disk lives as long as the job, and unmount_disks writes everything at the end.
  length += (size_t)snprintf(options + length, length < sizeof options ? sizeof options - length : 0,
    "%s,upperdir=/disk/layer,workdir=/disk/work,redirect_dir=off,metacopy=off,index=off,xino=off,volatile", parent_count ? "" : "/l");
  if (length >= sizeof options) die("%d parent layers are too many for one overlay mount", parent_count);
  REQUIRE(mount("overlay", "/disk/mnt", "overlay", MS_NOATIME, options), "the overlay can't be mounted: %s", strerror(errno));
  // The overlay keeps the parents alive. Copying and destroying a mount namespace is much faster without hundreds of mounts.
  REQUIRE(umount2("/l", MNT_DETACH), "the parent layers can't be detached: %s", strerror(errno));
}

// Whether a mount belongs to the guest itself. The upper disk is one of them only if it is to be kept.
static bool is_guest_mount(const char *target, bool keep_upper_disk) {
  static const char *const targets[] = { "/", "/dev", "/proc", "/sys", "/l" };
  for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) if (!strcmp(target, targets[i])) return true;
  return !strncmp(target, "/ns/", 4) || !strncmp(target, "/l/", 3) || !strncmp(target, "/guest/", 7)
    || (keep_upper_disk && !strcmp(target, "/disk"));
}

// Decodes the octal escapes of a path in /proc/self/mounts, in place. The kernel writes spaces and other special characters as \ooo.
static void decode_octal_escapes(char *path) {
  char *from = path, *to = path;
  while (*from) {
    if (*from == '\\') {
      *to++ = (char)strtol((char[]){ from[1], from[2], from[3], 0 }, NULL, 8);
      from += 4;
    } else {
      *to++ = *from++;
    }
  }
  *to = 0;
}

// Unmounts everything that is not the guest's own, the latest mount first. A hook may have mounted the overlay a second time elsewhere. Tries again
// while a process that was just killed still holds a mount.
void unmount_all(bool keep_upper_disk) {
  for (time_t start = monotonic_seconds(); ; sleep_milliseconds(5)) {
    char *mounts = read_file("/proc/self/mounts"), *last = NULL, *rest = mounts;
    for (char *line; (line = strsep(&rest, "\n")) && *line; ) {
      // The second field is the mount point.
      strsep(&line, " ");
      char *target = strsep(&line, " ");
      if (!is_guest_mount(target, keep_upper_disk)) last = target;
    }
    if (!last) break;
    decode_octal_escapes(last);
    if (umount2(last, UMOUNT_NOFOLLOW) < 0 && monotonic_seconds() - start > BUSY_TIMEOUT) die("%s can't be unmounted: %s", last, strerror(errno));
    free(mounts);
  }
}
