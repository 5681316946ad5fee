// Helpers for strings, files and time.
#include "guest.h"

// Returns a formatted string. Dies when memory runs out. Most callers never free the string, because the process is short-lived.
char *xasprintf(const char *format, ...) {
  char *result;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&result, format, arguments) < 0) die("the guest is out of memory");
  va_end(arguments);
  return result;
}

// Writes all bytes. Returns false after an error.
bool write_all(int file, const char *bytes, ssize_t length) {
  while (length > 0) {
    ssize_t n = write(file, bytes, (size_t)length);
    if (n < 0 && errno != EINTR) return false;
    if (n > 0) {
      bytes += n;
      length -= n;
    }
  }
  return true;
}

// Returns everything that can still be read from a file, followed by a NUL. The length does not count the NUL.
char *read_to_end(int file, size_t *length) {
  size_t capacity = 1024;
  char *bytes = malloc(capacity);
  *length = 0;
  for (ssize_t n; bytes && (n = read(file, bytes + *length, capacity - *length - 1)) > 0; ) {
    *length += (size_t)n;
    if (capacity - *length < 2) bytes = realloc(bytes, capacity *= 2);
  }
  if (!bytes) die("the guest is out of memory");
  bytes[*length] = 0;
  return bytes;
}

// Returns the contents of a file, followed by a NUL, or NULL if the file can't be opened.
char *read_file(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return NULL;
  size_t length;
  char *bytes = read_to_end(file, &length);
  close(file);
  return bytes;
}

// Opens a directory for reading.
int open_directory(const char *path) {
  int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  REQUIRE(directory, "%s can't be opened: %s", path, strerror(errno));
  return directory;
}

// Returns a time for measuring durations, in seconds. It does not jump when the clock is set.
time_t monotonic_seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

// Sleeps for less than a second.
void sleep_milliseconds(long milliseconds) { nanosleep(&(struct timespec){ .tv_nsec = milliseconds * 1000000 }, NULL); }
