// The job's parameters: what the host sends behind JOB, kept in memory. The scripts alone become files, for bash to read.
#include "guest.h"

struct parameter *parameters;
int parameter_count;

// A name and its NUL, the length of the value in decimal and its NUL, the value and a NUL: reads one, and returns what is behind it.
static char *take_parameter(char *place, const char *end, size_t *length) {
  char *digits = place + strlen(place) + 1, *rest;
  if (digits >= end) error("the job's parameters are cut short");
  *length = strtoul(digits, &rest, 10);
  char *value = rest + 1;
  if (rest == digits || *rest || value >= end || *length >= (size_t)(end - value) || value[*length]) error("the job's parameters are cut short");
  if (!(parameters = realloc(parameters, ((size_t)parameter_count + 1) * sizeof *parameters))) error("the guest is out of memory");
  parameters[parameter_count++] = (struct parameter){ place, value };
  return value + *length + 1;
}

static void write_script(const char *name, const char *value, size_t length) {
  int file = open(text("/.overlayimg/scripts/%s", name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  REQUIRE(file, "the script '%s' can't be kept: %s", name, strerror(errno));
  for (ssize_t n; length > 0; value += n, length -= (size_t)n)
    REQUIRE(n = write(file, value, length), "the script '%s' can't be kept: %s", name, strerror(errno));
  close(file);
}

void take_parameters(size_t length) {
  char *place = bytes_of_host(length), *end = place + length;
  while (place < end) {
    size_t size;
    place = take_parameter(place, end, &size);
    struct parameter *last = &parameters[parameter_count - 1];
    if (!strncmp(last->name, "scripts/", 8)) write_script(last->name + 8, last->value, size);
  }
}

const char *parameter(const char *name) {
  for (int i = 0; i < parameter_count; i++) if (!strcmp(parameters[i].name, name)) return parameters[i].value;
  return NULL;
}
