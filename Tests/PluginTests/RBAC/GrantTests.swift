import SnowmakerSDK
import Testing

@testable import RBAC

@Suite struct GrantTests {
  private let type = PrivilegeGrant(.object)

  private func expand(_ value: Value) -> Expansion {
    type.expand(WrittenResource(type: "grant", form: "plural", value: value), context: RequestContext())
  }

  @Test(
    arguments: [
      (
        ["priv": "usage", "on_warehouse": "loading", "to_role": "loader"],
        ["grant: USAGE | WAREHOUSE | LOADING | ROLE | LOADER"]
      ),
      (
        ["priv": "USAGE", "on": "warehouse wh_bi", "to": "analyst"],
        ["grant: USAGE | WAREHOUSE | WH_BI | ROLE | ANALYST"]
      ),
      (
        ["priv": ["USAGE", "OPERATE"], "on": "warehouse wh_load", "to": "loader"],
        [
          "grant: USAGE | WAREHOUSE | WH_LOAD | ROLE | LOADER", "grant: OPERATE | WAREHOUSE | WH_LOAD | ROLE | LOADER",
        ]
      ),
      (
        ["privs": ["select"], "on_table": "raw.sales.orders", "to_database_role": "raw.reader", "grant_option": true],
        ["grant: SELECT | TABLE | RAW.SALES.ORDERS | DATABASE ROLE | RAW.READER grant_option=true"]
      ),
      (
        ["priv": "USAGE", "on_schema": "somedb.someschema", "to": "somedb.somedbrole"],
        ["grant: USAGE | SCHEMA | SOMEDB.SOMESCHEMA | DATABASE ROLE | SOMEDB.SOMEDBROLE"]
      ),
      (
        ["priv": "CREATE WAREHOUSE", "on": "ACCOUNT", "to": "sysadmin"],
        ["account_grant: CREATE WAREHOUSE | ROLE | SYSADMIN"]
      ),
      (
        ["priv": "monitor usage", "on_account": true, "to_role": "public"],
        ["account_grant: MONITOR USAGE | ROLE | PUBLIC"]
      ),
      (
        ["priv": "USAGE", "on": "FUTURE SCHEMAS IN DATABASE raw", "to": "transformer"],
        ["future_grant: USAGE | SCHEMA | DATABASE | RAW | ROLE | TRANSFORMER"]
      ),
      (
        ["priv": "select", "on": "future tables in database raw", "to": "transformer"],
        ["future_grant: SELECT | TABLE | DATABASE | RAW | ROLE | TRANSFORMER"]
      ),
      (
        ["priv": "SELECT", "on": ["FUTURE", "TABLES", "SCHEMA", "db.s"], "to": "r"],
        ["future_grant: SELECT | TABLE | SCHEMA | DB.S | ROLE | R"]
      ),
      (
        ["priv": "READ", "on": "ALL IMAGE REPOSITORIES IN DATABASE somedb", "to": "r"],
        ["grant_on_all: READ | IMAGE REPOSITORY | DATABASE | SOMEDB | ROLE | R"]
      ),
      (
        ["priv": "USAGE", "on": ["all schemas in database x", "future schemas in database x"], "to": "r"],
        [
          "grant_on_all: USAGE | SCHEMA | DATABASE | X | ROLE | R",
          "future_grant: USAGE | SCHEMA | DATABASE | X | ROLE | R",
        ]
      ),
      (
        ["priv": "SELECT", "on_all_tables_in_schema": "db.s", "to": "r"],
        ["grant_on_all: SELECT | TABLE | SCHEMA | DB.S | ROLE | R"]
      ),
      (
        ["priv": "USAGE", "on_future_file_formats_in_database": "db", "to": "r"],
        ["future_grant: USAGE | FILE FORMAT | DATABASE | DB | ROLE | R"]
      ),
      (
        ["priv": "SELECT", "on": "INHERITED TABLES IN SCHEMA db.s", "to": "r"],
        ["inherited_grant: SELECT | TABLE | SCHEMA | DB.S | ROLE | R"]
      ),
      (
        ["priv": "SELECT", "on": "ALL TABLES IN DATABASE db", "inherited": true, "to": "r"],
        ["inherited_grant: SELECT | TABLE | DATABASE | DB | ROLE | R"]
      ),
      (
        ["priv": "SELECT", "on": "INHERITED TABLES IN ACCOUNT", "to": "r"],
        ["account_inherited_grant: SELECT | TABLE | ROLE | R"]
      ),
      (
        ["priv": "SELECT", "on": "ALL TABLES IN DATABASE account", "to": "r"],
        ["grant_on_all: SELECT | TABLE | DATABASE | \"ACCOUNT\" | ROLE | R"]
      ),
      (
        ["priv": "USAGE", "on_storage_integration": "s3", "to": "r"],
        ["grant: USAGE | INTEGRATION | S3 | ROLE | R"]
      ),
      (
        ["priv": "USAGE", "on": "api_integration api", "to": "r"], ["grant: USAGE | INTEGRATION | API | ROLE | R"]
      ),
      (
        ["priv": "READ", "on": "GIT REPOSITORY db.s.repo", "to": "r"],
        ["grant: READ | GIT REPOSITORY | DB.S.REPO | ROLE | R"]
      ),
      (
        ["priv": "all privileges", "on_schema": "db.s", "to": "r"], ["grant: ALL | SCHEMA | DB.S | ROLE | R"]
      ),
      (
        ["priv": "USAGE", "on_function": "db.s.area(int, string)", "to": "r"],
        ["routine_grant: USAGE | FUNCTION | DB.S.AREA | (NUMBER, VARCHAR) | ROLE | R"]
      ),
      (
        ["priv": "USAGE", "on": "schema \"my db\".\"x y\"", "to": "\"Ana Lyst\""],
        ["grant: USAGE | SCHEMA | \"my db\".\"x y\" | ROLE | \"Ana Lyst\""]
      ),
      (
        ["priv": "OWNERSHIP", "on_table": "db.s.t", "to": "r"],
        ["ownership: TABLE | DB.S.T to='R' to_type='ROLE'"]
      ),
      (
        ["priv": "USAGE", "on_database": "db", "to_share": "s"], ["grant: USAGE | DATABASE | DB | SHARE | S"]
      ),
      (
        ["priv": "USAGE", "on_database": ["a", "b"], "to_role": ["x", "y"]],
        [
          "grant: USAGE | DATABASE | A | ROLE | X", "grant: USAGE | DATABASE | A | ROLE | Y",
          "grant: USAGE | DATABASE | B | ROLE | X", "grant: USAGE | DATABASE | B | ROLE | Y",
        ]
      ),
    ] as [(Value, [String])])
  func everyFormBecomesOnePrivilegeOneObjectOneGrantee(written: Value, expected: [String]) {
    let expansion = expand(written)
    #expect(expansion.diagnostics.isEmpty)
    let found = RBACHost.canonical(expansion)
    #expect(found == expected)
  }

