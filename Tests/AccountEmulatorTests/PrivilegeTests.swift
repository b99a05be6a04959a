import Testing

@testable import AccountEmulator

@Suite struct PrivilegeTests {
  /// Who creates something owns it, and users own nothing.
  @Test func usersAreNotGrantedWhatCreates() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE USER U
      """)
    for sql in ["CREATE DATABASE ON ACCOUNT", "CREATE TABLE ON SCHEMA D.PUBLIC", "USAGE, CREATE SCHEMA ON DATABASE D"] {
      #expect(account.failure("GRANT \(sql) TO USER U")?.code == "003042", "\(sql)")
    }
    try account.run("GRANT ALL ON SCHEMA D.PUBLIC TO USER U")
    let privileges = try account.column("privilege", "SHOW GRANTS TO USER U").compactMap(\.self)
    #expect(privileges.contains("USAGE") && !privileges.contains { $0.hasPrefix("CREATE") })
    let row = "SELECT DISTINCT GRANTEE, GRANTED_TO FROM D.INFORMATION_SCHEMA.OBJECT_PRIVILEGES WHERE GRANTEE = 'U'"
    #expect(try account.run(row).rows == [["U", "USER"]])
  }

  @Test func createTakesThePrivilegeOnTheContainer() throws {
    let account = try TestAccount(role: "USERADMIN")
    let failure = account.failure("CREATE WAREHOUSE W")
    #expect(failure?.code == "003001")
    #expect(failure?.sqlState == "42501")
    #expect(failure?.message == "SQL access control error:\nInsufficient privileges to operate on account 'SM00001'.")
    try account.run("CREATE ROLE R")
    try account.run("USE ROLE SYSADMIN")
    #expect(account.failure("CREATE ROLE S")?.code == "003001")
    try account.run("CREATE DATABASE D")
    try account.run("USE ROLE ACCOUNTADMIN")
    try account.run("GRANT USAGE ON DATABASE D TO ROLE R")
    try account.run("GRANT ROLE R TO USER SNOWMAKER")
    try account.run("USE ROLE R")
    #expect(account.failure("CREATE SCHEMA D.S")?.message.contains("database 'D'") == true)
  }

  @Test func othersObjectsDoNotExist() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw' DEFAULT_ROLE = R
      GRANT ROLE R TO USER U
      CREATE WAREHOUSE W
      CREATE DATABASE D
      CREATE STAGE D.PUBLIC.S
      """)
    let session = try account.login("U")
    #expect(session.current.role == "R")
    #expect(try account.rows("SHOW WAREHOUSES", in: session).isEmpty)
    #expect(account.failure("ALTER WAREHOUSE W SET COMMENT = 'x'", in: session)?.code == "002003")
    #expect(account.failure("USE WAREHOUSE W", in: session)?.code == "002043")
    try account.run("GRANT USAGE ON WAREHOUSE W TO ROLE R")
    #expect(try account.column("name", "SHOW WAREHOUSES", in: session) == ["W"])
    #expect(account.failure("ALTER WAREHOUSE W SET COMMENT = 'x'", in: session)?.code == "003001")
    #expect(account.failure("DROP WAREHOUSE W", in: session)?.code == "003001")
    try account.run("USE WAREHOUSE W", in: session)
    try account.run("GRANT MODIFY, OPERATE ON WAREHOUSE W TO ROLE R")
    try account.run("ALTER WAREHOUSE W SET COMMENT = 'x'", in: session)
    try account.run("ALTER WAREHOUSE W SUSPEND", in: session)
    // A privilege on the stage alone is not enough: its containers must be usable too.
    try account.run("GRANT READ ON STAGE D.PUBLIC.S TO ROLE R")
    #expect(try account.rows("SHOW STAGES IN ACCOUNT", in: session).isEmpty)
    try account.run("GRANT USAGE ON DATABASE D TO ROLE R")
    try account.run("GRANT USAGE ON SCHEMA D.PUBLIC TO ROLE R")
    #expect(try account.column("name", "SHOW STAGES IN ACCOUNT", in: session) == ["S"])
  }

  @Test func rolesAreAssumedOnlyWhenGranted() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE ROLE OTHER
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      """)
    let session = try account.login("U", "R")
    #expect(account.failure("USE ROLE ACCOUNTADMIN", in: session)?.code == "003001")
    #expect(account.failure("USE ROLE NOPE", in: session)?.code == "002043")
    try account.run("USE ROLE PUBLIC", in: session)
    #expect(try account.run("SELECT CURRENT_ROLE()", in: session).rows == [["PUBLIC"]])
    #expect(
      try account.run("SELECT CURRENT_AVAILABLE_ROLES()", in: session).rows == [["[\"PUBLIC\",\"R\"]"]])
  }

  @Test func secondaryRolesCountWhenAllAreUsed() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE WAREHOUSE W
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      GRANT MONITOR ON WAREHOUSE W TO ROLE R
      """)
    let session = try account.login("U")
    #expect(try account.rows("SHOW WAREHOUSES", in: session).isEmpty)
    try account.run("USE SECONDARY ROLES ALL", in: session)
    #expect(try account.rows("SHOW WAREHOUSES", in: session).count == 1)
    #expect(try account.run("SELECT IS_ROLE_IN_SESSION('R')", in: session).rows == [["1"]])
    try account.run("USE SECONDARY ROLES NONE", in: session)
    #expect(try account.rows("SHOW WAREHOUSES", in: session).isEmpty)
  }

  @Test func grantsAreShownInAllForms() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R COMMENT = 'r'
      CREATE ROLE CHILD
      CREATE USER U
      CREATE WAREHOUSE W
      GRANT USAGE, OPERATE ON WAREHOUSE W TO ROLE R WITH GRANT OPTION
      GRANT ROLE CHILD TO ROLE R
      GRANT ROLE R TO USER U
      GRANT ROLE R TO ROLE SYSADMIN
      """)
    let to = try account.run("SHOW GRANTS TO ROLE R")
    #expect(
      to.columns.map(\.name) == [
        "created_on", "privilege", "granted_on", "name", "granted_to", "grantee_name", "grant_option", "granted_by",
      ])
    #expect(
      to.rows.map { Array($0.dropFirst()) } == [
        ["USAGE", "ROLE", "CHILD", "ROLE", "R", "false", "ACCOUNTADMIN"],
        ["OPERATE", "WAREHOUSE", "W", "ROLE", "R", "true", "ACCOUNTADMIN"],
        ["USAGE", "WAREHOUSE", "W", "ROLE", "R", "true", "ACCOUNTADMIN"],
      ])
    let on = try account.run("SHOW GRANTS ON WAREHOUSE W").rows
    #expect(on.contains { $0[1] == "OWNERSHIP" && $0[5] == "ACCOUNTADMIN" && $0[6] == "true" })
    #expect(
      try account.run("SHOW GRANTS OF ROLE R").rows.map { Array($0.dropFirst()) } == [
        ["R", "ROLE", "SYSADMIN", "ACCOUNTADMIN"], ["R", "USER", "U", "ACCOUNTADMIN"],
      ])
    #expect(try account.column("role", "SHOW GRANTS TO USER U") == ["R"])
    #expect(
      try account.run("SHOW GRANTS ON ACCOUNT").rows.contains {
        $0[1] == "MANAGE GRANTS" && $0[5] == "SECURITYADMIN" && $0[3] == "EMULATOR"
      })
    let role = try #require(try account.rows("SHOW ROLES LIKE 'R'").first)
    #expect(role["assigned_to_users"] == "1" && role["granted_to_roles"] == "1" && role["granted_roles"] == "1")
  }

  @Test func grantsNeedAuthority() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE ROLE S
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      CREATE WAREHOUSE W
      GRANT USAGE ON WAREHOUSE W TO ROLE R
      """)
    let session = try account.login("U", "R")
    #expect(account.failure("GRANT USAGE ON WAREHOUSE W TO ROLE S", in: session)?.code == "003001")
    try account.run("GRANT USAGE ON WAREHOUSE W TO ROLE R WITH GRANT OPTION")
    try account.run("GRANT USAGE ON WAREHOUSE W TO ROLE S", in: session)
    #expect(try account.column("granted_by", "SHOW GRANTS TO ROLE S") == ["R"])
    #expect(account.failure("GRANT ROLE S TO ROLE R", in: session)?.code == "003001")
    #expect(account.failure("GRANT USAGE ON WAREHOUSE W TO ROLE NOPE")?.code == "002003")
    #expect(account.failure("GRANT READ ON WAREHOUSE W TO ROLE S")?.code == "003042")
    // Passing it on stands in the way of a plain revoke, CASCADE takes it along.
    #expect(account.failure("REVOKE USAGE ON WAREHOUSE W FROM ROLE R")?.code == "003018")
    try account.run("REVOKE USAGE ON WAREHOUSE W FROM ROLE R CASCADE")
    #expect(try account.rows("SHOW GRANTS TO ROLE S").isEmpty)
    try account.run("REVOKE USAGE ON WAREHOUSE W FROM ROLE R")
  }

  @Test func securityadminGrantsWhatItDoesNotOwnInTheOwnersName() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      USE ROLE SYSADMIN
      CREATE WAREHOUSE W
      USE ROLE SECURITYADMIN
      GRANT USAGE ON WAREHOUSE W TO ROLE R
      """)
    #expect(try account.column("granted_by", "SHOW GRANTS TO ROLE R") == ["SYSADMIN"])
    #expect(account.failure("GRANT ROLE ACCOUNTADMIN TO ROLE R")?.code == "003001")
    #expect(account.failure("GRANT ROLE SECURITYADMIN TO ROLE USERADMIN")?.code == "003042")
  }

  @Test func futureGrantsApplyAtCreation() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE ROLE OWNER
      CREATE DATABASE D
      GRANT READ, WRITE ON FUTURE STAGES IN DATABASE D TO ROLE R
      GRANT SELECT ON FUTURE TABLES IN SCHEMA D.PUBLIC TO ROLE R WITH GRANT OPTION
      GRANT OWNERSHIP ON FUTURE VIEWS IN SCHEMA D.PUBLIC TO ROLE OWNER
      GRANT USAGE ON FUTURE SCHEMAS IN DATABASE D TO ROLE R
      GRANT OPERATE ON FUTURE ALERTS IN SCHEMA D.PUBLIC TO ROLE R
      CREATE STAGE D.PUBLIC.S
      CREATE TABLE D.PUBLIC.T (A INT)
      CREATE VIEW D.PUBLIC.V AS SELECT 1
      CREATE SCHEMA D.X
      """)
    #expect(
      try account.rows("SHOW GRANTS TO ROLE R").map { [$0["privilege"], $0["name"], $0["grant_option"]] } == [
        ["USAGE", "D.X", "false"], ["READ", "D.PUBLIC.S", "false"], ["WRITE", "D.PUBLIC.S", "false"],
        ["SELECT", "D.PUBLIC.T", "true"],
      ])
    #expect(try account.column("owner", "SHOW VIEWS IN ACCOUNT") == ["OWNER"])
    let future = try account.run("SHOW FUTURE GRANTS IN SCHEMA D.PUBLIC")
    #expect(
      future.columns.map(\.name) == [
        "created_on", "privilege", "grant_on", "name", "grant_to", "grantee_name", "grant_option",
      ])
    #expect(future.rows.map { $0[3] } == ["D.PUBLIC.<ALERT>", "D.PUBLIC.<TABLE>", "D.PUBLIC.<VIEW>"])
    #expect(try account.column("name", "SHOW FUTURE GRANTS TO ROLE R").contains("D.<SCHEMA>"))
    try account.run("REVOKE SELECT ON FUTURE TABLES IN SCHEMA D.PUBLIC FROM ROLE R")
    #expect(try account.rows("SHOW FUTURE GRANTS IN SCHEMA D.PUBLIC").count == 2)
    try account.run("USE ROLE SYSADMIN")
    try account.run("CREATE DATABASE E")
    #expect(account.failure("GRANT SELECT ON FUTURE TABLES IN DATABASE E TO ROLE R")?.code == "003001")
  }

  @Test func onAllReachesWhatIsThereNow() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE DATABASE D
      CREATE TABLE D.PUBLIC.A (X INT)
      CREATE TABLE D.PUBLIC.B (X INT)
      CREATE SCHEMA D.S
      CREATE TABLE D.S.C (X INT)
      """)
    #expect(
      try account.run("GRANT SELECT ON ALL TABLES IN SCHEMA D.PUBLIC TO ROLE R").rows == [
        ["Statement executed successfully. 2 objects affected."]
      ])
    try account.run("GRANT SELECT, INSERT ON ALL TABLES IN DATABASE D TO ROLE R")
    #expect(try account.rows("SHOW GRANTS TO ROLE R").count == 6)
    try account.run("GRANT OWNERSHIP ON ALL TABLES IN SCHEMA D.S TO ROLE R COPY CURRENT GRANTS")
    #expect(try account.column("owner", "SHOW TABLES IN SCHEMA D.S") == ["R"])
    try account.run("GRANT USAGE ON ALL SEQUENCES IN SCHEMA D.S TO ROLE R")
    try account.run("GRANT USAGE ON ALL SCHEMAS IN DATABASE D TO ROLE R")
    #expect(try account.rows("SHOW GRANTS TO ROLE R").count { $0["granted_on"] == "SCHEMA" } == 2)
    try account.run("REVOKE SELECT ON ALL TABLES IN DATABASE D FROM ROLE R")
    #expect(try account.rows("SHOW GRANTS TO ROLE R").count { $0["privilege"] == "SELECT" } == 0)
    #expect(account.failure("GRANT SELECT ON ALL TABLES IN SCHEMA D.NOPE TO ROLE R")?.code == "002003")
  }

  @Test func writingToAStageStandsOnReading() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE DATABASE D
      CREATE STAGE D.PUBLIC.S
      """)
    let on = "ON STAGE D.PUBLIC.S"
    #expect(account.failure("GRANT WRITE \(on) TO ROLE R")?.code == "003042")
    try account.run("GRANT WRITE, READ \(on) TO ROLE R")
    #expect(account.failure("REVOKE READ \(on) FROM ROLE R")?.code == "003042")
    try account.run("REVOKE READ, WRITE \(on) FROM ROLE R")
    try account.run("GRANT READ \(on) TO ROLE R")
    try account.run("GRANT WRITE ON ALL STAGES IN SCHEMA D.PUBLIC TO ROLE R")
    try account.run("REVOKE WRITE \(on) FROM ROLE R")
    try account.run("REVOKE READ \(on) FROM ROLE R")
  }

  @Test func ownershipMovesWithItsGrantsOrWithout() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE A
      CREATE ROLE B
      CREATE WAREHOUSE W
      GRANT USAGE ON WAREHOUSE W TO ROLE B
      """)
    #expect(account.failure("GRANT OWNERSHIP ON WAREHOUSE W TO ROLE A")?.code == "003036")
    try account.run("GRANT OWNERSHIP ON WAREHOUSE W TO ROLE A COPY CURRENT GRANTS")
    #expect(try account.column("owner", "SHOW WAREHOUSES") == ["A"])
    #expect(try account.column("granted_by", "SHOW GRANTS TO ROLE B") == ["A"])
    try account.run("GRANT OWNERSHIP ON WAREHOUSE W TO ROLE SYSADMIN REVOKE CURRENT GRANTS")
    #expect(try account.rows("SHOW GRANTS TO ROLE B").isEmpty)
    #expect(account.failure("GRANT OWNERSHIP ON ROLE SYSADMIN TO ROLE A")?.code == "003001")
  }

  @Test func managedAccessLeavesGrantsToTheSchemasOwner() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE ROLE S
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      CREATE DATABASE D
      CREATE SCHEMA D.M WITH MANAGED ACCESS
      GRANT USAGE ON DATABASE D TO ROLE R
      GRANT USAGE, CREATE STAGE ON SCHEMA D.M TO ROLE R
      """)
    let session = try account.login("U", "R")
    try account.run("CREATE STAGE D.M.ST", in: session)
    #expect(account.failure("GRANT READ ON STAGE D.M.ST TO ROLE S", in: session)?.code == "003001")
    try account.run("ALTER SCHEMA D.M DISABLE MANAGED ACCESS")
    try account.run("GRANT READ ON STAGE D.M.ST TO ROLE S", in: session)
  }

  @Test func databaseRolesStayInTheirDatabase() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE DATABASE E
      CREATE DATABASE ROLE D.READER COMMENT = 'r'
      CREATE DATABASE ROLE D.WRITER
      CREATE ROLE R
      GRANT USAGE ON SCHEMA D.PUBLIC TO DATABASE ROLE D.READER
      GRANT DATABASE ROLE D.READER TO DATABASE ROLE D.WRITER
      GRANT DATABASE ROLE D.WRITER TO ROLE R
      """)
    #expect(account.failure("GRANT USAGE ON SCHEMA E.PUBLIC TO DATABASE ROLE D.READER")?.code == "003042")
    #expect(account.failure("GRANT DATABASE ROLE D.READER TO USER SNOWMAKER")?.code == "003042")
    #expect(try account.column("name", "SHOW DATABASE ROLES IN DATABASE D") == ["READER", "WRITER"])
    #expect(
      try account.rows("SHOW GRANTS TO DATABASE ROLE D.READER").map { [$0["granted_on"], $0["granted_to"]] } == [
        ["DATABASE", "DATABASE_ROLE"], ["SCHEMA", "DATABASE_ROLE"],
      ])
    #expect(
      try account.run("SHOW GRANTS OF DATABASE ROLE D.READER").rows.map { $0[3] } == ["D.WRITER"])
    try account.run("GRANT ROLE R TO USER SNOWMAKER")
    try account.run("USE ROLE R")
    #expect(try account.column("name", "SHOW SCHEMAS IN DATABASE D") == ["INFORMATION_SCHEMA", "PUBLIC"])
  }

  @Test func droppedRolesLeaveTheirObjectsToTheDropper() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE WAREHOUSE W
      GRANT OWNERSHIP ON WAREHOUSE W TO ROLE R
      DROP ROLE R
      """)
    #expect(try account.column("owner", "SHOW WAREHOUSES") == ["ACCOUNTADMIN"])
    #expect(account.failure("DROP ROLE SYSADMIN")?.code == "003001")
  }

  @Test func allPrivilegesAreWhatTheGrantorMayGive() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE ROLE R
      CREATE ROLE G
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE G TO USER U
      CREATE WAREHOUSE W
      GRANT ALL PRIVILEGES ON WAREHOUSE W TO ROLE R
      GRANT USAGE ON WAREHOUSE W TO ROLE G WITH GRANT OPTION
      """)
    #expect(
      try account.column("privilege", "SHOW GRANTS TO ROLE R") == [
        "APPLYBUDGET", "MODIFY", "MONITOR", "OPERATE", "USAGE",
      ])
    try account.run("CREATE ROLE S")
    let session = try account.login("U", "G")
    #expect(account.failure("GRANT ALL ON WAREHOUSE W TO ROLE S", in: session)?.code == "003011")
    #expect(try account.column("privilege", "SHOW GRANTS TO ROLE S") == ["USAGE"])
  }

  @Test func showUsersHidesDetails() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE USER U PASSWORD = 'pw' EMAIL = 'u@example.com' COMMENT = 'c'
      CREATE USER V PASSWORD = 'pw' EMAIL = 'v@example.com'
      """)
    let session = try account.login("U")
    let rows = try account.rows("SHOW USERS", in: session)
    #expect(rows.map { $0["name"] } == ["SNOWMAKER", "U", "V"])
    #expect(rows.map { $0["email"] } == [.some(nil), "u@example.com", .some(nil)])
  }

  @Test func usersHoldPrivilegesThemselvesWithAllSecondaryRoles() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE WAREHOUSE W
      CREATE ROLE R
      CREATE USER U PASSWORD = 'pw'
      GRANT ROLE R TO USER U
      GRANT USAGE ON WAREHOUSE W TO USER U WITH GRANT OPTION
      """)
    let shown = try account.run("SHOW GRANTS TO USER U")
    #expect(
      shown.columns.map(\.name) == [
        "created_on", "privilege", "granted_on", "name", "role", "granted_to", "grantee_name", "grant_option",
        "granted_by",
      ])
    #expect(try account.column("role", "SHOW GRANTS TO USER U") == ["R", nil])
    #expect(try account.column("name", "SHOW GRANTS TO USER U") == ["R", "W"])
    #expect(try account.column("granted_to", "SHOW GRANTS ON WAREHOUSE W").contains("USER"))
    let session = try account.login("U", "R")
    #expect(try account.column("name", "SHOW WAREHOUSES", in: session) == [])
    try account.run("USE SECONDARY ROLES ALL", in: session)
    #expect(try account.column("name", "SHOW WAREHOUSES", in: session) == ["W"])
    #expect(account.failure("GRANT OWNERSHIP ON WAREHOUSE W TO USER U")?.code == "003042")
    try account.run("ALTER USER U RENAME TO V")
    #expect(try account.column("name", "SHOW GRANTS TO USER V") == ["R", "W"])
    try account.run("REVOKE USAGE ON WAREHOUSE W FROM USER V")
    #expect(try account.column("name", "SHOW GRANTS TO USER V") == ["R"])
    try account.run("GRANT USAGE ON WAREHOUSE W TO USER V")
    try account.run("DROP USER V")
    #expect(try !account.column("granted_to", "SHOW GRANTS ON WAREHOUSE W").contains("USER"))
  }

  @Test func grantsOfAWholeHierarchy() throws {
    let account = try TestAccount()
    try account.runAll(
      """
      CREATE DATABASE D
      CREATE DATABASE ROLE D.DR
      CREATE ROLE TOP
      CREATE ROLE LOW
      CREATE USER U
      GRANT ROLE LOW TO ROLE TOP
      GRANT DATABASE ROLE D.DR TO ROLE LOW
      GRANT ROLE TOP TO USER U
      GRANT USAGE ON DATABASE D TO ROLE TOP
      GRANT CREATE SCHEMA ON DATABASE D TO ROLE LOW
      GRANT MODIFY ON DATABASE D TO DATABASE ROLE D.DR
      GRANT MONITOR ON DATABASE D TO ROLE PUBLIC
      GRANT SELECT ON FUTURE TABLES IN DATABASE D TO ROLE LOW
      """)
    func held(_ sql: String) throws -> Set<String> {
      Set(
        try account.rows(sql).filter { $0["name"] == "D" }.map {
          "\(($0["privilege"] ?? nil) ?? "") \(($0["grantee_name"] ?? nil) ?? "")"
        })
    }
    #expect(try held("SHOW GRANTS TO ROLE TOP") == ["USAGE TOP"])
    let all: Set = ["USAGE TOP", "CREATE SCHEMA LOW", "MODIFY D.DR", "MONITOR PUBLIC"]
    #expect(try held("SHOW GRANTS TO ROLE TOP INCLUDE HIERARCHY").isSuperset(of: all))
    #expect(try held("SHOW GRANTS TO USER U INCLUDE HIERARCHY").isSuperset(of: all))
    #expect(
      try account.rows("SHOW GRANTS TO USER U INCLUDE HIERARCHY").contains {
        $0["name"] == "TOP" && $0["granted_to"] == "USER"
      })
    #expect(try account.rows("SHOW FUTURE GRANTS TO ROLE TOP").isEmpty)
    #expect(try account.column("grantee_name", "SHOW FUTURE GRANTS TO ROLE TOP INCLUDE HIERARCHY") == ["LOW"])
  }
}
