import AccountModel
import SnowmakerModel

extension BuiltInKinds {
  static let userSchema: TypeSchema = {
    let text = AttributeKind.text
    var password = attribute("password", text)
    password.isSensitive = true
    var schema = TypeSchema(
      "user", plural: "users", sqlName: "USER", identity: [.name],
      attributes: [
        comment, password, attribute("login_name", text), attribute("display_name", text),
        attribute("first_name", text), attribute("middle_name", text), attribute("last_name", text),
        attribute("email", text), attribute("must_change_password", .boolean), attribute("disabled", .boolean),
        attribute("days_to_expiry", .integer(minimum: 0)), attribute("mins_to_unlock", .integer(minimum: 0)),
        attribute("default_warehouse", .identifier), attribute("default_namespace", .name),
        attribute("default_role", .identifier), attribute("default_secondary_roles", .list(.text)),
        attribute("mins_to_bypass_mfa", .integer(minimum: 0)), attribute("rsa_public_key", text),
        attribute("rsa_public_key_2", text), attribute("disable_mfa", .boolean),
        attribute("type", .enumeration(["PERSON", "SERVICE", "LEGACY_SERVICE"])),
        attribute("workload_identity", .any),
      ])
    schema.emulation = Emulation(
      showColumns: facts(
        "name created_on login_name display_name first_name last_name email mins_to_unlock days_to_expiry comment "
          + "disabled must_change_password snowflake_lock default_warehouse default_namespace default_role "
          + "default_secondary_roles ext_authn_duo ext_authn_uid mins_to_bypass_mfa owner last_success_login "
          + "expires_at_time locked_until_time has_password has_rsa_public_key type has_mfa has_pat "
          + "has_workload_identity"), extraProperties: ["CUSTOM_LANDING_PAGE_URL"],
      parameters: Dictionary(
        uniqueKeysWithValues: (KnownParameters.all.values.filter(\.onUser).map(\.name) + ["NETWORK_POLICY"]).map {
          ($0, "")
        }, uniquing: ()))
    return schema
  }()
}

extension Dictionary where Key == String, Value == String {
  /// The first of equal keys counts.
  fileprivate init(uniqueKeysWithValues pairs: [(String, String)], uniquing: Void) {
    self.init(pairs) { first, _ in first }
  }
}

/// Users: passwords are kept as salted hashes, keys get fingerprints, and details are hidden from who may not have them.
struct UserBehavior: KindBehavior {
  func fact(_ name: String, of object: StoredObject, in run: StatementRun) -> String?? {
    let hidden = !mayRead(object, run)
    switch name {
    case "login_name": return hidden ? .some(nil) : object.text("login_name") ?? object.plainName
    case "display_name": return hidden ? .some(nil) : object.text("display_name") ?? object.plainName
    case "comment", "first_name", "last_name", "email": return hidden ? .some(nil) : object.text(name) ?? ""
    case "default_warehouse", "default_namespace", "default_role":
      return hidden ? .some(nil) : object.text(name).map { plain($0) } ?? ""
    case "type": return hidden ? .some(nil) : object.text("type") ?? "PERSON"
    case "mins_to_unlock", "days_to_expiry", "mins_to_bypass_mfa":
      return hidden ? .some(nil) : object.attributes[name].flatMap(ShowColumn.text) ?? ""
    case "disabled", "must_change_password":
      return hidden ? .some(nil) : object.attributes[name] == .bool(true) ? "true" : "false"
    case "default_secondary_roles": return hidden ? .some(nil) : secondaryRoles(object)
    case "has_pat":
      return hidden ? .some(nil) : object.notes[AccessTokens.note]?.list.isEmpty ?? true ? "false" : "true"
    case "snowflake_lock", "ext_authn_duo", "has_mfa": return hidden ? .some(nil) : "false"
    case "ext_authn_uid": return hidden ? .some(nil) : ""
    case "last_success_login", "expires_at_time", "locked_until_time": return .some(nil)
    case "has_password": return hidden ? .some(nil) : object.notes["password"] == nil ? "false" : "true"
    case "has_rsa_public_key":
      let has = object.attributes["rsa_public_key"] != nil || object.attributes["rsa_public_key_2"] != nil
      return hidden ? .some(nil) : has ? "true" : "false"
    case "has_workload_identity":
      return hidden ? .some(nil) : object.attributes["workload_identity"] == nil ? "false" : "true"
    default: return nil
    }
  }

  /// The owner, whoever manages grants, and the user itself see details.
  private func mayRead(_ object: StoredObject, _ run: StatementRun) -> Bool {
    object.name == run.context.user || run.account.owns(run.held, .user(object.name))
      || run.account.managesGrants(run.held) || run.holds("MONITOR", on: .user(object.name))
  }

  private func plain(_ name: String) -> String {
    guard name.hasPrefix("\""), let parts = try? QualifiedName(parsing: name).parts, parts.count == 1 else {
      return name
    }
    return parts[0].name
  }

  /// Defaults written as strings are kept and shown as they are written; they are resolved at login.
  func value(of property: String, _ literal: Literal) -> Value? {
    guard ["DEFAULT_WAREHOUSE", "DEFAULT_ROLE", "DEFAULT_NAMESPACE"].contains(property),
      case .string(let text) = literal, !text.isEmpty
    else { return nil }
    return .string(text)
  }

