// What the parts of the guest's program share.
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

// The ports, which init has opened.
enum { CONTROL = 3, LOG = 4 };

// Where a script runs: in the root of the image or of the new layer (chroot, with namespaces of its own), or in the guest's root, before or while the overlay
// is mounted.
enum place { IN_IMAGE, IN_LAYER, IN_GUEST, IN_GUEST_WITH_OVERLAY };

// How long the guest waits for what must come: in seconds.
enum { PATIENCE = 30 };

// talk.c
extern int answer;
extern char *failure;
void __attribute__((format(printf, 1, 2))) say(const char *format, ...);
_Noreturn void end(const char *result);
_Noreturn void __attribute__((format(printf, 1, 2))) error(const char *format, ...);
#define REQUIRE(call, ...) do { if ((call) < 0) error(__VA_ARGS__); } while (0)
char *__attribute__((format(printf, 1, 2))) text(const char *format, ...);
void __attribute__((format(printf, 1, 2))) warn(const char *format, ...);
char *line_of_host(void);
char *bytes_of_host(size_t count);
bool write_all(int file, const char *bytes, ssize_t length);
char *contents(const char *path);
char *rest_of(int file, size_t *length);
time_t now(void);
void pause_milliseconds(long milliseconds);

// machine.c
void load_modules(const char *list);
void configure_network(void);
void make_namespaces(void);
void wake(const char *line);

// disks.c
extern int parent_count;
void find_devices(void);
void mount_disks(int count);
void sync_disk(void);
void unmount_disks(void);

// caches.c
void mount_cache(int number, const char *part);
const char *cache_source(int number);
void unmount_caches(void);

// parameters.c
extern struct parameter { const char *name, *value; } *parameters;
extern int parameter_count;
void take_parameters(size_t length);
const char *parameter(const char *name);

// overlay.c
void mount_overlay(void);
void unmount(bool keep_disk);

// image.c
int open_directory(const char *path);
void prepare_image(enum place place, bool network);
int enter_image(enum place place);

// mounts.c
void take_mounts(void);
void make_mount_points(int root);
void bind_mounts_below(int root);
void bind_mounts_in_guest(void);
void unbind_mounts_in_guest(void);
void make_mounts_private(void);

// places.c
int open_inside(int root, const char *path, int flags);
void add_place(int directory, const char *name, mode_t type, const char *path);
int add_directories(int root, const char *path);
void remove_added_places(void);
void remove_unchanged_copies(void);
void mount_inside(int root, const char *path, int flags, const char *source, const char *type, const char *options);

// covers.c
void prepare_covers(int root, enum place place, bool network);
void mount_covers(int root);
void check_covers(void);

// script.c
char **environment(enum place place);
void be_script(void);
_Noreturn void run_script(const char *script, char **variables);
_Noreturn void run_in_image(const char *script, char **variables);
int exit_status(int status);

// run.c
struct run { pid_t runner; int answers, orders; };
void count_oom_kills(void);
struct run start(enum place place, const char *script, const char *directory);
void await_entry(const struct run *run);
char *finish(struct run *run);

// inside.c
_Noreturn void be_first_inside(enum place place, const char *script, int orders, bool network);
void give_orders(struct run *run, enum place place, bool shadow_setup);
