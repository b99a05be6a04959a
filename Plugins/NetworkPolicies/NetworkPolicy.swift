import SnowmakerSDK

/// `CREATE NETWORK POLICY` and its relatives.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-network-policy>.
struct NetworkPolicy: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "network_policy", plural: "network_policies", sqlName: "NETWORK POLICY", sqlPlural: "NETWORK POLICIES",
      identity: [.name],
      doc: "A network policy: the addresses and network rules that may or may not connect. It does nothing until it is "
        + "activated on the account or on users (`network_policy_activations`).",
      attributes: [
        .objectName, .owner, .comment,
        rules("allowed_network_rule_list", "Network rules whose origins may connect."),
        rules("blocked_network_rule_list", "Network rules whose origins may not connect, even if allowed."),
        addresses("allowed_ip_list", "IPv4 addresses and CIDR ranges that may connect."),
        addresses("blocked_ip_list", "IPv4 addresses and CIDR ranges that may not connect, even if allowed."),
      ])
    schema.reads = [
      ReadGroup("show", "SHOW NETWORK POLICIES", per: .account, shape: .rows),
      ReadGroup(
        "describe", "DESCRIBE NETWORK POLICY {name}", per: .object, shape: .properties,
        costClass: "DESCRIBE NETWORK POLICY"),
    ]
    schema.validates = true
    schema.createPrivilege = "CREATE NETWORK POLICY"
    schema.privileges = ["USAGE"]
    schema.emulation = Emulation(
      showColumns: [
        EmulatedColumn("created_on", .fact("created_on")),
        EmulatedColumn("name", .fact("name")),
        EmulatedColumn("comment", .attribute("comment")),
        EmulatedColumn("entries_in_allowed_ip_list", .fact("count:allowed_ip_list")),
        EmulatedColumn("entries_in_blocked_ip_list", .fact("count:blocked_ip_list")),
        EmulatedColumn("entries_in_allowed_network_rules", .fact("count:allowed_network_rule_list")),
        EmulatedColumn("entries_in_blocked_network_rules", .fact("count:blocked_network_rule_list")),
      ], describeShape: .properties)
    return schema
  }

  private static func addresses(_ name: String, _ doc: String) -> AttributeSchema {
    AttributeSchema(name, .set(.text), property: name.uppercased(), doc: doc)
      .read(by: "describe").defaults(to: [])
  }

  private static func rules(_ name: String, _ doc: String) -> AttributeSchema {
    AttributeSchema(name, .set(.reference(["network_rule"])), property: name.uppercased(), doc: doc)
      .read(by: "describe").defaults(to: []).edge(.uses, onTargetDrop: .detachFirst)
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    for attribute in ["allowed_ip_list", "blocked_ip_list"] {
      for (index, text) in resource.attributes[attribute].strings.enumerated() where AddressRange(text) == nil {
        diagnostics.append(
          .error(
            "'\(text)' is no IPv4 address or CIDR range",
            detail: "Write it as 192.0.2.7 or 192.0.2.0/24. Other origins go into network rules.",
            path: [attribute, String(index)], code: "invalid-address"))
      }
    }
    return diagnostics
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    guard group.name == "describe" else { return true }
    var fields = observation.attributes.fields
    for name in ["allowed_network_rule_list", "blocked_network_rule_list"] {
      fields.removeAll { $0.key == name }
      fields.append(.init(name, .list(RuleList.names(rows.property(name)).map(Value.string))))
    }
    for name in ["allowed_ip_list", "blocked_ip_list"] where !fields.contains(where: { $0.key == name }) {
      fields.append(.init(name, []))
    }
    observation.attributes = .object(fields)
    return true
  }
}

/// The lists of network rules that DESCRIBE NETWORK POLICY prints: `[{"fullyQualifiedRuleName":"DB.S.RULE"}]`.
enum RuleList {
  /// Canonical names, sorted.
  static func names(_ text: String?) -> [String] {
    guard let text, !text.isEmpty else { return [] }
    let written: [String]
    if case .list(let items)? = try? JSON.decode(Array(text.utf8)) {
      written = items.compactMap { $0.string ?? $0["fullyQualifiedRuleName"].string }
    } else {
      written = ListText.elements(of: text)
    }
    return written.map { (try? QualifiedName(parsing: $0).sql) ?? $0 }.sorted()
  }
}
