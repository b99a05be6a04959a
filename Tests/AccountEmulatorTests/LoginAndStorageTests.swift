import CCrypto
import Glibc
import SnowmakerModel
import Testing

@testable import AccountEmulator

@Suite struct LoginTests {
  @Test func passwordsAreCheckedAndNeverStoredOrShown() throws {
    let account = try TestAccount()
    try account.run("CREATE USER U PASSWORD = 'top secret' LOGIN_NAME = 'Me@Example.com' DEFAULT_ROLE = SYSADMIN")
    func login(_ user: String, _ password: String) throws -> EngineSession {
      try account.engine.login(LoginRequest(account: "", user: user, credential: .password(password)))
    }
    #expect(try login("me@example.com", "top secret").current.role == "PUBLIC", "the default role is not granted")
    #expect(throws: LoginFailure(code: "390100", message: "Incorrect username or password was specified.")) {
      try login("me@example.com", "wrong")
    }
    #expect(throws: LoginFailure.self) { try login("U", "top secret") }
    #expect(throws: LoginFailure.self) { try login("NOBODY", "x") }
    let rows = try account.run("DESC USER U").rows
    #expect(rows.contains(["PASSWORD", "********", "null", ""]))
    #expect(try account.column("has_password", "SHOW USERS LIKE 'U'") == ["true"])
    #expect(!"\(rows)".contains("secret"))
    try account.run("ALTER USER U SET DISABLED = TRUE")
    #expect(throws: LoginFailure.self) { try login("me@example.com", "top secret") }
    #expect(account.failure("CREATE USER V TYPE = SERVICE PASSWORD = 'hush'")?.message.contains("hush") == false)
  }

  @Test func sessionsStandWhereTheLoginAsks() throws {
    let account = try TestAccount()
    try account.runAll("CREATE WAREHOUSE W\nCREATE DATABASE D")
    let session = try account.engine.login(
      LoginRequest(
        account: "", user: "snowmaker", credential: .password("secret"), role: "sysadmin", warehouse: "w",
        database: "d", sessionParameters: ["timezone": "UTC", "CLIENT_OWN": "x"]))
    let state = session.current
    #expect(state.role == "SYSADMIN" && state.warehouse == "W" && state.database == "D" && state.schema == "PUBLIC")
    #expect(state.parameters["TIMEZONE"] == "UTC")
    #expect(throws: LoginFailure.self) {
      try account.engine.login(
        LoginRequest(account: "", user: "SNOWMAKER", credential: .password("secret"), role: "NOPE"))
    }
  }

  @Test func keyPairsAreReallyVerified() throws {
    let account = try TestAccount()
    let key = try TestKey()
    try account.run("CREATE USER SVC TYPE = SERVICE RSA_PUBLIC_KEY = '\(key.publicText)'")
    let shown = try account.rows("DESC USER SVC").first { $0["property"] == "RSA_PUBLIC_KEY_FP" }
    #expect(shown?["value"] == key.fingerprint)
    let now = time(nil)
    func login(_ token: String) throws -> EngineSession {
      try account.engine.login(LoginRequest(account: "", user: "SVC", credential: .keyPairJWT(token)))
    }
    #expect(try login(key.token("EMULATOR.SVC", issued: now, expires: now + 60)).current.user == "SVC")
    func code(_ token: String) -> String? {
      do {
        _ = try login(token)
        return nil
      } catch { return (error as? LoginFailure)?.code }
    }
    #expect(code(try key.token("EMULATOR.SVC", issued: now - 120, expires: now - 60)) == "394302")
    #expect(code(try key.token("EMULATOR.SVC", issued: now + 600, expires: now + 660)) == "394303")
    #expect(code(try TestKey().token("EMULATOR.SVC", issued: now, expires: now + 60)) == "394304")
    let other = try TestKey().token("EMULATOR.SVC", issued: now, expires: now + 60, fingerprint: key.fingerprint)
    #expect(code(other) == "390144", "a signature by another key")
    #expect(code("nonsense") == "394306")
    #expect(account.failure("ALTER USER SVC SET RSA_PUBLIC_KEY_2 = 'nonsense'")?.code == "001422")
  }
}

