import AccountModel
import SnowmakerModel

/// A kind of the schema that no provider describes: DESCRIBE answers its row of SHOW.
struct StandInBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "kind": return Optional(String(object.kind.map { $0 == " " ? "_" : $0 }))
    case "options": return .some("")
    default: return nil
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    StandIns.row(object, run)
  }
}

/// What stand-ins have in common.
enum StandIns {
  static func row(_ object: StoredObject, _ run: StatementRun) -> StatementResult? {
    guard let kind = run.registry.kind(object.kind) else { return nil }
    var columns = kind.showColumns.map(\.result)
    var cells = kind.showColumns.map { run.cell($0, of: object, kind) }
    if let body = object.attributes["body"] {
      columns.append(ResultColumn(name: "body"))
      cells.append(body.string)
    }
    return StatementResult(columns: columns, rows: [cells], statementTypeID: 0x4500)
  }
}

/// Functions and procedures: the types of the arguments are part of the name.
struct RoutineBehavior: KindBehavior {
  var numericFacts: Set<String> { ["min_num_arguments", "max_num_arguments"] }

  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    let full = object.plainName
    let bare = String(full.prefix { $0 != "(" })
    let types = full.dropFirst(bare.count + 1).dropLast()
    let count = types.isEmpty ? 0 : types.split(separator: ",").count
    let returns = object.attributes["returns"].flatMap(ShowColumn.text) ?? "VARCHAR"
    switch name {
    case "name": return .some(bare)
    case "catalog_name": return object.parts.first.map { .some($0.name) } ?? .some(nil)
    case "schema_name": return object.parts.count > 1 ? .some(object.parts[1].name) : .some(nil)
    case "arguments": return .some("\(full) RETURN \(returns.uppercased())")
    case "min_num_arguments", "max_num_arguments": return .some(String(count))
    case "description":
      return .some(
        object.text("comment") ?? (object.kind == "FUNCTION" ? "user-defined function" : "user-defined procedure"))
    case "language": return .some((object.attributes["language"].flatMap(ShowColumn.text) ?? "SQL").uppercased())
    case "is_table_function": return .some(returns.uppercased().hasPrefix("TABLE") ? "Y" : "N")
    case "is_secure": return .some(object.attributes["is_secure"] == .bool(true) ? "Y" : "N")
    case "is_memoizable": return .some(object.attributes["memoizable"] == nil ? "N" : "Y")
    case "is_builtin", "is_aggregate", "is_ansi", "valid_for_clustering", "is_external_function", "is_data_metric":
      return .some("N")
    default: return nil
    }
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    guard object.attributes["returns"] != nil else {
      throw StatementFailure(
        code: "001003", sqlState: "42000", message: "SQL compilation error:\nRETURNS is missing.")
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    var rows: [[String?]] = [
      ["signature", object.notes["signature"]?.string ?? "()"],
      ["returns", object.attributes["returns"].flatMap(ShowColumn.text)],
      ["language", (object.attributes["language"].flatMap(ShowColumn.text) ?? "SQL").uppercased()],
    ]
    for name in ["null_handling", "volatility", "execute_as", "runtime_version", "packages", "imports", "handler"] {
      if let value = object.attributes[name].flatMap(ShowColumn.text) {
        rows.append([name.replacing("_", with: " "), value])
      }
    }
    rows.append(["body", object.attributes["body"]?.string])
    return StatementResult(
      columns: [ResultColumn(name: "property"), ResultColumn(name: "value")], rows: rows, statementTypeID: 0x4500)
  }
}

/// Tasks start suspended.
struct TaskBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "state": return .some((object.notes["state"]?.string ?? "SUSPENDED").lowercased())
    case "allow_overlapping_execution":
      return .some(object.attributes[name] == .bool(true) ? "true" : "false")
    case "predecessors":
      switch object.attributes[name] {
      case .list(let items)?: return .some(JSON.string(.list(items)))
      case .string(let one)?: return .some(JSON.string(.list([.string(one)])))
      default: return .some("[]")
      }
    case "last_committed_on", "last_suspended_on": return .some(object.notes[name].flatMap(ShowColumn.text))
    case "error_integration", "success_integration":
      return .some(object.attributes[name].flatMap(ShowColumn.text) ?? "null")
    default: return nil
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? { StandIns.row(object, run) }
}

/// Alerts are suspended until they are resumed; DESCRIBE answers what SHOW does.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-alert>, …/desc-alert.
struct AlertBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    name == "state" ? .some((object.notes["state"]?.string ?? "SUSPENDED").lowercased()) : nil
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    let described = run.registry.kind(object.kind)?.schema.emulation?.describeShape != nil
    return described ? nil : StandIns.row(object, run)
  }
}

/// Sequences start at 1 and count by 1.
struct SequenceBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "next_value": return .some(object.attributes["start"].flatMap(ShowColumn.text) ?? "1")
    case "interval": return .some(object.attributes["interval"].flatMap(ShowColumn.text) ?? "1")
    case "ordered": return .some(object.attributes["ordered"]?.string ?? "N")
    default: return nil
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? { StandIns.row(object, run) }
}

/// Streams on tables, which must exist.
struct StreamBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "source_type": return .some(object.attributes["table_name"] == nil ? "View" : "Table")
    case "base_tables": return .some(object.text("table_name"))
    case "type": return .some("DELTA")
    case "stale": return .some("false")
    case "mode": return .some(object.attributes["append_only"] == .bool(true) ? "APPEND_ONLY" : "DEFAULT")
    case "invalid_reason": return .some("N/A")
    case "stale_after": return .some(nil)
    default: return nil
    }
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    guard let written = object.text("table_name") else { return }
    guard let table = run.registry.kind("TABLE"), let name = try? QualifiedName(parsing: written) else { return }
    let found = try run.find(table, ObjectName(parts: name.parts, start: 0), for: "CREATE STREAM")
    object.attributes["table_name"] = .string(found.name)
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? { StandIns.row(object, run) }
}

/// Tags and the values they allow.
struct TagBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    switch name {
    case "allowed_values": return .some(object.attributes[name].map { JSON.string($0) })
    case "propagate": return .some(object.attributes[name].flatMap(ShowColumn.text) ?? "NONE")
    case "on_conflict": return .some(object.attributes[name].flatMap(ShowColumn.text))
    default: return nil
    }
  }

  func willDrop(_ object: StoredObject, restrict: Bool, in run: StatementRun) throws(StatementFailure) {
    run.forgetTag(object.name)
  }
}
