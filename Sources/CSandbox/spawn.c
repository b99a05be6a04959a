#define _GNU_SOURCE
#include "CSandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static int prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attributes, int channel, int output) {
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  sigdelset(&all, SIGKILL);
  sigdelset(&all, SIGSTOP);
  int failure = 0;
#define TRY(call) if (!failure) failure = call
  TRY(posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0));
  TRY(posix_spawn_file_actions_adddup2(files, output, STDOUT_FILENO));
  TRY(posix_spawn_file_actions_adddup2(files, output, STDERR_FILENO));
  TRY(posix_spawn_file_actions_adddup2(files, channel, 3));
  TRY(posix_spawn_file_actions_addclosefrom_np(files, 4));
  TRY(posix_spawnattr_setsigmask(attributes, &none));
  TRY(posix_spawnattr_setsigdefault(attributes, &all));
  TRY(posix_spawnattr_setflags(
      attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID));
#undef TRY
  return failure;
}

pid_t csandbox_spawn(
    const char *executable, char *const arguments[], char *const environment[], int channel, int output) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  int failure = posix_spawn_file_actions_init(&files);
  if (failure) return -failure;
  failure = posix_spawnattr_init(&attributes);
  if (failure) {
    posix_spawn_file_actions_destroy(&files);
    return -failure;
  }
  pid_t child = 0;
  failure = prepare(&files, &attributes, channel, output);
  if (!failure) failure = posix_spawn(&child, executable, &files, &attributes, arguments, environment);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&files);
  return failure ? -failure : child;
}

int csandbox_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

const char *csandbox_file_of(const void *address) {
  Dl_info info;
  return dladdr(address, &info) ? info.dli_fname : NULL;
}
