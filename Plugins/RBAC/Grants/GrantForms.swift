import SnowmakerSDK

/// EXPAND of `grants:`: every form people write → one privilege, one object, one grantee.
struct GrantForms {
  private var resources: [ExpandedResource] = []
  private var diagnostics: [Diagnostic] = []

  /// The keys that an element takes, beside `on_<type>`.
  static let keys = [
    "priv", "privs", "privilege", "privileges", "on", "to", "to_role", "to_roles", "to_database_role",
    "to_database_roles", "to_user", "to_users", "to_share", "to_shares", "to_application", "to_applications", "to_type",
    "grant_option", "with_grant_option", "inherited", "owner",
  ]

  /// What an element of `grants:` stands for.
  static func expand(_ written: Value) -> Expansion {
    var forms = GrantForms()
    forms.expand(written)
    return Expansion(resources: forms.resources, diagnostics: forms.diagnostics)
  }

  private mutating func expand(_ written: Value) {
    guard case .object(let fields) = written else {
      diagnostics.append(
        .error("a grant is a map: {priv: USAGE, on_warehouse: loading, to_role: loader}", code: "wrong-kind"))
      return
    }
    var option: Value?
    var inherited = false
    for field in fields {
      switch field.key {
      case "grant_option", "with_grant_option": if !field.value.isNull { option = field.value }
      case "inherited": inherited = field.value.bool ?? false
      case "owner":
        if !field.value.isNull {
          diagnostics.append(
            .warning(
              "'owner' of a grant has no effect",
              detail: "Which role grants is worked out from who may; the plan shows it.", path: ["owner"]))
        }
      case "caller":
        diagnostics.append(
          .error(Self.callerGrants.summary, detail: Self.callerGrants.detail, path: [field.key], code: "not-supported"))
      case let key where Self.keys.contains(key) || key.hasPrefix("on_"): break
      default:
        diagnostics.append(
          .error(
            "unknown key '\(field.key)' in a grant",
            detail: Self.didYouMean(Spelling.closest(to: field.key, in: Self.keys)), path: [field.key],
            code: "unknown-key"))
      }
    }
    let privileges = privileges(of: fields)
    let targets = targets(of: fields, inherited: inherited)
    let grantees = Grantees.read(
      fields, keys: Self.granteeKeys, type: written["to_type"].string, diagnostics: &diagnostics)
    missing(privileges.isEmpty, "priv", "grants no privilege: add 'priv: USAGE' or 'privs: [SELECT, INSERT]'", fields)
    missing(
      targets.isEmpty, "on",
      "grants on nothing: add 'on_warehouse: loading', 'on: FUTURE TABLES IN SCHEMA raw.sales' …",
      fields)
    missing(grantees.isEmpty, "to", "grants to nobody: add 'to_role: loader' or 'to_database_role: raw.reader'", fields)
    for target in targets {
      for privilege in privileges {
        guard let name = canonical(privilege, on: target.value.objectType) else { continue }
        for grantee in grantees {
          add(name, target, grantee, option: option, path: privilege.path)
        }
      }
    }
  }

  /// Why there are no caller grants here.
  private static let callerGrants = (
    summary: "caller grants (GRANT CALLER) are not supported",
    detail: "They restrict what an executable may do with its caller's rights. Grant them by hand."
  )

  private static let granteeKeys: [String: Grantees.Key] = [
    "to": .byName, "to_role": .type("ROLE"), "to_roles": .type("ROLE"), "to_database_role": .type("DATABASE ROLE"),
    "to_database_roles": .type("DATABASE ROLE"), "to_user": .type("USER"), "to_users": .type("USER"),
    "to_share": .type("SHARE"), "to_shares": .type("SHARE"), "to_application": .type("APPLICATION"),
    "to_applications": .type("APPLICATION"),
  ]

  /// Reports what is missing, unless the key is there and has its own error.
  private mutating func missing(_ isMissing: Bool, _ key: String, _ message: String, _ fields: [Value.Field]) {
    guard isMissing, !diagnostics.contains(where: { $0.severity == .error && ($0.path.first ?? "").hasPrefix(key) })
    else {
      return
    }
    diagnostics.append(.error("this grant \(message)", code: "missing-key"))
  }

  static func didYouMean(_ suggestion: String?) -> String { suggestion.map { "Did you mean '\($0)'?" } ?? "" }
}

// MARK: - Parts

extension GrantForms {
  private struct Written<T> {
    var value: T
    var path: [String]
  }

  private mutating func privileges(of fields: [Value.Field]) -> [Written<String>] {
    var result: [Written<String>] = []
    for field in fields where ["priv", "privs", "privilege", "privileges"].contains(field.key) {
      for item in Elements.of(field.value, path: [field.key]) {
        guard let text = item.value.string else {
          diagnostics.append(
            .error("a privilege is text, found \(item.value.kindName)", path: item.path, code: "wrong-kind"))
          continue
        }
        for name in text.split(separator: ",") { result.append(Written(value: String(name), path: item.path)) }
      }
    }
    return result
  }

