/* A plugin with a typed function and nothing else: {{ doubling::twice(21) }} is 42. */
#include "snowmaker_plugin.h"
#include <string.h>

static const char manifest[] =
    "{\"name\":\"doubling\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[],\"functions\":[{\"name\":\"twice\","
    "\"signature\":\"i>i\",\"parameters\":[{\"name\":\"number\"}],\"doc\":\"Twice the number.\","
    "\"examples\":[{\"arguments\":[21],\"result\":42}]}]}";

static snowmaker_status twice(int64_t number, const snowmaker_reply_v1 *reply) {
  int64_t result = 0;
  if (__builtin_mul_overflow(number, 2, &result)) return SNOWMAKER_FAILED;
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)&result, sizeof result});
  return SNOWMAKER_OK;
}
static const snowmaker_function_v1 items[] = {SNOWMAKER_TYPED_FUNCTION("twice", twice, INT, INT)};
static const snowmaker_functions_v1 functions = {1, items};
static const void *extension(void *ctx, const char *id) {
  (void)ctx;
  return strcmp(id, SNOWMAKER_FUNCTIONS) == 0 ? &functions : NULL;
}

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx, (void)request;
  if (method != SNOWMAKER_DESCRIBE) return SNOWMAKER_UNSUPPORTED;
  snowmaker_bytes_v1 body = {(const uint8_t *)manifest, strlen(manifest)};
  return reply->emit(reply->ctx, SNOWMAKER_RESULT, body) ? SNOWMAKER_CANCELLED : SNOWMAKER_OK;
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, extension};

SNOWMAKER_PLUGIN(doubling) { (void)host; return &peer; }
