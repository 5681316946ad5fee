// Declarations that the guest program's source files share. Each function is described where it is defined.
#pragma once
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// File descriptors of the two virtio-serial ports. init opens them before it executes this program.
enum { CONTROL_PORT = 3, LOG_PORT = 4 };

// Root directory of a script: the image or the new layer (chroot, with namespaces of its own), or the guest's initramfs, with or without the overlay
// mounted. The two chroots come first, see is_chroot.
enum script_root { IMAGE_ROOT, LAYER_ROOT, GUEST_ROOT, GUEST_ROOT_WITH_OVERLAY };

// How long the guest waits for a mount or a disk that is still in use, in seconds.
enum { BUSY_TIMEOUT = 30 };

// control.c
extern int report_fd;
extern char *script_failure;
void __attribute__((format(printf, 1, 2))) send_to_host(const char *format, ...);
void __attribute__((format(printf, 1, 2))) warn_user(const char *format, ...);
_Noreturn void __attribute__((format(printf, 1, 2))) die(const char *format, ...);
_Noreturn void send_result_and_halt(const char *result);
char *read_host_line(void);
char *read_host_bytes(size_t count);
// Dies with a message if a system call failed.
#define REQUIRE(call, ...) do { if ((call) < 0) die(__VA_ARGS__); } while (0)

// util.c
char *__attribute__((format(printf, 1, 2))) xasprintf(const char *format, ...);
bool write_all(int file, const char *bytes, ssize_t length);
char *read_to_end(int file, size_t *length);
char *read_file(const char *path);
int open_directory(const char *path);
time_t monotonic_seconds(void);
void sleep_milliseconds(long milliseconds);

// machine.c
void load_modules(const char *list);
void configure_network(void);
void make_namespaces(void);
void refresh_clock_and_entropy(const char *line);

// disks.c
extern int parent_count;
void find_devices(void);
void mount_disks(int count);
void sync_upper_disk(void);
void unmount_disks(void);

// caches.c
void mount_cache(int number, const char *partition);
const char *cache_source(int number);
void unmount_caches(void);

// parameters.c
extern struct parameter { const char *name, *value; } *parameters;
extern int parameter_count;
void read_parameters(size_t length);
const char *find_parameter(const char *name);

// overlay.c
void mount_overlay(void);
void unmount_all(bool keep_upper_disk);

// mounts.c
void add_secret(const char *name, const char *value, size_t length);
void collect_mounts(void);
bool has_mounts(void);
bool is_mount_target(const char *path);
void add_mount_targets(int root);
void bind_mounts_below(int root);
void bind_mounts_in_guest_root(void);
void forget_mounts_in_guest_root(void);
void make_mounts_private(void);

// mount_points.c
int open_inside(int root, const char *path, int flags);
void add_mount_point(int directory, const char *name, mode_t type, const char *path);
int add_directories(int root, const char *path);
void remove_mount_points(void);
void remove_unchanged_copies(void);
void mount_inside(int root, const char *path, int flags, const char *source, const char *type, const char *options);

// etc_files.c
void prepare_etc_files(int root, enum script_root kind, bool network);
void mount_etc_files(int root);
void check_etc_files(void);

// script_root.c
bool is_chroot(enum script_root kind);
void prepare_script_root(enum script_root kind, bool network);
int enter_script_root(enum script_root kind);

// exec.c
char **script_environment(enum script_root kind);
void become_script_process(void);
char **with_failure_traps(char **variables);
_Noreturn void exec_bash(const char *script, char **variables);
_Noreturn void exec_script(const char *script, char **variables);
_Noreturn void exec_commands(const char *commands, char **variables);
_Noreturn void exec_shell(char **variables, bool records_commands);
int exit_status(int wait_status);

// records.c
void clear_record(void);
void bind_record(void);
void send_failure_record(void);
void send_commands_record(void);

// terminal.c
void open_terminal(const char *size);
ssize_t receive_report(int socket, char *lines, size_t size, int *terminal);
void resize_terminal(int terminal);
bool has_pending_input(void);
void receive_input(void);
bool pass_input(int terminal);

// runner.c
// A script that was started. The runner process watches it and writes its report lines to report_pipe. A script with a chroot waits for the launch
// request on launch_pipe, which is -1 for other scripts and after the request.
struct script_run { pid_t runner; int report_pipe, launch_pipe; };
void count_oom_kills(void);
struct script_run start_script(enum script_root kind, const char *script, const char *directory);
void await_chroot_entered(const struct script_run *run);
char *finish_script(struct script_run *run);

// image_init.c
_Noreturn void run_image_init(enum script_root kind, const char *script, int launch_pipe, bool network);
struct launch { const char *commands, *terminal; bool shadow_setup, records_commands; };
void send_launch_request(struct script_run *run, enum script_root kind, struct launch launch);
