/* A plugin of one type, errand, that SQL does not reach. What APPLY does is in the errand's name:
 *   LOOK    asks the account for its users, and succeeds when ANNA is among them
 *   WRITE   asks for a statement that writes; the host's answer is its own
 *   STRAY   asks for what the account refuses; the host's answer is its own
 *   WAIT    says that it waits until it is asked to stop
 * What is done is only remembered by this process. Documents are searched for words, so that nothing of their format is
 * needed here; there is one errand at a time. */
#include "snowmaker_plugin.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const snowmaker_peer_v1 *given;
static int is_done;

static const char manifest[] =
    "{\"name\":\"applying\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[{\"type\":\"errand\",\"plural\":\"errands\","
    "\"sql_name\":\"ERRAND\",\"identity\":[\"name\"],\"applies\":true,\"attributes\":["
    "{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true}]}]}";

typedef struct {
  uint8_t bytes[4096];
  size_t len;
} text;

static int32_t keep(void *ctx, uint32_t kind, snowmaker_bytes_v1 body) {
  text *room = ctx;
  (void)kind;
  room->len = body.len < sizeof room->bytes ? body.len : sizeof room->bytes;
  if (room->len) memcpy(room->bytes, body.ptr, room->len);
  return 0;
}

static int has(const uint8_t *bytes, size_t len, const char *word) { return memmem(bytes, len, word, strlen(word)) != NULL; }

static snowmaker_status ask(snowmaker_method method, const char *request, text *answer) {
  const snowmaker_reply_v1 reply = {answer, keep};
  answer->len = 0;
  return given->call(given->ctx, method, (snowmaker_bytes_v1){(const uint8_t *)request, strlen(request)}, &reply);
}

static snowmaker_status say(const snowmaker_reply_v1 *reply, snowmaker_status status, const char *answer) {
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)answer, strlen(answer)});
  return status;
}

static snowmaker_status pass_on(const snowmaker_reply_v1 *reply, const char *sql) {
  text answer;
  snowmaker_status status = ask(SNOWMAKER_QUERY, sql, &answer);
  if (status != SNOWMAKER_FAILED) return say(reply, SNOWMAKER_FAILED, "{\"diagnostics\":[{\"summary\":\"it was run\"}]}");
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){answer.bytes, answer.len});
  return status;
}

static snowmaker_status apply(snowmaker_bytes_v1 request, const snowmaker_reply_v1 *reply) {
  text answer;
  if (has(request.ptr, request.len, "LOOK")) {
    if (ask(SNOWMAKER_QUERY, "{\"sql\":\"SHOW USERS\"}", &answer) != SNOWMAKER_OK ||
        !has(answer.bytes, answer.len, "login_name") || !has(answer.bytes, answer.len, "ANNA"))
      return say(reply, SNOWMAKER_FAILED, "{\"diagnostics\":[{\"summary\":\"ANNA is not there\"}]}");
    /* Not shown as it is: the terminal belongs to the host. */
    ask(SNOWMAKER_PROGRESS, "{\"message\":\"ANNA is \\u001b[31mthere\",\"done\":1,\"total\":2}", &answer);
    is_done = 1;
    return say(reply, SNOWMAKER_OK, "{}");
  }
  if (has(request.ptr, request.len, "WRITE")) return pass_on(reply, "{\"sql\":\"DROP USER anna\"}");
  if (has(request.ptr, request.len, "STRAY")) return pass_on(reply, "{\"sql\":\"DESCRIBE USER nobody\"}");
  for (int i = 0; i < 6000; i++) {
    if (ask(SNOWMAKER_PROGRESS, "{\"message\":\"waiting\"}", &answer) == SNOWMAKER_CANCELLED)
      return say(reply, SNOWMAKER_FAILED, "{\"diagnostics\":[{\"summary\":\"stopped when asked\"}]}");
    usleep(10000);
  }
  return say(reply, SNOWMAKER_FAILED, "{\"diagnostics\":[{\"summary\":\"nobody asked to stop\"}]}");
}

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx;
  switch (method) {
    case SNOWMAKER_DESCRIBE: return say(reply, SNOWMAKER_OK, manifest);
    case SNOWMAKER_READ:
      return say(reply, SNOWMAKER_OK,
                 is_done ? "{\"observed\":[{\"identity\":[\"LOOK\"],\"attributes\":{\"name\":\"LOOK\"}}]}" : "{\"observed\":[]}");
    case SNOWMAKER_PLAN:
      return say(reply, SNOWMAKER_OK,
                 is_done ? "{\"changes\":[{\"action\":\"none\"}]}"
                         : "{\"changes\":[{\"action\":\"create\",\"statements\":[{\"sql\":\"DO the errand\","
                           "\"operation\":{\"action\":\"create\"}}]}]}");
    case SNOWMAKER_APPLY: return apply(request, reply);
    default: return SNOWMAKER_UNSUPPORTED;
  }
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(applying) {
  given = host;
  return &peer;
}
