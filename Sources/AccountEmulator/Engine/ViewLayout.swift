/// How a view over the objects of one kind is laid out.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/info-schema> and
/// <https://docs.snowflake.com/en/sql-reference/account-usage>; the columns that tools read, not all there are.
struct ViewLayout: Sendable {
  var kind: String
  var columns: [(name: String, source: String, type: ResultColumn.ResultType)]
  var inInformationSchema = true
  var inAccountUsage = true

  /// `NAME=source` separated by blanks; what starts with CREATED or LAST_ALTERED is a time.
  private init(_ kind: String, _ text: String, schema: Bool = true, usage: Bool = true) {
    self.kind = kind
    inInformationSchema = schema
    inAccountUsage = usage
    columns = text.split(separator: " ").map { item in
      let cut = item.firstIndex(of: "=") ?? item.endIndex
      let name = String(item[..<cut])
      let source = cut == item.endIndex ? "" : String(item[item.index(after: cut)...])
      return (name, source, name.hasPrefix("CREATED") || name == "LAST_ALTERED" ? .timestamp_ltz : .text)
    }
  }

  private static let times = "CREATED=created_on LAST_ALTERED=created_on COMMENT=comment"

  static let all: [String: ViewLayout] = [
    "DATABASES": ViewLayout(
      "DATABASE",
      "DATABASE_NAME=name DATABASE_OWNER=owner IS_TRANSIENT=?is_transient RETENTION_TIME=@DATA_RETENTION_TIME_IN_DAYS "
        + "TYPE=kind OWNER_ROLE_TYPE=owner_role_type " + times),
    "SCHEMATA": ViewLayout(
      "SCHEMA",
      "CATALOG_NAME=database_name SCHEMA_NAME=name SCHEMA_OWNER=owner IS_TRANSIENT=?is_transient "
        + "IS_MANAGED_ACCESS=?managed_access RETENTION_TIME=@DATA_RETENTION_TIME_IN_DAYS "
        + "OWNER_ROLE_TYPE=owner_role_type " + times),
    "VIEWS": ViewLayout(
      "VIEW",
      "TABLE_CATALOG=database_name TABLE_SCHEMA=schema_name TABLE_NAME=name TABLE_OWNER=owner VIEW_DEFINITION=text "
        + "IS_SECURE=?is_secure " + times),
    "STAGES": ViewLayout(
      "STAGE",
      "STAGE_CATALOG=database_name STAGE_SCHEMA=schema_name STAGE_NAME=name STAGE_URL=url STAGE_OWNER=owner "
        + "STAGE_REGION=region STAGE_TYPE=type " + times),
    "FILE_FORMATS": ViewLayout(
      "FILE FORMAT",
      "FILE_FORMAT_CATALOG=database_name FILE_FORMAT_SCHEMA=schema_name FILE_FORMAT_NAME=name FILE_FORMAT_OWNER=owner "
        + "FILE_FORMAT_TYPE=type " + times),
    "PIPES": ViewLayout(
      "PIPE",
      "PIPE_CATALOG=database_name PIPE_SCHEMA=schema_name PIPE_NAME=name PIPE_OWNER=owner DEFINITION=definition "
        + "NOTIFICATION_CHANNEL_NAME=notification_channel IS_AUTOINGEST_ENABLED=?auto_ingest PATTERN=pattern " + times),
    "SEQUENCES": ViewLayout(
      "SEQUENCE",
      "SEQUENCE_CATALOG=database_name SEQUENCE_SCHEMA=schema_name SEQUENCE_NAME=name SEQUENCE_OWNER=owner "
        + "START_VALUE=next_value NEXT_VALUE=next_value INCREMENT=interval ORDERED=ordered " + times),
    "FUNCTIONS": ViewLayout(
      "FUNCTION",
      "FUNCTION_CATALOG=database_name FUNCTION_SCHEMA=schema_name FUNCTION_NAME=name FUNCTION_OWNER=owner "
        + "ARGUMENT_SIGNATURE=signature DATA_TYPE=returns FUNCTION_LANGUAGE=language FUNCTION_DEFINITION=body "
        + "IS_SECURE=?is_secure IS_MEMOIZABLE=?memoizable " + times),
    "PROCEDURES": ViewLayout(
      "PROCEDURE",
      "PROCEDURE_CATALOG=database_name PROCEDURE_SCHEMA=schema_name PROCEDURE_NAME=name PROCEDURE_OWNER=owner "
        + "ARGUMENT_SIGNATURE=signature DATA_TYPE=returns PROCEDURE_LANGUAGE=language PROCEDURE_DEFINITION=body "
        + "OWNER_ROLE_TYPE=owner_role_type " + times),
    "TAGS": ViewLayout(
      "TAG",
      "TAG_DATABASE=database_name TAG_SCHEMA=schema_name TAG_NAME=name TAG_OWNER=owner TAG_COMMENT=comment " + times,
      schema: false),
    "ROLES": ViewLayout(
      "ROLE",
      "CREATED_ON=created_on NAME=name COMMENT=comment OWNER=owner ROLE_TYPE='ROLE' OWNER_ROLE_TYPE=owner_role_type",
      schema: false),
    "USERS": ViewLayout(
      "USER",
      "NAME=name CREATED_ON=created_on LOGIN_NAME=login_name DISPLAY_NAME=display_name FIRST_NAME=first_name "
        + "LAST_NAME=last_name EMAIL=email DISABLED=disabled DEFAULT_WAREHOUSE=default_warehouse "
        + "DEFAULT_NAMESPACE=default_namespace DEFAULT_ROLE=default_role OWNER=owner TYPE=type COMMENT=comment",
      schema: false),
  ]

