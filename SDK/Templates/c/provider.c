/* A provider for resource monitors in C. Nothing but snowmaker_plugin.h and cbor.h is needed to build it.
 *
 * https://docs.snowflake.com/en/sql-reference/sql/create-resource-monitor
 */
#include "cbor.h"
#include "snowmaker_plugin.h"

#include <stdio.h>

/* What this plugin is: the answer to DESCRIBE. */
static const char manifest[] =
    "{\"name\":\"acme-monitors\",\"version\":\"0.1.0\",\"protocol\":\"1.0\",\"sdk\":\"c\","
    "\"doc\":\"Resource monitors: limits on credits.\",\"types\":[{"
    "\"type\":\"resource_monitor\",\"plural\":\"resource_monitors\",\"sql_name\":\"RESOURCE MONITOR\","
    "\"doc\":\"A limit on the credits that warehouses use.\",\"identity\":[\"name\"],"
    "\"create_privilege\":\"CREATE RESOURCE MONITOR\",\"privileges\":[\"MODIFY\",\"MONITOR\"],"
    "\"attributes\":["
    "{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true,\"column\":\"name\",\"doc\":\"The name.\"},"
    "{\"name\":\"credit_quota\",\"kind\":{\"kind\":\"integer\",\"minimum\":1},\"property\":\"CREDIT_QUOTA\","
    "\"column\":\"credit_quota\",\"required\":true,\"unset\":\"impossible\",\"doc\":\"The credits per period.\"},"
    "{\"name\":\"frequency\",\"kind\":{\"kind\":\"enumeration\",\"values\":[\"MONTHLY\",\"DAILY\",\"WEEKLY\",\"YEARLY\","
    "\"NEVER\"]},\"property\":\"FREQUENCY\",\"column\":\"frequency\",\"default\":\"MONTHLY\","
    "\"unset\":{\"set\":\"MONTHLY\"},\"doc\":\"When the used credits go back to 0.\"}],"
    "\"reads\":[{\"name\":\"show\",\"statement\":\"SHOW RESOURCE MONITORS\",\"per\":\"account\",\"shape\":\"rows\"}],"
    "\"examples\":[{\"create\":{\"resource_monitors\":[{\"name\":\"MONTHLY\",\"credit_quota\":100,"
    "\"frequency\":\"WEEKLY\"}]},\"change\":{\"resource_monitors\":[{\"name\":\"MONTHLY\",\"credit_quota\":200,"
    "\"frequency\":\"DAILY\"}]}}],"
    "\"emulation\":{\"show_columns\":[{\"name\":\"name\",\"fact\":\"name\"},"
    "{\"name\":\"credit_quota\",\"attribute\":\"credit_quota\"},{\"name\":\"frequency\",\"attribute\":\"frequency\"},"
    "{\"name\":\"created_on\",\"fact\":\"created_on\"},{\"name\":\"owner\",\"fact\":\"owner\"}]}}]}";

/* ---- Small things ---- */

/* Text put together, for SQL; too long is cut, and `cut` says so. */
typedef struct text {
  char bytes[2048];
  size_t length;
  bool cut;
} text;

static void add_bytes(text *to, const char *bytes, size_t length) {
  if (to->length + length > sizeof to->bytes) {
    to->cut = true;
    return;
  }
  memcpy(to->bytes + to->length, bytes, length);
  to->length += length;
}

static void add(text *to, const char *more) { add_bytes(to, more, strlen(more)); }

/* Adds a canonical value as SQL: a name or word as it is, a number in digits. */
static void add_value(text *to, cbor_value value) {
  const char *word = NULL;
  size_t length = 0;
  int64_t number = 0;
  char digits[24];
  if (cbor_text(value, &word, &length)) {
    add_bytes(to, word, length);
  } else if (cbor_int(value, &number)) {
    snprintf(digits, sizeof digits, "%lld", (long long)number);
    add(to, digits);
  }
}

static snowmaker_status deliver(const snowmaker_reply_v1 *reply, cbor_writer *out, snowmaker_status status) {
  if (out->failed) {
    cbor_free(out);
    return SNOWMAKER_PANIC; /* no memory */
  }
  snowmaker_bytes_v1 body = {out->bytes, out->count};
  int32_t verdict = reply->emit(reply->ctx, SNOWMAKER_RESULT, body);
  cbor_free(out);
  return verdict == 0 ? status : SNOWMAKER_CANCELLED;
}

/* The request was understood, and the answer is no. */
static snowmaker_status refuse(const snowmaker_reply_v1 *reply, const char *summary) {
  cbor_writer out = {0};
  cbor_map(&out, 1), cbor_string(&out, "diagnostics"), cbor_list(&out, 1);
  cbor_map(&out, 1), cbor_string(&out, "summary"), cbor_string(&out, summary);
  return deliver(reply, &out, SNOWMAKER_FAILED);
}

/* The name of a resource: an identity of one part. CBOR_NONE when it is none. */
static cbor_value name_of(cbor_value resource) {
  cbor_value identity = cbor_get(resource, "identity");
  const char *name = NULL;
  size_t length = 0;
  cbor_value part = cbor_at(identity, 0);
  return cbor_count(identity) == 1 && cbor_text(part, &name, &length) ? part : CBOR_NONE;
}

