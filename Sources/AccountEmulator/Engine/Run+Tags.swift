import AccountModel
import SnowmakerModel

/// Tags and policies on objects, kept as notes of the object.
extension StatementRun {
  // MARK: Setting

  /// Sets or unsets tags. A tag must exist and allow the value; without APPLY TAG on the account it takes APPLY on the tag.
  func change(
    _ tags: [(name: ObjectName, value: String?)], of object: inout StoredObject
  ) throws(StatementFailure) {
    guard let kind = registry.kind("TAG") else { throw .unsupported("TAG") }
    var fields = object.notes["tags"]?.fields ?? []
    for (name, value) in tags {
      let tag = try find(kind, name, for: "ALTER")
      if !holds("APPLY TAG", on: .account) {
        try require(["APPLY"], on: Securable(type: "TAG", name: tag.name))
      }
      let allowed = tag.attributes["allowed_values"]?.list ?? []
      if let value, !allowed.isEmpty, !allowed.contains(.string(value)) {
        throw .invalidValue(value, for: tag.plainName)
      }
      fields.removeAll { $0.key == tag.name }
      if let value { fields.append(.init(tag.name, .string(value))) }
    }
    object.notes["tags"] = fields.isEmpty ? nil : .object(fields)
  }

  /// Attaches a policy to a user or the account, or takes it off. Another one of the kind must come off first, or FORCE replaces it.
  func attach(
    _ policyKind: String, _ name: ObjectName?, force: Bool, to object: inout StoredObject
  ) throws(StatementFailure) {
    guard object.kind == "USER" || object.kind == "ACCOUNT", let kind = registry.kind(policyKind) else {
      throw .unsupported("\(policyKind) on \(object.kind)")
    }
    var fields = object.notes["policies"]?.fields ?? []
    let attached = fields.contains { $0.key == policyKind }
    let holder = object.kind == "ACCOUNT" ? world.settings.name : object.plainName
    fields.removeAll { $0.key == policyKind }
    if let name {
      let policy = try find(kind, name, for: "ALTER USER")
      guard force || !attached else {
        throw .dependent(
          "Object \(holder) already has a \(policyKind). Only one \(policyKind) is allowed at a time.")
      }
      fields.append(.init(policyKind, .string(policy.name)))
    } else if !attached {
      throw .dependent("No \(policyKind) is attached to \(holder).")
    }
    object.notes["policies"] = fields.isEmpty ? nil : .object(fields)
  }

  /// The policy of a kind that is in force for a user or the account, and what it is set on: a user without one of its own
  /// has the account's.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/show-password-policies>; the words of set_on are assumed.
  func policy(
    _ kind: ObjectKind, of holder: PolicyHolder
  ) throws(StatementFailure) -> (policy: StoredObject, setOn: String)? {
    var holders = world.object("ACCOUNT", "").map { [$0] } ?? []
    if case .user(let name) = holder, let user = world.object("USER", try requireUser(name)) {
      holders.insert(user, at: 0)
    }
    for object in holders {
      guard let name = object.notes["policies"]?[kind.sqlName].string, let policy = world.object(kind.sqlName, name)
      else { continue }
      return (policy, object.kind)
    }
    return nil
  }

  /// Refuses to drop or replace a policy that is attached to a user or the account.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/security-column-intro> (troubleshooting) for masking policies, with
  /// the code that users report; that policies of users answer the same is assumed.
  func requireUnattached(_ policy: StoredObject) throws(StatementFailure) {
    guard Self.userPolicies.contains(policy.kind) else { return }
    let holders = world.objects("USER") + (world.object("ACCOUNT", "").map { [$0] } ?? [])
    for holder in holders where holder.notes["policies"]?[policy.kind].string == policy.name {
      throw StatementFailure(
        code: "003531", sqlState: "23001",
        message: "SQL compilation error:\nPolicy \(policy.plainName) cannot be dropped/replaced as it is associated "
          + "with one or more entities.")
    }
  }

  private static let userPolicies: Set<String> = ["PASSWORD POLICY", "SESSION POLICY", "AUTHENTICATION POLICY"]

  // MARK: Reading

  /// `SYSTEM$GET_TAG('tag', 'object', 'domain')`: the tag's value on the object, or on what contains it.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/functions/system_get_tag>.
  func tagValue(_ arguments: [String?]) throws(StatementFailure) -> String? {
    guard arguments.count == 3, let tagText = arguments[0], let objectText = arguments[1], let domain = arguments[2]
    else {
      throw StatementFailure(
        code: "000938", sqlState: "22023",
        message: "SQL compilation error:\nnot enough arguments for function [SYSTEM$GET_TAG], expected 3")
    }
    guard let tagKind = registry.kind("TAG") else { throw .unsupported("TAG") }
    let tag = try find(tagKind, try objectName(tagText), for: "SYSTEM$GET_TAG")
    let type = domain.uppercased()
    guard Self.taggedDomains.contains(type), let kind = registry.kind(type) else {
      throw .invalidValue(domain, for: "OBJECT_DOMAIN")
    }
    var next: StoredObject? = try find(kind, try objectName(objectText), for: "SYSTEM$GET_TAG")
    while let object = next {
      if let value = object.notes["tags"]?[tag.name].string { return value }
      let container = Securable(type: object.kind, name: object.name).container
      next = container.flatMap { world.object($0.type, $0.name) }
    }
    return nil
  }

  private func objectName(_ text: String) throws(StatementFailure) -> ObjectName {
    guard let name = try? QualifiedName(parsing: text) else { throw .invalidIdentifier(text) }
    return ObjectName(parts: name.parts, start: 0)
  }

  private static let taggedDomains: Set<String> = [
    "ALERT", "DATABASE", "DATABASE ROLE", "FUNCTION", "NETWORK POLICY", "PROCEDURE", "ROLE", "SCHEMA", "SHARE", "STAGE",
    "STREAM", "TABLE", "TASK", "USER", "WAREHOUSE",
  ]

  // MARK: Following

  /// What a tag that is dropped was set on loses it.
  func forgetTag(_ name: String) { rewriteTags { $0 == name ? nil : $0 } }

  /// Tags keep their assignments when they, or what contains them, get another name.
  func followTags(from old: String, to new: String) {
    rewriteTags { tag in
      tag == old ? new : tag.hasPrefix(old + ".") ? new + tag.dropFirst(old.count) : tag
    }
  }

  private func rewriteTags(_ rewrite: (String) -> String?) {
    for kind in registry.all {
      for var object in world.objects(kind.sqlName) {
        guard let before = object.notes["tags"] else { continue }
        let after = before.fields.compactMap { field in rewrite(field.key).map { Value.Field($0, field.value) } }
        guard after != before.fields else { continue }
        object.notes["tags"] = after.isEmpty ? nil : .object(after)
        world.put(object)
      }
    }
  }
}
