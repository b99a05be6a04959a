import SnowmakerSDK

/// A user of any TYPE.
struct User: ObjectType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "user", plural: "users", sqlName: "USER", identity: [.name],
      doc: """
        Someone or something that logs in. `roles:` beneath a user grants roles to it. What the account does not show \
        (the password, workload_identity, disable_mfa) or counts down (days_to_expiry, mins_to_unlock, \
        mins_to_bypass_mfa) is sent when it changes here.
        """, attributes: properties + UserParameters.attributes + UserPolicies.attributes + [.owner, .tags])
    schema.createPrivilege = "CREATE USER"
    schema.privileges = Privileges.of("USER") ?? []
    schema.validates = true
    schema.reads = [
      ReadGroup("show", GrantReading.Lists.users, per: .account, shape: .rows, costClass: GrantReading.Lists.users),
      ReadGroup("describe", "DESCRIBE USER {name}", per: .object, shape: .properties, costClass: "DESCRIBE USER"),
      ReadGroup(
        "parameters", "SHOW PARAMETERS FOR USER {name}", per: .object, shape: .parameters,
        costClass: "SHOW PARAMETERS FOR USER"),
      .tags(of: "USER"),
    ]
    schema.emulation = UserEmulation.descriptor
    schema.examples = [Examples.user]
    return schema
  }()

  private static let properties: [AttributeSchema] = [
    .objectName,
    AttributeSchema(
      "type", .enumeration(["PERSON", "SERVICE", "LEGACY_SERVICE"], aliases: ["NULL": "PERSON"]), property: "TYPE",
      column: "type", doc: "Whether it is a person or a program."
    ).defaults(to: "PERSON").alias("user_type"),
    AttributeSchema(
      "login_name", .text, property: "LOGIN_NAME", column: "login_name",
      doc: "The name it logs in with, stored in upper case. The user's name when it was never set."
    ).blankIsNull(),
    AttributeSchema("display_name", .text, property: "DISPLAY_NAME", column: "display_name", doc: "The name shown.")
      .blankIsNull(),
    AttributeSchema("first_name", .text, property: "FIRST_NAME", column: "first_name", doc: "The first name.")
      .blankIsNull(),
    AttributeSchema("middle_name", .text, property: "MIDDLE_NAME", doc: "The middle name.").blankIsNull()
      .read(by: "describe"),
    AttributeSchema("last_name", .text, property: "LAST_NAME", column: "last_name", doc: "The last name.")
      .blankIsNull(),
    AttributeSchema("email", .text, property: "EMAIL", column: "email", doc: "The mail address.").blankIsNull(),
    AttributeSchema("password", .text, property: "PASSWORD", doc: "The password. Never shown.").sensitive(),
    AttributeSchema(
      "must_change_password", .boolean, property: "MUST_CHANGE_PASSWORD", column: "must_change_password",
      doc: "Whether the next login must set a new password."
    ).defaults(to: false),
    AttributeSchema("disabled", .boolean, property: "DISABLED", column: "disabled", doc: "Whether it cannot log in.")
      .defaults(to: false),
    AttributeSchema(
      "days_to_expiry", .integer(minimum: 0), property: "DAYS_TO_EXPIRY",
      doc: "Days until it cannot log in, counted from when it was set."
    ),
    AttributeSchema(
      "mins_to_unlock", .integer(minimum: 0), property: "MINS_TO_UNLOCK",
      doc: "Minutes until a lock ends, counted from when it was set."
    ),
    AttributeSchema(
      "mins_to_bypass_mfa", .integer(minimum: 0), property: "MINS_TO_BYPASS_MFA",
      doc: "Minutes in which it logs in without a second factor, counted from when it was set."
    ),
    AttributeSchema(
      "disable_mfa", .boolean, property: "DISABLE_MFA",
      doc: "Takes the second factor off, so that the user may enrol anew."
    ).setAfterCreation(),
    AttributeSchema(
      "default_warehouse", .reference(["warehouse"]), property: "DEFAULT_WAREHOUSE", column: "default_warehouse",
      doc: "The warehouse of a new session."
    ).edge(.uses, onTargetDrop: .keepsName),
    AttributeSchema(
      "default_namespace", .name, property: "DEFAULT_NAMESPACE", column: "default_namespace",
      doc: "The database, or database and schema, of a new session."),
    AttributeSchema(
      "default_role", .reference(["role"]), property: "DEFAULT_ROLE", column: "default_role",
      doc: "The role of a new session. It must be granted too."
    ).edge(.uses, onTargetDrop: .keepsName),
    AttributeSchema(
      "default_secondary_roles", .set(.enumeration(["ALL"])), property: "DEFAULT_SECONDARY_ROLES",
      column: "default_secondary_roles", doc: "`[ALL]` or `[]`: which other roles a new session uses."
    ).rendered(.quoted).defaults(to: ["ALL"]),
    AttributeSchema(
      "rsa_public_key", .text, property: "RSA_PUBLIC_KEY", doc: "The public key for key-pair logins, PEM or bare."
    )
    .read(by: "describe"),
    AttributeSchema(
      "rsa_public_key_2", .text, property: "RSA_PUBLIC_KEY_2", doc: "The second public key, for rotation."
    )
    .read(by: "describe"),
    AttributeSchema(
      "workload_identity",
      .record([
        AttributeSchema("type", .enumeration(["AWS", "AZURE", "GCP", "OIDC"]), property: "TYPE").required(),
        AttributeSchema("arn", .text, property: "ARN"), AttributeSchema("issuer", .text, property: "ISSUER"),
        AttributeSchema("subject", .text, property: "SUBJECT"),
        AttributeSchema("oidc_audience_list", .list(.text), property: "OIDC_AUDIENCE_LIST"),
      ]), property: "WORKLOAD_IDENTITY",
      doc: "The workload that logs in as this user without a secret."
    ),
    AttributeSchema(
      "allowed_interfaces", .set(.text), property: "ALLOWED_INTERFACES", doc: "The interfaces it may use."
    )
    .read(by: "describe"),
    .comment,
  ]

  // MARK: - Validating

  func validate(_ resource: DeclaredResource, context: RequestContext) -> [Diagnostic] {
    var diagnostics: [Diagnostic] = []
    let type = resource.attributes["type"].string ?? "PERSON"
    for name in Self.notApplicable[type] ?? [] {
      guard let value = resource.attributes.find(name), !value.isNull else { continue }
      diagnostics.append(
        .error(
          "a user of type \(type) has no \(name)", detail: "Remove it, or make the user a PERSON.", path: [name],
          code: "not-applicable"))
    }
    for name in ["rsa_public_key", "rsa_public_key_2"] {
      guard let key = resource.attributes[name].string else { continue }
      if key.contains("PRIVATE KEY") {
        diagnostics.append(
          .error(
            "\(name) holds a private key", detail: "Put the public half here and keep the private one to yourself.",
            path: [name], code: "private-key"))
      }
    }
    return diagnostics
  }

  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-user#types-of-users>.
  private static let notApplicable: [String: [String]] = [
    "SERVICE": [
      "password", "first_name", "middle_name", "last_name", "must_change_password", "mins_to_bypass_mfa", "disable_mfa",
    ],
    "LEGACY_SERVICE": ["first_name", "middle_name", "last_name", "mins_to_bypass_mfa", "disable_mfa"],
  ]

  // MARK: - Reading

  func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    try UserPolicies.read(request) { request throws(Diagnostic) in try SchemaReader(self).read(request) }
  }

  func observe(_ observation: inout Observation, group: ReadGroup, rows: RowSet) -> Bool {
    switch group.name {
    case "show":
      let name = observation.identity[0]
      let type = rows.text(0, "type")?.uppercased() ?? ""
      if name == "SNOWFLAKE" || type.hasPrefix("SNOWFLAKE") {
        observation.foreign = "managed by Snowflake"
      } else {
        observation.foreign = SystemRoles.foreignness(owner: observation.owner)
      }
    case "describe":
      // DESCRIBE USER prints 'null' for what is not set.
      let fields = observation.attributes.fields.map { field in
        field.value == .string("null") || field.value == .string("") ? Value.Field(field.key, .null) : field
      }
      observation.attributes = Self.canonical(.object(fields))
      return true
    default: break
    }
    observation.attributes = Self.canonical(observation.attributes)
    return true
  }

  /// Values as Snowflake keeps them: login names in upper case, public keys without their PEM frame.
  static func canonical(_ attributes: Value) -> Value {
    guard case .object(let fields) = attributes else { return attributes }
    return .object(
      fields.map { field in
        guard let text = field.value.string else { return field }
        switch field.key {
        case "login_name": return Value.Field(field.key, .string(text.uppercased()))
        case "rsa_public_key", "rsa_public_key_2": return Value.Field(field.key, .string(bareKey(text)))
        default: return field
        }
      })
  }

  /// The base64 text between the lines of a PEM file, in one line.
  static func bareKey(_ key: String) -> String {
    key.split { $0.isNewline }.map { line in line.filter { !$0.isWhitespace } }
      .filter { !$0.hasPrefix("--") }.joined()
  }

  // MARK: - Planning

  func plan(_ item: PlanItem, request: PlanRequest) throws(Diagnostic) -> Change {
    var item = item
    item.declared = item.declared.map(Self.canonical)
    if let declared = item.declared, var observed = item.observed {
      // Unset, both names are the user's own again.
      let own = (try? Identifier(parsing: item.identity[0]).name) ?? item.identity[0]
      observed.attributes = .object(
        observed.attributes.fields.map { field in
          let isOwn = field.value.string.map { $0 == own || $0 == own.uppercased() } ?? false
          guard field.key == "login_name" || field.key == "display_name", isOwn,
            declared.find(field.key) == .some(.null)
          else { return field }
          return .init(field.key, .null)
        })
      item.observed = observed
    }
    var change = try SchemaPlanner(schema).plan(item)
    if change.action == .drop {
      change.losses.append("its password, keys, tokens and second factors, its worksheets, and the files in its stage")
    }
    return change
  }
}
