#include "snowmaker_plugin.h"
#include <string.h>

static const char manifest[] =
    "{\"name\":\"monitors\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[{\"type\":\"resource_monitor\","
    "\"plural\":\"resource_monitors\",\"sql_name\":\"RESOURCE MONITOR\",\"identity\":[\"name\"],"
    "\"attributes\":[{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true}]}]}";

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx, (void)request;
  if (method != SNOWMAKER_DESCRIBE) return SNOWMAKER_UNSUPPORTED;
  snowmaker_bytes_v1 body = {(const uint8_t *)manifest, strlen(manifest)};
  return reply->emit(reply->ctx, SNOWMAKER_RESULT, body) ? SNOWMAKER_CANCELLED : SNOWMAKER_OK;
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, 0, call, 0};

SNOWMAKER_PLUGIN(monitors) { (void)host; return &peer; }
