#define _GNU_SOURCE
#include "CSandbox.h"

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "calls.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

int csandbox_bind_to(pid_t host) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL)) return -1;
  // It may have died before that was said.
  if (getppid() != host) return -1;
  if (prctl(PR_SET_DUMPABLE, 0)) return -1;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -1 : 0;
}

void csandbox_line_output(void) { setvbuf(stdout, NULL, _IOLBF, 0); }

static int limit(int resource, rlim_t most) {
  struct rlimit limits;
  if (getrlimit(resource, &limits)) return -1;
  if (limits.rlim_max != RLIM_INFINITY && limits.rlim_max < most) most = limits.rlim_max;
  limits.rlim_cur = limits.rlim_max = most;
  return setrlimit(resource, &limits);
}

static int limit_resources(const csandbox_rules *rules) {
  if (limit(RLIMIT_CORE, 0) || limit(RLIMIT_FSIZE, 0) || limit(RLIMIT_NOFILE, rules->network ? 256 : 64)) return -1;
#ifndef SANITIZED  // whose shadow memory takes more address space than there is
  if (rules->memory && limit(RLIMIT_AS, rules->memory)) return -1;
#endif
  return 0;
}

/// Gives up what root may do beyond its own files.
static int drop_capabilities(void) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  struct __user_cap_data_struct none[2];
  memset(none, 0, sizeof none);
  return syscall(SYS_capset, &header, none) ? -1 : 0;
}

int csandbox_enter(const csandbox_rules *rules, char *why, size_t size) {
  const char *what = NULL;
  if (chdir("/")) what = "the root folder";
  else if (limit_resources(rules)) what = "the resource limits";
  else if (drop_capabilities()) what = "the capabilities";
  else if (csandbox_restricts_reading() && csandbox_restrict_files(rules)) what = "Landlock";
  if (what) {
    snprintf(why, size, "%s: %s", what, strerror(errno));
    return -1;
  }
  return csandbox_restrict_calls(rules->network, why, size);
}