/// A key pair and the tokens it signs.
private final class TestKey {
  private let key: OpaquePointer
  let publicText: String
  let fingerprint: String

  init() throws {
    var key: OpaquePointer?
    try #require(ccrypto_key_generate(2048, &key) == CCRYPTO_OK)
    self.key = try #require(key)
    var size = 0
    _ = ccrypto_key_public_der(self.key, nil, &size)
    var der = [UInt8](repeating: 0, count: size)
    try #require(ccrypto_key_public_der(self.key, &der, &size) == CCRYPTO_OK)
    publicText = Base64.encode(der)
    fingerprint = try #require(PublicKey.fingerprint(publicText))
  }

  deinit { ccrypto_key_free(key) }

  func token(_ subject: String, issued: Int, expires: Int, fingerprint: String? = nil) throws -> String {
    func part(_ value: Value) -> String { Base64.encode(JSON.encode(value)) }
    let claims: Value = [
      "iss": .string("\(subject).\(fingerprint ?? self.fingerprint)"), "sub": .string(subject),
      "iat": .int(Int64(issued)), "exp": .int(Int64(expires)),
    ]
    let message = part(["alg": "RS256", "typ": "JWT"]) + "." + part(claims)
    var signature = [UInt8](repeating: 0, count: 512)
    var size = signature.count
    let bytes = Array(message.utf8)
    try #require(ccrypto_sign_rs256(key, bytes, bytes.count, &signature, &size) == CCRYPTO_OK)
    return message + "." + Base64.encode(Array(signature.prefix(size)))
  }
}

