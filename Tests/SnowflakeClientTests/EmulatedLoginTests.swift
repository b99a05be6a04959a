import AccountEmulator
import CCrypto
import Glibc
import Testing

@testable import SnowflakeClient

/// Ways to log in, well and badly, at an account that checks them: the emulator.
@Suite struct EmulatedLoginTests {
  private static func write(_ bytes: [UInt8]) throws -> String {
    var template = Array("/tmp/snowmaker-login-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    #expect(Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func login(_ parameters: ConnectionParameters) async throws -> String? {
    let session = try await Session.open(parameters, options: ScriptedServer.quick)
    defer { Task { await session.close() } }
    return try await session.execute("SELECT CURRENT_USER()")[0, 0]
  }

  /// A user whose public key is this pair's, and a connection without the key.
  private static func keyUser(_ name: String, _ pair: borrowing TestKey) throws -> ConnectionParameters {
    let account = try EmulatedAccount.shared.get()
    let key = try PrivateKey.load(try pair.export(Int(CCRYPTO_DER_PKCS8)), passphrase: nil)
    _ = try account.emulator.run(
      script: "CREATE USER \(name) TYPE = SERVICE RSA_PUBLIC_KEY = '\(Base64.encode(try key.publicDER()))'",
      as: "SNOWMAKER")
    return ConnectionParameters([
      .account: "emulator", .host: "127.0.0.1", .port: String(account.port), .connectionProtocol: "http", .user: name,
      .authenticator: "snowflake_jwt",
    ])
  }

  @Test func keysOfEveryFormLogInFromFilesAndVariables() async throws {
    let pair = try TestKey()
    let parameters = try Self.keyUser("KEY_FORMS", pair)
    for form in [CCRYPTO_PEM_PKCS8, CCRYPTO_PEM_PKCS1, CCRYPTO_DER_PKCS8, CCRYPTO_DER_PKCS1] {
      for phrase in form == CCRYPTO_DER_PKCS1 ? [nil] : [nil, "open sésame"] {
        let bytes = try pair.export(Int(form), passphrase: phrase)
        var connections: [ConnectionParameters] = []
        var inFile = parameters
        let file = try Self.write(bytes)
        defer { unlink(file) }
        inFile.set(.privateKeyFile, file, from: .override("test"))
        connections.append(inFile)
        let isPEM = form == CCRYPTO_PEM_PKCS8 || form == CCRYPTO_PEM_PKCS1
        let text = isPEM ? String(decoding: bytes, as: UTF8.self) : Base64.encode(bytes)
        for spelling in isPEM ? [text, text.replacing("\n", with: "\\n")] : [text] {
          var inVariable = parameters
          inVariable.set(.privateKey, spelling, from: .variable("SNOWFLAKE_PRIVATE_KEY"))
          connections.append(inVariable)
        }
        for var connection in connections {
          if let phrase { connection.set(.privateKeyPassphrase, phrase, from: .override("test")) }
          #expect(try await Self.login(connection) == "KEY_FORMS", "form \(form), phrase \(phrase ?? "none")")
          guard phrase != nil else { continue }
          connection.set(.privateKeyPassphrase, "wrong", from: .override("test"))
          await #expect(throws: ClientError.self) { try await Self.login(connection) }
        }
      }
    }
  }

  @Test func thePassphraseHasManyNames() async throws {
    let pair = try TestKey()
    let parameters = try Self.keyUser("KEY_NAMES", pair)
    let file = try Self.write(try pair.export(Int(CCRYPTO_PEM_PKCS8), passphrase: "sesame"))
    defer { unlink(file) }
    for name in [
      "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE", "SNOWFLAKE_PRIVATE_KEY_FILE_PWD", "SNOWFLAKE_PRIVATE_KEY_PWD",
      "SNOWFLAKE_PRIVATE_KEY_PASSWORD", "PRIVATE_KEY_PASSPHRASE", "SNOWFLAKE_CONNECTIONS_K_PRIVATE_KEY_PASSPHRASE",
    ] {
      var variables = [name: "sesame", "SNOWFLAKE_CONNECTIONS_K_PRIVATE_KEY_PATH": file]
      for key in [ConnectionKey.account, .host, .port, .connectionProtocol, .user] {
        variables["SNOWFLAKE_CONNECTIONS_K_\(key.rawValue.uppercased())"] = parameters.value(key)
      }
      let found = try ConnectionResolver(variables: variables, home: nil).resolve(name: "k")
      #expect(try await Self.login(found) == "KEY_NAMES", "\(name)")
    }
  }

  @Test func anotherKeyIsRefusedWithWhatToCompare() async throws {
    let pair = try TestKey()
    var parameters = try Self.keyUser("KEY_OTHER", pair)
    let other = try TestKey()
    parameters.set(.privateKey, try other.pem(), from: .override("test"))
    let error = await #expect(throws: ClientError.self) { try await Self.login(parameters) }
    #expect(error?.description.contains("RSA_PUBLIC_KEY_FP") == true, "\(String(describing: error))")
  }

  /// The token is judged by the account's clock: how far ours is off is said.
  @Test(arguments: [(-900, "15 minutes fast"), (900, "15 minutes slow")])
  func aWrongClockIsRecognisedAndExplained(_ offset: Int, _ expected: String) async throws {
    let pair = try TestKey()
    let server = try ScriptedServer { _ in
      var now = time(nil) + offset
      var parts = tm()
      gmtime_r(&now, &parts)
      var text = [CChar](repeating: 0, count: 64)
      strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
      let date = String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      return .status(
        200, headers: ["Date": date],
        body: Array("{\"data\":null,\"code\":\"394302\",\"message\":\"JWT token is invalid.\",\"success\":false}".utf8))
    }
    defer { server.stop() }
    var parameters = server.parameters
    parameters.set(.privateKey, try pair.pem(), from: .override("test"))
    parameters.set(.authenticator, "snowflake_jwt", from: .override("test"))
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(parameters, options: ScriptedServer.quick)
    }
    #expect(error?.description.contains(expected) == true, "\(String(describing: error))")
  }

