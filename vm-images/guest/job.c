// The guest's one job, from READY to RESULT (PROTOCOL.md). One program and one process does all but the scripts, and is there when the guest is saved:
// each process that a later guest must start costs it milliseconds under emulation.
//
//   job load LIST    loads the kernel modules of a list, in its order
//   job              as the first process: the job
#include "guest.h"

enum { PROTOCOL = 5 };

static void conclude(const char *phase, const char *answer) {
  if (!strncmp(answer, "failed ", 7)) failure = text("failed %s %s", phase, answer + 7);
  else if (!strncmp(answer, "error ", 6)) end(answer);
  else if (strcmp(answer, "ok")) error("the guest itself failed in: %s", phase);
}

// True if the job has the script, and none before it failed: then its phase begins.
static bool begin(const char *phase, const char *name) {
  if (failure || !parameter(text("scripts/%s", name))) return false;
  say("PHASE %s\n", phase);
  return true;
}

static char *path_of(const char *script) { return text("/.overlayimg/scripts/%s", script); }

static void hook(const char *name, enum place place, const char *directory) {
  if (!begin(name, name)) return;
  bind_mounts_in_guest();
  struct run run = start(place, path_of(name), directory);
  conclude(name, finish(&run));
}

static bool overlay_mounted;

// The run of the script in the image, where it was started before there was a job; else it has no runner.
static struct run early = { .runner = -1 };

static struct run start_in_image(void) { return start(IN_IMAGE, path_of("run-as-root"), NULL); }

static void mount_the_overlay(void) {
  say("PHASE mount\n");
  mount_overlay();
  overlay_mounted = true;
}

// Before the guest is saved: what is made for a script takes longer than a short script.
static void enter_image_early(void) {
  early = start_in_image();
  await_entry(&early);
}

// A run that was started without knowing the job has neither its mounts nor the network.
static void dismiss_what_does_not_suit(void) {
  bool suits = parameter("scripts/run-as-root") && !parameter("scripts/pre-mount") && !parameter("network") && !parameter("mounts/0") && !parameter("caches/0");
  if (early.runner > 0 && !suits) conclude("script", finish(&early));
}

// Returns when the job's parameters are there. With the overlay mounted, and nothing of it on its way to the disk, the guest can be saved as well as without.
static void await_job(void) {
  for (bool ready = true; ; ) {
    int disks, end = 0;
    size_t length;
    if (ready) say("READY %d\n", PROTOCOL);
    char *line = line_of_host();
    ready = true;
    if (!strncmp(line, "WAKE ", 5)) wake(line + 5);
    else if (sscanf(line, "DISKS %d%n", &disks, &end) == 1 && !line[end]) ready = false, mount_disks(disks);
    else if (!strcmp(line, "OVERLAY")) mount_the_overlay(), enter_image_early(), sync_disk();
    else if (sscanf(line, "JOB %zu%n", &length, &end) == 1 && !line[end]) return take_parameters(length);
    else error("the host says what this guest does not know");
  }
}

static void script_in_image(void) {
  if (!begin("script", "run-as-root")) return;
  struct run run = early.runner > 0 ? early : start_in_image();
  give_orders(&run, IN_IMAGE, parameter("shadow-setup"));
  conclude("script", finish(&run));
}

static void script_in_layer(void) {
  static const char name[] = "fake-root-commands";
  if (!begin(name, name)) return;
  struct run run = start(IN_LAYER, path_of(name), NULL);
  give_orders(&run, IN_LAYER, false);
  conclude(name, finish(&run));
}

static _Noreturn void job(void) {
  make_namespaces();
  find_devices();
  count_oom_kills();
  await_job();
  take_mounts();
  dismiss_what_does_not_suit();
  if (parameter("network")) configure_network();
  hook("pre-mount", IN_GUEST, "/disk");
  if (!failure) {
    if (!overlay_mounted) mount_the_overlay();
    script_in_image();
    hook("post-mount", IN_GUEST_WITH_OVERLAY, "/disk");
    say("PHASE unmount\n");
    unmount(true);
    remove_unchanged_copies();
    unbind_mounts_in_guest();
    hook("extra-commands", IN_GUEST, "/disk/layer");
    script_in_layer();
    hook("post-umount", IN_GUEST, "/disk");
  }
  unmount_disks();
  end(failure ? failure : "ok");
}

int main(int count, char **arguments) {
  if (count == 1) job();
  // There is no port yet.
  answer = STDERR_FILENO;
  if (count != 3 || strcmp(arguments[1], "load")) error("the guest's init asked for what the guest does not know");
  load_modules(arguments[2]);
}
