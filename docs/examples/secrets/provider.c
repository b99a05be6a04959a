/* A provider for secrets of the type GENERIC_STRING, in C. Nothing of snowmaker is needed to build it but snowmaker_plugin.h,
 * and cbor.h of the C template.
 *
 * CREATE SECRET: https://docs.snowflake.com/en/sql-reference/sql/create-secret
 * ALTER SECRET:  https://docs.snowflake.com/en/sql-reference/sql/alter-secret
 * The columns of SHOW SECRETS are those of https://docs.snowflake.com/en/sql-reference/sql/desc-secret that an account's list
 * has; their order is unverified.
 *
 * What it shows beyond the template: an object in a schema, a sensitive attribute, and text that must be quoted.
 */
#include "cbor.h"
#include "snowmaker_plugin.h"

static const char manifest[] =
    "{\"name\":\"secrets\",\"version\":\"0.1.0\",\"protocol\":\"1.0\",\"sdk\":\"c\","
    "\"doc\":\"Secrets that hold one text.\",\"types\":[{"
    "\"type\":\"secret\",\"plural\":\"secrets\",\"sql_name\":\"SECRET\",\"doc\":\"A secret of the type GENERIC_STRING.\","
    "\"identity\":[{\"attribute\":\"database\",\"container\":\"database\"},"
    "{\"attribute\":\"schema\",\"container\":\"schema\"},\"name\"],"
    "\"create_privilege\":\"CREATE SECRET\",\"privileges\":[\"READ\",\"USAGE\"],"
    "\"attributes\":["
    "{\"name\":\"database\",\"kind\":\"identifier\",\"required\":true,\"column\":\"database_name\","
    "\"doc\":\"The database that holds it.\"},"
    "{\"name\":\"schema\",\"kind\":\"identifier\",\"required\":true,\"column\":\"schema_name\","
    "\"doc\":\"The schema that holds it.\"},"
    "{\"name\":\"name\",\"kind\":\"identifier\",\"required\":true,\"column\":\"name\",\"doc\":\"The name.\"},"
    "{\"name\":\"secret_string\",\"kind\":\"text\",\"required\":true,\"sensitive\":true,\"property\":\"SECRET_STRING\","
    "\"unset\":\"impossible\",\"doc\":\"What it holds. It cannot be read back.\"},"
    "{\"name\":\"comment\",\"kind\":\"text\",\"property\":\"COMMENT\",\"column\":\"comment\",\"unset\":\"unset\","
    "\"blank_is_null\":true,\"doc\":\"A comment.\"}],"
    "\"reads\":[{\"name\":\"show\",\"statement\":\"SHOW SECRETS IN ACCOUNT\",\"per\":\"account\",\"shape\":\"rows\","
    "\"key_columns\":[\"database_name\",\"schema_name\",\"name\"]}],"
    "\"examples\":[{\"base\":{\"databases\":{\"RAW\":{}}},"
    "\"create\":{\"secrets\":[{\"name\":\"RAW.PUBLIC.API_KEY\",\"secret_string\":{\"$secret\":\"env:API_KEY\"}}]},"
    "\"change\":{\"secrets\":[{\"name\":\"RAW.PUBLIC.API_KEY\",\"secret_string\":{\"$secret\":\"env:API_KEY\"},"
    "\"comment\":\"the API's key\"}]}}],"
    "\"emulation\":{\"extra_properties\":[\"TYPE\"],\"show_columns\":[{\"name\":\"created_on\",\"fact\":\"created_on\"},"
    "{\"name\":\"name\",\"fact\":\"name\"},{\"name\":\"schema_name\",\"fact\":\"schema_name\"},"
    "{\"name\":\"database_name\",\"fact\":\"database_name\"},{\"name\":\"owner\",\"fact\":\"owner\"},"
    "{\"name\":\"comment\",\"attribute\":\"comment\"},{\"name\":\"secret_type\",\"constant\":\"GENERIC_STRING\"},"
    "{\"name\":\"oauth_scopes\",\"constant\":null},{\"name\":\"owner_role_type\",\"fact\":\"owner_role_type\"}]}}]}";

enum { PARTS = 3 }; /* database, schema, name */

/* ---- Text ---- */

/* Text put together, of any length. Begin with all zeros; text_free gives it back. When memory runs out, `out.failed` is set,
 * which `deliver` sees as soon as the text was written. */