  @Test(
    arguments: [
      (
        ["priv": "USGAE", "on_warehouse": "w", "to": "r"], "'USGAE' is no privilege on WAREHOUSE",
        "Did you mean 'USAGE'?"
      ),
      (["priv": "SELECT", "on_warehouse": "w", "to": "r"], "'SELECT' is no privilege on WAREHOUSE", ""),
      (
        ["priv": "USAGE", "on_warehose": "w", "to": "r"], "'on_warehose' names no object type",
        "Did you mean 'on_warehouse'?"
      ),
      (
        ["priv": "USAGE", "on_warehouse": "w", "tu": "r", "to": "r"], "unknown key 'tu' in a grant",
        "Did you mean 'to'?"
      ),
      (["on_warehouse": "w", "to": "r"], "this grant grants no privilege", ""),
      (["priv": "USAGE", "to": "r"], "this grant grants on nothing", ""),
      (["priv": "USAGE", "on_warehouse": "w"], "this grant grants to nobody", ""),
      (["priv": "USAGE", "on_warehouse": "w", "on_database": "d", "to": "r"], "a grant has one 'on'", ""),
      (
        ["priv": "SELECT", "on": "FUTURE TABLES IN ACCOUNT", "to": "r"], "FUTURE grants reach one database", "INHERITED"
      ),
      (
        ["priv": "SELECT", "on": "FUTURE TABLES IN SCHMA a.b", "to": "r"], "'SCHMA' is no scope",
        "Did you mean 'SCHEMA'?"
      ),
      (["priv": "SELECT", "on": "FUTURE TABELS IN SCHEMA a.b", "to": "r"], "names no object type", ""),
      (["priv": "SELECT", "on": "FUTURE TABLES", "to": "r"], "has no scope", ""),
      (["priv": "USAGE", "on_function": "db.s.f", "to": "r"], "named with the types of its arguments", ""),
      (["priv": "OWNERSHIP", "on": "ACCOUNT", "to": "r"], "nobody owns the account", ""),
      (["priv": "ALL", "on": "INHERITED TABLES IN DATABASE d", "to": "r"], "cannot be granted as INHERITED", ""),
      (["priv": "USAGE", "on": "ALL WAREHOUSES IN DATABASE d", "to": "r"], "WAREHOUSES are not in a database", ""),
      (
        ["priv": "USAGE", "on_warehouse": "w", "to": "r", "to_type": "ROEL"], "'ROEL' is no type of grantee",
        "Did you mean 'ROLE'?"
      ),
      ("USAGE ON WAREHOUSE w", "a grant is a map", ""),
      (["priv": "OWNERSHIP", "on_warehouse": "w", "to_user": "u"], "only roles own objects, not a user", ""),
      (["priv": "SELECT", "on": "FUTURE TABLES IN SCHEMA d.s", "to_user": "u"], "a FUTURE grant goes to a role", ""),
      (
        ["priv": "SELECT", "on": "INHERITED TABLES IN DATABASE d", "to_share": "s"],
        "an INHERITED grant goes to a role", ""
      ),
      (
        ["priv": "CALLER SELECT", "on_table": "d.s.t", "to": "r"], "caller grants (GRANT CALLER) are not supported", ""
      ),
      (["priv": "SELECT", "on_table": "d.s.t", "to": "r", "caller": true], "caller grants", ""),
      (["priv": "INHERITED SELECT", "on_table": "d.s.t", "to": "r"], "no part of a privilege", "INHERITED TABLES"),
      (["priv": "INSTAL", "on_application_package": "p", "to": "r"], "no privilege on APPLICATION PACKAGE", "INSTALL"),
    ] as [(Value, String, String)])
  func mistakesAreNamed(written: Value, message: String, hint: String) {
    let errors = expand(written).diagnostics.filter { $0.severity == .error }
    #expect(errors.count == 1)
    #expect(errors.first?.summary.contains(message) == true, "\(errors)")
    #expect(errors.first?.detail.contains(hint) == true || hint.isEmpty, "\(errors)")
  }

