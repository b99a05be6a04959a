#define _GNU_SOURCE
#include "CHostSupport.h"

#include <link.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>
#include <unistd.h>

enum { MAX_IMAGES = 256, ALTERNATE_STACK = 64 * 1024 };

typedef struct {
  const char *plugin, *path;
  uintptr_t low, high;
} image;

static image images[MAX_IMAGES];
static atomic_int image_count;
static atomic_int installed;
static const char *advice;
static __thread chost_activity activity;
static __thread void *alternate_stack;

static const int signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE};
static const char *const signal_names[] = {"SIGSEGV", "SIGBUS", "SIGILL", "SIGTRAP", "SIGABRT", "SIGFPE"};
enum { SIGNALS = sizeof signals / sizeof *signals };
static struct sigaction previous[SIGNALS];

// -- Writing, async-signal-safe ---------------------------------------------------------------------------------------

typedef struct {
  char text[2048];
  size_t size;
} line;

static void add(line *to, const char *text) {
  while (*text && to->size < sizeof to->text - 1) to->text[to->size++] = *text++;
}

static void finish(line *to) {
  to->text[to->size++] = '\n';
  ssize_t written = write(STDERR_FILENO, to->text, to->size);
  (void)written;  // nothing can be done about it here
}

static void add_plugin(line *to, const char *plugin, const char *path) {
  add(to, "plugin '");
  add(to, plugin);
  add(to, "' (");
  add(to, path);
  add(to, ")");
}

// -- Crashes ----------------------------------------------------------------------------------------------------------

static uintptr_t program_counter(const void *context) {
#if defined(__x86_64__)
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
  return (uintptr_t)((const ucontext_t *)context)->uc_mcontext.pc;
#else
  (void)context;
  return 0;
#endif
}

static void report(int signal_number, siginfo_t *info, void *context) {
  (void)info;
  int index = 0;
  while (index < SIGNALS - 1 && signals[index] != signal_number) index++;
  line text = {.size = 0};
  add(&text, "snowmaker: fatal: ");
  add(&text, signal_names[index]);
  if (activity.plugin) {
    add(&text, " inside ");
    add_plugin(&text, activity.plugin, activity.path);
    add(&text, " during ");
    add(&text, activity.doing);
    add(&text, advice);
  } else {
    uintptr_t at = program_counter(context);
    int count = atomic_load_explicit(&image_count, memory_order_acquire);
    for (int i = 0; i < count; i++)
      if (at >= images[i].low && at < images[i].high) {
        add(&text, " inside ");
        add_plugin(&text, images[i].plugin, images[i].path);
        add(&text, " on a thread of its own");
        add(&text, advice);
        break;
      }
  }
  finish(&text);
  // What was there before has its say (Swift's backtracer, or the default, which ends the process).
  sigaction(signal_number, &previous[index], NULL);
  raise(signal_number);
}

static void exiting(void) {
  if (!activity.plugin) return;
  line text = {.size = 0};
  add(&text, "snowmaker: fatal: ");
  add_plugin(&text, activity.plugin, activity.path);
  add(&text, " ended the process during ");
  add(&text, activity.doing);
  add(&text, advice);
  finish(&text);
  _exit(EXIT_FAILURE);
}

void chost_crash_add_thread(void) {
  if (alternate_stack || !atomic_load(&installed)) return;
  alternate_stack = malloc(ALTERNATE_STACK);
  if (!alternate_stack) return;
  stack_t stack = {.ss_sp = alternate_stack, .ss_size = ALTERNATE_STACK};
  sigaltstack(&stack, NULL);
}

void chost_crash_remove_thread(void) {
  if (!alternate_stack) return;
  stack_t none = {.ss_flags = SS_DISABLE};
  sigaltstack(&none, NULL);
  free(alternate_stack);
  alternate_stack = NULL;
}

void chost_crash_install(const char *what_to_do) {
  if (atomic_exchange(&installed, 1)) return;
  advice = what_to_do;
  chost_crash_add_thread();
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_sigaction = report;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  for (int i = 0; i < SIGNALS; i++) sigaction(signals[i], &action, &previous[i]);
  atexit(exiting);
}

// -- Who is where -----------------------------------------------------------------------------------------------------

typedef struct {
  uintptr_t address, low, high;
} probe;

static int find(struct dl_phdr_info *info, size_t size, void *context) {
  (void)size;
  probe *wanted = context;
  uintptr_t low = UINTPTR_MAX, high = 0;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_LOAD) continue;
    uintptr_t start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
    uintptr_t end = start + info->dlpi_phdr[i].p_memsz;
    if (start < low) low = start;
    if (end > high) high = end;
  }
  if (wanted->address < low || wanted->address >= high) return 0;
  wanted->low = low;
  wanted->high = high;
  return 1;
}

void chost_crash_add_image(const char *plugin, const char *path, const void *address) {
  static atomic_flag busy = ATOMIC_FLAG_INIT;
  probe wanted = {.address = (uintptr_t)address};
  if (!dl_iterate_phdr(find, &wanted)) return;
  while (atomic_flag_test_and_set(&busy)) continue;
  int count = atomic_load(&image_count);
  if (count < MAX_IMAGES) {
    images[count] = (image){plugin, path, wanted.low, wanted.high};
    atomic_store_explicit(&image_count, count + 1, memory_order_release);
  }
  atomic_flag_clear(&busy);
}

chost_activity chost_crash_enter(const char *plugin, const char *path, const char *doing) {
  chost_activity before = activity;
  activity = (chost_activity){plugin, path, doing};
  return before;
}

void chost_crash_leave(chost_activity before) { activity = before; }