typedef cbor_writer text;

static void add_bytes(text *to, const char *bytes, size_t length) { cbor_put(to, bytes, length); }
static void add(text *to, const char *more) { add_bytes(to, more, strlen(more)); }

/* Adds text between two quotes; those in it are doubled, and backslashes too where SQL takes them for escapes. */
static void add_quoted(text *to, const char *bytes, size_t length, char quote) {
  add_bytes(to, &quote, 1);
  for (size_t index = 0; index < length; index++) {
    if (bytes[index] == quote || (quote == '\'' && bytes[index] == '\\')) add_bytes(to, bytes + index, 1);
    add_bytes(to, bytes + index, 1);
  }
  add_bytes(to, &quote, 1);
}

/* The text of a value; empty when it is none. */
static const char *text_of(cbor_value value, size_t *length) {
  const char *bytes = "";
  *length = 0;
  cbor_text(value, &bytes, length);
  return bytes;
}

/* Adds the first `parts` of an identity, as SQL: canonical parts are that already. */
static void add_name(text *to, cbor_value identity, size_t parts) {
  for (size_t part = 0; part < parts; part++) {
    size_t length = 0;
    const char *bytes = text_of(cbor_at(identity, part), &length);
    if (part > 0) add(to, ".");
    add_bytes(to, bytes, length);
  }
}

/* Writes the text, and gives its memory back. */
static void write_text(cbor_writer *out, text *from) {
  cbor_bytes(out, (const char *)from->bytes, from->count);
  out->failed = out->failed || from->failed;
  cbor_free(from);
}

/* ---- Answers ---- */

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

static snowmaker_status refuse(const snowmaker_reply_v1 *reply, const char *summary) {
  cbor_writer out = {0};
  cbor_map(&out, 1), cbor_string(&out, "diagnostics"), cbor_list(&out, 1);
  cbor_map(&out, 1), cbor_string(&out, "summary"), cbor_string(&out, summary);
  return deliver(reply, &out, SNOWMAKER_FAILED);
}

/* ---- READ ---- */

static cbor_value cell(cbor_value result, cbor_value row, const char *name) {
  cbor_value columns = cbor_get(result, "columns"), element;
  const uint8_t *next = NULL;
  size_t index = 0;
  while (cbor_next(columns, &next, &index, &element))
    if (cbor_is_text(element, name)) return cbor_at(row, index);
  return CBOR_NONE; /* an account may not have it */
}

/* A name as SHOW prints it, in quotes: SQL for just that name. */
static void write_name(cbor_writer *out, cbor_value shown) {
  size_t length = 0;
  const char *bytes = text_of(shown, &length);
  text quoted = {0};
  add_quoted(&quoted, bytes, length, '"');
  write_text(out, &quoted);
}

static void observe(cbor_writer *out, cbor_value result, cbor_value row) {
  static const char *const columns[PARTS] = {"database_name", "schema_name", "name"};
  static const char *const keys[PARTS] = {"database", "schema", "name"};
  cbor_value owner = cell(result, row, "owner"), created = cell(result, row, "created_on");
  cbor_value comment = cell(result, row, "comment");
  size_t length = 0;
  bool has_comment = (text_of(comment, &length), length > 0);
  cbor_map(out, 2 + (owner.at != NULL) + (created.at != NULL));
  cbor_string(out, "identity"), cbor_list(out, PARTS);
  for (int part = 0; part < PARTS; part++) write_name(out, cell(result, row, columns[part]));
  /* What is not among the attributes could not be seen: the secret itself never is. A comment that is not there is null. */
  cbor_string(out, "attributes"), cbor_map(out, PARTS + (comment.at != NULL));
  for (int part = 0; part < PARTS; part++)
    cbor_string(out, keys[part]), write_name(out, cell(result, row, columns[part]));
  if (comment.at != NULL) {
    cbor_string(out, "comment");
    if (has_comment) cbor_copy(out, comment);
    else cbor_null(out);
  }
  if (owner.at != NULL) cbor_string(out, "owner"), cbor_copy(out, owner);
  if (created.at != NULL) cbor_string(out, "created_on"), cbor_copy(out, created);
}

static bool is_ours(cbor_value result, cbor_value row) {
  cbor_value type = cell(result, row, "secret_type");
  return type.at == NULL || cbor_is_text(type, "GENERIC_STRING") || cbor_is_text(type, "GENERIC");
}

