// The guest's main program: the one job from READY to RESULT (PROTOCOL.md). One process does everything but the scripts, and exists when the guest is
// saved, because starting a process costs later guests milliseconds under emulation.
//
//   job load LIST    loads the kernel modules of a list file
//   job              runs the job, as the guest's first process
#include "guest.h"

enum { PROTOCOL = 7 };

// Handles the report of a script that has ended. A failed script becomes the job's result. An error of the guest ends the job at once.
static void handle_report(const char *phase, const char *report) {
  if (!strncmp(report, "failed ", 7)) {
    send_failure_record();
    script_failure = xasprintf("failed %s %s", phase, report + 7);
  } else if (!strncmp(report, "error ", 6)) send_result_and_halt(report);
  else if (strcmp(report, "ok")) die("the guest itself failed in the phase %s", phase);
}

// Returns the commands of this name, or NULL if the job has a script of this name or neither.
static const char *find_commands(const char *name) { return find_parameter(xasprintf("commands/%s", name)); }

// Whether the job has a script or commands of this name.
static bool has_script(const char *name) { return find_parameter(xasprintf("scripts/%s", name)) || find_commands(name); }

// Begins a script's phase. Returns false if the job does not have the script or an earlier script failed.
static bool begin_phase(const char *phase, const char *script) {
  if (script_failure || !has_script(script)) return false;
  send_to_host("PHASE %s\n", phase);
  return true;
}

// Whether the job has an interactive shell instead of steps.
static bool has_shell(void) { return find_parameter("shell"); }

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

// The first step that was started before the guest had its job. The member runner is -1 if no step was started.
static struct script_run prestarted = { .runner = -1 };

// Returns the name of a step, which is a script or commands in the image. The first step has number 1.
static char *step_name(int number) { return number == 1 ? "run-as-root" : xasprintf("run-as-root-%d", number); }

// Starts a step, up to its launch request.
static struct script_run start_step(int number) { return start_script(IMAGE_ROOT, script_path(step_name(number)), NULL); }

// Mounts the overlay and reports the phase.
static void begin_mount_phase(void) {
  send_to_host("PHASE mount\n");
  mount_overlay();
  is_overlay_mounted = true;
}

// Handles OVERLAY: mounts the overlay and starts the script's process, before the guest is saved. Starting it takes longer than a short script.
static void prepare_overlay(void) {
  begin_mount_phase();
  prestarted = start_step(1);
  await_chroot_entered(&prestarted);
  sync_upper_disk();
}

// Ends the prestarted step if the step does not fit the job. The step was started without mounts, caches, secrets and network, and before a pre-mount
// hook could run.
static void end_unsuitable_prestart(void) {
  bool is_suitable = (has_shell() || has_script(step_name(1))) && !has_script("pre-mount") && !find_parameter("network") && !has_mounts();
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

// Starts the first step or the shell, unless it was started before the guest had its job.
static struct script_run start_first(void) { return prestarted.runner > 0 ? prestarted : start_step(1); }

// Reads the host's answer to SHELL. Window sizes that the host sent before it knew that the shell had ended are skipped; the runner may have read the
// beginning of the first.
static bool host_keeps_changes(void) {
  for (;;) {
    const char *line = read_host_line();
    if (!strcmp(line, "KEEP")) return true;
    if (!strcmp(line, "DISCARD")) return false;
  }
}

// Runs the interactive shell, and asks the host whether its changes are kept. Without them the shell counts as a failed script.
static void run_shell(void) {
  bool records = find_parameter("record-commands");
  send_to_host("PHASE script\n");
  struct script_run run = start_first();
  send_launch_request(&run, IMAGE_ROOT, (struct launch){
    .terminal = find_parameter("shell"), .shadow_setup = find_parameter("shadow-setup"), .records_commands = records,
  });
  const char *report = finish_script(&run), *ended = !strcmp(report, "ok") ? "0" : report + strlen("failed ");
  if (!strncmp(report, "error ", 6)) send_result_and_halt(report);
  if (strcmp(report, "ok") && strncmp(report, "failed ", 7)) die("the guest itself failed in the phase script");
  if (records) send_commands_record();
  send_to_host("SHELL %s\n", ended);
  if (!host_keeps_changes()) script_failure = xasprintf("failed script %s", strcmp(ended, "0") ? ended : "1");
}

// Runs the steps one after the other. Each step has processes of its own, and finds the files that the steps before it left.
static void run_steps(void) {
  for (int number = 1; begin_phase("script", step_name(number)); number++) {
    struct script_run run = number == 1 ? start_first() : start_step(number);
    send_launch_request(&run, IMAGE_ROOT, (struct launch){
      .commands = find_commands(step_name(number)), .shadow_setup = number == 1 && find_parameter("shadow-setup"),
    });
    handle_report("script", finish_script(&run));
  }
}

// Runs the script whose root directory is the new layer.
static void run_layer_script(void) {
  static const char name[] = "fake-root-commands";
  if (!begin_phase(name, name)) return;
  struct script_run run = start_script(LAYER_ROOT, script_path(name), NULL);
  send_launch_request(&run, LAYER_ROOT, (struct launch){ 0 });
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
    if (has_shell()) run_shell();
    else run_steps();
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