  private mutating func canonical(_ privilege: Written<String>, on type: String) -> String? {
    let first = Words.upper(privilege.value).split(separator: " ").first ?? ""
    if first == "CALLER" {
      diagnostics.append(
        .error(
          Self.callerGrants.summary, detail: Self.callerGrants.detail, path: privilege.path, code: "not-supported"))
      return nil
    }
    if first == "INHERITED" {
      diagnostics.append(
        .error(
          "INHERITED is no part of a privilege", detail: "Write 'on: INHERITED TABLES IN DATABASE raw'.",
          path: privilege.path, code: "unknown-privilege"))
      return nil
    }
    do throws(Privileges.Unknown) { return try Privileges.canonical(privilege.value, on: type) } catch {
      if error.suggestion == nil, !error.isKnownElsewhere {
        diagnostics.append(
          .warning(
            "'\(error.privilege)' is no privilege on \(type) that snowmaker knows",
            detail: "It is sent as written; Snowflake decides.", path: privilege.path, code: "unknown-privilege"))
        return error.privilege
      }
      diagnostics.append(
        .error(
          "'\(error.privilege)' is no privilege on \(type)", detail: Self.didYouMean(error.suggestion),
          path: privilege.path, code: "unknown-privilege"))
      return nil
    }
  }

  private mutating func targets(of fields: [Value.Field], inherited: Bool) -> [Written<GrantTarget>] {
    var result: [Written<GrantTarget>] = []
    let keys = fields.filter { ($0.key == "on" || $0.key.hasPrefix("on_")) && !$0.value.isNull }
    if keys.count > 1 {
      diagnostics.append(
        .error(
          "a grant has one 'on'; found \(keys.map { "'\($0.key)'" }.joined(separator: " and "))",
          detail: "Write a list under one key, or two grants.", path: [keys[1].key], code: "conflicting-keys"))
      return []
    }
    for field in keys {
      for item in Self.targetTexts(field) {
        guard let text = item.value else {
          diagnostics.append(
            .error("'\(field.key)' takes a name or a list of names", path: item.path, code: "wrong-kind"))
          continue
        }
        do throws(GrantTarget.Failure) {
          var target = try field.key == "on" ? GrantTarget(parsing: text) : GrantTarget(key: field.key, value: text)
          if inherited { target = try Self.inherit(target) }
          result.append(Written(value: target, path: item.path))
        } catch {
          diagnostics.append(
            .error(error.message, detail: Self.didYouMean(error.suggestion), path: item.path, code: "bad-target"))
        }
      }
    }
    return result
  }

  /// The texts under an `on` key. A list that starts with FUTURE, ALL or INHERITED is one target in pieces.
  private static func targetTexts(_ field: Value.Field) -> [Written<String?>] {
    if field.key == "on_account", field.value.bool == true { return [Written(value: "ACCOUNT", path: [field.key])] }
    return Elements.of(field.value, path: [field.key], isWhole: { pieces($0) != nil }).map { item in
      Written(value: pieces(item.value) ?? item.value.string, path: item.path)
    }
  }

  private static func pieces(_ value: Value) -> String? {
    guard case .list(let items) = value, let first = items.first?.string,
      GrantTarget.Collection(rawValue: first.uppercased()) != nil
    else { return nil }
    return items.compactMap(\.string).joined(separator: " ")
  }

  private static func inherit(_ target: GrantTarget) throws(GrantTarget.Failure) -> GrantTarget {
    guard case .collection(let collection, let type, let scope) = target, collection != .future else {
      throw .init(message: "'inherited: true' goes with ALL … IN …, for example 'on: ALL TABLES IN DATABASE raw'")
    }
    return .collection(.inherited, type: type, scope: scope)
  }

  private mutating func add(
    _ privilege: String, _ target: Written<GrantTarget>, _ grantee: Grantees.Written, option: Value?, path: [String]
  ) {
    var attributes = DocumentBuilder()
    attributes.set("privilege", privilege)
    var type: String
    switch target.value {
    case .account: type = privilege == "OWNERSHIP" ? "" : "account_grant"
    case .object(let objectType, let name):
      type = privilege == "OWNERSHIP" ? "ownership" : "grant"
      attributes.set("on_type", objectType)
      attributes.set("on", name)
    case .routine(let objectType, let routine):
      type = privilege == "OWNERSHIP" ? "" : "routine_grant"
      attributes.set("on_type", objectType)
      attributes.set("on", routine.name)
      attributes.set("arguments", routine.arguments)
    case .collection(let collection, let objectType, let scope):
      attributes.set("on_type", objectType)
      switch collection {
      case .all: type = "grant_on_all"
      case .future: type = "future_grant"
      case .inherited: type = "inherited_grant"
      }
      if case .container(let scopeType, let name) = scope {
        attributes.set("scope_type", scopeType)
        attributes.set("scope", name)
      } else {
        type = "account_inherited_grant"
      }
    }
    if let refusal = refusal(privilege, target.value, to: grantee.type, option: option) {
      diagnostics.append(.error(refusal, path: path, code: "bad-grant"))
      return
    }
    attributes.set("to_type", grantee.type)
    attributes.set("to", grantee.name)
    let takesOption = type != "ownership" && !type.hasSuffix("inherited_grant")
    if let option, takesOption { attributes.set("grant_option", option) }
    var fields = attributes.document.fields
    if type == "ownership" { fields.removeAll { $0.key == "privilege" } }
    let resource = ExpandedResource(
      type: type, attributes: .object(fields), path: path.last.flatMap(Int.init) != nil ? path : target.path)
    if !resources.contains(resource) { resources.append(resource) }
  }

