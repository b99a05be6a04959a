import Glibc

/// A program that was started; what it writes goes to a file.
final class ChildProcess: Sendable {
  private let child: pid_t
  private let output: String

  /// Starts `program`. Throws when that cannot be.
  init(_ program: String, _ arguments: [String], environment: [String], output: String) throws {
    self.output = output
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, output + ".err", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if output == "/dev/null" { posix_spawn_file_actions_adddup2(&actions, 1, 2) }
    var vector = ([program] + arguments).map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in vector + variables { free(text) } }
    var child: pid_t = 0
    let failure = posix_spawn(&child, program, &actions, nil, &vector, &variables)
    guard failure == 0 else {
      throw EmulatedAccount.Failure(description: "\(program): \(String(cString: strerror(failure)))")
    }
    self.child = child
  }

  /// Waits until it has written `text`, and gives all it has written. Throws when it ends before, or takes too long.
  func wait(for text: String, seconds: Int) throws -> String {
    for _ in 0..<(seconds * 50) {
      let written = (try? TextFile.read(output)) ?? ""
      if written.contains(text) { return written }
      var status: Int32 = 0
      if waitpid(child, &status, WNOHANG) == child {
        let complaint = (try? TextFile.read(output + ".err")) ?? ""
        throw EmulatedAccount.Failure(description: "the emulator ended:\n\(written)\(complaint)")
      }
      usleep(20_000)
    }
    throw EmulatedAccount.Failure(description: "the emulator did not start within \(seconds) seconds")
  }

  /// Ends it and waits for that.
  func kill() {
    Glibc.kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
  }

  /// Runs a program to its end and gives its status, 128 and more for a signal. What it writes to standard error is
  /// appended to `output` when it fails.
  static func run(_ program: String, _ arguments: [String], environment: [String], output: String) throws -> Int32 {
    let process = try ChildProcess(program, arguments, environment: environment, output: output)
    var status: Int32 = 0
    while waitpid(process.child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7f
    let code = signal == 0 ? (status >> 8) & 0xff : 128 + signal
    if code != 0, output != "/dev/null" {
      try TextFile.write(try TextFile.read(output) + TextFile.read(output + ".err"), to: output)
    }
    return code
  }

  /// The program that `variable` names, or `name` on PATH; nil when there is none.
  static func find(_ name: String, variable: String) -> String? {
    if let path = EnvironmentVariable.value(variable), access(path, X_OK) == 0 { return path }
    for folder in (EnvironmentVariable.value("PATH") ?? "").split(separator: ":") {
      let path = "\(folder)/\(name)"
      if access(path, X_OK) == 0 { return path }
    }
    return nil
  }

  /// Where the running program is.
  static var ownFolder: String {
    guard let path = realpath("/proc/self/exe", nil) else { return "." }
    defer { free(path) }
    return String(cString: path).split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" }
  }
}

/// The environment.
enum EnvironmentVariable {
  static func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
  static func isSet(_ name: String) -> Bool { getenv(name) != nil }
}

/// Small files.
enum TextFile {
  static func read(_ path: String) throws -> String {
    guard let file = fopen(path, "re") else { throw failure(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while case let count = fread(&piece, 1, piece.count, file), count > 0 { bytes += piece[..<count] }
    guard ferror(file) == 0 else { throw failure(path) }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "we") else { throw failure(path) }
    let written = fputs(text, file)
    guard fclose(file) == 0, written >= 0 else { throw failure(path) }
  }

  /// A new folder that only the user can enter.
  static func makeTemporaryFolder(_ name: String) throws -> String {
    let base = EnvironmentVariable.value("TMPDIR") ?? "/tmp"
    var template = Array("\(base)/\(name)-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw failure(base) }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static func failure(_ path: String) -> EmulatedAccount.Failure {
    EmulatedAccount.Failure(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