@Suite struct StorageTests {
  private func file() -> String { "/tmp/snowmaker-emulator-\(getpid())-\(UInt64.random(in: 0 ... .max)).db" }
  private func remove(_ path: String) { for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) } }

  @Test func accountsSurviveARestart() throws {
    let path = file()
    defer { remove(path) }
    func snapshot(_ account: TestAccount) throws -> [[[String?]]] {
      try [
        "SHOW WAREHOUSES", "SHOW ROLES", "SHOW USERS", "SHOW DATABASES", "SHOW SCHEMAS IN ACCOUNT",
        "SHOW STAGES IN ACCOUNT", "SHOW GRANTS TO ROLE R", "SHOW GRANTS TO ROLE \"r 2\"", "SHOW GRANTS OF ROLE R",
        "SHOW FUTURE GRANTS TO ROLE R", "SHOW GRANTS TO DATABASE ROLE E.DR", "SHOW PARAMETERS IN ACCOUNT",
        "SHOW GRANTS ON ACCOUNT", "DESC USER V", "SHOW GRANTS ON SCHEMA E.S2",
      ].map { try account.run($0).rows }
    }
    let before: [[[String?]]]
    do {
      let account = try TestAccount(storage: EmulatorStorage(path: path))
      try account.runAll(
        """
        CREATE WAREHOUSE W COMMENT = 'ü' AUTO_SUSPEND = 5
        CREATE ROLE R
        CREATE ROLE "r 2"
        CREATE ROLE GONE
        CREATE USER U EMAIL = 'x'
        GRANT ROLE R TO USER U
        GRANT ROLE "r 2" TO ROLE R
        GRANT ROLE GONE TO ROLE R
        GRANT USAGE ON WAREHOUSE W TO ROLE R WITH GRANT OPTION
        GRANT USAGE ON WAREHOUSE W TO ROLE GONE
        CREATE DATABASE D
        CREATE SCHEMA D.S WITH MANAGED ACCESS
        CREATE STAGE D.S.ST DIRECTORY = (ENABLE = TRUE)
        CREATE DATABASE ROLE D.DR
        GRANT USAGE ON SCHEMA D.S TO DATABASE ROLE D.DR
        GRANT DATABASE ROLE D.DR TO ROLE R
        GRANT READ ON FUTURE STAGES IN SCHEMA D.S TO ROLE R
        GRANT CREATE STAGE ON SCHEMA D.S TO ROLE "r 2"
        ALTER DATABASE D RENAME TO E
        ALTER SCHEMA E.S RENAME TO E.S2
        CREATE DATABASE DROPPED
        GRANT USAGE ON DATABASE DROPPED TO ROLE R
        DROP DATABASE DROPPED
        GRANT OWNERSHIP ON WAREHOUSE W TO ROLE GONE COPY CURRENT GRANTS
        DROP ROLE GONE
        ALTER USER U RENAME TO V
        ALTER ROLE "r 2" RENAME TO R3
        ALTER ROLE R3 RENAME TO "r 2"
        ALTER ACCOUNT SET TIMEZONE = 'UTC'
        REVOKE CREATE DATABASE ON ACCOUNT FROM ROLE SYSADMIN
        """)
      before = try snapshot(account)
      #expect(account.failure("CREATE WAREHOUSE W")?.code == "002002")
    }
    let account = try TestAccount(storage: EmulatorStorage(path: path))
    // What stands on a session (current, default) is not the account's.
    let after = try snapshot(account)
    for (index, pair) in zip(before, after).enumerated() where index != 0 && index != 3 && index != 4 {
      #expect(pair.0 == pair.1, "answer \(index)")
    }
    #expect(try account.column("comment", "SHOW WAREHOUSES") == ["ü"])
    #expect(try account.column("options", "SHOW SCHEMAS LIKE 'S2' IN ACCOUNT") == ["MANAGED ACCESS"])
    try account.run("USE ROLE SYSADMIN")
    #expect(account.failure("CREATE DATABASE X")?.code == "003001", "revoked before the restart")
  }

  /// The snapshot is what snowmaker wrote before there were inherited grants.
  @Test func filesOfEarlierFormatsAreBroughtUpToDate() throws {
    let path = file()
    defer { remove(path) }
    try writeFormat1(to: path)
    do {
      let account = try TestAccount(storage: EmulatorStorage(path: path))
      #expect(try account.column("comment", "SHOW WAREHOUSES") == ["kept"])
      #expect(try account.column("name", "SHOW STAGES IN ACCOUNT") == ["ST"])
      #expect(try account.column("null?", "DESC TABLE D.S.T") == ["N"])
      #expect(try account.column("options", "SHOW SCHEMAS LIKE 'S' IN DATABASE D") == ["MANAGED ACCESS"])
      #expect(try account.column("role", "SHOW GRANTS TO USER U") == ["R"])
      #expect(try account.column("grant_option", "SHOW GRANTS TO ROLE R") == ["true"])
      #expect(try account.column("privilege", "SHOW FUTURE GRANTS TO ROLE R") == ["SELECT"])
      #expect(try account.rows("SHOW INHERITED GRANTS IN DATABASE D").isEmpty)
      try account.run("GRANT INHERITED SELECT ON ALL TABLES IN DATABASE D TO ROLE R")
    }
    // What format 2 adds is stored, and the file is not taken for format 1 again.
    do {
      let account = try TestAccount(storage: EmulatorStorage(path: path))
      #expect(try account.column("privilege", "SHOW INHERITED GRANTS IN DATABASE D") == ["SELECT"])
      #expect(try account.column("comment", "SHOW WAREHOUSES") == ["kept"])
    }
    // Format 2 knew nothing of the past.
    try SQLiteDatabase(path: path).run("DROP TABLE past; PRAGMA user_version=2;")
    do { try TestAccount(storage: EmulatorStorage(path: path)).run("DROP STAGE D.S.ST") }
    let account = try TestAccount(storage: EmulatorStorage(path: path))
    let rows = try account.run("SELECT stage_name FROM SNOWFLAKE.ACCOUNT_USAGE.STAGES WHERE deleted IS NOT NULL").rows
    #expect(rows == [["ST"]])
  }

  @Test func whatUsersHoldThemselvesGoesWithThem() throws {
    let path = file()
    defer { remove(path) }
    do {
      let account = try TestAccount(storage: EmulatorStorage(path: path))
      try account.runAll(
        """
        CREATE WAREHOUSE W
        CREATE USER ANN
        CREATE USER BOB
        GRANT USAGE ON WAREHOUSE W TO USER ANN
        GRANT USAGE ON WAREHOUSE W TO USER BOB
        DROP USER ANN
        CREATE USER ANN
        ALTER USER BOB RENAME TO ROB
        """)
    }
    let account = try TestAccount(storage: EmulatorStorage(path: path))
    #expect(try account.run("SHOW GRANTS TO USER ANN").rows.isEmpty)
    #expect(try account.column("privilege", "SHOW GRANTS TO USER ROB") == ["USAGE"])
  }

  @Test func filesOfALaterFormatAreRefused() throws {
    let path = file()
    defer { remove(path) }
    try SQLiteDatabase(path: path).run("CREATE TABLE t (a); PRAGMA user_version=4;")
    #expect {
      _ = try EmulatorStorage(path: path)
    } throws: {
      ($0 as? EmulatorStorageFailure)?.description.contains("newer snowmaker (format 4") == true
    }
  }

  private func writeFormat1(to path: String) throws {
    let fixture = (#filePath.split(separator: "/").dropLast(2) + ["Fixtures", "emulator-format-1.sql"])
      .reduce("") { $0 + "/" + $1 }
    let handle = try #require(fopen(fixture, "r"))
    defer { fclose(handle) }
    var bytes = [UInt8](repeating: 0, count: 100_000)
    let count = fread(&bytes, 1, bytes.count, handle)
    try #require(count > 0 && count < bytes.count)
    let database = try SQLiteDatabase(path: path)
    try database.run(String(decoding: bytes.prefix(count), as: UTF8.self))
    #expect(try database.integer("PRAGMA user_version") == 1)
  }

  @Test func aSecondEmulatorOnTheFileIsRefused() throws {
    let path = file()
    defer { remove(path) }
    let first = try EmulatorStorage(path: path)
    #expect {
      _ = try EmulatorStorage(path: path)
    } throws: {
      ($0 as? EmulatorStorageFailure)?.description.contains("in use by another account emulator") == true
    }
    _ = first.path
  }

  @Test func foreignFilesAreRefused() throws {
    let path = file()
    defer { remove(path) }
    let handle = try #require(fopen(path, "w"))
    fputs("this is no database, whatever its name says ............................................", handle)
    fclose(handle)
    #expect(throws: EmulatorStorageFailure.self) { try EmulatorStorage(path: path) }
    #expect(throws: EmulatorStorageFailure.self) { try EmulatorStorage(path: "/nonexistent/folder/x.db") }
  }
}

