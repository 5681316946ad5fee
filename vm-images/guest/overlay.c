// The overlay of the parents and the new layer, and the end of all that was mounted over it.
#include "guest.h"

void mount_overlay(void) {
  int parents = parent_count;
  // mount(2) takes one page; the short names leave room for some 480 parents, and the kernel stops at 500. The first name is the top.
  char options[4096] = "lowerdir=";
  size_t length = strlen(options);
  for (int parent = parents - 1; parent >= 0 && length < sizeof options; parent--) {
    char *path = text("/l/%d", parent);
    if (access(path, F_OK) < 0) error("the disk 'parent-%d' is missing", parent);
    length += (size_t)snprintf(options + length, sizeof options - length, "%s%s", path, parent ? ":" : "");
  }
  // volatile: the overlay passes no sync of a script on to the upper disk. The disk lives as long as the job, and sync_disk writes all of it at the end.
  length += (size_t)snprintf(options + length, length < sizeof options ? sizeof options - length : 0,
    "%s,upperdir=/disk/layer,workdir=/disk/work,redirect_dir=off,metacopy=off,index=off,xino=off,volatile", parents ? "" : "/l");
  if (length >= sizeof options) error("%d parent layers are more than one overlay mount can name", parents);
  REQUIRE(mount("overlay", "/disk/mnt", "overlay", MS_NOATIME, options), "the overlay can't be mounted: %s", strerror(errno));
  // The overlay has its own hold on the parents. Without hundreds of mounts a new namespace comes and goes in no time.
  REQUIRE(umount2("/l", MNT_DETACH), "the parents' mounts can't be hidden: %s", strerror(errno));
}

// The mounts that init and this program make themselves, but for the two that the commands below end.
static bool is_ours(const char *target, bool with_disk) {
  static const char *const ours[] = { "/", "/dev", "/proc", "/sys", "/l" };
  for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) if (!strcmp(target, ours[i])) return true;
  return !strncmp(target, "/ns/", 4) || !strncmp(target, "/l/", 3) || !strncmp(target, "/guest/", 7) || (with_disk && !strcmp(target, "/disk"));
}

// Every other mount goes, the last one first: a hook may have mounted the overlay once more, elsewhere.
// What was just killed may hold one a moment longer.
void unmount(bool keep_disk) {
  for (time_t start = now(); ; pause_milliseconds(5)) {
    char *mounts = contents("/proc/self/mounts"), *last = NULL, *rest = mounts;
    for (char *line; (line = strsep(&rest, "\n")) && *line; ) {
      char *target = (strsep(&line, " "), strsep(&line, " "));
      if (!is_ours(target, keep_disk)) last = target;
    }
    if (!last) break;
    for (char *from = last, *to = last; (*to = *from); to++) // the kernel writes odd characters as a backslash and three octal digits
      from += *from == '\\' ? (*to = (char)strtol((char[]){ from[1], from[2], from[3], 0 }, NULL, 8), 4) : 1;
    if (umount2(last, UMOUNT_NOFOLLOW) < 0 && now() - start > PATIENCE) error("%s can't be unmounted: %s", last, strerror(errno));
    free(mounts);
  }
}
