// Files of the image that the guest covers with its own while a script runs there, as container engines do.
#include "guest.h"
#include <sys/stat.h>

static struct cover { const char *name, *path; char *original; bool mounted; } covers[] = {
  { "hosts", "/etc/hosts", NULL, false }, { "resolv.conf", "/etc/resolv.conf", NULL, false },
};
enum { HOSTS, RESOLVER, COVER_COUNT };

// The resolver's file is needed with the network. Names of hosts are for programs of an image, which has /etc: a layer alone keeps its own file.
static void choose_covers(int root, enum place place, bool network) {
  int etc = open_inside(root, "/etc", O_PATH | O_DIRECTORY);
  covers[HOSTS].mounted = place == IN_IMAGE && (network || etc >= 0);
  covers[RESOLVER].mounted = network;
  if (etc >= 0) close(etc);
}

// Adds the files that are missing, to be mounted on.
void prepare_covers(int root, enum place place, bool network) {
  choose_covers(root, place, network);
  if (!covers[HOSTS].mounted && !covers[RESOLVER].mounted) return;
  int etc = add_directories(root, "/etc");
  for (struct cover *cover = covers; cover < covers + COVER_COUNT; cover++) {
    if (!cover->mounted) continue;
    cover->original = contents(cover->path);
    if (faccessat(etc, cover->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) add_place(etc, cover->name, S_IFREG, cover->path);
  }
}

// Mounts on the file, or on the symbolic link itself, wherever the link leads.
void mount_covers(int root) {
  for (struct cover *cover = covers; cover < covers + COVER_COUNT; cover++)
    if (cover->mounted) mount_inside(root, cover->path, O_NOFOLLOW, cover->path, NULL, NULL);
}

// After the script: what it wrote to a covering file is not in the layer, which the user must know; and the next script gets the file as it was.
void check_covers(void) {
  for (struct cover *cover = covers; cover < covers + COVER_COUNT; cover++) {
    char *found = cover->mounted ? contents(cover->path) : NULL;
    if (!found || !cover->original || !strcmp(found, cover->original)) continue;
    warn("the layer does not have what the script wrote to %s: the guest covers that file while a script runs", cover->path);
    int file = open(cover->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (file >= 0) write_all(file, cover->original, (ssize_t)strlen(cover->original)), close(file);
  }
}
