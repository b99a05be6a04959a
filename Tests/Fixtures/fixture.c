/* A plugin that behaves as the test that compiles it wants. By macro, each with a harmless default:
 *   NAME          its name in the entry function, an identifier
 *   MANIFEST      the text that DESCRIBE answers
 *   STATUS        what DESCRIBE returns
 *   PEER_ABI      the ABI its peer claims
 *   FLAGS         its peer's flags
 *   WHILE_LOADED, IN_ENTRY, IN_DESCRIBE, IN_PLAN, IN_APPLY   statements run there
 *   REFUSES       its entry returns NULL
 *   WITHOUT_CALL  its peer has no call function
 * PLAN answers the request itself. The other methods answer one status each. */
#include "snowmaker_plugin.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef NAME
#define NAME fixture
#endif
#ifndef MANIFEST
#define MANIFEST "{\"name\":\"fixture\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[]}"
#endif
#ifndef STATUS
#define STATUS SNOWMAKER_OK
#endif
#ifndef PEER_ABI
#define PEER_ABI SNOWMAKER_ABI
#endif
#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef WHILE_LOADED
#define WHILE_LOADED (void)0
#endif
#ifndef IN_ENTRY
#define IN_ENTRY (void)0
#endif
#ifndef IN_DESCRIBE
#define IN_DESCRIBE (void)0
#endif
#ifndef IN_PLAN
#define IN_PLAN (void)0
#endif
#ifndef IN_APPLY
#define IN_APPLY (void)0
#endif

static const snowmaker_peer_v1 *given;

/* For what is found out while it is loaded. */
static int first;

static int32_t ignore(void *ctx, uint32_t kind, snowmaker_bytes_v1 body) {
  (void)ctx, (void)kind, (void)body;
  return 0;
}

/* Logs a JSON document through the host. */
static inline snowmaker_status say(const char *document) {
  const snowmaker_reply_v1 nothing = {NULL, ignore};
  return given->call(given->ctx, SNOWMAKER_LOG, (snowmaker_bytes_v1){(const uint8_t *)document, strlen(document)},
                    &nothing);
}

/* Crashes. */
static inline void crash(void) {
  volatile int *nowhere = NULL;
  *nowhere = 1;
}

/* Uses up the stack. */
static inline int overflow(int depth) {
  volatile char room[4096];
  room[depth % 4096] = (char)depth;
  return depth < 0 ? 0 : room[0] + overflow(depth + 1);
}

static inline void *crash_elsewhere(void *nothing) {
  crash();
  return nothing;
}

/* Crashes on a thread of its own. */
static inline void crash_on_own_thread(void) {
  pthread_t thread;
  pthread_create(&thread, NULL, crash_elsewhere, NULL);
  pthread_join(thread, NULL);
}

/* How many calls of PLAN ran at once, at most. */
static atomic_int running, most_running;

static inline void overlap(void) {
  int now = atomic_fetch_add(&running, 1) + 1;
  int most = atomic_load(&most_running);
  while (now > most && !atomic_compare_exchange_weak(&most_running, &most, now)) continue;
  usleep(20000);
  atomic_fetch_sub(&running, 1);
}

static int32_t answer(const snowmaker_reply_v1 *reply, const char *text) {
  return reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)text, strlen(text)});
}

static inline snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                                    const snowmaker_reply_v1 *reply) {
  (void)ctx;
  char text[64];
  switch (method) {
    case SNOWMAKER_DESCRIBE:
      IN_DESCRIBE;
      answer(reply, MANIFEST);
      return STATUS;
    case SNOWMAKER_PLAN:
      IN_PLAN;
      reply->emit(reply->ctx, SNOWMAKER_RESULT, request);
      return SNOWMAKER_OK;
    case SNOWMAKER_VALIDATE:
      answer(reply, "{\"diagnostics\":[{\"summary\":\"no such size\",\"path\":[\"size\"]}]}");
      return SNOWMAKER_FAILED;
    case SNOWMAKER_EXPAND: return SNOWMAKER_MALFORMED;
    case SNOWMAKER_READ: return SNOWMAKER_CANCELLED;
    case SNOWMAKER_CHECK: return SNOWMAKER_PANIC;
    case SNOWMAKER_UPGRADE: return 99;
    case SNOWMAKER_FUNCTION:
      snprintf(text, sizeof text, "{\"most_running\":%d}", atomic_load(&most_running));
      answer(reply, text);
      return SNOWMAKER_OK;
    case SNOWMAKER_APPLY:
      IN_APPLY;
      answer(reply, "{}");
      answer(reply, "{}");
      return SNOWMAKER_OK;
    default: return SNOWMAKER_UNSUPPORTED;
  }
}

#ifdef WITHOUT_CALL
static const snowmaker_peer_v1 peer = {PEER_ABI, FLAGS, NULL, NULL, NULL};
#else
static const snowmaker_peer_v1 peer = {PEER_ABI, FLAGS, NULL, call, NULL};
#endif

__attribute__((constructor)) static void loaded(void) { WHILE_LOADED; }

#define BEGIN(name) SNOWMAKER_PLUGIN(name)
BEGIN(NAME) {
  given = host;
  (void)first;
  IN_ENTRY;
#ifdef REFUSES
  (void)peer;
  return NULL;
#else
  return &peer;
#endif
}
