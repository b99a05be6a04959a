/* A plugin of typed functions, in C11 and C++17. By macro:
 *   FUNCTIONS  the list of functions in its manifest, as JSON, instead of the right one
 *   ITEMS      the entries of its function table, instead of the right ones
 *   MISTYPED   an entry whose function is of another type: must not compile
 *   FLAGS      its peer's flags
 *   DESCRIBED  a statement that is run in DESCRIBE */
#include "snowmaker_plugin.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#ifndef FLAGS
#define FLAGS 0
#endif
#ifndef DESCRIBED
#define DESCRIBED (void)0
#endif

typedef const snowmaker_reply_v1 *reply_to;

static snowmaker_status emit(reply_to reply, const void *bytes, size_t size) {
  snowmaker_bytes_v1 body;
  body.ptr = (const uint8_t *)bytes;
  body.len = size;
  return reply->emit(reply->ctx, SNOWMAKER_RESULT, body) == 0 ? SNOWMAKER_OK : SNOWMAKER_CANCELLED;
}

static snowmaker_status say(reply_to reply, const char *text) { return emit(reply, text, strlen(text)); }

/* (text, int) -> text: the text so many times. */
static snowmaker_status repeat(snowmaker_bytes_v1 text, int64_t times, reply_to reply) {
  char room[256];
  size_t used = 0;
  if (times < 0) {
    say(reply, "{\"diagnostics\":[{\"summary\":\"not a number of times\",\"detail\":\"0 or more\",\"path\":[\"times\"]}]}");
    return SNOWMAKER_FAILED;
  }
  for (int64_t i = 0; i < times && used + text.len <= sizeof room; i++, used += text.len)
    memcpy(room + used, text.ptr, text.len);
  return emit(reply, room, used);
}

/* Everything there is, to text. */
static snowmaker_status show(const int64_t *number, const double *floating, const uint8_t *flag,
                             const snowmaker_bytes_v1 *text, const int64_t *numbers, size_t number_count,
                             const snowmaker_bytes_v1 *texts, size_t text_count, double last, uint8_t yes,
                             reply_to reply) {
  char room[512];
  int used = 0;
  used += number ? snprintf(room, sizeof room, "%lld", (long long)*number) : snprintf(room, sizeof room, "-");
  used += floating ? snprintf(room + used, 64, " %g", *floating) : snprintf(room + used, 64, " -");
  used += snprintf(room + used, 64, flag ? " %d" : " -", flag ? *flag : 0);
  used += text ? snprintf(room + used, 64, " %.*s", (int)text->len, (const char *)text->ptr)
               : snprintf(room + used, 64, " -");
  for (size_t i = 0; i < number_count; i++) used += snprintf(room + used, 64, " %lld", (long long)numbers[i]);
  for (size_t i = 0; i < text_count; i++)
    used += snprintf(room + used, 64, " '%.*s'", (int)texts[i].len, (const char *)texts[i].ptr);
  used += snprintf(room + used, 64, " %g %d", last, yes);
  return emit(reply, room, (size_t)used);
}

static snowmaker_status half(int64_t number, reply_to reply) {
  double result = (double)number / 2;
  return emit(reply, &result, sizeof result);
}
static snowmaker_status is_even(int64_t number, reply_to reply) {
  uint8_t result = number % 2 == 0;
  return emit(reply, &result, sizeof result);
}
static snowmaker_status next_number(int64_t number, reply_to reply) {
  int64_t result = number + 1;
  return emit(reply, &result, sizeof result);
}
static snowmaker_status positive(int64_t number, reply_to reply) {
  return number > 0 ? emit(reply, &number, sizeof number) : SNOWMAKER_OK;
}
static snowmaker_status up_to(int64_t number, reply_to reply) {
  char room[512];
  size_t used = 1;
  room[0] = '[';
  for (int64_t i = 0; i < number; i++) used += (size_t)snprintf(room + used, 32, i ? ",%lld" : "%lld", (long long)i);
  room[used++] = ']';
  return emit(reply, room, used);
}

static int64_t call_count;
static snowmaker_status calls(reply_to reply) {
  call_count++;
  return emit(reply, &call_count, sizeof call_count);
}
static snowmaker_status counted(int64_t number, reply_to reply) {
  call_count++;
  return emit(reply, &number, sizeof number);
}

/* What goes wrong, by number. */
static void *elsewhere(void *reply) {
  int64_t number = 1;
  emit((reply_to)reply, &number, sizeof number);
  return NULL;
}
static snowmaker_status bad(int64_t how, reply_to reply) {
  int64_t number = 1;
  double infinite = 1e308 * 10;
  pthread_t thread;
  switch (how) {
    case 0: return SNOWMAKER_OK;
    case 1: return emit(reply, &number, 4);
    case 2: emit(reply, &number, 8); return emit(reply, &number, 8), SNOWMAKER_OK;
    case 3: return SNOWMAKER_FAILED;
    case 4: say(reply, "gibberish"); return SNOWMAKER_FAILED;
    case 5: return SNOWMAKER_PANIC;
    case 6: return 42;
    case 7: return emit(reply, NULL, 8);
    case 8:
      pthread_create(&thread, NULL, elsewhere, (void *)reply);
      pthread_join(thread, NULL);
      return SNOWMAKER_OK;
    default: return emit(reply, &infinite, 8);
  }
}
static snowmaker_status bad_text(int64_t how, reply_to reply) {
  return how ? emit(reply, "a\0b", 3) : emit(reply, "\xff\xfe", 2);
}
static snowmaker_status bad_list(reply_to reply) { return say(reply, "[1,\"a\"]"); }
static snowmaker_status bad_flag(reply_to reply) { return emit(reply, "\2", 1); }
static snowmaker_status bad_float(reply_to reply) { return bad(99, reply); }

