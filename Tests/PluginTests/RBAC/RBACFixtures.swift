import SnowmakerSDK
import Testing

@testable import RBAC

/// An account that answers recorded rows, and counts what it was asked.
struct RecordedAccount {
  /// By SQL text: columns and rows.
  var answers: [String: ReadResult] = [:]

  mutating func answer(_ sql: String, _ columns: [String], _ rows: [[String?]], isCut: Bool = false) {
    answers[sql] = ReadResult(
      sql: sql, columns: columns, rows: rows.map { $0.map { $0.map(Value.string) ?? .null } }, isCut: isCut)
  }

  mutating func fail(_ sql: String, _ code: String, _ message: String) {
    answers[sql] = ReadResult(sql: sql, failure: .init(code: code, message: message))
  }

  /// What SHOW ROLES answers, with these beside the system-defined ones.
  mutating func roles(_ names: String..., owner: String = "USERADMIN") {
    let system = ["ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "SYSADMIN", "USERADMIN"]
    answer(
      "SHOW ROLES",
      [
        "created_on", "name", "is_default", "is_current", "is_inherited", "assigned_to_users", "granted_to_roles",
        "granted_roles", "owner", "comment",
      ],
      system.map { ["1795182089.455276728", $0, "N", "N", "N", "0", "0", "0", "", ""] }
        + names.map { ["1795182089.456393242", $0, "N", "N", "N", "1", "1", "1", owner, "of \($0)"] })
  }

  /// What SHOW GRANTS TO answers: `PRIVILEGE|TYPE|NAME`, with `|true` for the grant option.
  mutating func grants(to grantee: String, _ rows: String...) {
    answer(
      "SHOW GRANTS TO \(grantee)",
      ["created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by"],
      rows.map { row in
        let parts = row.split(separator: "|").map(String.init)
        return [
          "1795182089.458271265", parts[0], parts[1], parts[2], "ROLE", "R", parts.count > 3 ? parts[3] : "false",
          "ACCOUNTADMIN",
        ]
      })
  }

  /// Runs READ to its end. Answers to statements that were not recorded are "does not exist or not authorized".
  func read(
    _ type: some ObjectType, wanted: [ReadRequest.Wanted], related: [String: [ReadRequest.Wanted]] = [:],
    all: Bool = false,
    context: RequestContext = .init()
  ) throws -> (reply: ReadReply, asked: [String]) {
    var request = ReadRequest(context: context, type: type.schema.type, wanted: wanted, related: related, wantsAll: all)
    var asked: [String] = []
    for round in 0..<ReadRequest.maximumRounds {
      request.round = round
      // Across the boundary and back, as between host and plugin.
      let reply = try ReadReply(document: try type.read(try ReadRequest(document: request.document)).document)
      if reply.queries.isEmpty { return (reply, asked) }
      asked += reply.queries.map(\.sql)
      request.state = reply.state
      request.results = reply.queries.map { query in
        answers[query.sql]
          ?? ReadResult(
            sql: query.sql,
            failure: .init(code: "002003", message: "SQL compilation error: does not exist or not authorized."))
      }
    }
    Issue.record("READ did not end")
    return (ReadReply(), asked)
  }
}

extension ReadRequest.Wanted {
  /// Declared, with these attributes beside the identity.
  static func declared(_ identity: [String], _ attributes: Value = [:]) -> Self {
    Self(identity: identity, attributes: attributes.fields.map(\.key), declared: attributes)
  }
  /// Only in the ledger.
  static func leaving(_ identity: [String]) -> Self { Self(identity: identity, attributes: ["name"], declared: nil) }
  /// Neither declared nor in the ledger.
  static func referredTo(_ identity: [String]) -> Self { Self(identity: identity, attributes: [], declared: nil) }
}

enum RBACHost {
  static let types = Dictionary(uniqueKeysWithValues: RBACPlugin().types.map { ($0.schema.type, $0) })

  /// What the host makes of an expansion: each resource normalised, as `type` and its identity, and the other attributes.
  static func canonical(_ expansion: Expansion) -> [String] {
    expansion.resources.map { resource in
      guard let schema = types[resource.type]?.schema else { return "no type \(resource.type)" }
      var attributes: [String: Value] = [:]
      for field in resource.attributes.fields {
        guard let attribute = schema.attribute(field.key) else { return "\(resource.type) has no \(field.key)" }
        do throws(AttributeKind.Mismatch) { attributes[field.key] = try attribute.normalize(field.value) } catch {
          return error.message
        }
      }
      for attribute in schema.attributes where attribute.isRequired && attributes[attribute.name] == nil {
        return "\(resource.type) needs \(attribute.name)"
      }
      let identity = schema.identity.map { attributes.removeValue(forKey: $0.attribute)?.string ?? "?" }
      let rest = attributes.sorted { $0.key < $1.key }.map { " \($0.key)=\(AttributeKind.show($0.value))" }.joined()
      return "\(resource.type): \(identity.joined(separator: " | "))\(rest)"
    }
  }

  /// The statements of a plan, as people see them.
  static func sql(_ type: some ObjectType, _ item: PlanItem, planned: [SQLObject] = []) throws -> [String] {
    try plan(type, item, planned: planned).statements.map(\.sql.description)
  }

  static func plan(_ type: some ObjectType, _ item: PlanItem, planned: [SQLObject] = []) throws -> Change {
    try type.plan(item, request: PlanRequest(type: type.schema.type, items: [item], plannedCreates: planned))
  }
}
