#define _GNU_SOURCE
#include "calls.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

// -- The library ------------------------------------------------------------------------------------------------------

static struct {
  __typeof__(&seccomp_init) init;
  __typeof__(&seccomp_release) release;
  __typeof__(&seccomp_rule_add_array) add;
  __typeof__(&seccomp_attr_set) set;
  __typeof__(&seccomp_load) load;
} library;

static int open_library(char *why, size_t size) {
  if (library.load) return 0;
  void *handle = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    snprintf(why, size, "%s (install libseccomp2)", dlerror());
    return -1;
  }
#define RESOLVE(field, symbol)                                       \
  library.field = (__typeof__(library.field))dlsym(handle, #symbol); \
  if (!library.field) {                                              \
    snprintf(why, size, "libseccomp.so.2 has no " #symbol);          \
    return -1;                                                       \
  }
  RESOLVE(init, seccomp_init)
  RESOLVE(release, seccomp_release)
  RESOLVE(add, seccomp_rule_add_array)
  RESOLVE(set, seccomp_attr_set)
  RESOLVE(load, seccomp_load)
#undef RESOLVE
  return 0;
}

// -- What is allowed --------------------------------------------------------------------------------------------------

// Computing, threads, time, memory, and reading and writing what is open. Numbers that a machine does not have are
// negative, and skipped.
static const int allowed[] = {
    SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(preadv2), SCMP_SYS(write),
    SCMP_SYS(writev), SCMP_SYS(pwrite64), SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(lseek), SCMP_SYS(dup),
    SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2), SCMP_SYS(eventfd), SCMP_SYS(eventfd2),
    SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime), SCMP_SYS(timerfd_gettime), SCMP_SYS(poll), SCMP_SYS(ppoll),
    SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create), SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait), SCMP_SYS(epoll_pwait2), SCMP_SYS(fcntl), SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg), SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(shutdown),

    SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents64), SCMP_SYS(fadvise64), SCMP_SYS(readahead),

    SCMP_SYS(brk), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect), SCMP_SYS(madvise),
    SCMP_SYS(msync), SCMP_SYS(mincore), SCMP_SYS(membarrier),

    SCMP_SYS(futex), SCMP_SYS(futex_waitv), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield), SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam),
    SCMP_SYS(sched_getscheduler), SCMP_SYS(sched_get_priority_max), SCMP_SYS(sched_get_priority_min),
    SCMP_SYS(getcpu), SCMP_SYS(getpriority), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(restart_syscall),
    SCMP_SYS(arch_prctl),

    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigsuspend), SCMP_SYS(rt_sigtimedwait), SCMP_SYS(sigaltstack), SCMP_SYS(pause), SCMP_SYS(alarm),
    SCMP_SYS(setitimer), SCMP_SYS(getitimer),

    SCMP_SYS(nanosleep), SCMP_SYS(clock_nanosleep), SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres),
    SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(getrusage), SCMP_SYS(getrlimit),
    SCMP_SYS(sysinfo), SCMP_SYS(uname), SCMP_SYS(getrandom),

    SCMP_SYS(getpid), SCMP_SYS(gettid), SCMP_SYS(getppid), SCMP_SYS(getpgid), SCMP_SYS(getpgrp), SCMP_SYS(getsid),
    SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid), SCMP_SYS(getresuid), SCMP_SYS(getresgid),
    SCMP_SYS(getgroups), SCMP_SYS(capget),

    SCMP_SYS(seccomp),  // which can only take away more
};

// Only for plugins that the user granted the network. No listening.
static const int allowed_on_network[] = {
    SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(getsockname), SCMP_SYS(getpeername), SCMP_SYS(getsockopt),
    SCMP_SYS(setsockopt), SCMP_SYS(sendmmsg), SCMP_SYS(recvmmsg), SCMP_SYS(socketpair),
};

typedef struct {
  scmp_filter_ctx filter;
  int failure;
} building;

static void allow_when(building *to, int call, unsigned count, const struct scmp_arg_cmp *conditions) {
  if (call < 0 || to->failure) return;
  to->failure = library.add(to->filter, SCMP_ACT_ALLOW, call, count, conditions);
}

static void allow(building *to, int call) { allow_when(to, call, 0, NULL); }

