/* A plugin of one composite, kit, at version 2 of its schema, whose versions differ in what a kit stands for. By macro:
 *   VERSION   its version
 *   EXPANDED  the resources of the one kit that EXPAND is asked about, as JSON
 *   NEEDED    a word that the request of EXPAND must hold, or it is answered with an error
 *   OLD       a word that the request of UPGRADE must hold, or it is answered with an error
 *   UPGRADED  what UPGRADE answers for the one kit, as JSON */
#include "snowmaker_plugin.h"

#include <string.h>

#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef EXPANDED
#define EXPANDED "[]"
#endif
#ifndef NEEDED
#define NEEDED "name"
#endif
#ifndef OLD
#define OLD "name"
#endif
#ifndef UPGRADED
#define UPGRADED "{}"
#endif

static const char manifest[] =
    "{\"name\":\"evolving\",\"version\":\"" VERSION "\",\"protocol\":\"1.0\",\"types\":[{\"type\":\"kit\","
    "\"plural\":\"kits\",\"version\":2,\"identity\":[\"name\"],\"expands\":true,\"composite\":true,\"attributes\":["
    "{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true},{\"name\":\"compute_size\",\"kind\":\"text\"}]}]}";

static snowmaker_status answer(const snowmaker_reply_v1 *reply, const char *text) {
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)text, strlen(text)});
  return SNOWMAKER_OK;
}

static int holds(snowmaker_bytes_v1 request, const char *word) {
  return memmem(request.ptr, request.len, word, strlen(word)) != NULL;
}

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx;
  switch (method) {
    case SNOWMAKER_DESCRIBE: return answer(reply, manifest);
    case SNOWMAKER_EXPAND:
      if (holds(request, NEEDED)) return answer(reply, "{\"results\":[{\"resources\":" EXPANDED "}]}");
      answer(reply, "{\"diagnostics\":[{\"summary\":\"EXPAND was not asked about '" NEEDED "'\"}]}");
      return SNOWMAKER_FAILED;
    case SNOWMAKER_UPGRADE:
      if (holds(request, OLD)) return answer(reply, "{\"resources\":[" UPGRADED "]}");
      answer(reply, "{\"diagnostics\":[{\"summary\":\"UPGRADE was not asked about '" OLD "'\"}]}");
      return SNOWMAKER_FAILED;
    default: return SNOWMAKER_UNSUPPORTED;
  }
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(evolving) {
  (void)host;
  return &peer;
}
