// /etc/hosts and /etc/resolv.conf of the image: while a script runs, the guest mounts its own files there, as container engines do.
#include "guest.h"
#include <sys/stat.h>

// original is the text of the guest's own file before the script; mounted is whether the current script sees that file.
static struct etc_file { const char *name, *path; char *original; bool mounted; } files[] = {
  { "hosts", "/etc/hosts", NULL, false }, { "resolv.conf", "/etc/resolv.conf", NULL, false },
};
enum { HOSTS, RESOLV_CONF, FILE_COUNT };

// Decides which files are mounted. resolv.conf is needed with the network only. hosts is for programs of an image, and an image has /etc. A script
// with the layer as its root keeps the layer's own hosts file.
static void choose_files(int root, enum script_root kind, bool network) {
  int etc = open_inside(root, "/etc", O_PATH | O_DIRECTORY);
  files[HOSTS].mounted = kind == IMAGE_ROOT && (network || etc >= 0);
  files[RESOLV_CONF].mounted = network;
  // If the job mounts a file at one of these paths, scripts must see the file of the job.
  for (struct etc_file *file = files; file < files + FILE_COUNT; file++) file->mounted = file->mounted && !is_mount_target(file->path);
  if (etc >= 0) close(etc);
}

// Prepares mounting the files: adds the missing ones as mount points.
void prepare_etc_files(int root, enum script_root kind, bool network) {
  choose_files(root, kind, network);
  if (!files[HOSTS].mounted && !files[RESOLV_CONF].mounted) return;
  int etc = add_directories(root, "/etc");
  for (struct etc_file *file = files; file < files + FILE_COUNT; file++) {
    if (!file->mounted) continue;
    file->original = read_file(file->path);
    if (faccessat(etc, file->name, F_OK, AT_SYMLINK_NOFOLLOW) < 0) add_mount_point(etc, file->name, S_IFREG, file->path);
  }
}

// Mounts the files below root. A symbolic link is covered itself, wherever it leads.
void mount_etc_files(int root) {
  for (struct etc_file *file = files; file < files + FILE_COUNT; file++)
    if (file->mounted) mount_inside(root, file->path, O_NOFOLLOW, file->path, NULL, NULL);
}

// After the script: warns the user if the script wrote to a file of the guest, because the new layer lacks that change. The next script gets the
// original text again.
void check_etc_files(void) {
  for (struct etc_file *file = files; file < files + FILE_COUNT; file++) {
    char *text = file->mounted ? read_file(file->path) : NULL;
    if (!text || !file->original || !strcmp(text, file->original)) continue;
    warn_user("the layer does not have what the script wrote to %s: the guest mounts its own file there while a script runs", file->path);
    int output = open(file->path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    if (output < 0) continue;
    write_all(output, file->original, (ssize_t)strlen(file->original));
    close(output);
  }
}