  @Test(
    arguments: [
      (
        ["priv": "usage", "on_warehouse": "w", "to_users": ["alice", "\"b c\""]],
        ["grant: USAGE | WAREHOUSE | W | USER | ALICE", "grant: USAGE | WAREHOUSE | W | USER | \"b c\""]
      ),
      (
        ["priv": "usage", "on_warehouse": "w", "to": "u", "to_type": "user"],
        ["grant: USAGE | WAREHOUSE | W | USER | U"]
      ),
      (["priv": "create database", "on": "account", "to_user": "u"], ["account_grant: CREATE DATABASE | USER | U"]),
      (
        ["priv": "select", "on": "all tables in schema d.s", "to_user": "u"],
        ["grant_on_all: SELECT | TABLE | SCHEMA | D.S | USER | U"]
      ),
      (
        ["priv": "usage", "on_database": "d", "to_application": "app"],
        ["grant: USAGE | DATABASE | D | APPLICATION | APP"]
      ),
      (
        ["privs": ["install", "manage_versions"], "on_application_package": "p", "to_role": "r"],
        [
          "grant: INSTALL | APPLICATION PACKAGE | P | ROLE | R",
          "grant: MANAGE VERSIONS | APPLICATION PACKAGE | P | ROLE | R",
        ]
      ),
    ] as [(Value, [String])])
  func usersAndApplicationsReceivePrivilegesToo(written: Value, expected: [String]) {
    let expansion = expand(written)
    #expect(expansion.diagnostics.isEmpty, "\(expansion.diagnostics)")
    #expect(RBACHost.canonical(expansion) == expected)
  }

