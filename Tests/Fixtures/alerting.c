/* A plugin of one type: alerts, which CREATE and ALTER write with clauses of their own. It says how they are written and
 * how SHOW lists them, and plans nothing: for the emulator, which plays what descriptions say. */
#include "snowmaker_plugin.h"

#include <string.h>

static const char manifest[] =
    "{\"name\":\"alerting\",\"version\":\"1.0.0\",\"protocol\":\"1.0\",\"types\":[{\"type\":\"acme_alert\","
    "\"plural\":\"acme_alerts\",\"sql_name\":\"ALERT\",\"sql_plural\":\"ALERTS\",\"identity\":["
    "{\"attribute\":\"database\",\"container\":\"database\"},{\"attribute\":\"schema\",\"container\":\"schema\"},\"name\"],"
    "\"create_privilege\":\"CREATE ALERT\",\"attributes\":["
    "{\"name\":\"database\",\"kind\":\"identifier\",\"required\":true},"
    "{\"name\":\"schema\",\"kind\":\"identifier\",\"required\":true},"
    "{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true},"
    "{\"name\":\"schedule\",\"kind\":\"text\",\"property\":\"SCHEDULE\",\"column\":\"schedule\"},"
    "{\"name\":\"condition\",\"kind\":\"sql\",\"column\":\"condition\",\"required\":true,\"unset\":\"impossible\","
    "\"clause\":{\"create\":\"IF (EXISTS ({}))\",\"alter\":\"MODIFY CONDITION EXISTS ({})\"}},"
    "{\"name\":\"action\",\"kind\":\"sql\",\"column\":\"action\",\"required\":true,\"unset\":\"impossible\","
    "\"clause\":{\"create\":\"THEN {}\",\"alter\":\"MODIFY ACTION {}\"}}],"
    "\"emulation\":{\"show_columns\":[{\"name\":\"name\",\"fact\":\"name\"},{\"name\":\"schedule\",\"attribute\":"
    "\"schedule\"},{\"name\":\"condition\",\"attribute\":\"condition\"},{\"name\":\"action\",\"attribute\":\"action\"},"
    "{\"name\":\"by\",\"constant\":\"ACME\"}]}}]}";

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx, (void)request;
  if (method != SNOWMAKER_DESCRIBE) return SNOWMAKER_UNSUPPORTED;
  reply->emit(reply->ctx, SNOWMAKER_RESULT, (snowmaker_bytes_v1){(const uint8_t *)manifest, strlen(manifest)});
  return SNOWMAKER_OK;
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(alerting) {
  (void)host;
  return &peer;
}
