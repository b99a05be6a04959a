import CCrypto
import Glibc
import Testing

/// Unique secret values in every place that holds secrets, everything said that can be said, and failures of every kind:
/// afterwards no output, log, plan, ledger, journal or core file contains one of them.
struct CanaryTests {
  /// The secrets of one run, by what they are.
  private final class Canaries {
    private(set) var values: [(name: String, text: String)] = []

    /// A new secret.
    func make(_ name: String) -> String {
      let text = "cnry-\(name)-\(UInt64.random(in: 0 ... .max))"
      add(name, text)
      return text
    }

    func add(_ name: String, _ text: String) { values.append((name, text)) }

    /// What of them the bytes contain.
    func found(in bytes: [UInt8]) -> [String] {
      values.filter { Self.contains(bytes, Array($0.text.utf8)) }.map(\.name)
    }

    /// Whether the bytes stand anywhere in the others; quick on core files too.
    private static func contains(_ hay: [UInt8], _ needle: [UInt8]) -> Bool {
      hay.withUnsafeBytes { hay in
        var at = 0
        while hay.count - at >= needle.count, let start = hay.baseAddress,
          let found = memchr(start + at, Int32(needle[0]), hay.count - at - needle.count + 1)
        {
          if memcmp(found, needle, needle.count) == 0 { return true }
          at = UnsafeRawPointer(found) - start + 1
        }
        return false
      }
    }
  }

  /// A key pair: the private half in PEM, encrypted, and the public half.
  private static func keyPair(passphrase: String) throws -> (private: [UInt8], public: String, plain: [UInt8]) {
    var made: OpaquePointer?
    try #require(ccrypto_key_generate(2048, &made) == 0)
    let key = try #require(made)
    defer { ccrypto_key_free(key) }
    func output(_ call: (UnsafeMutablePointer<UInt8>?, UnsafeMutablePointer<Int>) -> Int32) throws -> [UInt8] {
      var out = [UInt8](repeating: 0, count: 8192)
      var size = out.count
      let status = out.withUnsafeMutableBufferPointer { call($0.baseAddress, &size) }
      try #require(status == 0)
      return Array(out.prefix(size))
    }
    let form = Int32(CCRYPTO_PEM_PKCS8)
    let encrypted = try output { ccrypto_private_key_export(key, form, passphrase, passphrase.utf8.count, $0, $1) }
    let plain = try output { ccrypto_private_key_export(key, form, nil, 0, $0, $1) }
    let der = try output { ccrypto_key_public_der(key, $0, $1) }
    return (encrypted, base64(der), plain)
  }