  @Test func aPasscodeGoesBesideThePasswordOrInIt() async throws {
    var configuration = EmulatorConfiguration(password: "pass-word-1")
    configuration.server.passcodes = ["SNOWMAKER": "246810"]
    let emulator = try AccountEmulator(configuration: configuration, types: [])
    try emulator.start()
    defer { emulator.stop() }
    var parameters = ConnectionParameters([
      .account: "emulator", .host: "127.0.0.1", .port: String(emulator.port), .connectionProtocol: "http",
      .user: "SNOWMAKER", .password: "pass-word-1",
    ])
    await #expect(throws: ClientError.self) { try await Self.login(parameters) }
    parameters.set(.passcode, "246810", from: .override("test"))
    #expect(try await Self.login(parameters) == "SNOWMAKER")
    parameters.set(.passcode, "135791", from: .override("test"))
    let error = await #expect(throws: ClientError.self) { try await Self.login(parameters) }
    #expect(error?.description.contains("135791") == false)
    var inPassword = parameters
    inPassword.set(.passcode, "", from: .override("test"))
    inPassword.set(.password, "pass-word-1246810", from: .override("test"))
    inPassword.set(.passcodeInPassword, "true", from: .override("test"))
    #expect(try await Self.login(inPassword) == "SNOWMAKER")

    // The token that stands for the second factor is kept for the next login.
    var template = Array("/tmp/snowmaker-mfa-XXXXXX".utf8CString)
    var options = ScriptedServer.quick
    options.credentialFolder = String(cString: try #require(mkdtemp(&template)))
    parameters.set(.passcode, "246810", from: .override("test"))
    parameters.set(.authenticator, "username_password_mfa", from: .override("test"))
    await (try Session.open(parameters, options: options)).close()
    parameters.set(.passcode, "", from: .override("test"))
    await (try Session.open(parameters, options: options)).close()
    options.credentialFolder = nil
  }

  /// `$BROWSER` names a program that follows the address to the end.
  @Test func theBrowserIsTheOneThatTheUserChose() async throws {
    let server = try ScriptedServer.account { _ in Answers.rows() }
    defer { server.stop() }
    let script = try Self.write(
      Array(
        """
        #!/bin/bash
        port=${1##*browser_mode_redirect_port=}; port=${port%%&*}
        exec 3<>/dev/tcp/127.0.0.1/$port
        printf 'GET /?token=from-the-browser HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n' >&3
        cat <&3 >/dev/null
        """.utf8))
    defer { unlink(script) }
    chmod(script, 0o700)
    setenv("BROWSER", script, 1)
    defer { unsetenv("BROWSER") }
    var parameters = server.parameters
    for (key, value) in [
      ConnectionKey.authenticator: "externalbrowser", .disableConsoleLogin: "false", .storeTemporaryCredential: "false",
    ] { parameters.set(key, value, from: .override("test")) }
    var options = ScriptedServer.quick
    options.interaction = LoginInteraction(tell: { _ in }, patience: .seconds(20))
    _ = try await Session.open(parameters, options: options)
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["TOKEN"] == .string("from-the-browser"))
  }

  /// Inside a Snowpark container: the platform's token, the host and the account from variables.
  @Test func theTokenOfAContainerIsUsedWhenNothingElseIsSet() async throws {
    let server = try ScriptedServer { request in
      switch request.path {
      case ScriptedServer.loginPath:
        request.json["data"]?["TOKEN"] == .string("container-2")
          ? Answers.refusal("390303", "Invalid OAuth access token.") : Answers.login()
      default: .json("{\"success\":true}")
      }
    }
    defer { server.stop() }
    let file = try Self.write(Array("container-1\n".utf8))
    defer { unlink(file) }
    var resolver = ConnectionResolver(
      variables: [
        "SNOWFLAKE_HOST": "127.0.0.1", "SNOWFLAKE_ACCOUNT": "acme-prod", "SNOWFLAKE_PORT": String(server.port),
        "SNOWFLAKE_PROTOCOL": "http",
      ], home: nil)
    resolver.containerTokenFile = file
    let parameters = try resolver.resolve()
    #expect(parameters.origin(.tokenFile) == .file(path: file, line: 1))
    _ = try await Session.open(parameters, options: ScriptedServer.quick)
    let data = try #require(server.received(ScriptedServer.loginPath).first?.json["data"])
    #expect(data["AUTHENTICATOR"] == .string("OAUTH"))
    #expect(data["TOKEN"] == .string("container-1"))
    // The platform replaces the file; a token that is refused is named as such.
    try FileSystem.write(Array("container-2".utf8), to: file)
    let error = await #expect(throws: ClientError.self) {
      try await Session.open(parameters, options: ScriptedServer.quick)
    }
    #expect(error?.description.contains("OAuth token is invalid") == true)
  }
}
