/* A plugin of one type, misfit, that does in VALIDATE what the resource's attribute `does` says. The request is searched
 * for "=word;", so that nothing of a document's format is needed here. Every other method is answered in the plain way. */
#include "snowmaker_plugin.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const snowmaker_peer_v1 *given;

static const char manifest[] =
    "{\"name\":\"misfit\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[{\"type\":\"misfit\",\"plural\":\"misfits\","
    "\"sql_name\":\"MISFIT\",\"identity\":[\"name\"],\"validates\":true,\"attributes\":["
    "{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true},{\"name\":\"does\",\"kind\":\"text\"}]}]}";

static int32_t answer(const snowmaker_reply_v1 *reply, const char *text) {
  return reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)text, strlen(text)});
}

/* Answers VALIDATE with a warning. */
static void report(const snowmaker_reply_v1 *reply, const char *what, const char *outcome) {
  char text[512];
  snprintf(text, sizeof text,
           "{\"results\":[{\"diagnostics\":[{\"severity\":\"warning\",\"summary\":\"%s: %s\"}]}]}", what, outcome);
  answer(reply, text);
}

static int32_t ignore(void *ctx, uint32_t kind, snowmaker_bytes_v1 body) {
  (void)ctx, (void)kind, (void)body;
  return 0;
}

static snowmaker_status say(const char *document) {
  const snowmaker_reply_v1 nothing = {NULL, ignore};
  return given->call(given->ctx, SNOWMAKER_LOG, (snowmaker_bytes_v1){(const uint8_t *)document, strlen(document)},
                     &nothing);
}

/* -- Ways to fail -------------------------------------------------------------------------------------------------- */

static void crash(void) {
  volatile int *nowhere = NULL;
  *nowhere = 1;
}

static int overflow(int depth) {
  volatile char room[4096];
  room[depth % 4096] = (char)depth;
  return depth < 0 ? 0 : room[0] + overflow(depth + 1);
}

static void *crash_elsewhere(void *nothing) {
  crash();
  return nothing;
}

static void crash_on_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, crash_elsewhere, NULL);
  pthread_join(thread, NULL);
}

/* Takes memory until there is none, and uses it. */
static void take_memory(void) {
  for (;;) {
    char *piece = malloc(1 << 20);
    memset(piece, 1, 1 << 20);
  }
}

static void hang(void) {
  for (;;) pause();
}

static void spin(void) {
  for (volatile int busy = 1; busy;) continue;
}

static void print_without_end(void) {
  for (int i = 0; i < 400000; i++) printf("line %d of far too many\n", i);
}

static void log_without_end(void) {
  for (int i = 0; i < 50000; i++) say("{\"level\":\"warning\",\"message\":\"again\"}");
}

static void answer_garbage(const snowmaker_reply_v1 *reply) { answer(reply, "\xbf garbage"); }

static void answer_deep(const snowmaker_reply_v1 *reply) {
  char text[5000];
  memset(text, '[', sizeof text - 1);
  text[sizeof text - 1] = 0;
  answer(reply, text);
}

static void answer_hugely(const snowmaker_reply_v1 *reply) {
  size_t size = (size_t)300 << 20;
  uint8_t *body = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (body == MAP_FAILED) abort();
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){body, size});
}

static void answer_from_nowhere(const snowmaker_reply_v1 *reply) {
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){NULL, 10});
}

/* Writes into the descriptors that are open. */
static void scribble(void) {
  for (int descriptor = 3; descriptor < 64; descriptor++)
    if (write(descriptor, "I am not a frame at all, am I?", 30) < 0) continue;
}

static void close_everything(void) {
  for (int descriptor = 0; descriptor < 64; descriptor++) close(descriptor);
  hang();
}

/* Announces an answer of 200 GB to the host, which is in descriptor 3. */
static void lie(void) {
  uint32_t head[4] = {0x534e5783, 0, 0, 50};
  if (write(3, head, sizeof head) < 0) abort();
  hang();
}

static void end_politely(void) { exit(0); }
static void end_quickly(void) { _exit(7); }
static void interrupt(void) { raise(SIGINT), hang(); }
static void kill_itself(void) { raise(SIGKILL); }

static const struct {
  const char *word;
  void (*simply)(void);
  void (*answering)(const snowmaker_reply_v1 *);
} ways[] = {
    {"crash", crash, NULL},        {"crash-on-thread", crash_on_thread, NULL}, {"abort", abort, NULL},
    {"exit-zero", end_politely, NULL},  {"exit-seven", end_quickly, NULL},          {"hang", hang, NULL},
    {"spin", spin, NULL},               {"memory", take_memory, NULL},              {"garbage", NULL, answer_garbage},
    {"deep", NULL, answer_deep},        {"huge", NULL, answer_hugely},              {"nowhere", NULL, answer_from_nowhere},
    {"print", print_without_end, NULL}, {"log", log_without_end, NULL},             {"scribble", scribble, NULL},
    {"close", close_everything, NULL},  {"lie", lie, NULL},                         {"interrupt", interrupt, NULL},
    {"kill", kill_itself, NULL},
};

