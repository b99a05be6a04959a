import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct UserTests {
  private let type = User()
  private let columns = [
    "name", "created_on", "login_name", "display_name", "first_name", "last_name", "email", "comment", "disabled",
    "must_change_password", "default_warehouse", "default_namespace", "default_role", "default_secondary_roles",
    "owner",
    "type",
  ]

  private var account: RecordedAccount {
    var account = RecordedAccount()
    account.answer(
      "SHOW USERS", columns,
      [
        [
          "ALICE", "1795182089.457869291", "ALICE", "ALICE", "", "", "alice@example.com", "", "false", "false", "WH_BI",
          "", "ANALYST", "[\"ALL\"]", "ACCOUNTADMIN", "PERSON",
        ],
        [
          "SYNCED", "1795182089.1", "SYNCED", "SYNCED", "", "", "", "", "false", "false", "", "", "", "[\"ALL\"]",
          "AAD_PROVISIONER", "",
        ],
      ])
    return account
  }

  @Test func oneStatementReadsWhatTheListShows() throws {
    let (reply, asked) = try account.read(
      type,
      wanted: [
        .declared(["ALICE"], ["email": "alice@example.com", "default_role": "ANALYST"]), .declared(["SYNCED"]),
      ])
    #expect(asked == ["SHOW USERS"])
    let alice = reply.observed[0]
    #expect(alice.attributes["default_role"] == "ANALYST")
    #expect(alice.attributes["default_secondary_roles"] == ["ALL"])
    #expect(alice.attributes["disabled"] == false)
    #expect(reply.observed[1].foreign == "synchronised by SCIM (owned by AAD_PROVISIONER)")
  }

  @Test func whatTheAccountDoesNotShowIsSentWhenItChanges() throws {
    let declared: Value = [
      "days_to_expiry": 30, "disable_mfa": true, "password_policy": "D.S.P",
      "workload_identity": ["arn": "a", "type": "AWS"],
    ]
    #expect(
      try planned(type, ["U"], declared).sql == [
        "CREATE USER U DAYS_TO_EXPIRY = 30 WORKLOAD_IDENTITY = (TYPE = AWS ARN = 'a')",
        "ALTER USER U SET DISABLE_MFA = TRUE", "ALTER USER U SET PASSWORD POLICY D.S.P",
      ])
    let changed = try planned(type, ["U"], ["days_to_expiry": 31, "session_policy": "D.S.Q"], observed: [:])
    #expect(
      changed.sql == ["ALTER USER U SET DAYS_TO_EXPIRY = 31", "ALTER USER U SET SESSION POLICY D.S.Q FORCE"])
    let unset = try planned(
      type, ["U"], ["days_to_expiry": .null, "password_policy": .null, "authentication_policy": .null], observed: [:],
      remembered: ["days_to_expiry": 31, "password_policy": "D.S.P"])
    #expect(unset.sql == ["ALTER USER U UNSET DAYS_TO_EXPIRY", "ALTER USER U UNSET PASSWORD POLICY"])
  }

  @Test func perUserStatementsOnlyForWhatTheyAloneShow() throws {
    var account = account
    account.answer(
      "DESCRIBE USER ALICE", ["property", "value", "default", "description"],
      [
        ["NAME", "ALICE", "null", ""], ["MIDDLE_NAME", "null", "null", ""], ["RSA_PUBLIC_KEY", "MIIBIjAN", "null", ""],
        ["RSA_PUBLIC_KEY_2", "null", "null", ""],
      ])
    account.answer(
      "SHOW PARAMETERS FOR USER ALICE", ["key", "value", "default", "level", "description"],
      [
        ["TIMEZONE", "UTC", "America/Los_Angeles", "USER", ""], ["WEEK_START", "1", "0", "ACCOUNT", ""],
        ["NETWORK_POLICY", "CORP", "", "USER", ""],
      ])
    let declared: Value = [
      "rsa_public_key": "x", "rsa_public_key_2": "y", "middle_name": "M", "timezone": "UTC", "week_start": 1,
      "network_policy": "CORP",
    ]
    let (reply, asked) = try account.read(type, wanted: [.declared(["ALICE"], declared), .declared(["SYNCED"])])
    #expect(asked == ["SHOW USERS", "DESCRIBE USER ALICE", "SHOW PARAMETERS FOR USER ALICE"])
    let alice = try #require(reply.observed.first { $0.identity == ["ALICE"] }).attributes
    #expect(alice["rsa_public_key"] == "MIIBIjAN")
    #expect(alice.find("rsa_public_key_2") == .null)
    #expect(alice.find("middle_name") == .null)
    #expect(alice["timezone"] == "UTC")
    #expect(alice.find("week_start") == .null)  // set on the account, not here
    #expect(alice["network_policy"] == "CORP")
  }

  private let policyColumns = ["created_on", "name", "database_name", "schema_name", "kind", "owner"]

  private func policies(_ names: String...) -> [[String?]] {
    names.map { ["1", $0, "SEC", "my.s", "PASSWORD_POLICY", "SECURITYADMIN"] }
  }

  @Test func policiesAreReadOfThoseWhoDeclareThem() throws {
    var account = account
    account.answer("SHOW PASSWORD POLICIES IN ACCOUNT", policyColumns, policies("P1", "P2"))
    account.answer("SHOW PASSWORD POLICIES ON USER ALICE", policyColumns, policies("P2"))
    let (reply, asked) = try account.read(
      type, wanted: [.declared(["ALICE"], ["password_policy": "SEC.\"my.s\".P1"]), .declared(["SYNCED"])])
    #expect(
      asked == ["SHOW USERS", "SHOW PASSWORD POLICIES IN ACCOUNT", "SHOW PASSWORD POLICIES ON USER ALICE"])
    #expect(reply.observed[0].attributes["password_policy"] == "SEC.\"my.s\".P2")
    #expect(reply.observed[0].attributes["email"] == "alice@example.com")
  }

  @Test(
    arguments: [
      // Seen and not attached; not seen, so that nothing can be said; and both statements refused.
      (["P1"], "SEC.\"my.s\".P1", Value?.some(.null)), (["P2"], "SEC.\"my.s\".P1", nil), (nil, "SEC.\"my.s\".P1", nil),
    ] as [([String]?, Value, Value?)])
  func anEmptyAnswerSaysNothingOfWhatCannotBeSeen(seen: [String]?, declared: Value, expected: Value?) throws {
    var account = account
    if let seen {
      account.answer("SHOW PASSWORD POLICIES IN ACCOUNT", policyColumns, seen.flatMap { policies($0) })
      account.answer("SHOW PASSWORD POLICIES ON USER ALICE", policyColumns, [])
    }
    let (reply, _) = try account.read(type, wanted: [.declared(["ALICE"], ["password_policy": declared])])
    #expect(reply.observed[0].attributes.find("password_policy") == expected)
    #expect(reply.unseen.isEmpty)
  }

  @Test func whatIsSeenOfAPolicyCountsAndNotWhatTheLedgerSays() throws {
    let same = PlanItem(
      identity: ["U"], declared: ["password_policy": "D.S.P"],
      observed: Observation(identity: ["U"], attributes: ["password_policy": "D.S.OTHER"]), same: ["password_policy"])
    #expect(try RBACHost.sql(type, same) == ["ALTER USER U SET PASSWORD POLICY D.S.P FORCE"])
    #expect(
      try RBACHost.plan(type, same).statements[0].undo?.description
        == "ALTER USER U SET PASSWORD POLICY D.S.OTHER FORCE")
    #expect(try plan(["password_policy": "D.S.P"], ["password_policy": .null]).count == 1)
    #expect(try plan(["password_policy": "D.S.P"], ["password_policy": "D.S.P"]) == [])
    #expect(try plan(["password_policy": "D.S.P"], [:], same: ["password_policy"]) == [])
    #expect(
      try planned(type, ["U"], ["password_policy": .null], observed: ["password_policy": "D.S.P"]).sql
        == ["ALTER USER U UNSET PASSWORD POLICY"])
    // Taken off, and still to be seen: it is the account's.
    #expect(
      try planned(
        type, ["U"], ["password_policy": .null], observed: ["password_policy": "D.S.P"],
        remembered: ["password_policy": .null]
      ).sql == [])
  }

  @Test func createsWithTheSecretInASlot() throws {
    let declared: Value = [
      "type": "LEGACY_SERVICE", "password": .secret("env:ETL_PASSWORD"), "default_role": "LOADER",
      "default_secondary_roles": ["ALL"], "login_name": "etl@example.com", "timezone": "UTC", "log_level": "INFO",
    ]
    #expect(
      try RBACHost.sql(type, PlanItem(identity: ["ETL"], declared: declared, observed: nil)) == [
        "CREATE USER ETL TYPE = LEGACY_SERVICE LOGIN_NAME = 'ETL@EXAMPLE.COM' PASSWORD = ‹secret env:ETL_PASSWORD› "
          + "DEFAULT_ROLE = LOADER DEFAULT_SECONDARY_ROLES = ('ALL') TIMEZONE = 'UTC' LOG_LEVEL = 'INFO'"
      ])
  }

  private func plan(_ declared: Value, _ observed: Value, same: [String] = []) throws -> [String] {
    try RBACHost.sql(
      type,
      PlanItem(
        identity: ["U"], declared: declared, observed: Observation(identity: ["U"], attributes: observed), same: same))
  }

  @Test func spellingsOfTheSameAreNoChange() throws {
    let pem = "-----BEGIN PUBLIC KEY-----\nMIIB\nIjAN\n-----END PUBLIC KEY-----\n"
    #expect(
      try plan(
        ["rsa_public_key": .string(pem), "login_name": "bob", "type": "PERSON", "default_secondary_roles": ["ALL"]],
        ["rsa_public_key": "MIIBIjAN", "login_name": "BOB", "type": .null, "default_secondary_roles": ["ALL"]]) == [])
  }

  @Test func changesInPlace() throws {
    #expect(
      try plan(
        ["comment": .null, "disabled": true, "default_secondary_roles": .list([])],
        ["comment": "old", "disabled": false, "default_secondary_roles": ["ALL"]])
        == ["ALTER USER U SET DISABLED = TRUE DEFAULT_SECONDARY_ROLES = ()", "ALTER USER U UNSET COMMENT"])
  }

  @Test(arguments: ["days_to_expiry", "mins_to_unlock", "mins_to_bypass_mfa"])
  func whatTheAccountDoesNotShowGoesByTheLedger(attribute: String) throws {
    let declared: Value = .object([.init(attribute, 30)])
    #expect(
      try RBACHost.sql(type, PlanItem(identity: ["U"], declared: declared, observed: nil))
        == ["CREATE USER U \(attribute.uppercased()) = 30"])
    #expect(try plan(declared, [:], same: [attribute]) == [])
    #expect(try plan(declared, [:]) == ["ALTER USER U SET \(attribute.uppercased()) = 30"])
  }

  @Test func thePasswordIsSentOnlyWhenItIsNotTheSame() throws {
    #expect(try plan(["password": .secret("env:P")], [:], same: ["password"]) == [])
    #expect(try plan(["password": .secret("env:P")], [:]) == ["ALTER USER U SET PASSWORD = ‹secret env:P›"])
  }

  @Test func droppingSaysWhatIsLost() throws {
    let change = try RBACHost.plan(
      type, PlanItem(identity: ["U"], declared: nil, observed: Observation(identity: ["U"])))
    #expect(change.statements.map(\.sql.description) == ["DROP USER U"])
    #expect(change.risk == .recreatable && !change.losses.isEmpty)
  }

  @Test(
    arguments: [
      (["type": "SERVICE", "password": "x"], ["password"]),
      (["type": "SERVICE", "first_name": "A", "last_name": "B"], ["first_name", "last_name"]),
      (["type": "LEGACY_SERVICE", "password": "x"], []), (["password": "x", "first_name": "A"], []),
      (["rsa_public_key": "-----BEGIN PRIVATE KEY-----"], ["rsa_public_key"]),
    ] as [(Value, [String])])
  func whatTheTypeCannotHaveIsRefused(attributes: Value, expected: [String]) {
    let diagnostics = type.validate(
      DeclaredResource(identity: ["U"], attributes: attributes), context: RequestContext())
    #expect(diagnostics.map { $0.path[0] } == expected)
    #expect(!diagnostics.contains { $0.summary.contains("PRIVATE KEY") })
  }
}