static int running, most_running;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static snowmaker_status overlap(int64_t number, reply_to reply) {
  int64_t most;
  (void)number;
  pthread_mutex_lock(&mutex);
  if (++running > most_running) most_running = running;
  pthread_mutex_unlock(&mutex);
  usleep(10000);
  pthread_mutex_lock(&mutex);
  running--;
  most = most_running;
  pthread_mutex_unlock(&mutex);
  return emit(reply, &most, sizeof most);
}

#ifndef FUNCTIONS
#define FUNCTIONS                                                                                              \
  "[{\"name\":\"repeat\",\"signature\":\"si>s\",\"parameters\":[{\"name\":\"text\"},{\"name\":\"times\"}]},"   \
  "{\"name\":\"show\",\"signature\":\"?i?f?b?s[i[sfb>s\"},{\"name\":\"half\",\"signature\":\"i>f\"},"          \
  "{\"name\":\"is_even\",\"signature\":\"i>b\"},{\"name\":\"next_number\",\"signature\":\"i>i\"},"             \
  "{\"name\":\"positive\",\"signature\":\"i>?i\"},{\"name\":\"up_to\",\"signature\":\"i>[i\"},"                \
  "{\"name\":\"calls\",\"signature\":\">i\",\"impure\":true},{\"name\":\"counted\",\"signature\":\"i>i\"},"    \
  "{\"name\":\"bad\",\"signature\":\"i>i\"},{\"name\":\"bad_text\",\"signature\":\"i>s\"},"                    \
  "{\"name\":\"bad_list\",\"signature\":\">[i\"},{\"name\":\"bad_flag\",\"signature\":\">b\"},"                \
  "{\"name\":\"bad_float\",\"signature\":\">f\"},{\"name\":\"overlap\",\"signature\":\"i>i\",\"impure\":true}," \
  "{\"name\":\"by_message\",\"signature\":\"?s>s\",\"parameters\":[{\"name\":\"word\"}]}]"
#endif

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request, reply_to reply) {
  (void)ctx, (void)request;
  if (method == SNOWMAKER_FUNCTION) return say(reply, "{\"result\":\"said\"}");
  if (method != SNOWMAKER_DESCRIBE) return SNOWMAKER_UNSUPPORTED;
  DESCRIBED;
  return say(reply, "{\"name\":\"typed\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[],\"functions\":" FUNCTIONS "}");
}

static const snowmaker_function_v1 all[] = {
    SNOWMAKER_TYPED_FUNCTION("repeat", repeat, TEXT, TEXT, INT),
    SNOWMAKER_TYPED_FUNCTION("show", show, TEXT, OR_NULL_INT, OR_NULL_FLOAT, OR_NULL_BOOL, OR_NULL_TEXT, LIST_OF_INT,
                       LIST_OF_TEXT, FLOAT, BOOL),
    SNOWMAKER_TYPED_FUNCTION("half", half, FLOAT, INT),
    SNOWMAKER_TYPED_FUNCTION("is_even", is_even, BOOL, INT),
    SNOWMAKER_TYPED_FUNCTION("next_number", next_number, INT, INT),
    SNOWMAKER_TYPED_FUNCTION("positive", positive, OR_NULL_INT, INT),
    SNOWMAKER_TYPED_FUNCTION("up_to", up_to, LIST_OF_INT, INT),
    SNOWMAKER_TYPED_FUNCTION_0("calls", calls, INT),
    SNOWMAKER_TYPED_FUNCTION("counted", counted, INT, INT),
    SNOWMAKER_TYPED_FUNCTION("bad", bad, INT, INT),
    SNOWMAKER_TYPED_FUNCTION("bad_text", bad_text, TEXT, INT),
    SNOWMAKER_TYPED_FUNCTION_0("bad_list", bad_list, LIST_OF_INT),
    SNOWMAKER_TYPED_FUNCTION_0("bad_flag", bad_flag, BOOL),
    SNOWMAKER_TYPED_FUNCTION_0("bad_float", bad_float, FLOAT),
    SNOWMAKER_TYPED_FUNCTION("overlap", overlap, INT, INT),
#ifdef MISTYPED
    SNOWMAKER_TYPED_FUNCTION("mistyped", half, FLOAT, TEXT),
#endif
};
#ifdef ITEMS
static const snowmaker_function_v1 items[] = {ITEMS};
static const snowmaker_functions_v1 functions = {sizeof items / sizeof *items, items};
#else
static const snowmaker_functions_v1 functions = {sizeof all / sizeof *all, all};
#endif

static const void *extension(void *ctx, const char *id) {
  (void)ctx, (void)all;
  return strcmp(id, SNOWMAKER_FUNCTIONS) == 0 ? &functions : NULL;
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, FLAGS, NULL, call, extension};

SNOWMAKER_PLUGIN(typed) {
  (void)host;
  return &peer;
}