/* ---- READ ---- */

static size_t column(cbor_value result, const char *name) {
  cbor_value columns = cbor_get(result, "columns"), element;
  const uint8_t *next = NULL;
  size_t index = 0;
  while (cbor_next(columns, &next, &index, &element))
    if (cbor_is_text(element, name)) return index;
  return SIZE_MAX; /* an account may not have it */
}

/* A quota comes as text: "100" or "100.00". */
static bool quota_of(cbor_value cell, int64_t *quota) {
  const char *digits = NULL;
  size_t length = 0;
  if (!cbor_text(cell, &digits, &length) || length == 0 || length > 18) return false;
  *quota = 0;
  for (size_t index = 0; index < length && digits[index] != '.'; index++) {
    if (digits[index] < '0' || digits[index] > '9') return false;
    *quota = *quota * 10 + (digits[index] - '0');
  }
  return true;
}

static void observe(cbor_writer *out, cbor_value result, cbor_value row) {
  const char *frequency = NULL, *name = NULL;
  size_t length = 0, name_length = 0;
  int64_t quota = 0;
  cbor_text(cbor_at(row, column(result, "name")), &name, &name_length);
  bool has_quota = quota_of(cbor_at(row, column(result, "credit_quota")), &quota);
  bool has_frequency = cbor_text(cbor_at(row, column(result, "frequency")), &frequency, &length);
  cbor_value owner = cbor_at(row, column(result, "owner"));
  /* SHOW prints a name as it is stored. In quotes it is SQL for that, whether it needs them or not. */
  text quoted = {.length = 0};
  add(&quoted, "\"");
  for (size_t index = 0; index < name_length; index++) {
    if (name[index] == '"') add(&quoted, "\"");
    add_bytes(&quoted, name + index, 1);
  }
  add(&quoted, "\"");
  cbor_map(out, 2 + (owner.at != NULL));
  cbor_string(out, "identity"), cbor_list(out, 1), cbor_bytes(out, quoted.bytes, quoted.length);
  cbor_string(out, "attributes"), cbor_map(out, 1 + has_quota + has_frequency);
  cbor_string(out, "name"), cbor_bytes(out, quoted.bytes, quoted.length);
  if (has_quota) cbor_string(out, "credit_quota"), cbor_int64(out, quota);
  if (has_frequency) cbor_string(out, "frequency"), cbor_bytes(out, frequency, length);
  if (owner.at != NULL) cbor_string(out, "owner"), cbor_copy(out, owner);
}

/* Two rounds: ask for one SHOW, then turn its rows into resources. */
static snowmaker_status read_monitors(cbor_value request, const snowmaker_reply_v1 *reply) {
  cbor_writer out = {0};
  cbor_value results = cbor_get(request, "results"), result = cbor_at(results, 0);
  if (result.at == NULL) {
    cbor_map(&out, 1), cbor_string(&out, "queries"), cbor_list(&out, 1), cbor_map(&out, 3);
    cbor_string(&out, "sql"), cbor_string(&out, "SHOW RESOURCE MONITORS");
    cbor_string(&out, "class"), cbor_string(&out, "SHOW RESOURCE MONITORS");
    cbor_string(&out, "row_limit"), cbor_int64(&out, 10000);
    return deliver(reply, &out, SNOWMAKER_OK);
  }
  if (cbor_is_map(cbor_get(result, "failure"))) return refuse(reply, "SHOW RESOURCE MONITORS failed");
  cbor_value rows = cbor_get(result, "rows"), row;
  bool is_cut = cbor_get(result, "cut").at != NULL;
  cbor_map(&out, 1 + is_cut);
  if (is_cut) cbor_string(&out, "partial"), cbor_string(&out, "SHOW RESOURCE MONITORS was cut");
  cbor_string(&out, "observed"), cbor_list(&out, cbor_count(rows));
  const uint8_t *next = NULL;
  size_t index = 0;
  while (cbor_next(rows, &next, &index, &row)) observe(&out, result, row);
  return deliver(reply, &out, SNOWMAKER_OK);
}

/* ---- PLAN ---- */

/* The attributes beside the name, with the SQL that sets them back. */
static const struct {
  const char *name, *property, *reset;
} attributes[] = {{"credit_quota", "CREDIT_QUOTA", NULL}, {"frequency", "FREQUENCY", "MONTHLY"}};
enum { ATTRIBUTES = sizeof attributes / sizeof *attributes };

static void statement(cbor_writer *out, const text *sql, const char *need, const char *privilege, const char *type,
                      cbor_value name) {
  cbor_map(out, 2);
  cbor_string(out, "sql"), cbor_bytes(out, sql->bytes, sql->length);
  cbor_string(out, "authorities"), cbor_list(out, 1), cbor_map(out, 2 + (privilege != NULL));
  cbor_string(out, "need"), cbor_string(out, need);
  if (privilege != NULL) cbor_string(out, "privilege"), cbor_string(out, privilege);
  cbor_string(out, "on"), cbor_map(out, 2), cbor_string(out, "type"), cbor_string(out, type);
  cbor_string(out, "name");
  if (name.at == NULL) cbor_string(out, "");
  else cbor_copy(out, name);
}

