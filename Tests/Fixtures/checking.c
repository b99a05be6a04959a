/* A plugin whose CHECK asks the host for a function of another plugin, and reports what comes of it. By macro:
 *   ASKED  the host's FUNCTION request, as JSON */
#include "snowmaker_plugin.h"

#include <stdio.h>
#include <string.h>

#ifndef ASKED
#define ASKED "{\"name\":\"typed::half\",\"arguments\":[3]}"
#endif

static const snowmaker_peer_v1 *host_peer;

static int32_t keep(void *ctx, uint32_t kind, snowmaker_bytes_v1 body) {
  char *room = ctx;
  (void)kind;
  /* Printable, whatever the encoding. */
  for (size_t i = 0; i < body.len && i < 200; i++) {
    char c = (char)body.ptr[i];
    room[i] = c >= ' ' && c <= '~' && c != '"' && c != '\\' ? c : '.';
    room[i + 1] = 0;
  }
  return 0;
}

static snowmaker_status answer(const snowmaker_reply_v1 *reply, const char *text) {
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)text, strlen(text)});
  return SNOWMAKER_OK;
}

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  char got[256] = "", text[512];
  const snowmaker_reply_v1 sink = {got, keep};
  snowmaker_status status;
  (void)ctx, (void)request;
  switch (method) {
    case SNOWMAKER_DESCRIBE:
      return answer(reply,
                    "{\"name\":\"checking\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[],\"checks\":true}");
    case SNOWMAKER_VALIDATE:
    case SNOWMAKER_CHECK:
      status = host_peer->call(host_peer->ctx, SNOWMAKER_FUNCTION,
                               (snowmaker_bytes_v1){(const uint8_t *)ASKED, strlen(ASKED)}, &sink);
      snprintf(text, sizeof text, "{\"diagnostics\":[{\"summary\":\"%d %s\"}]}", (int)status, got);
      return answer(reply, text);
    default: return SNOWMAKER_UNSUPPORTED;
  }
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(checking) {
  host_peer = host;
  return &peer;
}