/* Two rounds: ask for one SHOW, then turn its rows into resources. */
static snowmaker_status read_secrets(cbor_value request, const snowmaker_reply_v1 *reply) {
  static const char show[] = "SHOW SECRETS IN ACCOUNT";
  cbor_writer out = {0};
  cbor_value result = cbor_at(cbor_get(request, "results"), 0);
  if (result.at == NULL) {
    cbor_map(&out, 1), cbor_string(&out, "queries"), cbor_list(&out, 1), cbor_map(&out, 3);
    cbor_string(&out, "sql"), cbor_string(&out, show), cbor_string(&out, "class"), cbor_string(&out, "SHOW SECRETS");
    cbor_string(&out, "row_limit"), cbor_int64(&out, 10000);
    return deliver(reply, &out, SNOWMAKER_OK);
  }
  if (cbor_is_map(cbor_get(result, "failure"))) return refuse(reply, "SHOW SECRETS IN ACCOUNT failed");
  cbor_value rows = cbor_get(result, "rows"), row;
  const uint8_t *next = NULL;
  size_t index = 0, count = 0;
  while (cbor_next(rows, &next, &index, &row)) count += is_ours(result, row);
  bool is_cut = cbor_get(result, "cut").at != NULL;
  cbor_map(&out, 1 + is_cut);
  if (is_cut) cbor_string(&out, "partial"), cbor_string(&out, "SHOW SECRETS was cut");
  cbor_string(&out, "observed"), cbor_list(&out, count);
  next = NULL;
  while (cbor_next(rows, &next, &index, &row))
    if (is_ours(result, row)) observe(&out, result, row);
  return deliver(reply, &out, SNOWMAKER_OK);
}

/* ---- PLAN ---- */

/* What one statement needs: a privilege on an object, or to own it when `privilege` is NULL. */
static void write_authority(cbor_writer *out, const char *privilege, const char *type, text *name) {
  cbor_string(out, "authorities"), cbor_list(out, 1), cbor_map(out, 2 + (privilege != NULL));
  cbor_string(out, "need"), cbor_string(out, privilege ? "privilege" : "ownership");
  if (privilege) cbor_string(out, "privilege"), cbor_string(out, privilege);
  cbor_string(out, "on"), cbor_map(out, 2), cbor_string(out, "type"), cbor_string(out, type);
  cbor_string(out, "name"), write_text(out, name);
}

/* The attributes that differ. */
typedef struct difference {
  bool secret, comment, drops_comment;
} difference;

static bool lists(cbor_value texts, const char *wanted) {
  cbor_value element;
  const uint8_t *next = NULL;
  size_t index = 0;
  while (cbor_next(texts, &next, &index, &element))
    if (cbor_is_text(element, wanted)) return true;
  return false;
}

static difference compare(cbor_value item, cbor_value declared, cbor_value seen, bool exists) {
  cbor_value comment = cbor_get(declared, "comment"), before = cbor_get(seen, "comment");
  bool has_text = comment.at != NULL && !cbor_is_null(comment);
  return (difference){
      /* Nobody can read it: the host says under `same` when it is what was sent the last time. */
      .secret = cbor_get(declared, "secret_string").at != NULL && !lists(cbor_get(item, "same"), "secret_string"),
      .comment = has_text && !cbor_same(comment, before),
      .drops_comment = cbor_is_null(comment) && exists && before.at != NULL && !cbor_is_null(before),
  };
}

static void write_changes(cbor_writer *out, cbor_value declared, cbor_value seen, difference differs) {
  bool comment = differs.comment || differs.drops_comment;
  cbor_string(out, "attributes"), cbor_list(out, (size_t)differs.secret + comment);
  for (int index = 0; index < 2; index++) {
    const char *key = index == 0 ? "secret_string" : "comment";
    if (index == 0 ? !differs.secret : !comment) continue;
    cbor_map(out, 3), cbor_string(out, "name"), cbor_string(out, key);
    cbor_string(out, "before"), cbor_copy(out, cbor_get(seen, key));
    cbor_string(out, "after"), cbor_copy(out, cbor_get(declared, key));
  }
}