  /// The column that says when something was dropped: ROLES and USERS call it otherwise.
  static func deletedColumn(_ view: String) -> String { view == "ROLES" || view == "USERS" ? "DELETED_ON" : "DELETED" }

  /// Views that are there and have nothing in them: nothing in the emulator fills them.
  static let empty: [String: String] = [
    "POLICY_REFERENCES": "POLICY_DB POLICY_SCHEMA POLICY_NAME POLICY_KIND REF_DATABASE_NAME REF_SCHEMA_NAME "
      + "REF_ENTITY_NAME REF_ENTITY_DOMAIN REF_COLUMN_NAME POLICY_STATUS",
    "TAG_REFERENCES": "TAG_DATABASE TAG_SCHEMA TAG_NAME TAG_VALUE OBJECT_DATABASE OBJECT_SCHEMA OBJECT_NAME DOMAIN "
      + "COLUMN_NAME OBJECT_DELETED",
    "OBJECT_DEPENDENCIES": "REFERENCED_DATABASE REFERENCED_SCHEMA REFERENCED_OBJECT_NAME REFERENCED_OBJECT_DOMAIN "
      + "REFERENCING_DATABASE REFERENCING_SCHEMA REFERENCING_OBJECT_NAME REFERENCING_OBJECT_DOMAIN DEPENDENCY_TYPE",
    "REFERENTIAL_CONSTRAINTS": "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME UNIQUE_CONSTRAINT_CATALOG "
      + "UNIQUE_CONSTRAINT_SCHEMA UNIQUE_CONSTRAINT_NAME MATCH_OPTION UPDATE_RULE DELETE_RULE COMMENT CREATED",
    "TABLE_CONSTRAINTS": "CONSTRAINT_CATALOG CONSTRAINT_SCHEMA CONSTRAINT_NAME TABLE_CATALOG TABLE_SCHEMA TABLE_NAME "
      + "CONSTRAINT_TYPE COMMENT CREATED",
  ]
}

/// Views of Snowflake that the emulator knows of and does not play.
enum ViewNames {
  static let known: Set<String> = [
    "QUERY_HISTORY", "LOGIN_HISTORY", "WAREHOUSE_METERING_HISTORY", "METERING_HISTORY", "STORAGE_USAGE",
    "ACCESS_HISTORY", "COPY_HISTORY", "LOAD_HISTORY", "PIPE_USAGE_HISTORY", "TASK_HISTORY", "TABLE_STORAGE_METRICS",
    "WAREHOUSE_LOAD_HISTORY", "WAREHOUSE_EVENTS_HISTORY", "SESSIONS", "DATA_TRANSFER_HISTORY", "EXTERNAL_TABLES",
    "USAGE_PRIVILEGES", "REPLICATION_DATABASES", "MASKING_POLICIES", "ROW_ACCESS_POLICIES", "NETWORK_POLICIES",
    "PASSWORD_POLICIES", "SESSION_POLICIES", "STREAMS", "STREAMLITS", "SERVICES", "CREDENTIALS",
    "QUERY_ATTRIBUTION_HISTORY",
  ]
}
