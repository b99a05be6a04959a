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
      (
        ["priv": "create database", "on": "account", "to_user": "u"],
        "CREATE DATABASE is granted to roles only, not to a user", ""
      ),
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
      (["priv": "execute task", "on": "account", "to_user": "u"], ["account_grant: EXECUTE TASK | USER | U"]),
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
}