  private func secondaryRoles(_ object: StoredObject) -> String {
    guard let value = object.attributes["default_secondary_roles"] else { return #"["ALL"]"# }
    return JSON.string(value)
  }

  func complete(
    _ object: inout StoredObject, from statement: CreateStatement, in run: StatementRun
  ) throws(StatementFailure) {
    try settle(&object, run)
  }

  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {
    try settle(&object, run)
    if before.attributes["password"] != nil { object.notes["password"] = nil }
  }

  private func settle(_ object: inout StoredObject, _ run: StatementRun) throws(StatementFailure) {
    if let password = object.attributes.removeValue(forKey: "password")?.string {
      if object.text("type") == "SERVICE" {
        throw .invalidValue("***", for: "PASSWORD", because: "a user of type SERVICE has no password")
      }
      do throws(EmulatorStorageFailure) { object.notes["password"] = .string(try PasswordHash.make(password)) } catch {
        throw .broken(error.description)
      }
      object.notes["password_set"] = .int(run.world.now())
    }
    if object.text("type") == "SERVICE" {
      for name in ["first_name", "middle_name", "last_name", "must_change_password", "mins_to_bypass_mfa"]
      where object.attributes[name] != nil {
        throw .invalidProperty(name.uppercased(), for: "USER of type SERVICE")
      }
    }
    for name in ["rsa_public_key", "rsa_public_key_2"] {
      guard let key = object.text(name) else {
        object.notes[name + "_fp"] = nil
        continue
      }
      // Without the lines of a PEM file, as the account shows it.
      let bare = key.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }.joined()
      object.attributes[name] = .string(bare)
      guard let fingerprint = PublicKey.fingerprint(key) else {
        throw .invalidValue(
          String(key.prefix(12)) + "…", for: name.uppercased(), because: "no RSA public key (base64 of DER)")
      }
      if object.notes[name + "_fp"]?.string != fingerprint { object.notes[name + "_set"] = .int(run.world.now()) }
      object.notes[name + "_fp"] = .string(fingerprint)
    }
    if let login = object.text("login_name")?.uppercased() {
      object.attributes["login_name"] = .string(login)
      for other in run.world.objects("USER") where other.name != object.name {
        if (other.text("login_name") ?? other.plainName).uppercased() == login { throw .exists(login) }
      }
    }
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    let hidden = !mayRead(object, run)
    func text(_ name: String) -> String? { object.attributes[name].flatMap(ShowColumn.text) }
    func time(_ note: String) -> String? { object.notes[note]?.int.map { StatementRun.timestamp($0) } }
    let rows: [(String, String?)] = [
      ("NAME", object.plainName), ("COMMENT", text("comment")),
      ("DISPLAY_NAME", text("display_name") ?? object.plainName), ("TYPE", text("type") ?? "PERSON"),
      ("LOGIN_NAME", text("login_name") ?? object.plainName), ("FIRST_NAME", text("first_name")),
      ("MIDDLE_NAME", text("middle_name")), ("LAST_NAME", text("last_name")), ("EMAIL", text("email")),
      ("PASSWORD", object.notes["password"] == nil ? nil : "********"),
      ("MUST_CHANGE_PASSWORD", text("must_change_password") ?? "false"), ("DISABLED", text("disabled") ?? "false"),
      ("SNOWFLAKE_LOCK", "false"), ("SNOWFLAKE_SUPPORT", "false"), ("DAYS_TO_EXPIRY", text("days_to_expiry")),
      ("MINS_TO_UNLOCK", text("mins_to_unlock")), ("DEFAULT_WAREHOUSE", text("default_warehouse").map(plain)),
      ("DEFAULT_NAMESPACE", text("default_namespace")), ("DEFAULT_ROLE", text("default_role").map(plain)),
      ("DEFAULT_SECONDARY_ROLES", secondaryRoles(object)), ("EXT_AUTHN_DUO", "false"), ("EXT_AUTHN_UID", nil),
      ("HAS_MFA", "false"), ("MINS_TO_BYPASS_MFA", text("mins_to_bypass_mfa")),
      ("MINS_TO_BYPASS_NETWORK_POLICY", nil), ("RSA_PUBLIC_KEY", text("rsa_public_key")),
      ("RSA_PUBLIC_KEY_FP", object.notes["rsa_public_key_fp"]?.string),
      ("RSA_PUBLIC_KEY_LAST_SET_TIME", time("rsa_public_key_set")), ("RSA_PUBLIC_KEY_2", text("rsa_public_key_2")),
      ("RSA_PUBLIC_KEY_2_FP", object.notes["rsa_public_key_2_fp"]?.string),
      ("RSA_PUBLIC_KEY_2_LAST_SET_TIME", time("rsa_public_key_2_set")),
      ("PASSWORD_LAST_SET_TIME", time("password_set")), ("CUSTOM_LANDING_PAGE_URL", text("CUSTOM_LANDING_PAGE_URL")),
      ("CUSTOM_LANDING_PAGE_URL_FLUSH_NEXT_UI_LOAD", "false"),
      ("HAS_WORKLOAD_IDENTITY", object.attributes["workload_identity"] == nil ? "false" : "true"),
    ]
    return StatementResult(
      columns: ["property", "value", "default", "description"].map { ResultColumn(name: $0) },
      rows: rows.map { [$0.0, hidden && $0.0 != "NAME" ? "null" : $0.1 ?? "null", "null", ""] },
      statementTypeID: 0x4500)
  }
}
