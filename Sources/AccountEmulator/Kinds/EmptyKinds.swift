import SnowmakerModel

/// Kinds that stand in until a provider describes them: tools ask for them before they act. Those with properties can
/// be created, the others only listed, and are always empty.
enum EmptyKinds {
  /// SQL name, plural, columns of SHOW.
  private static let lists: [(String, String, String)] = [
    (
      "DYNAMIC TABLE", "DYNAMIC TABLES",
      "created_on name reserved database_name schema_name cluster_by rows bytes owner target_lag refresh_mode "
        + "refresh_mode_reason warehouse comment text automatic_clustering scheduling_state last_suspended_on is_clone "
        + "is_replica data_timestamp owner_role_type"
    ),
    (
      "EVENT TABLE", "EVENT TABLES",
      "created_on name database_name schema_name owner comment owner_role_type change_tracking cluster_by "
        + "retention_time search_optimization"
    ),
    (
      "EXTERNAL TABLE", "EXTERNAL TABLES",
      "created_on name database_name schema_name invalid invalid_reason owner comment stage location file_format_name "
        + "file_format_type cloud region notification_channel last_refreshed_on table_format last_refresh_details "
        + "owner_role_type"
    ),
    (
      "MATERIALIZED VIEW", "MATERIALIZED VIEWS",
      "created_on name reserved database_name schema_name cluster_by rows bytes source_database_name "
        + "source_schema_name source_table_name refreshed_on compacted_on owner invalid invalid_reason behind_by comment "
        + "text is_secure automatic_clustering owner_role_type budget"
    ),
    (
      "SEQUENCE", "SEQUENCES",
      "name database_name schema_name next_value interval created_on owner comment owner_role_type ordered"
    ),
    (
      "STREAM", "STREAMS",
      "created_on name database_name schema_name owner comment table_name source_type base_tables type stale mode "
        + "stale_after invalid_reason owner_role_type"
    ),
    (
      "TASK", "TASKS",
      "created_on name id database_name schema_name owner comment warehouse schedule predecessors state definition "
        + "condition allow_overlapping_execution error_integration last_committed_on last_suspended_on owner_role_type "
        + "config budget task_relations last_suspended_reason success_integration target_completion_interval"
    ),
    (
      "ALERT", "ALERTS",
      "created_on name database_name schema_name owner comment warehouse schedule state condition action "
        + "owner_role_type"
    ),
    ("FUNCTION", "FUNCTIONS", functionColumns), ("USER FUNCTION", "USER FUNCTIONS", functionColumns),
    ("EXTERNAL FUNCTION", "EXTERNAL FUNCTIONS", routineColumns + functionTail),
    ("PROCEDURE", "PROCEDURES", procedureColumns), ("USER PROCEDURE", "USER PROCEDURES", procedureColumns),
    (
      "TAG", "TAGS",
      "created_on name database_name schema_name owner comment allowed_values owner_role_type propagate on_conflict"
    ),
    ("DCM PROJECT", "DCM PROJECTS", "created_on name database_name schema_name owner comment owner_role_type"),
    ("MASKING POLICY", "MASKING POLICIES", policyColumns), ("ROW ACCESS POLICY", "ROW ACCESS POLICIES", policyColumns),
    ("AGGREGATION POLICY", "AGGREGATION POLICIES", policyColumns),
    ("PROJECTION POLICY", "PROJECTION POLICIES", policyColumns), ("JOIN POLICY", "JOIN POLICIES", policyColumns),
    ("PASSWORD POLICY", "PASSWORD POLICIES", policyColumns), ("SESSION POLICY", "SESSION POLICIES", policyColumns),
    ("AUTHENTICATION POLICY", "AUTHENTICATION POLICIES", policyColumns),
    (
      "SECRET", "SECRETS",
      "created_on name schema_name database_name owner comment secret_type oauth_scopes owner_role_type"
    ),
  ]

  private static let policyColumns =
    "created_on name database_name schema_name kind owner comment owner_role_type options"
  private static let routineColumns =
    "created_on name schema_name is_builtin is_aggregate is_ansi min_num_arguments max_num_arguments arguments "
    + "description catalog_name is_table_function valid_for_clustering is_secure"
  private static let functionTail = " is_external_function language is_memoizable is_data_metric"
  private static let procedureColumns = routineColumns + " secrets external_access_integrations"
  private static let functionColumns = procedureColumns + functionTail