  private static func base64(_ bytes: [UInt8]) -> String {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
    var out = ""
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      var word = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      word &= 0xff_ffff
      for place in 0..<4 { out.append(place <= group.count ? letters[word >> (18 - 6 * place) & 63] : "=") }
    }
    return out
  }

  /// The files under a folder.
  private static func files(under folder: String) -> [String] {
    Files.names(in: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return opendir(path).map { closedir($0) } == nil ? [path] : files(under: path)
    }
  }

  @Test func noSecretIsFoundAnywhereWhateverHappens() async throws {
    let canaries = Canaries()
    let place = try Workplace()
    let login = canaries.make("login-password")
    let keyPhrase = canaries.make("key-passphrase")
    let pair = try Self.keyPair(passphrase: keyPhrase)
    for line in String(decoding: pair.plain, as: UTF8.self).split(separator: "\n").dropFirst().dropLast().prefix(3) {
      canaries.add("private key", String(line))
    }
    try Files.write(pair.private, to: place.root + "/home/key.p8")
    chmod(place.root + "/home/key.p8", 0o600)
    try place.write("key.pub", pair.public)
    let passcode = canaries.make("passcode")

    // The account.
    place.set("EMULATOR_PASSWORD", login)
    let emulator = try place.start([
      "emulator", "--password-env", "EMULATOR_PASSWORD", "--control-port", "0", "--log", "emulator.log", "--public-key",
      "key.pub", "--access-token", "CANARY", "--passcode", "CODER=\(passcode)",
    ])
    defer { emulator.end() }
    try await emulator.wait(for: "Stop it with Ctrl-C")
    let greeting = emulator.output
    let port = try ServedEmulator.port(in: greeting, after: "listens on http://127.0.0.1:")
    let control = try ServedEmulator.port(in: greeting, after: "Control: http://127.0.0.1:")
    let words = greeting.split { $0.isWhitespace || $0 == "," || $0 == "." }.map(String.init)
    let token = try #require(words.max { $0.count < $1.count })
    let tap = try WireTap(to: port)

    // The project.
    let secrets = [
      "USER_PASSWORD", "SECOND_PASSWORD", "STAGE_KEY", "STAGE_SECRET", "CODER_PASSWORD", "CHANGED_PASSWORD",
      "THIRD_PASSWORD", "FOURTH_PASSWORD",
    ]
    var environment: [String: String] = [:]
    for name in secrets { environment[name] = canaries.make(name.lowercased()) }
    for (name, value) in environment { place.set(name, value) }
    let fileSecret = canaries.make("secret-file")
    try Files.write(fileSecret, to: place.root + "/home/file-secret")
    chmod(place.root + "/home/file-secret", 0o600)
    let literal = canaries.make("literal")
    try place.write(
      "a.yml",
      """
      users:
        - {name: etl, type: LEGACY_SERVICE, password: !secret 'env:USER_PASSWORD'}
        - {name: by_file, type: LEGACY_SERVICE, password: !secret 'file:\(place.root)/home/file-secret'}
        - {name: by_text, type: LEGACY_SERVICE, password: \(literal)}
        - {name: coder, type: LEGACY_SERVICE, password: !secret 'env:CODER_PASSWORD'}
      databases: [{name: raw, schemas: [{name: landing}]}]
      stages:
        - database: raw
          schema: landing
          name: outside
          url: s3://bucket/path/
          credentials: {aws_key_id: !secret 'env:STAGE_KEY', aws_secret_key: !secret 'env:STAGE_SECRET'}
      """)

    // The connections, all of them by way of the tap.
    let common = "account = \"testaccount\"\nhost = \"127.0.0.1\"\nport = \"\(tap.port)\"\nprotocol = \"http\"\n"
    let owner = common + "user = \"SNOWMAKER\"\n"
    let wrong = canaries.make("wrong-password")
    let oauthSecret = try #require(environment["USER_PASSWORD"])
    mkdir(place.root + "/home/.snowflake", 0o700)
    let connections = place.root + "/home/.snowflake/connections.toml"
    try Files.write(
      """
      [main]
      \(owner)password = "\(login)"
      [wrong]
      \(owner)password = "\(wrong)"
      [env_file]
      \(owner)
      [key]
      \(owner)authenticator = "snowflake_jwt"
      private_key_file = "~/key.p8"
      private_key_passphrase = "\(keyPhrase)"
      [key_wrong]
      \(owner)authenticator = "snowflake_jwt"
      private_key_file = "~/key.p8"
      private_key_passphrase = "\(canaries.make("wrong-passphrase"))"
      [token]
      \(owner)authenticator = "programmatic_access_token"
      token = "\(token)"
      [token_wrong]
      \(owner)authenticator = "programmatic_access_token"
      token = "\(canaries.make("wrong-token"))"
      [api]
      \(owner)authenticator = "programmatic_access_token"
      transport = "sql-api"
      token = "\(token)"
      [oauth]
      \(common)user = "ETL"
      authenticator = "oauth_client_credentials"
      oauth_client_id = "ETL"
      oauth_client_secret = "\(oauthSecret)"
      role = "PUBLIC"
      [oauth_wrong]
      \(common)user = "ETL"
      authenticator = "oauth_client_credentials"
      oauth_client_id = "ETL"
      oauth_client_secret = "\(canaries.make("wrong-client-secret"))"
      [code]
      \(common)user = "CODER"
      password = "\(try #require(environment["CODER_PASSWORD"]))"
      passcode = "\(passcode)"
      [code_wrong]
      \(common)user = "CODER"
      password = "\(try #require(environment["CODER_PASSWORD"]))"
      passcode = "\(canaries.make("wrong-passcode"))"

      """, to: connections)
    chmod(connections, 0o600)
    try place.write(".env", "SNOWFLAKE_CONNECTIONS_ENV_FILE_PASSWORD='\(login)'\n")
    place.set("SNOWMAKER_PASSPHRASE", canaries.make("sealing-passphrase"))
    place.set("TO_BE_SEALED", login)
    let sealed = try await place.run(
      "connection", "add", "sealed", "--account", "testaccount", "--user", "SNOWMAKER", "--set", "host=127.0.0.1",
      "--set", "port=\(tap.port)", "--set", "protocol=http", "--secret", "password=TO_BE_SEALED")
    #expect(sealed.status == 0, Comment(rawValue: sealed.all))
    func faults(_ json: String) throws { _ = try ServedEmulator.request(control, "PUT", "/faults", json) }

    // Deploying: well, with a failure that quotes a secret, killed and crashed in the middle, with a saved plan.
    try faults(
      """
      {"faults": [{"kind": "fail", "containing": "CREATE STAGE", "code": "001003", "sql_state": "42000",
        "message": "syntax error near '\(try #require(environment["STAGE_SECRET"]))' after AWS_KEY_ID = '\(try #require(environment["STAGE_KEY"]))'"}]}
      """)
    let failed = try await place.run("apply", "--yes", "--verbose", "-c", "main")
    #expect(failed.status == 1 && failed.all.contains("syntax error near"), Comment(rawValue: failed.all))
    try faults("{}")
    let applied = try await place.run("apply", "--yes", "--verbose", "-c", "main")
    #expect(applied.status == 0, Comment(rawValue: applied.all))

    for (signal, password) in [
      (SIGKILL, "SECOND_PASSWORD"), (SIGSEGV, "THIRD_PASSWORD"), (SIGABRT, "FOURTH_PASSWORD"),
    ] {
      place.set("USER_PASSWORD", environment[password])
      try faults(#"{"faults": [{"kind": "latency", "milliseconds": 700, "containing": "ALTER USER ETL"}]}"#)
      let running = try place.start(["apply", "--yes", "--verbose", "-c", "main"])
      for _ in 0..<1000 {
        if try ServedEmulator.request(control, "GET", "/faults", "").contains("ALTER USER") == false { break }
        try await Task.sleep(for: .milliseconds(10))
      }
      running.end(signal)
      let ending = try await running.wait()
      #expect(ending.status == 128 + signal, Comment(rawValue: ending.all))
      #expect(!ending.dumpedCore)
      try await Task.sleep(for: .milliseconds(900))
    }
    for format in ["text", "json", "sql", "markdown"] {
      _ = try await place.run("plan", "--verbose", "--resend-secrets", "--format", format, "-c", "main")
    }
    let continued = try await place.run("apply", "--yes", "--verbose", "-c", "main")
    #expect(continued.status == 0, Comment(rawValue: continued.all))
    place.set("USER_PASSWORD", environment["CHANGED_PASSWORD"])
    let saved = try await place.run("plan", "--out", "saved.plan", "-c", "main")
    #expect(saved.status == 0, Comment(rawValue: saved.all))
    _ = try await place.run("validate")
    let again = try await place.run("apply", "saved.plan", "--yes", "-c", "main")
    #expect(again.status == 0, Comment(rawValue: again.all))

    // Logging in every way, well and badly, and with an account that fails.
    for (name, works) in [
      ("main", true), ("wrong", false), ("env_file", true), ("sealed", true), ("key", true), ("key_wrong", false),
      ("token", true), ("token_wrong", false), ("api", true), ("oauth_wrong", false), ("code", true),
      ("code_wrong", false),
    ] {
      _ = try await place.run("connection", "show", name)
      let ending = try await place.run("query", "SELECT 1", "-c", name)
      #expect((ending.status == 0) == works, "\(name): \(ending.all)")
    }
    try Files.write(
      try #require(Files.read(connections)).replacing(oauthSecret, with: try #require(environment["CHANGED_PASSWORD"])),
      to: connections)
    let oauth = try await place.run("query", "SELECT 1", "-c", "oauth")
    #expect(oauth.status == 0, Comment(rawValue: oauth.all))
    for path in ["/session/v1/login-request", "/queries/v1/query-request", "/oauth/token-request"] {
      for kind in ["\"status\", \"status\": 403", "\"truncate\"", "\"lose_answer\""] {
        try faults("{\"faults\": [{\"kind\": \(kind), \"path\": \"\(path)\", \"times\": 100}]}")
        place.set("SNOWFLAKE_LOGIN_TIMEOUT", "1")
        place.set("SNOWFLAKE_NETWORK_TIMEOUT", "1")
        let ending = try await place.run("query", "SELECT 1", "-c", path.hasPrefix("/oauth") ? "oauth" : "main")
        #expect(ending.status == 1, Comment(rawValue: ending.all))
      }
    }
    try faults("{}")
    _ = try await place.run("connection", "test", "main")
    _ = try await place.run("connection", "list")
    _ = try ServedEmulator.request(control, "POST", "/sessions/expire", "{}")
    try place.write("log.json", try ServedEmulator.request(control, "GET", "/log", ""))

    // What the account gave.
    for given in tap.values("token", "masterToken", "sessionToken", "access_token", "refresh_token", "mfaToken") {
      canaries.add("a token of the account", given)
    }
    #expect(canaries.values.count { $0.name == "a token of the account" } >= 10)
    canaries.add("programmatic access token", token)

    let inputs: Set = [
      place.folder + "/a.yml", place.folder + "/.env", connections, place.root + "/home/key.p8",
      place.root + "/home/file-secret",
    ]
    let files = Self.files(under: place.root)
    let greetingFile = emulator.outputFile.split(separator: "/").last ?? ""
    // The ledger, the plan, the log and the outputs are among what is looked at.
    for part in ["state.db", "saved.plan", "emulator.log", "run5.err", "log.json"] {
      #expect(files.contains { $0.hasSuffix(part) }, "\(part) is not there: \(files)")
    }
    for file in files where !inputs.contains(file) {
      var found = canaries.found(in: Files.bytes(file) ?? [])
      // The emulator was asked to make a token, and prints it.
      if file.hasSuffix("/\(greetingFile)") { found.removeAll { $0 == "programmatic access token" } }
      #expect(found.isEmpty, "\(file) contains \(found)")
      #expect(!(file.split(separator: "/").last ?? "").hasPrefix("core"), "\(file)")
    }
  }

  /// A process that dies leaves no core file, which would hold its passwords, and no backtrace that shows memory, even
  /// where both are wanted. That a core file would hold the password is tried too, where the system writes them.
  @Test func aCrashLeavesNothingOfTheMemory() async throws {
    var before = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &before)
    var unlimited = rlimit(rlim_cur: before.rlim_max, rlim_max: before.rlim_max)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &unlimited)
    defer { setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &before) }
    let canaries = Canaries()
    let secret = canaries.make("core")
    for allowsDumps in [false, true] {
      let place = try Workplace()
      place.set("EMULATOR_PASSWORD", secret)
      place.set("SWIFT_BACKTRACE", allowsDumps ? "enable=no" : "enable=yes,color=no")
      if allowsDumps { place.set("SNOWMAKER_CRASH_DUMPS", "1") }
      let process = try place.start(["emulator", "--password-env", "EMULATOR_PASSWORD"])
      try await process.wait(for: "Stop it with Ctrl-C")
      let limits = Files.read("/proc/\(process.pid)/limits") ?? ""
      let core = limits.split(separator: "\n").first { $0.hasPrefix("Max core file size") } ?? ""
      process.end(SIGSEGV)
      let ending = try await process.wait(seconds: 60)
      #expect(ending.status == 128 + SIGSEGV)
      #expect(ending.all.contains("fatal: SIGSEGV") && !ending.all.contains("Registers"), Comment(rawValue: ending.all))
      let written = Files.names(in: place.folder).filter { $0.hasPrefix("core") }
      if allowsDumps {
        guard ending.dumpedCore, let file = written.first else { continue }
        #expect(canaries.found(in: Files.bytes("\(place.folder)/\(file)") ?? []) == ["core"])
      } else {
        #expect(core.split(separator: " ").dropFirst(4).prefix(2) == ["0", "0"], Comment(rawValue: String(core)))
        #expect(!ending.dumpedCore && written.isEmpty)
      }
    }
  }
}
