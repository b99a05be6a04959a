import Glibc
import SnowmakerSDK

/// An account to apply to: an installed `snowmaker emulator`, started as a child process, with your plugin's types. It
/// ends with the object. No library of snowmaker's is linked.
///
/// ```swift
/// @Test(.enabled(if: EmulatedAccount.isInstalled)) func settles() throws {
///   let account = try EmulatedAccount(plugin: "acme-monitors")
///   try account.apply("resource_monitors: [{name: limit, credit_quota: 100}]")
///   #expect(try account.plan("resource_monitors: [{name: limit, credit_quota: 200}]")
///     == ["ALTER RESOURCE MONITOR LIMIT SET CREDIT_QUOTA = 200"])
/// }
/// ```
///
/// The program is `$SNOWMAKER`, or `snowmaker` on PATH. The plugin is looked for beside the tests, where `swift test`
/// puts it, and is loaded by the command, not by the tests.
public final class EmulatedAccount: Sendable {
  /// What a command said when it failed.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The command, its exit status and its output.
    public let description: String
  }

  /// Whether there is a program to start.
  public static var isInstalled: Bool { ChildProcess.find("snowmaker", variable: "SNOWMAKER") != nil }

  private let tool: String
  private let folder: String
  private let pluginFolder: String
  private let emulator: ChildProcess
  private let variables: [String]

  /// Starts an emulator with the types of the plugin called `name`, or of the file at `path`, and of the bundled ones.
  ///
  /// `settings` is what `snowmaker.yaml` says beside the project's name: `providers: {…}`.
  ///
  /// Throws when no snowmaker is installed, the plugin is not there, or the emulator does not start.
  public init(plugin name: String, at path: String? = nil, settings: String = "") throws {
    guard let tool = ChildProcess.find("snowmaker", variable: "SNOWMAKER") else {
      throw Failure(description: "no snowmaker: set SNOWMAKER, or put it on PATH")
    }
    let file = path ?? ChildProcess.ownFolder + "/libsnowmaker-\(name).so"
    guard access(file, R_OK) == 0 else {
      throw Failure(description: "\(file): \(String(cString: strerror(errno))); run 'swift build' first")
    }
    self.tool = tool
    folder = try TextFile.makeTemporaryFolder("snowmaker-testing")
    pluginFolder = folder + "/plugins"
    for part in ["plugins", "home", "home/.snowflake", "project"] { mkdir("\(folder)/\(part)", 0o700) }
    guard symlink(file, "\(pluginFolder)/libsnowmaker-\(name).so") == 0 else {
      throw Failure(description: "\(pluginFolder): \(String(cString: strerror(errno)))")
    }
    let password = "Testing-\(UInt64.random(in: 0 ... .max))"
    variables = [
      "HOME=\(folder)/home", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "SNOWMAKER_TESTING_PASSWORD=\(password)",
      "LD_LIBRARY_PATH=\(EnvironmentVariable.value("LD_LIBRARY_PATH") ?? "")",
    ]
    emulator = try ChildProcess(
      tool, ["emulator", "--password-env", "SNOWMAKER_TESTING_PASSWORD", "--plugin-dir", pluginFolder],
      environment: variables, output: folder + "/emulator.log")
    let greeting = try emulator.wait(for: "Stop it with Ctrl-C", seconds: 30)
    guard let address = greeting.firstRange(of: "http://127.0.0.1:") else {
      throw Failure(description: "the emulator does not say where it listens:\n\(greeting)")
    }
    let port = greeting[address.upperBound...].prefix { $0.isNumber }
    let connections = folder + "/home/.snowflake/connections.toml"
    try TextFile.write(
      """
      [testing]
      account = "testing"
      user = "SNOWMAKER"
      password = "\(password)"
      host = "127.0.0.1"
      port = "\(port)"
      protocol = "http"

      """, to: connections)
    chmod(connections, 0o600)
    try TextFile.write("name: testing\n\(settings)\n", to: folder + "/project/snowmaker.yaml")
  }

  deinit {
    emulator.kill()
    _ = try? ChildProcess.run("/bin/rm", ["-rf", folder], environment: [], output: "/dev/null")
  }

  /// The statements that would make the account what `configuration` (YAML) says, without sending them.
  ///
  /// Throws when the configuration is wrong or cannot be planned.
  public func plan(_ configuration: String) throws -> [String] {
    try write(configuration)
    let output = try run("plan", ["--format", "sql", "--allow-drop"])
    return output.split(separator: "\n").map(String.init).filter { !$0.hasPrefix("--") && !$0.hasPrefix("USE ") }
      .map { $0.hasSuffix(";") ? String($0.dropLast()) : $0 }
  }

  /// Makes the account what `configuration` (YAML) says. What an earlier `apply` declared and this one does not is
  /// dropped. It only succeeds when a new plan then finds nothing to do.
  ///
  /// Throws when it does not settle, with what the command said.
  public func apply(_ configuration: String) throws {
    try write(configuration)
    _ = try run("apply", ["--yes", "--allow-drop", "--max-drops", "1000"])
  }

  /// The rows that a statement brings, by column name; what is NULL is nil. Throws when the statement fails.
  public func query(_ sql: String) throws -> [[String: String?]] {
    let output = try run("query", [sql, "--format", "json"], onProject: false)
    return try JSON.decode(Array(output.utf8)).list.map { row in
      Dictionary(row.fields.map { ($0.key.lowercased(), $0.value.string) }) { first, _ in first }
    }
  }

  private func write(_ configuration: String) throws {
    try TextFile.write(configuration + "\n", to: folder + "/project/resources.yml")
  }

  private func run(_ command: String, _ arguments: [String], onProject: Bool = true) throws -> String {
    let words =
      [command] + (onProject ? [folder + "/project", "--plugin-dir", pluginFolder] : []) + arguments + [
        "-c", "testing",
      ]
    let log = folder + "/command.log"
    let status = try ChildProcess.run(tool, words, environment: variables, output: log)
    let output = try TextFile.read(log)
    guard status == 0 else {
      throw Failure(description: "snowmaker \(words.joined(separator: " ")): status \(status)\n\(output)")
    }
    return output
  }
}
