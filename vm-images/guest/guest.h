// What both programs of the guest share. Each prints one line, the end of a RESULT: "ok", "failed <status> [oom] [no-space]" or "error <sentence>".
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
#include <unistd.h>

static int answer = STDOUT_FILENO;

// Ends with the sentence that init passes on. Names from an image may hold anything, so what is not printable ASCII becomes '?': RESULT is one line.
static _Noreturn void __attribute__((format(printf, 1, 2))) error(const char *format, ...) {
  char line[900] = "error ";
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(line + 6, sizeof line - 7, format, arguments);
  va_end(arguments);
  for (char *c = line; *c; c++) if (*c < ' ' || *c > '~') *c = '?';
  dprintf(answer, "%s\n", line);
  _exit(1);
}

#define REQUIRE(call, ...) do { if ((call) < 0) error(__VA_ARGS__); } while (0)

static char *__attribute__((format(printf, 1, 2))) text(const char *format, ...) {
  char *result;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&result, format, arguments) < 0) error("the guest is out of memory");
  va_end(arguments);
  return result;
}

// The whole file, with a NUL behind it; NULL if it can't be opened.
static char *contents(int directory, const char *path) {
  int file = openat(directory, path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  size_t length = 0, capacity = 1024;
  char *bytes = malloc(capacity);
  for (ssize_t n; bytes && (n = read(file, bytes + length, capacity - length - 1)) > 0; ) {
    length += (size_t)n;
    if (capacity - length < 2) bytes = realloc(bytes, capacity *= 2);
  }
  close(file);
  if (!bytes) error("the guest is out of memory");
  bytes[length] = 0;
  return bytes;
}
