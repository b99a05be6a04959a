#define _GNU_SOURCE
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { READING = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR };

/// Everything that the first version of Landlock knows, which is every way to read, run, write, make or remove.
enum { EVERYTHING = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1 };

int csandbox_restricts_reading(void) {
  // Asked once: behind the filter there is no asking.
  static int answer = -1;
  if (answer < 0) answer = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) >= 1;
  return answer;
}

/// Lets the file or folder be read; one that cannot be opened cannot be read either.
static int allow(int rules, const char *path) {
  int descriptor = open(path, O_PATH | O_CLOEXEC);
  if (descriptor < 0) return 0;
  struct stat status;
  struct landlock_path_beneath_attr rule = {.parent_fd = descriptor, .allowed_access = READING};
  int failed = fstat(descriptor, &status);
  if (!failed && !S_ISDIR(status.st_mode)) rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE;
  if (!failed) failed = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0;
  close(descriptor);
  return failed ? -1 : 0;
}

/// Lets the plugin and the shared libraries beside it be read, and nothing else in its folder.
static int allow_libraries(int rules, const char *plugin) {
  if (allow(rules, plugin)) return -1;
  char folder[4096];
  const char *slash = strrchr(plugin, '/');
  if (!slash || (size_t)(slash - plugin) >= sizeof folder) return 0;
  memcpy(folder, plugin, slash - plugin + 1);
  folder[slash - plugin + 1] = 0;
  DIR *listing = opendir(folder);
  if (!listing) return 0;
  int failed = 0;
  for (struct dirent *entry; !failed && (entry = readdir(listing));) {
    const char *dot = strstr(entry->d_name, ".so");
    if (!dot || (dot[3] && dot[3] != '.')) continue;
    char path[sizeof folder + sizeof entry->d_name];
    snprintf(path, sizeof path, "%s%s", folder, entry->d_name);
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode)) failed = allow(rules, path);
  }
  closedir(listing);
  return failed;
}

int csandbox_restrict_files(const csandbox_rules *rules) {
  static const char *const system_files[] = {
      "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/usr/share/zoneinfo", "/lib", "/lib64",
      "/etc/ld.so.cache", "/etc/localtime", "/dev/null", "/dev/urandom", NULL};
  static const char *const network_files[] = {
      "/etc/resolv.conf", "/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services",
      "/etc/protocols", "/etc/ssl", "/etc/pki", "/etc/ca-certificates", "/usr/share/ca-certificates", "/run/systemd/resolve",
      NULL};
  struct landlock_ruleset_attr handled = {.handled_access_fs = EVERYTHING};
  int set = (int)syscall(SYS_landlock_create_ruleset, &handled, sizeof handled.handled_access_fs, 0);
  if (set < 0) return -1;
  int failed = allow_libraries(set, rules->plugin);
  for (const char *const *path = system_files; !failed && *path; path++) failed = allow(set, *path);
  for (const char *const *path = rules->readable; !failed && path && *path; path++) failed = allow(set, *path);
  for (const char *const *path = network_files; !failed && rules->network && *path; path++) failed = allow(set, *path);
  if (!failed) failed = syscall(SYS_landlock_restrict_self, set, 0) != 0;
  int reason = errno;
  close(set);
  errno = reason;
  return failed ? -1 : 0;
}