  /// Why Snowflake has no such grant; nil when it has.
  private func refusal(_ privilege: String, _ target: GrantTarget, to grantee: String, option: Value?) -> String? {
    let isRole = grantee == "ROLE" || grantee == "DATABASE ROLE"
    return switch target {
    case _ where privilege == "OWNERSHIP" && !isRole: "only roles own objects, not a \(grantee.lowercased())"
    case _ where grantee == "USER" && privilege.hasPrefix("CREATE "):
      "\(privilege) is granted to roles only, not to a user"
    case .collection(.inherited, _, _) where !isRole:
      "an INHERITED grant goes to a role, not to a \(grantee.lowercased())"
    case .collection(.future, _, _) where !isRole:
      "a FUTURE grant goes to a role: Snowflake lists none of a \(grantee.lowercased())"
    case .account where privilege == "OWNERSHIP": "nobody owns the account: OWNERSHIP cannot be granted on it"
    case .routine(let type, _) where privilege == "OWNERSHIP":
      "OWNERSHIP of a \(type) cannot be granted here; set its 'owner'"
    case .collection(.inherited, _, _) where privilege == "OWNERSHIP" || privilege == Privileges.everything:
      "\(privilege) cannot be granted as INHERITED; list the privileges"
    case .collection(.inherited, _, _) where option == .bool(true): "an INHERITED grant has no grant option"
    case .collection(.all, let type, _), .collection(.future, let type, _):
      ObjectTypes.inAccount.contains(type) ? "\(ObjectTypes.plural(of: type)) are not in a database or schema" : nil
    default: nil
    }
  }
}

/// Lists and single values alike.
enum Elements {
  struct Item {
    var value: Value
    var path: [String]
  }

  /// The elements of a list, or the value as the only one; null and blank text count as absent.
  static func of(_ value: Value, path: [String], isWhole: (Value) -> Bool = { _ in false }) -> [Item] {
    guard case .list(let items) = value, !isWhole(value) else {
      return value.isNull || value == .string("") ? [] : [Item(value: value, path: path)]
    }
    return items.enumerated().compactMap { index, item in
      item.isNull || item == .string("") ? nil : Item(value: item, path: path + [String(index)])
    }
  }
}

/// Who receives a grant, as configuration writes it.
enum Grantees {
  struct Written {
    var type: String
    var name: String
    var path: [String]
  }

  /// What a key says of the type of the names under it.
  enum Key {
    case type(String)
    /// A dotted name is a database role, any other a role.
    case byName
  }

  /// Who receives privileges.
  static let types = ["ROLE", "DATABASE ROLE", "USER", "SHARE", "APPLICATION"]

  /// The names under all the grantee keys of a map.
  static func read(
    _ fields: [Value.Field], keys: [String: Key], type: String?, diagnostics: inout [Diagnostic]
  ) -> [Written] {
    var result: [Written] = []
    for field in fields {
      guard let key = keys[field.key] else { continue }
      for item in Elements.of(field.value, path: [field.key]) {
        guard let name = item.value.string else {
          diagnostics.append(
            .error("expected a name, found \(item.value.kindName)", path: item.path, code: "wrong-kind"))
          continue
        }
        switch key {
        case .type(let type): result.append(Written(type: type, name: name, path: item.path))
        case .byName:
          let written = type.map { Words.upper($0) } ?? byName(name)
          guard types.contains(written) else {
            diagnostics.append(
              .error(
                "'\(written)' is no type of grantee: \(types.joined(separator: ", "))",
                detail: GrantForms.didYouMean(Spelling.closest(to: written, in: types)), path: ["to_type"],
                code: "bad-grantee"))
            continue
          }
          result.append(Written(type: written, name: name, path: item.path))
        }
      }
    }
    return result
  }

  /// `raw.reader` can only be a database role.
  static func byName(_ name: String) -> String {
    ((try? QualifiedName(parsing: name))?.parts.count ?? 1) > 1 ? "DATABASE ROLE" : "ROLE"
  }
}
