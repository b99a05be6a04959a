import AccountEmulator
import Glibc
import SnowflakeClient
import Snowmaker
import SnowmakerModel

/// What the options of `snowmaker emulator` come to.
struct EmulatorSetup {
  var configuration: EmulatorConfiguration
  var ports = EmulatorServer.Ports()
  private var passwordNote = ""
  private var authorityFile: String?
  private var temporaryFile: String?
  private let arguments: ParsedArguments

  /// Reads the options and the files they name. Throws `Diagnostic` or `UsageError` for what cannot be.
  init(_ arguments: ParsedArguments) throws {
    self.arguments = arguments
    configuration = EmulatorConfiguration(file: arguments.value("--data"))
    if let user = arguments.value("--user") { configuration.user = try Identifier(parsing: user).name }
    try readPassword()
    try readBehaviour()
    try readPorts()
    try restore()
  }

  private mutating func readPassword() throws {
    if let variable = arguments.value("--password-env") {
      guard let value = ProcessEnvironment.variables[variable], !value.isEmpty else {
        throw Diagnostic.error("the environment variable \(variable) is not set", code: "missing-secret")
      }
      configuration.password = value
    } else {
      let password = AccountConnection.randomPassword()
      configuration.password = password
      passwordNote = ", password \(password)"
    }
  }

  private mutating func readBehaviour() throws {
    let day = 86_400_000
    if let file = arguments.value("--faults") {
      do {
        configuration.server.faults = try FaultPlan(document: JSON.decode(try Self.bytes(of: file)))
      } catch let diagnostic as Diagnostic { throw diagnostic } catch {
        throw Diagnostic.error("\(file) is no plan of faults: \(error)", code: "emulator-faults")
      }
    }
    if let latency = try arguments.number("--latency", in: 0...day) {
      configuration.server.faults.statementLatency = .milliseconds(latency)
    }
    if let latency = try arguments.number("--request-latency", in: 0...day) {
      configuration.server.faults.requestLatency = .milliseconds(latency)
    }
    if let seconds = try arguments.number("--session-seconds", in: 1...1_000_000) {
      configuration.server.sessionValidity = .seconds(seconds)
    }
    if let seconds = try arguments.number("--account-usage-lag", in: 0...1_000_000) {
      configuration.accountUsageLag = Int64(seconds) * 1000
    }
    switch arguments.value("--show-limit") {
    case nil, "cut": configuration.showLimit = .cut
    case "fail": configuration.showLimit = .fail
    default: throw UsageError("--show-limit takes cut or fail")
    }
    if let rows = try arguments.number("--show-rows", in: 1...10_000_000) { configuration.showRows = rows }
    configuration.server.chunkRows = try arguments.number("--chunk-rows", in: 1...1_000_000)
    for text in arguments.all("--passcode") {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2, !parts[1].isEmpty else { throw UsageError("--passcode takes USER=CODE") }
      configuration.server.passcodes[try Identifier(parsing: parts[0]).name] = parts[1]
    }
    if let file = arguments.value("--data") { configuration.server.stageFolder = file + ".stages" }
    if let file = arguments.value("--log") { configuration.log = try EmulatorLog(path: file) }
  }

  private mutating func readPorts() throws {
    ports.http = UInt16(try arguments.number("--port", in: 0...65535) ?? 0)
    ports.control = try arguments.number("--control-port", in: 0...65535).map { UInt16($0) }
    ports.proxy = try arguments.number("--proxy-port", in: 0...65535).map { UInt16($0) }
    let asked = ["--tls-port", "--tls-cert", "--tls-key", "--tls-ca", "--proxy-port"]
    let names = arguments.all("--tls-name")
    guard arguments.has("--tls") || !names.isEmpty || asked.contains(where: { arguments.value($0) != nil }) else {
      return
    }
    let identity: ServerIdentity
    switch (arguments.value("--tls-cert"), arguments.value("--tls-key")) {
    case (let certificate?, let key?):
      identity = ServerIdentity(certificate: try Self.text(of: certificate), key: try Self.text(of: key))
    case (nil, nil):
      identity = try ServerIdentity.generate(names: ServerIdentity.usualNames + names)
      let file = arguments.value("--tls-ca") ?? "emulator-ca.pem"
      try Self.write(identity.authority ?? "", to: file)
      authorityFile = file
    default: throw UsageError("--tls-cert and --tls-key go together")
    }
    ports.https = (UInt16(try arguments.number("--tls-port", in: 0...65535) ?? 0), identity)
  }

