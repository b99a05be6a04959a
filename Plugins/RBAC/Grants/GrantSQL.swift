import SnowmakerSDK

/// GRANT and REVOKE of privileges.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege>.
struct GrantSQL {
  var privilege: String
  /// After ON: `WAREHOUSE LOADING`, `FUTURE TABLES IN SCHEMA RAW.SALES`.
  var on: String
  var to: SQLObject
  /// What the granting role needs; one of them.
  var authorities: [Authority]
  /// The objects whose privileges change.
  var objects: [SQLObject]
  /// The object type, for what `ALL` means.
  var type: String
  var isInherited = false

  private var words: String {
    (isInherited ? "INHERITED " : "") + (privilege == Privileges.everything ? "ALL PRIVILEGES" : privilege)
  }

  private var privileges: [String] {
    privilege == Privileges.everything ? Privileges.of(type) ?? [] : [privilege]
  }

  private func grantText(_ option: Bool) -> SQLText {
    SQLText("GRANT \(words) ON \(on) TO \(to.description)\(option ? " WITH GRANT OPTION" : "")")
  }

  private func revokeText(_ words: String) -> SQLText { SQLText("REVOKE \(words) ON \(on) FROM \(to.description)") }

  /// What must be granted before: on a stage, WRITE is refused without READ. It runs once, however many grants say so.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/grant-privilege#usage-notes>.
  var prerequisite: Statement? {
    guard type == "STAGE", privilege == "WRITE" else { return nil }
    var read = self
    read.privilege = "READ"
    return read.grant(option: false)
  }

  /// The key by which equal grants of READ on stages run once.
  private func once(_ option: Bool) -> String? {
    type == "STAGE" && privilege == "READ" && !option ? grantText(false).description : nil
  }

  /// GRANT; `isNew` when the way back is to revoke it.
  func grant(option: Bool, isNew: Bool = true) -> Statement {
    Statement(
      grantText(option), authorities: authorities, once: once(option),
      undo: isNew ? revokeText(words) : revokeText("GRANT OPTION FOR \(words)"),
      effects: objects.flatMap { object in
        privileges.map { AccountEffect.granted($0, on: object, to: to, withGrantOption: option) }
      })
  }

  /// REVOKE GRANT OPTION FOR: the privilege stays.
  func revokeOption() -> Statement {
    Statement(revokeText("GRANT OPTION FOR \(words)"), authorities: authorities, undo: grantText(true))
  }

  /// REVOKE, of `only` these privileges when the grant is `ALL`.
  func revoke(option: Bool, only: [String]? = nil) -> Statement {
    let taken = only ?? privileges
    let text = only?.joined(separator: ", ") ?? words
    return Statement(
      revokeText(text), authorities: authorities,
      undo: SQLText("GRANT \(text) ON \(on) TO \(to.description)\(option ? " WITH GRANT OPTION" : "")"),
      effects: objects.flatMap { object in taken.map { AccountEffect.revoked($0, on: object, from: to) } })
  }

  /// The change from what is observed to what is declared, for grants whose only attribute is the grant option.
  func change(_ item: PlanItem, only: [String]? = nil) -> Change {
    let has = item.observed?.attributes["grant_option"].bool ?? false
    guard let declared = item.declared else {
      if let only, only.isEmpty { return Change(.drop, note: "other grants keep every privilege") }
      return Change(.drop, statements: [revoke(option: has, only: only)])
    }
    let wants = declared["grant_option"].bool ?? false
    guard item.observed != nil else {
      return Change(
        .create, attributes: wants ? [AttributeChange("grant_option", before: .null, after: .bool(true))] : [],
        statements: (prerequisite.map { [$0] } ?? []) + [grant(option: wants)])
    }
    guard declared.find("grant_option") != nil, !item.same.contains("grant_option"), wants != has else {
      return Change(.none)
    }
    return Change(
      .update, attributes: [AttributeChange("grant_option", before: .bool(has), after: .bool(wants))],
      statements: [wants ? grant(option: true, isNew: false) : revokeOption()])
  }
}

extension AttributeSchema {
  static let privilege = AttributeSchema(
    "privilege", .text, doc: "The privilege, as SQL spells it; ALL is every privilege of the object type."
  ).required().forcesReplacement()

  static let granteeType = AttributeSchema(
    "to_type", .enumeration(Grantees.types), doc: "The grantee's type."
  ).required().forcesReplacement().defaults(to: "ROLE")

  /// The grantee; a grant goes along with it.
  static let grantee = AttributeSchema(
    "to", .objectReference(typeAttribute: "to_type"), doc: "The grantee."
  ).required().forcesReplacement().edge(.grantee, onTargetDrop: .absorbed)

  static let grantOption = AttributeSchema(
    "grant_option", .boolean, doc: "Whether the grantee may grant the privilege to others."
  ).defaults(to: false).unset(.set(false))

  /// The type of the objects granted on.
  static let grantedType = AttributeSchema("on_type", .text, doc: "The object type, as SQL spells it.")
    .required().forcesReplacement()

  static let scopeType = AttributeSchema(
    "scope_type", .enumeration(["DATABASE", "SCHEMA"]), doc: "Whether the scope is a database or a schema."
  ).required().forcesReplacement()

  /// The scope of a grant on a collection; the grant goes along with it.
  static func scope(_ edge: Edge) -> AttributeSchema {
    AttributeSchema("scope", .objectReference(typeAttribute: "scope_type"), doc: "The database or schema.")
      .required().forcesReplacement().edge(edge, onTargetDrop: .absorbed)
  }
}
