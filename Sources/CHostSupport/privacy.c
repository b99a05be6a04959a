#include "CHostSupport.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

int chost_keep_memory_private(void) {
  struct rlimit none = {0, 0};
  int failure = setrlimit(RLIMIT_CORE, &none) ? errno : 0;
  // A kernel that pipes cores into a program does not look at the limit, but at this.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) && !failure) failure = errno;
  // Swift's runtime may have been told to print the registers and what they point to.
  static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT};
  for (unsigned i = 0; i < sizeof signals / sizeof *signals; i++)
    if (signal(signals[i], SIG_DFL) == SIG_ERR && !failure) failure = errno;
  return failure;
}
