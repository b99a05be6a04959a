import SnowmakerSDK

/// `CREATE NETWORK RULE` and its relatives.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-network-rule>.
struct NetworkRule: ObjectType {
  let schema = Self.makeSchema()

  private static func makeSchema() -> TypeSchema {
    var schema = TypeSchema(
      "network_rule", plural: "network_rules", sqlName: "NETWORK RULE", identity: [.database, .schema, .name],
      doc: "A network rule: addresses, private endpoints or hosts, for network policies and external access.",
      attributes: [
        .databaseName, .schemaName, .objectName, .owner, .comment,
        AttributeSchema(
          "type",
          .enumeration([
            "IPV4", "IPV6", "AWSVPCEID", "AZURELINKID", "GCPPSCID", "HOST_PORT", "PRIVATE_HOST_PORT",
          ]), property: "TYPE", column: "type", doc: "What the values are."
        ).required().forcesReplacement(),
        AttributeSchema(
          "mode",
          .enumeration(["INGRESS", "INTERNAL_STAGE", "EGRESS", "POSTGRES_INGRESS", "POSTGRES_EGRESS"]),
          property: "MODE", column: "mode", doc: "Which way the traffic goes."
        ).required().forcesReplacement(),
        AttributeSchema("value_list", .set(.text), property: "VALUE_LIST", doc: "The origins or destinations.")
          .read(by: "describe", column: "value_list").defaults(to: []),
      ])
    schema.forms = [.plural("network_rules"), .nested(parent: "schema", key: "network_rules", fills: "schema")]
    schema.reads = [
      ReadGroup(
        "show", "SHOW NETWORK RULES IN ACCOUNT", per: .account, shape: .rows,
        keyColumns: ["database_name", "schema_name", "name"], costClass: "SHOW NETWORK RULES"),
      ReadGroup(
        "describe", "DESCRIBE NETWORK RULE {name}", per: .object, shape: .row, costClass: "DESCRIBE NETWORK RULE"),
    ]
    schema.validates = true
    schema.createPrivilege = "CREATE NETWORK RULE"
    schema.privileges = ["USAGE"]
    let columns: [EmulatedColumn] = [
      EmulatedColumn("created_on", .fact("created_on")),
      EmulatedColumn("name", .fact("name")),
      EmulatedColumn("database_name", .fact("database_name")),
      EmulatedColumn("schema_name", .fact("schema_name")),
      EmulatedColumn("owner", .fact("owner")),
      EmulatedColumn("comment", .attribute("comment")),
      EmulatedColumn("type", .attribute("type")),
      EmulatedColumn("mode", .attribute("mode")),
    ]
    schema.emulation = Emulation(
      showColumns: columns + [
        EmulatedColumn("entries_in_valuelist", .fact("count:value_list")),
        EmulatedColumn("owner_role_type", .fact("owner_role_type")),
      ], describeShape: .row,
      describeColumns: columns + [EmulatedColumn("value_list", .attribute("value_list"))])
    return schema
  }

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    guard resource.attributes["type"].string == "IPV4" else { return [] }
    return resource.attributes["value_list"].strings.enumerated().compactMap { index, text in
      guard AddressRange(text) == nil else { return nil }
      return .error(
        "'\(text)' is no IPv4 address or CIDR range", detail: "The rule's type is IPV4.",
        path: ["value_list", String(index)], code: "invalid-address")
    }
  }
}