static void change_head(cbor_writer *out, const char *action, size_t fields) {
  cbor_map(out, 1 + fields), cbor_string(out, "action"), cbor_string(out, action);
}

/* Writes what is to be done to one resource. */
static void plan_item(cbor_writer *out, cbor_value item) {
  cbor_value name = name_of(item), declared = cbor_get(item, "declared"), observed = cbor_get(item, "observed");
  cbor_value seen = cbor_get(observed, "attributes");
  bool exists = cbor_is_map(observed);
  text sql = {.length = 0};
  if (!cbor_is_map(declared)) {
    if (!exists) {
      change_head(out, "none", 0);
      return;
    }
    add(&sql, "DROP RESOURCE MONITOR "), add_value(&sql, name);
    change_head(out, "drop", 2);
    cbor_string(out, "risk"), cbor_string(out, "re-creatable");
    cbor_string(out, "statements"), cbor_list(out, 1);
    statement(out, &sql, "ownership", NULL, "RESOURCE MONITOR", name);
    return;
  }

  /* Absent is not managed, null is back to what Snowflake has by itself. */
  size_t differing[ATTRIBUTES], count = 0;
  for (size_t index = 0; index < ATTRIBUTES; index++) {
    cbor_value value = cbor_get(declared, attributes[index].name), before = cbor_get(seen, attributes[index].name);
    if (value.at == NULL || cbor_same(value, before)) continue;
    if (cbor_is_null(value) && (!exists || attributes[index].reset == NULL ||
                                cbor_is_text(before, attributes[index].reset)))
      continue;
    differing[count++] = index;
  }
  if (exists && count == 0) {
    change_head(out, "none", 0);
    return;
  }
  add(&sql, exists ? "ALTER RESOURCE MONITOR " : "CREATE RESOURCE MONITOR "), add_value(&sql, name);
  if (count > 0) add(&sql, exists ? " SET" : " WITH");
  for (size_t index = 0; index < count; index++) {
    cbor_value value = cbor_get(declared, attributes[differing[index]].name);
    add(&sql, " "), add(&sql, attributes[differing[index]].property), add(&sql, " = ");
    if (cbor_is_null(value)) add(&sql, attributes[differing[index]].reset);
    else add_value(&sql, value);
  }

  change_head(out, exists ? "update" : "create", 2);
  cbor_string(out, "attributes"), cbor_list(out, count);
  for (size_t index = 0; index < count; index++) {
    const char *key = attributes[differing[index]].name;
    cbor_map(out, 3), cbor_string(out, "name"), cbor_string(out, key);
    cbor_string(out, "before"), cbor_copy(out, cbor_get(seen, key));
    cbor_string(out, "after"), cbor_copy(out, cbor_get(declared, key));
  }
  cbor_string(out, "statements"), cbor_list(out, 1);
  if (exists) statement(out, &sql, "privilege", "MODIFY", "RESOURCE MONITOR", name);
  else statement(out, &sql, "privilege", "CREATE RESOURCE MONITOR", "ACCOUNT", CBOR_NONE);
}

static snowmaker_status plan_monitors(cbor_value request, const snowmaker_reply_v1 *reply) {
  cbor_value items = cbor_get(request, "items"), item;
  const uint8_t *next = NULL;
  size_t index = 0;
  while (cbor_next(items, &next, &index, &item))
    if (name_of(item).at == NULL) return SNOWMAKER_MALFORMED;
  cbor_writer out = {0};
  cbor_map(&out, 1), cbor_string(&out, "changes"), cbor_list(&out, cbor_count(items));
  next = NULL;
  while (cbor_next(items, &next, &index, &item)) plan_item(&out, item);
  return deliver(reply, &out, SNOWMAKER_OK);
}

/* ---- The way in ---- */

static snowmaker_status call(void *ctx, snowmaker_method method, snowmaker_bytes_v1 request,
                             const snowmaker_reply_v1 *reply) {
  (void)ctx;
  if (method == SNOWMAKER_DESCRIBE) {
    snowmaker_bytes_v1 body = {(const uint8_t *)manifest, sizeof manifest - 1};
    return reply->emit(reply->ctx, SNOWMAKER_RESULT, body) == 0 ? SNOWMAKER_OK : SNOWMAKER_CANCELLED;
  }
  if (method != SNOWMAKER_READ && method != SNOWMAKER_PLAN) return SNOWMAKER_UNSUPPORTED;
  cbor_value document = cbor_check(request.ptr, request.len);
  if (!cbor_is_map(document)) return SNOWMAKER_MALFORMED;
  if (!cbor_is_text(cbor_get(document, "type"), "resource_monitor")) return refuse(reply, "no such type");
  return method == SNOWMAKER_READ ? read_monitors(document, reply) : plan_monitors(document, reply);
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(acme_monitors) {
  (void)host;
  return &peer;
}
