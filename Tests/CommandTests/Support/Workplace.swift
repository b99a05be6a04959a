import Glibc
import Synchronization
import Testing

/// A user's folder: a temporary one with a home beside it, in which `snowmaker` is run.
final class Workplace: Sendable {
  let root: String
  let folder: String
  private let environment: Mutex<[String: String]>
  private let count = Atomic(0)

  init(_ files: [String: String] = [:]) throws {
    var template = Array("/tmp/snowmaker-command-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw RunningTool.Failure(description: "no temporary folder") }
    root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    folder = root + "/work"
    mkdir(folder, 0o700)
    mkdir(root + "/home", 0o700)
    environment = Mutex(["HOME": root + "/home", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"])
    for (name, text) in files { try write(name, text) }
  }

  deinit { Files.removeTree(root) }

  /// Writes a file of the project; nil removes it.
  func write(_ name: String, _ text: String?) throws {
    guard let text else {
      unlink("\(folder)/\(name)")
      return
    }
    if let slash = name.lastIndex(of: "/") { mkdir("\(folder)/\(name[..<slash])", 0o700) }
    try Files.write(text, to: "\(folder)/\(name)")
  }

  /// Changes a file's text.
  func edit(_ name: String, _ old: String, _ new: String) throws {
    let text = try #require(Files.read("\(folder)/\(name)"))
    try #require(text.contains(old))
    try write(name, text.replacing(old, with: new))
  }

  /// Sets an environment variable of what is run from now on; nil removes it.
  func set(_ variable: String, _ value: String?) { environment.withLock { $0[variable] = value } }

  /// Starts a command without waiting for it.
  func start(
    _ arguments: [String], input: String? = nil, terminal: String? = nil, screen: String? = nil,
    executable: String = RunningTool.executable
  ) throws -> RunningTool {
    let number = count.add(1, ordering: .relaxed).newValue
    return try RunningTool(
      arguments, folder: folder, environment: environment.withLock { $0 }, input: input, name: "run\(number)",
      terminal: terminal, screen: screen, executable: executable)
  }

  /// Runs a command to its end.
  func run(_ arguments: String..., input: String? = nil, seconds: Double = 120) async throws -> RunningTool.Ending {
    try await start(arguments, input: input).wait(seconds: seconds)
  }

  /// Runs a command that takes a connection, on the emulator.
  func on(_ arguments: String...) async throws -> RunningTool.Ending {
    try await start(arguments + ["--connection", "emulator"]).wait()
  }

  /// Applies on the emulator, and expects that to go well.
  @discardableResult
  func apply(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> RunningTool.Ending {
    let ending = try await start(["apply", "--yes", "--connection", "emulator"] + arguments).wait()
    #expect(ending.status == 0, Comment(rawValue: ending.all), sourceLocation: sourceLocation)
    return ending
  }

  /// The statements a plan would send, in order.
  func plannedSQL(
    _ arguments: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> [String] {
    let ending = try await start(["plan", "--format", "sql", "--connection", "emulator"] + arguments).wait()
    #expect(ending.status == 0, Comment(rawValue: ending.all), sourceLocation: sourceLocation)
    return ending.out.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("--") && !$0.hasPrefix("USE ") }
  }

  /// Whether any file under the folder but the configuration contains the text, names of those that do.
  func stateFiles(containing text: String) -> [String] {
    let needle = Array(text.utf8)
    return
      (Files.names(in: folder + "/.snowmaker").map { folder + "/.snowmaker/" + $0 }
      + Files.names(in: folder).filter { $0.hasSuffix(".plan") }.map { folder + "/" + $0 })
      .filter { path in
        guard !path.hasSuffix("emulator.db"), let bytes = Files.bytes(path), bytes.count >= needle.count else {
          return false
        }
        return (0...(bytes.count - needle.count)).contains { bytes[$0...].starts(with: needle) }
      }
  }
}