/* -- What is forbidden --------------------------------------------------------------------------------------------- */

static int try_socket(void) { return socket(AF_INET, SOCK_STREAM, 0); }
static int try_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM, 0); }
static int try_fork(void) {
  pid_t child = fork();
  if (child == 0) _exit(0);
  if (child > 0) waitpid(child, NULL, 0);
  return child;
}
static int try_exec(void) {
  char *arguments[] = {"true", NULL};
  return execv("/bin/true", arguments);
}
static int try_spawn(void) {
  char *arguments[] = {"true", NULL};
  pid_t child;
  int failure = posix_spawn(&child, "/bin/true", NULL, NULL, arguments, NULL);
  if (failure) errno = failure;
  return failure ? -1 : 0;
}
static int try_writing(void) { return open("/tmp/misfit-was-here", O_WRONLY | O_CREAT, 0600); }
static int try_reading(void) { return open("/etc/passwd", O_RDONLY); }
static int try_home(void) { return open("/root/.bashrc", O_RDONLY); }
static int try_listing(void) { return open("/home", O_RDONLY | O_DIRECTORY); }
static int try_deleting(void) { return unlink("/tmp/misfit-was-here"); }
static int try_killing(void) { return kill(getppid(), 0); }
static int try_tracing(void) { return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL); }
static int try_surviving(void) { return prctl(PR_SET_PDEATHSIG, 0); }
static int try_limits(void) {
  struct rlimit limits = {RLIM_INFINITY, RLIM_INFINITY};
  return setrlimit(RLIMIT_AS, &limits);
}
static int try_hiding(void) { return memfd_create("hidden", 0); }
/* These are allowed. */
static int try_zone(void) { return open("/usr/share/zoneinfo/UTC", O_RDONLY); }
static void *nothing(void *context) { return context; }
static int try_thread(void) {
  pthread_t thread;
  errno = pthread_create(&thread, NULL, nothing, NULL);
  return errno ? -1 : pthread_join(thread, NULL);
}
static int try_environment(void) {
  extern char **environ;
  for (char **entry = environ; *entry; entry++)
    if (strncmp(*entry, "PATH=", 5) && strncmp(*entry, "LD_LIBRARY_PATH=", 16) && strncmp(*entry, "SWIFT_BACKTRACE=", 16))
      return errno = EEXIST, -1;
  return 0;
}
/* Descriptors 0 to 3, and none else. */
static int try_descriptors(void) {
  for (int descriptor = 4; descriptor < 1024; descriptor++)
    if (fcntl(descriptor, F_GETFD) >= 0) return errno = EEXIST, -1;
  return 0;
}

static const struct {
  const char *word;
  int (*attempt)(void);
} attempts[] = {
    {"inet-socket", try_socket},  {"unix-socket", try_unix_socket}, {"fork", try_fork},
    {"exec", try_exec},           {"spawn", try_spawn},             {"write-file", try_writing},
    {"read-file", try_reading},   {"home", try_home},               {"list", try_listing},
    {"delete", try_deleting},     {"signal-host", try_killing},     {"trace", try_tracing},
    {"survive", try_surviving},   {"limits", try_limits},           {"hide", try_hiding},
    {"zone", try_zone},           {"thread", try_thread},           {"environment", try_environment},
    {"descriptors", try_descriptors},
};

/* -- The plugin ---------------------------------------------------------------------------------------------------- */

static int wants(snowmaker_bytes_v1 request, const char *word) {
  char wanted[64];
  int size = snprintf(wanted, sizeof wanted, "=%s;", word);
  return memmem(request.ptr, request.len, wanted, (size_t)size) != NULL;
}

static snowmaker_status validate(snowmaker_bytes_v1 request, const snowmaker_reply_v1 *reply) {
  for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
    if (wants(request, attempts[i].word)) {
      int outcome = attempts[i].attempt();
      report(reply, attempts[i].word, outcome < 0 ? strerror(errno) : "done");
      return SNOWMAKER_OK;
    }
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++)
    if (wants(request, ways[i].word)) {
      if (ways[i].simply) ways[i].simply();
      if (ways[i].answering) {
        ways[i].answering(reply);
        return SNOWMAKER_OK;
      }
    }
  report(reply, "misfit", "behaves");
  return SNOWMAKER_OK;
}

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx, (void)overflow;
  switch (method) {
    case SNOWMAKER_DESCRIBE: return answer(reply, manifest) ? SNOWMAKER_CANCELLED : SNOWMAKER_OK;
    case SNOWMAKER_VALIDATE:
      if (wants(request, "overflow")) return overflow(0);
      return validate(request, reply);
    default: return SNOWMAKER_UNSUPPORTED;
  }
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(misfit) {
  given = host;
  return &peer;
}
