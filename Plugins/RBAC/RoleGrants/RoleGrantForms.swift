import SnowmakerSDK

/// EXPAND of `role_grants:` and of `roles:` under a user: one role, one grantee.
enum RoleGrantForms {
  private static let roleKeys: [String: Grantees.Key] = [
    "role": .byName, "roles": .byName, "database_role": .type("DATABASE ROLE"),
    "database_roles": .type("DATABASE ROLE"), "application_role": .type("APPLICATION ROLE"),
    "application_roles": .type("APPLICATION ROLE"),
  ]
  /// The types of roles.
  static let roleTypes = ["ROLE", "DATABASE ROLE", "APPLICATION ROLE"]
  private static let granteeKeys: [String: Grantees.Key] = [
    "to": .byName, "to_role": .byName, "to_roles": .byName, "to_user": .type("USER"), "to_users": .type("USER"),
    "to_database_role": .type("DATABASE ROLE"), "to_database_roles": .type("DATABASE ROLE"), "to_share": .type("SHARE"),
    "to_shares": .type("SHARE"), "to_application": .type("APPLICATION"), "to_applications": .type("APPLICATION"),
    "to_application_role": .type("APPLICATION ROLE"), "to_application_roles": .type("APPLICATION ROLE"),
  ]

  /// What an element of `role_grants:` or `roles:` stands for.
  static func expand(_ written: WrittenResource) -> Expansion {
    if let parent = written.parent, parent.type == "user" { return nested(written.value, user: parent) }
    return expand(
      written.value, roles: roleKeys, grantees: granteeKeys, otherKeys: ["to_type"],
      example: "{role: analyst, to_role: transformer} or {roles: [analyst, loader], to_user: alice}")
  }

  /// What an element of `database_role_grants:` stands for. There, `roles` and `database_roles` are grantees.
  static func expandDatabaseRoleGrant(_ written: Value) -> Expansion {
    var grantees = granteeKeys
    grantees["roles"] = .byName
    grantees["database_roles"] = .type("DATABASE ROLE")
    grantees["to_user"] = nil
    grantees["to_users"] = nil
    return expand(
      written, roles: ["database_role": .type("DATABASE ROLE")], grantees: grantees, otherKeys: ["to_type"],
      example: "{database_role: raw.reader, to_role: analyst}")
  }

  private static func expand(
    _ written: Value, roles: [String: Grantees.Key], grantees: [String: Grantees.Key], otherKeys: [String],
    example: String
  ) -> Expansion {
    guard case .object(let fields) = written else {
      return Expansion(diagnostics: [.error("a role grant is a map: \(example)", code: "wrong-kind")])
    }
    var expansion = Expansion()
    let keys = Array(roles.keys) + Array(grantees.keys) + otherKeys
    for field in fields where !keys.contains(field.key) {
      expansion.diagnostics.append(
        .error(
          "unknown key '\(field.key)' in a role grant",
          detail: GrantForms.didYouMean(Spelling.closest(to: field.key, in: keys.sorted())), path: [field.key],
          code: "unknown-key"))
    }
    let given = Grantees.read(fields, keys: roles, type: nil, diagnostics: &expansion.diagnostics)
    let to = Grantees.read(
      fields, keys: grantees, type: written["to_type"].string, diagnostics: &expansion.diagnostics)
    if expansion.diagnostics.isEmpty {
      if given.isEmpty {
        expansion.diagnostics.append(
          .error("this role grant grants no role", detail: "Write for example \(example).", code: "missing-key"))
      }
      if to.isEmpty {
        expansion.diagnostics.append(
          .error("this role grant grants to nobody", detail: "Write for example \(example).", code: "missing-key"))
      }
    }
    for role in given {
      for grantee in to {
        guard let resource = resource(role, grantee, &expansion.diagnostics) else { continue }
        if !expansion.resources.contains(where: { $0.attributes == resource.attributes }) {
          expansion.resources.append(resource)
        }
      }
    }
    return expansion
  }

  private static func nested(_ value: Value, user: Address) -> Expansion {
    var expansion = Expansion()
    let grantee = Grantees.Written(type: "USER", name: user.identity.joined(separator: "."), path: [])
    let roles: [Grantees.Written]
    switch value {
    case .object(let fields):
      let keys = ["name", "role", "roles"]
      for field in fields where !keys.contains(field.key) && !["to", "to_type", "to_user"].contains(field.key) {
        expansion.diagnostics.append(
          .error(
            "unknown key '\(field.key)' in a role of a user",
            detail: GrantForms.didYouMean(Spelling.closest(to: field.key, in: keys)), path: [field.key],
            code: "unknown-key"))
      }
      roles = Grantees.read(
        fields, keys: ["name": .byName, "role": .byName, "roles": .byName], type: nil,
        diagnostics: &expansion.diagnostics)
    default:
      roles = Grantees.read(
        [Value.Field("role", value)], keys: ["role": .byName], type: nil, diagnostics: &expansion.diagnostics
      ).map { Grantees.Written(type: $0.type, name: $0.name, path: Array($0.path.dropFirst())) }
    }
    for role in roles {
      if let resource = resource(role, grantee, &expansion.diagnostics) { expansion.resources.append(resource) }
    }
    return expansion
  }

  private static func resource(
    _ role: Grantees.Written, _ grantee: Grantees.Written, _ diagnostics: inout [Diagnostic]
  ) -> ExpandedResource? {
    if let (summary, detail) = refusal(role, grantee) {
      diagnostics.append(.error(summary, detail: detail, path: role.path, code: "bad-grant"))
      return nil
    }
    return ExpandedResource(
      type: "role_grant",
      attributes: [
        "role_type": .string(role.type), "role": .string(role.name), "to_type": .string(grantee.type),
        "to": .string(grantee.name),
      ], path: role.path.count > 1 ? role.path : grantee.path.isEmpty ? role.path : grantee.path)
  }

  /// Why Snowflake has no such grant, and what to do instead; nil when it has.
  private static func refusal(_ role: Grantees.Written, _ grantee: Grantees.Written) -> (String, String)? {
    let to = grantee.type.lowercased()
    switch (role.type, grantee.type) {
    case ("ROLE", "ROLE"), ("ROLE", "USER"), ("DATABASE ROLE", "ROLE"), ("DATABASE ROLE", "DATABASE ROLE"),
      ("DATABASE ROLE", "SHARE"), ("APPLICATION ROLE", "ROLE"), ("APPLICATION ROLE", "APPLICATION"),
      ("APPLICATION ROLE", "APPLICATION ROLE"):
      return nil
    case ("ROLE", "DATABASE ROLE"), ("ROLE", "SHARE"):
      return ("the role \(role.name) cannot be granted to a \(to)", "Only database roles can.")
    case ("ROLE", _), ("DATABASE ROLE", "APPLICATION"), ("DATABASE ROLE", "APPLICATION ROLE"):
      return (
        "the \(role.type.lowercased()) \(role.name) cannot be granted to an \(to)", "Only roles of applications can."
      )
    default:
      return (
        "the \(role.type.lowercased()) \(role.name) cannot be granted to a \(to)",
        "Grant it to a role, and that role to \(grantee.name)."
      )
    }
  }
}
