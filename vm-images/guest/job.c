// The guest's main program: the one job from READY to RESULT (PROTOCOL.md). One process does everything but the scripts, and exists when the guest is
// saved, because starting a process costs later guests milliseconds under emulation.
//
//   job load LIST    loads the kernel modules of a list file
//   job              runs the job, as the guest's first process
#include "guest.h"

enum { PROTOCOL = 5 };

// Handles the report of a script that has ended. A failed script becomes the job's result. An error of the guest ends the job at once.
static void handle_report(const char *phase, const char *report) {
  if (!strncmp(report, "failed ", 7)) script_failure = xasprintf("failed %s %s", phase, report + 7);
  else if (!strncmp(report, "error ", 6)) send_result_and_halt(report);
  else if (strcmp(report, "ok")) die("the guest itself failed in the phase %s", phase);
}

// Begins a script's phase. Returns false if the job does not have the script or an earlier script failed.
static bool begin_phase(const char *phase, const char *script) {
  if (script_failure || !find_parameter(xasprintf("scripts/%s", script))) return false;
  send_to_host("PHASE %s\n", phase);
  return true;
}

// Returns the path of a script's file, which is the same in the guest's root and in a chroot.
static char *script_path(const char *script) { return xasprintf("/.overlayimg/scripts/%s", script); }

// Runs a script in the guest's root.
static void run_hook(const char *name, enum script_root kind, const char *directory) {
  if (!begin_phase(name, name)) return;
  bind_mounts_in_guest_root();
  struct script_run run = start_script(kind, script_path(name), directory);
  handle_report(name, finish_script(&run));
}

static bool is_overlay_mounted;

// The script in the image, if it was started before the guest had its job; otherwise runner is -1.
static struct script_run prestarted = { .runner = -1 };

// Starts the script in the image, up to its launch request.
static struct script_run start_image_script(void) { return start_script(IMAGE_ROOT, script_path("run-as-root"), NULL); }

// Mounts the overlay and reports the phase.
static void begin_mount_phase(void) {
  send_to_host("PHASE mount\n");
  mount_overlay();
  is_overlay_mounted = true;
}

// Handles OVERLAY: mounts the overlay and starts the script's process, before the guest is saved. Starting it takes longer than a short script.
static void prepare_overlay(void) {
  begin_mount_phase();
  prestarted = start_image_script();
  await_chroot_entered(&prestarted);
  sync_upper_disk();
}

// Ends the prestarted script if it does not fit the job. It was started without mounts, caches and network, and before a pre-mount hook could run.
static void end_unsuitable_prestart(void) {
  bool is_suitable = find_parameter("scripts/run-as-root") && !find_parameter("scripts/pre-mount") && !find_parameter("network")
    && !find_parameter("mounts/0") && !find_parameter("caches/0");
  if (prestarted.runner > 0 && !is_suitable) handle_report("script", finish_script(&prestarted));
}

// Handles the host's lines up to JOB, and reads the job's parameters. The guest can be saved at every READY, because it has no unwritten data then.
static void await_job(void) {
  for (bool send_ready = true; ; ) {
    int disk_count, end = 0;
    size_t length;
    if (send_ready) send_to_host("READY %d\n", PROTOCOL);
    char *line = read_host_line();
    send_ready = true;
    if (!strncmp(line, "WAKE ", 5)) {
      refresh_clock_and_entropy(line + 5);
    } else if (sscanf(line, "DISKS %d%n", &disk_count, &end) == 1 && !line[end]) {
      // DISKS has no answer: the host sends the next line at once.
      send_ready = false;
      mount_disks(disk_count);
    } else if (!strcmp(line, "OVERLAY")) {
      prepare_overlay();
    } else if (sscanf(line, "JOB %zu%n", &length, &end) == 1 && !line[end]) {
      read_parameters(length);
      return;
    } else {
      die("the host sent a line that this guest does not know");
    }
  }
}

// Runs the script in the image.
static void run_image_script(void) {
  if (!begin_phase("script", "run-as-root")) return;
  struct script_run run = prestarted.runner > 0 ? prestarted : start_image_script();
  send_launch_request(&run, IMAGE_ROOT, find_parameter("shadow-setup"));
  handle_report("script", finish_script(&run));
}

// Runs the script whose root directory is the new layer.
static void run_layer_script(void) {
  static const char name[] = "fake-root-commands";
  if (!begin_phase(name, name)) return;
  struct script_run run = start_script(LAYER_ROOT, script_path(name), NULL);
  send_launch_request(&run, LAYER_ROOT, false);
  handle_report(name, finish_script(&run));
}

// Runs the whole job, from booting to the result.
static _Noreturn void run_job(void) {
  make_namespaces();
  find_devices();
  count_oom_kills();
  await_job();
  collect_mounts();
  end_unsuitable_prestart();
  if (find_parameter("network")) configure_network();
  run_hook("pre-mount", GUEST_ROOT, "/disk");
  if (!script_failure) {
    if (!is_overlay_mounted) begin_mount_phase();
    run_image_script();
    run_hook("post-mount", GUEST_ROOT_WITH_OVERLAY, "/disk");
    send_to_host("PHASE unmount\n");
    unmount_all(true);
    remove_unchanged_copies();
    forget_mounts_in_guest_root();
    run_hook("extra-commands", GUEST_ROOT, "/disk/layer");
    run_layer_script();
    run_hook("post-umount", GUEST_ROOT, "/disk");
  }
  unmount_disks();
  send_result_and_halt(script_failure ? script_failure : "ok");
}

int main(int count, char **arguments) {
  if (count == 1) run_job();
  // The ports do not exist yet: init reads errors from standard error.
  report_fd = STDERR_FILENO;
  if (count != 3 || strcmp(arguments[1], "load")) die("init called the guest's program with unknown arguments");
  load_modules(arguments[2]);
}