/* SQL with a slot for the secret: the host puts the quoted value there when it sends the statement. */
static void write_sql(cbor_writer *out, text *head, cbor_value declared, difference differs) {
  text tail = {0};
  size_t length = 0;
  const char *comment = text_of(cbor_get(declared, "comment"), &length);
  if (differs.comment) add(&tail, " COMMENT = "), add_quoted(&tail, comment, length, '\'');
  cbor_string(out, "sql"), cbor_list(out, differs.secret ? 3 : 2);
  if (differs.secret) add(head, " SECRET_STRING = ");
  write_text(out, head);
  if (differs.secret) cbor_copy(out, cbor_get(declared, "secret_string"));
  write_text(out, &tail);
}

static void write_head(cbor_writer *out, const char *action, size_t fields) {
  cbor_map(out, 1 + fields), cbor_string(out, "action"), cbor_string(out, action);
}

/* Writes what is to be done to one secret. */
static void plan_item(cbor_writer *out, cbor_value item) {
  cbor_value identity = cbor_get(item, "identity"), declared = cbor_get(item, "declared");
  cbor_value observed = cbor_get(item, "observed"), seen = cbor_get(observed, "attributes");
  bool exists = cbor_is_map(observed), wanted = cbor_is_map(declared);
  text name = {0}, sql = {0};
  if (!wanted && !exists) {
    write_head(out, "none", 0);
    return;
  }
  if (!wanted) {
    add(&sql, "DROP SECRET "), add_name(&sql, identity, PARTS), add_name(&name, identity, PARTS);
    write_head(out, "drop", 2), cbor_string(out, "risk"), cbor_string(out, "irreversible");
    cbor_string(out, "statements"), cbor_list(out, 1), cbor_map(out, 2);
    cbor_string(out, "sql"), write_text(out, &sql), write_authority(out, NULL, "SECRET", &name);
    return;
  }
  difference differs = compare(item, declared, seen, exists);
  bool sets = !exists || differs.secret || differs.comment;
  if (!sets && !differs.drops_comment) {
    write_head(out, "none", 0);
    return;
  }
  write_head(out, exists ? "update" : "create", 2);
  write_changes(out, declared, seen, differs);
  cbor_string(out, "statements"), cbor_list(out, (size_t)sets + differs.drops_comment);
  if (sets) {
    add(&sql, exists ? "ALTER SECRET " : "CREATE SECRET "), add_name(&sql, identity, PARTS);
    add(&sql, exists ? " SET" : " TYPE = GENERIC_STRING");
    cbor_map(out, 2), write_sql(out, &sql, declared, differs);
    add_name(&name, identity, exists ? PARTS : PARTS - 1);
    write_authority(out, exists ? NULL : "CREATE SECRET", exists ? "SECRET" : "SCHEMA", &name);
  }
  if (differs.drops_comment) {
    add(&sql, "ALTER SECRET "), add_name(&sql, identity, PARTS), add(&sql, " UNSET COMMENT");
    add_name(&name, identity, PARTS);
    cbor_map(out, 2), cbor_string(out, "sql"), write_text(out, &sql), write_authority(out, NULL, "SECRET", &name);
  }
}

/* Whether an item has an identity of the right number of texts: whatever the request says, nothing else is relied on. */
static bool is_item(cbor_value item) {
  cbor_value identity = cbor_get(item, "identity");
  if (cbor_count(identity) != PARTS) return false;
  for (size_t part = 0; part < PARTS; part++) {
    const char *bytes = NULL;
    size_t length = 0;
    if (!cbor_text(cbor_at(identity, part), &bytes, &length)) return false;
  }
  return true;
}

static snowmaker_status plan_secrets(cbor_value request, const snowmaker_reply_v1 *reply) {
  cbor_value items = cbor_get(request, "items"), item;
  const uint8_t *next = NULL;
  size_t index = 0;
  while (cbor_next(items, &next, &index, &item))
    if (!is_item(item)) return SNOWMAKER_MALFORMED;
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
  if (!cbor_is_text(cbor_get(document, "type"), "secret")) return refuse(reply, "no such type");
  return method == SNOWMAKER_READ ? read_secrets(document, reply) : plan_secrets(document, reply);
}

static const snowmaker_peer_v1 peer = {SNOWMAKER_ABI, 0, NULL, call, NULL};

SNOWMAKER_PLUGIN(secrets) {
  (void)host;
  return &peer;
}
