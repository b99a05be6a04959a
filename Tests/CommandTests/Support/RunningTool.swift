import Glibc

/// A `snowmaker` process with its output in files, so that a full pipe can never stop it.
final class RunningTool: Sendable {
  let pid: pid_t
  let outputFile: String
  let errorFile: String

  /// How a process ended.
  struct Ending: Sendable {
    /// The exit status; for a process ended by a signal 128 and the signal.
    var status: Int32
    var out: String
    var err: String
    /// Whether the system wrote a core file.
    var dumpedCore = false
    /// Both, for messages of failing tests.
    var all: String { "[exit \(status)]\n\(out)\n--- stderr\n\(err)" }
  }

  /// The built command, which lies beside the test bundle.
  static let executable: String = {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { bytes in
      bytes.baseAddress.map {
        readlink("/proc/self/exe", $0.assumingMemoryBound(to: CChar.self), bytes.count)
      } ?? 0
    }
    let path = String(decoding: buffer[..<max(0, count)], as: UTF8.self)
    return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) + "/snowmaker"
  }()

  /// - Parameters:
  ///   - input: what it reads; nil for nothing.
  ///   - terminal: a terminal that it reads from instead.
  ///   - screen: a terminal that takes its standard error.
  ///   - executable: another one than the one that was built.
  init(
    _ arguments: [String], folder: String, environment: [String: String], input: String?, name: String,
    terminal: String? = nil, screen: String? = nil, executable: String = RunningTool.executable
  ) throws {
    outputFile = "\(folder)/../\(name).out"
    errorFile = "\(folder)/../\(name).err"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    var inputFile = terminal ?? "/dev/null"
    if let input {
      inputFile = "\(folder)/../\(name).in"
      try Files.write(input, to: inputFile)
    }
    posix_spawn_file_actions_addopen(&actions, 0, inputFile, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    if let screen {
      posix_spawn_file_actions_addopen(&actions, 2, screen, O_WRONLY | O_NOCTTY, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 2, errorFile, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    var child: pid_t = 0
    // env changes the folder, which posix_spawn cannot do everywhere, and becomes the command.
    let words = (["env", "-C", folder, executable] + arguments).map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (words + variables).forEach { free($0) } }
    let result = posix_spawn(&child, "/usr/bin/env", &actions, nil, words, variables)
    guard result == 0 else { throw Failure(description: "\(executable): \(String(cString: strerror(result)))") }
    pid = child
  }

  /// Leaves no process behind, not even one that has ended and waits to be asked: exit tests of the same run wait for any
  /// child, and would find that one for ever.
  deinit {
    var status: Int32 = 0
    guard waitpid(pid, &status, WNOHANG) == 0 else { return }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
  }

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Waits for the end; a process that takes longer than `seconds` is killed, and that is an error.
  func wait(seconds: Double = 120) async throws -> Ending {
    var status: Int32 = 0
    for _ in 0..<Int(seconds * 100) {
      if waitpid(pid, &status, WNOHANG) == pid {
        let signal = status & 0x7f
        return Ending(
          status: signal == 0 ? (status >> 8) & 0xff : 128 + signal, out: output, err: Files.read(errorFile) ?? "",
          dumpedCore: signal != 0 && status & 0x80 != 0)
      }
      try await Task.sleep(for: .milliseconds(10))
    }
    kill(pid, SIGKILL)
    waitpid(pid, &status, 0)
    throw Failure(description: "still running after \(seconds) s\n\(output)\n\(Files.read(errorFile) ?? "")")
  }

  /// What it has written so far.
  var output: String { Files.read(outputFile) ?? "" }

  /// Waits until the output contains `text`.
  func wait(for text: String) async throws {
    for _ in 0..<3000 {
      if output.contains(text) { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    throw Failure(description: "'\(text)' did not come: \(output)\n\(Files.read(errorFile) ?? "")")
  }

  /// Ends it without asking.
  func end(_ signal: Int32 = SIGKILL) { kill(pid, signal) }
}