  @Test func whatAUserHoldsItselfStandsAmongItsRoles() throws {
    var account = RecordedAccount()
    account.answer("SHOW USERS", ["name"], [["ALICE"]])
    account.answer(
      "SHOW GRANTS TO USER ALICE",
      [
        "created_on", "privilege", "granted_on", "name", "role", "granted_to", "grantee_name", "grant_option",
        "granted_by",
      ],
      [
        ["1", "USAGE", "ROLE", "ANALYST", "ANALYST", "USER", "ALICE", "false", "USERADMIN"],
        ["1", "USAGE", "WAREHOUSE", "W", nil, "USER", "ALICE", "true", "SYSADMIN"],
        ["1", nil, nil, nil, "LOADER", "USER", "ALICE", nil, "USERADMIN"],
      ])
    let grants = try account.read(
      PrivilegeGrant(.object), wanted: [.declared(["USAGE", "WAREHOUSE", "W", "USER", "ALICE"])])
    #expect(grants.asked == ["SHOW USERS", "SHOW GRANTS TO USER ALICE"])
    #expect(grants.reply.observed.map(\.attributes) == [["grant_option": true]])
    let roles = try account.read(
      RoleGrant(),
      wanted: [.declared(["ROLE", "ANALYST", "USER", "ALICE"]), .declared(["ROLE", "LOADER", "USER", "ALICE"])])
    #expect(roles.reply.observed.map { $0.identity[1] } == ["ANALYST", "LOADER"])
    #expect(
      try planned(PrivilegeGrant(.object), ["USAGE", "WAREHOUSE", "W", "USER", "ALICE"], [:]).sql
        == ["GRANT USAGE ON WAREHOUSE W TO USER ALICE"])
  }

  @Test func aPrivilegeOfTheFutureIsSentWithAWarning() {
    let expansion = expand(["priv": "LEVITATE", "on_warehouse": "w", "to": "r"])
    #expect(expansion.diagnostics.map(\.severity) == [.warning])
    #expect(RBACHost.canonical(expansion) == ["grant: LEVITATE | WAREHOUSE | W | ROLE | R"])
  }

  @Test func theOwnerOfAGrantIsNotIgnoredSilently() {
    let expansion = expand(["priv": "USAGE", "on_warehouse": "w", "to": "r", "owner": "sysadmin"])
    #expect(expansion.diagnostics.map(\.severity) == [.warning])
    #expect(expansion.resources.count == 1)
  }

  @Test func errorsPointToTheElementOfAList() {
    let expansion = expand(["privs": ["USAGE", "OPERAET"], "on_warehouse": "w", "to": "r"])
    #expect(expansion.diagnostics.first?.path == ["privs", "1"])
    #expect(expansion.resources.first?.path == ["privs", "0"])
  }

  // MARK: - Reading

  @Test func oneStatementPerGranteeThatExists() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(
      to: "ROLE LOADER", "USAGE|WAREHOUSE|WH_LOAD", "OPERATE|WAREHOUSE|WH_LOAD|true", "USAGE|SCHEMA|RAW.SALES",
      "USAGE|FILE_FORMAT|RAW.SALES.\"my format\"", "USAGE|ROLE|ANALYST", "OWNERSHIP|DATABASE|RAW")
    let wanted: [[String]] = [
      ["USAGE", "WAREHOUSE", "WH_LOAD", "ROLE", "LOADER"], ["OPERATE", "WAREHOUSE", "WH_LOAD", "ROLE", "LOADER"],
      ["USAGE", "FILE FORMAT", "RAW.SALES.\"my format\"", "ROLE", "LOADER"],
      ["MONITOR", "WAREHOUSE", "WH_LOAD", "ROLE", "LOADER"], ["USAGE", "WAREHOUSE", "WH_LOAD", "ROLE", "NEWROLE"],
    ]
    let (reply, asked) = try account.read(type, wanted: wanted.map { .declared($0) })
    #expect(asked == ["SHOW ROLES", "SHOW GRANTS TO ROLE LOADER"])
    #expect(reply.observed.map(\.identity) == Array(wanted[0..<3]))
    #expect(reply.observed[1].attributes["grant_option"] == true)
    #expect(reply.unseen.isEmpty && reply.partial == nil)
  }

  @Test func systemRolesNeedNoListOfRoles() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE PUBLIC", "USAGE|WAREHOUSE|W")
    let (reply, asked) = try account.read(type, wanted: [.declared(["USAGE", "WAREHOUSE", "W", "ROLE", "PUBLIC"])])
    #expect(asked == ["SHOW GRANTS TO ROLE PUBLIC"])
    #expect(reply.observed.count == 1)
  }

  @Test func aFailureIsUnseenNotAbsent() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.fail("SHOW GRANTS TO ROLE LOADER", "003001", "Insufficient privileges")
    let identity = ["USAGE", "WAREHOUSE", "W", "ROLE", "LOADER"]
    let (reply, _) = try account.read(type, wanted: [.declared(identity)])
    #expect(reply.unseen.map(\.identity) == [identity])
    #expect(reply.unseen.first?.reason.contains("Insufficient privileges (003001)") == true)
  }

  @Test func aCutAnswerLeavesTheRestUnseen() throws {
    var account = RecordedAccount()
    account.roles("R")
    account.grants(to: "ROLE R", "USAGE|WAREHOUSE|A")
    account.answers["SHOW GRANTS TO ROLE R"]?.isCut = true
    let (reply, _) = try account.read(
      type,
      wanted: [
        .declared(["USAGE", "WAREHOUSE", "A", "ROLE", "R"]), .declared(["USAGE", "WAREHOUSE", "B", "ROLE", "R"]),
      ])
    #expect(reply.observed.map { $0.identity[2] } == ["A"])
    #expect(reply.unseen.map { $0.identity[2] } == ["B"])
  }

  @Test func databaseRolesAreLookedForInTheirDatabase() throws {
    var account = RecordedAccount()
    account.answer(
      "SHOW DATABASE ROLES IN DATABASE RAW", ["created_on", "name", "owner"], [["1", "READER", "SYSADMIN"]])
    account.grants(to: "DATABASE ROLE RAW.READER", "USAGE|SCHEMA|RAW.SALES")
    let identity = ["USAGE", "SCHEMA", "RAW.SALES", "DATABASE ROLE", "RAW.READER"]
    let (reply, asked) = try account.read(
      type,
      wanted: [.declared(identity), .declared(["USAGE", "SCHEMA", "NEW.S", "DATABASE ROLE", "NEW.READER"])])
    #expect(
      asked == [
        "SHOW DATABASE ROLES IN DATABASE RAW", "SHOW DATABASE ROLES IN DATABASE NEW",
        "SHOW GRANTS TO DATABASE ROLE RAW.READER",
      ])
    #expect(reply.observed.map(\.identity) == [identity])
  }

  @Test func aGrantFromSeveralGrantorsIsOne() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "USAGE|WAREHOUSE|W|true")
    let (reply, _) = try account.read(type, wanted: [.declared(["USAGE", "WAREHOUSE", "W", "ROLE", "SYSADMIN"])])
    #expect(reply.observed.map { $0.attributes["grant_option"] } == [true])
  }

  @Test func importedPrivilegesAreShownAsUsage() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|DATABASE|SNOWFLAKE")
    let identity = ["IMPORTED PRIVILEGES", "DATABASE", "SNOWFLAKE", "ROLE", "SYSADMIN"]
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.observed.map(\.identity) == [identity])
  }

  @Test func allIsThereWhenEveryPrivilegeOfTheTypeIs() throws {
    let identity = ["ALL", "WAREHOUSE", "W", "ROLE", "SYSADMIN"]
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "OPERATE|WAREHOUSE|W")
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.observed.isEmpty)
    account.grants(
      to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "OPERATE|WAREHOUSE|W", "MODIFY|WAREHOUSE|W", "MONITOR|WAREHOUSE|W")
    #expect(try account.read(type, wanted: [.declared(identity)]).reply.observed.count == 1)
  }

  @Test func everythingWantedLeavesSystemRolesAlone() throws {
    var account = RecordedAccount()
    account.roles("LOADER")
    account.grants(to: "ROLE LOADER", "USAGE|WAREHOUSE|W")
    for role in ["ACCOUNTADMIN", "ORGADMIN", "PUBLIC", "SECURITYADMIN", "USERADMIN"] {
      account.grants(to: "ROLE \(role)")
    }
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W")
    let (reply, _) = try account.read(type, wanted: [], all: true)
    #expect(reply.observed.map(\.identity[4]) == ["LOADER", "SYSADMIN"])
    #expect(reply.observed.map(\.foreign) == [nil, "held by a system-defined role"])
    #expect(reply.observed[0].attributes["on"] == "W" && reply.observed[0].attributes["to"] == "LOADER")
  }

  @Test func functionsAreNamedByTheirArguments() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|FUNCTION|RAW.SALES.\"AREA(R NUMBER, S VARCHAR):NUMBER(38,0)\"")
    let identity = ["USAGE", "FUNCTION", "RAW.SALES.AREA", "(NUMBER, VARCHAR)", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(PrivilegeGrant(.routine), wanted: [.declared(identity)])
    #expect(reply.observed.map(\.identity) == [identity])
  }

  @Test func privilegesOnTheAccountHaveNoName() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "CREATE DATABASE|ACCOUNT|MYACCT|true")
    let (reply, _) = try account.read(
      PrivilegeGrant(.account), wanted: [.declared(["CREATE DATABASE", "ROLE", "SYSADMIN"])])
    #expect(reply.observed.count == 1)
  }

  // MARK: - Planning

  private let identity = ["USAGE", "WAREHOUSE", "LOADING", "ROLE", "LOADER"]

  @Test func grantsAndTheWayBack() throws {
    let change = try RBACHost.plan(type, PlanItem(identity: identity, declared: [:], observed: nil))
    #expect(change.action == .create)
    #expect(change.statements.map(\.sql.description) == ["GRANT USAGE ON WAREHOUSE LOADING TO ROLE LOADER"])
    #expect(change.statements[0].undo?.description == "REVOKE USAGE ON WAREHOUSE LOADING FROM ROLE LOADER")
    #expect(change.statements[0].authorities == [.granting("USAGE", SQLObject("WAREHOUSE", "LOADING"))])
    #expect(
      change.statements[0].effects == [
        .granted(
          "USAGE", on: SQLObject("WAREHOUSE", "LOADING"), to: SQLObject("ROLE", "LOADER"), withGrantOption: false)
      ])
  }

  @Test func writingToAStageNeedsReadingFirst() throws {
    let write = ["WRITE", "STAGE", "D.S.G", "ROLE", "R"]
    let read = ["READ", "STAGE", "D.S.G", "ROLE", "R"]
    let statements = try RBACHost.plan(type, PlanItem(identity: write, declared: [:], observed: nil)).statements
    #expect(
      statements.map(\.sql.description)
        == ["GRANT READ ON STAGE D.S.G TO ROLE R", "GRANT WRITE ON STAGE D.S.G TO ROLE R"])
    let other = try RBACHost.plan(type, PlanItem(identity: read, declared: [:], observed: nil)).statements
    #expect(other.map(\.once) == [statements[0].once] && other[0].once != nil)
  }

  @Test func whatAGrantOnAllGivesStaysWhenTheSingleGrantLeaves() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE R", "SELECT|TABLE|D.S.T", "INSERT|TABLE|D.S.T", "SELECT|TABLE|D.S2.T")
    let single = [
      ["SELECT", "TABLE", "D.S.T", "ROLE", "R"], ["INSERT", "TABLE", "D.S.T", "ROLE", "R"],
      ["SELECT", "TABLE", "D.S2.T", "ROLE", "R"],
    ]
    let onAll = ["SELECT", "TABLE", "SCHEMA", "D.S", "ROLE", "R"]
    let (reply, _) = try account.read(
      type, wanted: single.map { .leaving($0) }, related: ["grant_on_all": [.declared(onAll)]])
    #expect(reply.observed.map(\.identity) == Array(single.dropFirst()))
    let (without, _) = try account.read(
      type, wanted: single.map { .leaving($0) }, related: ["grant_on_all": [.leaving(onAll)]])
    #expect(without.observed.map(\.identity) == single)
  }

  @Test func readingOfAStageLeavesAfterWriting() throws {
    func items(_ rest: [String]) -> [PlanItem] {
      ["READ", "WRITE"].map {
        let identity = [$0] + rest
        return PlanItem(
          identity: identity, declared: nil,
          observed: Observation(identity: identity, attributes: ["grant_option": false, "covered": ["D.S.G"]]))
      }
    }
    func statements(_ type: some ObjectType, _ rest: [String]) throws -> [[String]] {
      let items = items(rest)
      return try items.map { item in
        let change = try type.plan(item, request: PlanRequest(type: type.schema.type, items: items))
        #expect(change.statements.filter { $0.sql.description.contains("WRITE") }.allSatisfy { $0.once != nil })
        return change.sql
      }
    }
    let write = "REVOKE WRITE ON STAGE D.S.G FROM ROLE R"
    let read = "REVOKE READ ON STAGE D.S.G FROM ROLE R"
    #expect(try statements(type, ["STAGE", "D.S.G", "ROLE", "R"]) == [[write, read], [write]])
    #expect(try statements(GrantOnAll(), ["STAGE", "SCHEMA", "D.S", "ROLE", "R"]) == [[write, read], [write]])
    #expect(
      try statements(FutureGrant(), ["STAGE", "SCHEMA", "D.S", "ROLE", "R"])
        == ["WRITE, READ", "WRITE"].map { words in
          words.split(separator: ", ").map { "REVOKE \($0) ON FUTURE STAGES IN SCHEMA D.S FROM ROLE R" }
        })
    let alone = items(["STAGE", "D.S.G", "ROLE", "R"])[0]
    #expect(try RBACHost.sql(type, alone) == [read], "WRITE is not managed, or stays")
  }

  @Test(
    arguments: [
      (true, false, ["GRANT USAGE ON WAREHOUSE LOADING TO ROLE LOADER WITH GRANT OPTION"]),
      (false, true, ["REVOKE GRANT OPTION FOR USAGE ON WAREHOUSE LOADING FROM ROLE LOADER"]),
      (true, true, []), (nil, true, []),
    ] as [(Bool?, Bool, [String])])
  func theGrantOptionChangesInPlace(declared: Bool?, observed: Bool, expected: [String]) throws {
    let item = PlanItem(
      identity: identity, declared: declared.map { ["grant_option": .bool($0)] } ?? [:],
      observed: Observation(identity: identity, attributes: ["grant_option": .bool(observed)]))
    #expect(try RBACHost.sql(type, item) == expected)
  }

  @Test func revokesWhatLeft() throws {
    let item = PlanItem(
      identity: identity, declared: nil, observed: Observation(identity: identity, attributes: ["grant_option": true]))
    let change = try RBACHost.plan(type, item)
    #expect(change.action == .drop && change.risk == .reversible)
    #expect(change.statements.map(\.sql.description) == ["REVOKE USAGE ON WAREHOUSE LOADING FROM ROLE LOADER"])
    #expect(
      change.statements[0].undo?.description == "GRANT USAGE ON WAREHOUSE LOADING TO ROLE LOADER WITH GRANT OPTION")
  }

  @Test func aPrivilegeThatGivesWayToAllIsNotRevoked() throws {
    var account = RecordedAccount()
    account.roles("R")
    account.grants(to: "ROLE R", "USAGE|WAREHOUSE|W", "MONITOR|WAREHOUSE|W", "USAGE|WAREHOUSE|OTHER")
    let leaving = [["USAGE", "WAREHOUSE", "W", "ROLE", "R"], ["USAGE", "WAREHOUSE", "OTHER", "ROLE", "R"]]
    let (reply, _) = try account.read(
      type,
      wanted: [.declared([Privileges.everything, "WAREHOUSE", "W", "ROLE", "R"])]
        + leaving.map { ReadRequest.Wanted(identity: $0, attributes: ["privilege"]) })
    #expect(reply.observed.map(\.identity).contains(leaving[1]))
    #expect(!reply.observed.map(\.identity).contains(leaving[0]))
  }

  @Test func revokingAllKeepsWhatIsDeclaredByItself() throws {
    var account = RecordedAccount()
    account.grants(to: "ROLE SYSADMIN", "USAGE|WAREHOUSE|W", "OPERATE|WAREHOUSE|W", "MONITOR|WAREHOUSE|W")
    let all = ["ALL", "WAREHOUSE", "W", "ROLE", "SYSADMIN"]
    let (reply, _) = try account.read(
      type, wanted: [.leaving(all), .declared(["USAGE", "WAREHOUSE", "W", "ROLE", "SYSADMIN"])])
    let observed = try #require(reply.observed.first { $0.identity == all })
    #expect(
      try RBACHost.sql(type, PlanItem(identity: all, declared: nil, observed: observed))
        == ["REVOKE MONITOR, OPERATE ON WAREHOUSE W FROM ROLE SYSADMIN"])
  }

  @Test(
    arguments: [
      (PrivilegeGrant.Shape.account, ["CREATE DATABASE", "ROLE", "R"], "GRANT CREATE DATABASE ON ACCOUNT TO ROLE R"),
      (
        .routine, ["USAGE", "FUNCTION", "D.S.F", "(NUMBER)", "DATABASE ROLE", "D.R"],
        "GRANT USAGE ON FUNCTION D.S.F(NUMBER) TO DATABASE ROLE D.R"
      ),
      (.object, ["ALL", "SCHEMA", "D.S", "ROLE", "R"], "GRANT ALL PRIVILEGES ON SCHEMA D.S TO ROLE R"),
      (.object, ["USAGE", "DATABASE", "D", "SHARE", "S"], "GRANT USAGE ON DATABASE D TO SHARE S"),
    ])
  func everyShapeIsWritten(shape: PrivilegeGrant.Shape, identity: [String], expected: String) throws {
    #expect(
      try RBACHost.sql(PrivilegeGrant(shape), PlanItem(identity: identity, declared: [:], observed: nil)) == [expected])
  }
}