@Suite struct ScriptAndSnapshotTests {
  @Test func scriptsFillAnAccountAndTellWhereTheyFail() throws {
    let account = try TestAccount()
    #expect(try account.engine.runScript("CREATE ROLE A; -- the first;\nCREATE ROLE B;\nGRANT ROLE A TO ROLE B;") == 3)
    do {
      try account.engine.runScript("CREATE ROLE C; CREATE ROLE A; CREATE ROLE D")
      Issue.record("a script went on after a failure")
    } catch {
      #expect(error.code == "002002")
      #expect(error.message.hasPrefix("statement 2: "))
    }
    #expect(try account.rows("SHOW ROLES LIKE 'C'").count == 1)
    #expect(try account.rows("SHOW ROLES LIKE 'D'").isEmpty)
  }

  @Test func snapshotsBringAnAccountBack() throws {
    let folder = "/tmp/snowmaker-snapshot-\(UInt64.random(in: 0...UInt64.max))"
    let (file, copy) = (folder + ".db", folder + ".copy")
    defer { for path in [file, copy, file + "-wal", file + "-shm"] { unlink(path) } }
    do {
      let account = try TestAccount(storage: EmulatorStorage(path: file))
      try account.run("CREATE ROLE KEPT")
      try account.engine.snapshot(to: copy)
      try account.run("CREATE ROLE LATER")
      #expect(throws: EmulatorStorageFailure.self) { try account.engine.snapshot(to: copy) }
      #expect(throws: EmulatorStorageFailure.self) { try EmulatorStorage.restore(copy, to: file) }
    }
    try EmulatorStorage.restore(copy, to: file)
    let account = try TestAccount(storage: EmulatorStorage(path: file))
    #expect(try account.column("name", "SHOW ROLES LIKE '%E%R'") == [])
    #expect(try account.column("name", "SHOW ROLES LIKE 'KEPT'") == ["KEPT"])
    #expect(throws: EmulatorStorageFailure.self) { try EmulatorStorage.restore(copy + ".none", to: file) }
  }
}