/// Allows a call whose argument `index` is `value` in the bits of `mask`.
static void allow_masked(building *to, int call, unsigned index, scmp_datum_t mask, scmp_datum_t value) {
  struct scmp_arg_cmp condition = {index, SCMP_CMP_MASKED_EQ, mask, value};
  allow_when(to, call, 1, &condition);
}

static void allow_equal(building *to, int call, unsigned index, scmp_datum_t value) {
  struct scmp_arg_cmp condition = {index, SCMP_CMP_EQ, value, 0};
  allow_when(to, call, 1, &condition);
}

static void fill(building *to, int network) {
  for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) allow(to, allowed[i]);
  // Files: only to read. Which ones is Landlock's part.
  const scmp_datum_t writing = O_ACCMODE | O_CREAT | O_TRUNC | (O_TMPFILE & ~O_DIRECTORY);
  allow_masked(to, SCMP_SYS(open), 1, writing, O_RDONLY);
  allow_masked(to, SCMP_SYS(openat), 2, writing, O_RDONLY);
  // Threads, but no processes. clone3 hides its flags in memory; the C library goes on with clone when it is missing.
  allow_masked(to, SCMP_SYS(clone), 0, CLONE_THREAD | CLONE_NEWUSER | CLONE_VFORK, CLONE_THREAD);
  if (!to->failure) to->failure = library.add(to->filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0, NULL);
  // Signals to itself alone: abort, raise, its own threads.
  allow_equal(to, SCMP_SYS(kill), 0, (scmp_datum_t)getpid());
  allow_equal(to, SCMP_SYS(tgkill), 0, (scmp_datum_t)getpid());
  allow_equal(to, SCMP_SYS(rt_tgsigqueueinfo), 0, (scmp_datum_t)getpid());
  // Limits may be read; names may be given to threads and memory.
  allow_equal(to, SCMP_SYS(prlimit64), 2, 0);
  const scmp_datum_t names[] = {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, 0x53564d41 /* PR_SET_VMA */};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) allow_equal(to, SCMP_SYS(prctl), 0, names[i]);
  const scmp_datum_t controls[] = {FIONREAD, FIONBIO, FIOCLEX, 0x5401 /* TCGETS, which isatty asks */};
  for (size_t i = 0; i < sizeof controls / sizeof *controls; i++) allow_equal(to, SCMP_SYS(ioctl), 1, controls[i]);
  if (!network) return;
  for (size_t i = 0; i < sizeof allowed_on_network / sizeof *allowed_on_network; i++) allow(to, allowed_on_network[i]);
  const scmp_datum_t families[] = {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK};
  for (size_t i = 0; i < sizeof families / sizeof *families; i++)
    allow_equal(to, SCMP_SYS(socket), 0, families[i]);
}

/// Loads a filter that `fill` fills; what it does not mention is answered with `otherwise`.
static int load(uint32_t otherwise, void (*fill)(building *, int), int network, char *why, size_t size) {
  if (open_library(why, size)) return -1;
  building to = {library.init(otherwise), 0};
  if (!to.filter) {
    snprintf(why, size, "libseccomp makes no filter");
    return -1;
  }
  // No new privileges were asked for before. A binary search, because every system call goes through it.
  to.failure = library.set(to.filter, SCMP_FLTATR_CTL_NNP, 0);
  library.set(to.filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);  // older libraries do without
  fill(&to, network);
  if (!to.failure) to.failure = library.load(to.filter);
  library.release(to.filter);
  if (!to.failure) return 0;
  snprintf(why, size, "the system call filter: %s", strerror(-to.failure));
  return -1;
}

int csandbox_restrict_calls(int network, char *why, size_t size) {
  return load(SCMP_ACT_ERRNO(EPERM), fill, network, why, size);
}

static void deny_opening(building *to, int network) {
  (void)network;
  const int calls[] = {SCMP_SYS(open), SCMP_SYS(openat)};
  for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
    if (calls[i] < 0 || to->failure) continue;
    to->failure = library.add(to->filter, SCMP_ACT_ERRNO(EACCES), calls[i], 0, NULL);
  }
}

int csandbox_close_files(char *why, size_t size) { return load(SCMP_ACT_ALLOW, deny_opening, 0, why, size); }
