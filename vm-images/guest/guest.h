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
char *contents(int directory, const char *path);
time_t now(void);
void pause_milliseconds(long milliseconds);

// machine.c
void load_modules(const char *list);
void configure_network(void);
void make_namespaces(void);
void wake(struct timespec time, const char *entropy);

// disks.c
void find_slots(int count);
void mount_disks(int expected);
void unmount_disk(void);

// overlay.c
void mount_overlay(int parents);
void unmount(bool keep_disk);

// run.c
enum place { IN_IMAGE, IN_GUEST, IN_GUEST_WITH_MOUNTS };
long oom_kills(void);
_Noreturn void run(enum place place, const char *script, const char *directory, long kills);