  /// `NAME:attribute` with `!` for identifiers, `#` for whole numbers, `?` for booleans; anything is taken otherwise.
  private static let properties: [String: String] = [
    "SEQUENCE": "START:start# INCREMENT:interval#",
    "TASK": "WAREHOUSE:warehouse! SCHEDULE:schedule ALLOW_OVERLAPPING_EXECUTION:allow_overlapping_execution? "
      + "CONFIG:config ERROR_INTEGRATION:error_integration! SUCCESS_INTEGRATION:success_integration! "
      + "CONDITION:condition AS:definition",
    "ALERT": "WAREHOUSE:warehouse! SCHEDULE:schedule",
    "STREAM": "TABLE_NAME:table_name",
    "TAG": "ALLOWED_VALUES:allowed_values PROPAGATE:propagate",
    "FUNCTION": "LANGUAGE:language AS:body", "PROCEDURE": "LANGUAGE:language AS:body",
    "MASKING POLICY": "AS:body", "ROW ACCESS POLICY": "AS:body", "AGGREGATION POLICY": "AS:body",
    "PROJECTION POLICY": "AS:body", "JOIN POLICY": "AS:body", "PASSWORD POLICY": "", "SESSION POLICY": "",
    "AUTHENTICATION POLICY": "", "SECRET": "TYPE:secret_type",
    "DYNAMIC TABLE": "TARGET_LAG:target_lag WAREHOUSE:warehouse! REFRESH_MODE:refresh_mode AS:text",
    "MATERIALIZED VIEW": "AS:text", "EVENT TABLE": "", "DCM PROJECT": "",
  ]
  /// Kinds whose names tables must not take.
  private static let tables: Set<String> = ["DYNAMIC TABLE", "EVENT TABLE", "EXTERNAL TABLE", "MATERIALIZED VIEW"]

  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-alert> and …/alter-alert.
  private static let alertClauses = [
    AttributeSchema("condition", .sql, column: "condition").clause(
      "IF (EXISTS ({}))", alter: "MODIFY CONDITION EXISTS ({})"
    ).required(),
    AttributeSchema("action", .sql, column: "action").clause("THEN {}", alter: "MODIFY ACTION {}").required(),
  ]

  private static func attributes(_ text: String) -> [AttributeSchema] {
    text.split(separator: " ").map { item in
      let halves = item.split(separator: ":")
      let property = String(halves[0])
      var name = String(halves[1])
      var kind: AttributeKind = property == "AS" ? .sql : .any
      switch name.last {
      case "!": kind = .identifier
      case "#": kind = .integer()
      case "?": kind = .boolean
      default: break
      }
      if kind != .any, kind != .sql { name.removeLast() }
      return AttributeSchema(name, kind, property: property, column: name)
    }
  }

  static var all: [ObjectKind] {
    lists.map { name, plural, columns in
      let properties = properties[name]
      var schema = TypeSchema(
        name.lowercased(), plural: plural.lowercased(), sqlName: name, sqlPlural: plural,
        identity: [.database, .schema, .name],
        attributes: properties.map { [BuiltInKinds.comment] + attributes($0) } ?? [])
      if name == "ALERT" { schema.attributes += alertClauses }
      // Each includes those before it; OWNERSHIP includes all.
      if name == "DCM PROJECT" { schema.privileges = ["READ", "MONITOR", "PLAN"] }
      if tables.contains(name) { schema.namespace = "table" }
      // The others have their own namespace, so that they do not forbid names.
      let listed = columns.split(separator: " ").map { column -> EmulatedColumn in
        column == "comment" && properties != nil
          ? EmulatedColumn("comment", .attribute("comment")) : EmulatedColumn(String(column), .fact(String(column)))
      }
      let modifiers: [Emulation.Modifier] =
        ["FUNCTION", "PROCEDURE", "MATERIALIZED VIEW"].contains(name)
        ? [.init("SECURE", sets: "is_secure", to: true)] : []
      schema.emulation = Emulation(showColumns: listed, modifiers: modifiers)
      return ObjectKind(
        schema, behavior: BuiltInKinds.behaviors[name] ?? StandInBehavior(), canCreate: properties != nil,
        hasColumns: name == "DYNAMIC TABLE" || name == "EVENT TABLE")
    }
  }
}