  /// A snapshot becomes the file of the account, or a temporary one when the account is to be kept nowhere.
  private mutating func restore() throws {
    guard let snapshot = arguments.value("--restore") else { return }
    let content = try Self.bytes(of: snapshot)
    if let file = configuration.file {
      guard access(file, F_OK) != 0 else {
        throw Diagnostic.error("\(file) exists already: --restore begins a new account", code: "emulator-restore")
      }
      try Self.write(content, to: file)
    } else {
      var template = Array("/tmp/snowmaker-emulator-XXXXXX".utf8CString)
      let descriptor = mkstemp(&template)
      guard descriptor >= 0 else { throw Self.failure("make a temporary file", "/tmp") }
      close(descriptor)
      let file = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      try Self.write(content, to: file)
      temporaryFile = file
      configuration.file = file
    }
  }

  /// Fills the account before anyone comes in. Gives what is to be printed about it.
  func prepare(_ emulator: AccountEmulator) throws -> String {
    let user = Identifier(exact: configuration.user).sql
    var notes = ""
    if let file = arguments.value("--public-key") {
      let lines = try Self.text(of: file).split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
      try run("ALTER USER \(user) SET RSA_PUBLIC_KEY = '\(lines.joined())'", on: emulator, what: file)
    }
    if let file = arguments.value("--seed") {
      let script = try Self.text(of: file)
      do {
        let count = try emulator.load(script: script, as: configuration.user)
        notes += "\(file): \(counted(count, "statement")) executed.\n"
      } catch {
        throw Diagnostic.error("\(file): \(error.description)", code: "emulator-seed")
      }
    }
    if let name = arguments.value("--access-token") {
      let token = Identifier(exact: try Identifier(parsing: name).name).sql
      let results = try run(
        "ALTER USER \(user) ADD PROGRAMMATIC ACCESS TOKEN \(token)", on: emulator, what: "--access-token")
      if let secret = results.first?.rows.first?.last ?? nil { notes += "Access token \(name): \(secret)\n" }
    }
    return notes
  }

  @discardableResult
  private func run(_ script: String, on emulator: AccountEmulator, what: String) throws -> [StatementResult] {
    do {
      return try emulator.run(script: script, as: configuration.user)
    } catch {
      throw Diagnostic.error("\(what): \(error.description)", code: "emulator-seed")
    }
  }

  /// What is printed once it listens.
  func greeting(_ emulator: AccountEmulator) -> String {
    let server = emulator.server
    var text =
      "The account emulator listens on http://127.0.0.1:\(emulator.port): account \(configuration.settings.name), "
      + "user \(configuration.user)\(passwordNote)\n"
    if let port = server.httpsPort { text += "HTTPS: https://127.0.0.1:\(port)\n" }
    if let authorityFile { text += "Clients must trust the authority in \(authorityFile).\n" }
    if let port = server.proxyPort { text += "Proxy for HTTPS_PROXY: http://127.0.0.1:\(port)\n" }
    if let port = server.controlPort { text += "Control: http://127.0.0.1:\(port)\n" }
    return text
  }

  /// Removes what was made for this run only.
  func cleanUp() {
    guard let temporaryFile else { return }
    for suffix in ["", "-wal", "-shm"] { unlink(temporaryFile + suffix) }
  }

  // MARK: Files

  private static func failure(_ what: String, _ file: String) -> Diagnostic {
    .error("cannot \(what) \(file): \(String(cString: strerror(errno)))", code: "file")
  }

  private static func text(of file: String) throws -> String { String(decoding: try bytes(of: file), as: UTF8.self) }

  private static func bytes(of file: String) throws -> [UInt8] {
    guard let input = fopen(file, "re") else { throw failure("read", file) }
    defer { fclose(input) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, input)
      content += buffer[..<count]
      if count < buffer.count { break }
    }
    if ferror(input) != 0 { throw failure("read", file) }
    return content
  }

  private static func write(_ text: String, to file: String) throws { try write(Array(text.utf8), to: file) }

  private static func write(_ content: [UInt8], to file: String) throws {
    guard let output = fopen(file, "we") else { throw failure("write", file) }
    let written = fwrite(content, 1, content.count, output)
    guard fclose(output) == 0, written == content.count else { throw failure("write", file) }
  }
}
