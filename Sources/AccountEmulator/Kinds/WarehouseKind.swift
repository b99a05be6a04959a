import AccountModel
import SnowmakerModel

/// Warehouses run or are suspended, and a new one becomes current. Their description is a provider's.
struct WarehouseBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "is_current": return run.session.current.warehouse == object.name ? "Y" : "N"
    case "is_default":
      return run.world.object("USER", run.context.user)?.text("default_warehouse")?.uppercased() == object.name
        ? "Y" : "N"
    case "uuid": return String(object.createdOn)
    default: return nil
    }
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    let suspended = object.attributes["initially_suspended"] ?? object.attributes["INITIALLY_SUSPENDED"]
    object.notes["state"] = suspended == .bool(true) ? "SUSPENDED" : "STARTED"
    try requireInteractive(object)
  }

  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/desc-warehouse>.
  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    StatementResult(
      columns: [
        ResultColumn(name: "created_on", type: .timestamp_ltz), ResultColumn(name: "name"), ResultColumn(name: "kind"),
      ], rows: [[StatementRun.timestamp(object.createdOn), object.plainName, "WAREHOUSE"]], statementTypeID: 0x4500)
  }

  func created(_ object: StoredObject, in run: StatementRun) { run.session.update { $0.warehouse = object.name } }

  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {
    object.notes["updated_on"] = .int(run.world.now())
    try requireInteractive(object)
    if object.notes["state"] == "STARTED", before.notes["state"] == "SUSPENDED" {
      object.notes["resumed_on"] = .int(run.world.now())
    }
  }

  /// Only interactive warehouses have tables.
  private func requireInteractive(_ object: StoredObject) throws(StatementFailure) {
    guard object.attributes["tables"] != nil, object.text("warehouse_type") != "INTERACTIVE" else { return }
    throw .invalidProperty("TABLES", for: "WAREHOUSE")
  }

  /// UNSET AUTO_SUSPEND leaves 0: never suspend.
  func unset(_ property: String) -> Value? { property == "AUTO_SUSPEND" ? .int(0) : nil }
}

/// Stages are internal or external; DESCRIBE tells a format by its name, or by type and options.
struct StageBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "stage_type", "type":
      if object.text("url") != nil { return "EXTERNAL" }
      return object.attributes["encryption"]?["type"].string == "SNOWFLAKE_SSE" ? "INTERNAL NO CSE" : "INTERNAL"
    default: return nil
    }
  }

  func describes(_ part: AttributeSchema, of record: AttributeSchema, in value: Value) -> Bool {
    guard record.property == "FILE_FORMAT" else { return true }
    if !value[part.name].isNull { return true }
    guard value["format_name"].isNull else { return part.property == "FORMAT_NAME" }
    return part.property != "FORMAT_NAME"
      && FileFormatBehavior.has(part.property ?? "", type: value["type"].string ?? "CSV")
  }

  func parentProperty(of attribute: AttributeSchema) -> String? {
    attribute.property == "FILE_FORMAT" ? "STAGE_FILE_FORMAT" : nil
  }
}

/// A network policy that is in force cannot be dropped. Its description is a provider's.
struct NetworkPolicyBehavior: KindBehavior {
  /// One row per list that is not empty: addresses with commas, rules as JSON.
  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    var rows: [[String?]] = []
    for name in ["allowed_network_rule_list", "blocked_network_rule_list", "allowed_ip_list", "blocked_ip_list"] {
      let items = object.attributes[name]?.strings ?? []
      guard !items.isEmpty else { continue }
      let rules = items.map { Value.object([.init("fullyQualifiedRuleName", .string($0))]) }
      rows.append([
        name.uppercased(), name.contains("rule") ? JSON.string(.list(rules)) : items.joined(separator: ","),
      ])
    }
    return StatementResult(
      columns: [ResultColumn(name: "name"), ResultColumn(name: "value")], rows: rows, statementTypeID: 0x4500)
  }

  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure) {
    func names(_ text: String?) -> Bool {
      guard let text else { return false }
      return ((try? Identifier(parsing: text)) ?? Identifier(exact: text)).sql == object.name
    }
    var users: [String] = []
    for user in run.world.objects("USER") {
      if names(user.attributes["network_policy"]?.string ?? user.text("NETWORK_POLICY")) {
        users.append(user.plainName)
      }
    }
    if names(run.accountParameter("NETWORK_POLICY")) || !users.isEmpty {
      // Code and text as users report them; "ACCOUNT" without a name is assumed.
      let holder = users.isEmpty ? "ACCOUNT" : "USER"
      throw StatementFailure(
        code: "001492", sqlState: "42601",
        message: "SQL compilation error:\nCannot perform Drop operation on network policy \(object.plainName). The "
          + "policy is attached to \(holder)" + (users.min().map { " with name \($0)" } ?? "")
          + ". Unset the network policy from \(holder) and try the Drop operation again.")
    }
  }
}
