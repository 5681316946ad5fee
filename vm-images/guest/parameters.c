// The job's parameters: the bytes that follow the line JOB, kept in memory. Only the scripts become files, because bash reads scripts from files.
#include "guest.h"

struct parameter *parameters;
int parameter_count;

// Parses one parameter, which is a name and a NUL, the value's length in decimal and a NUL, the value and a NUL. Returns the byte after it.
static char *parse_parameter(char *name, const char *end, size_t *length) {
  char *digits = name + strlen(name) + 1, *digits_end;
  if (digits >= end) die("the job's parameters are truncated");
  *length = strtoul(digits, &digits_end, 10);
  char *value = digits_end + 1;
  if (digits_end == digits || *digits_end || value >= end || *length >= (size_t)(end - value) || value[*length])
    die("the job's parameters are truncated");
  parameters = realloc(parameters, ((size_t)parameter_count + 1) * sizeof *parameters);
  if (!parameters) die("the guest is out of memory");
  parameters[parameter_count++] = (struct parameter){ name, value };
  return value + *length + 1;
}

// Writes a script to the toolbox's directory for scripts, which scripts in a chroot see as well.
static void write_script(const char *name, const char *value, size_t length) {
  int file = open(xasprintf("/.overlayimg/scripts/%s", name), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  REQUIRE(file, "the script '%s' can't be stored in the guest: %s", name, strerror(errno));
  for (ssize_t n; length > 0; value += n, length -= (size_t)n)
    REQUIRE(n = write(file, value, length), "the script '%s' can't be stored in the guest: %s", name, strerror(errno));
  close(file);
}

// Reads the job's parameters from the control port and stores the scripts.
void read_parameters(size_t length) {
  char *next = read_host_bytes(length), *end = next + length;
  while (next < end) {
    size_t value_length;
    next = parse_parameter(next, end, &value_length);
    struct parameter *last = &parameters[parameter_count - 1];
    if (!strncmp(last->name, "scripts/", 8)) write_script(last->name + 8, last->value, value_length);
    if (!strncmp(last->name, "secrets/", 8)) add_secret(last->name + 8, last->value, value_length);
  }
}

// Returns a parameter's value, or NULL if the job does not have the parameter.
const char *find_parameter(const char *name) {
  for (int i = 0; i < parameter_count; i++) if (!strcmp(parameters[i].name, name)) return parameters[i].value;
  return NULL;
}
