#pragma once

#include "chost_image.h"

// Says which plugin was at work when the process dies. In C because a signal handler may only do what is
// async-signal-safe, and because it reads the machine's registers.
//
// Every text handed in must live until the process ends.

#ifdef __cplusplus
extern "C" {
#endif

/// What a thread does inside a plugin; all NULL when it is in none.
typedef struct {
  const char *plugin;
  const char *path;
  const char *doing;
} chost_activity;

/// Installs handlers for SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT and SIGFPE, and gives the calling thread an
/// alternate stack. They write one line to standard error and pass the signal on to what was installed before, so that
/// the process still dies of it. Also says so, and fails, when a plugin ends the process by calling exit. Once.
/// `advice` ends each line about a plugin.
void chost_crash_install(const char *advice);

/// Gives the calling thread an alternate stack, so that a stack overflow on it can be reported. Without effect before
/// chost_crash_install.
void chost_crash_add_thread(void);
/// Takes the alternate stack off the calling thread, which is about to end.
void chost_crash_remove_thread(void);

/// Makes the plugin that holds `address` known, so that a crash on a thread of its own is attributed. At most 256.
void chost_crash_add_image(const char *plugin, const char *path, const void *address);

/// The calling thread enters a plugin; returns what it did before, for chost_crash_leave.
chost_activity chost_crash_enter(const char *plugin, const char *path, const char *doing);
/// The calling thread is back.
void chost_crash_leave(chost_activity before);

/// From now on what this process has in memory stays there when it dies: it leaves no core file, others of the same user
/// cannot read its memory, and the backtraces of Swift's runtime, which show registers and what they point to, are off.
/// 0, or the system's error code. Call before chost_crash_install.
int chost_keep_memory_private(void);

#ifdef __cplusplus
}
#endif
