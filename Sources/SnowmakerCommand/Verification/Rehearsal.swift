import Glibc
import PluginHost
import SnowmakerModel

/// A project in a folder of its own, planned and applied on the embedded emulator by this same program, started again.
final class Rehearsal {
  /// How a command ended.
  struct Ending {
    var status: Int32
    var output: String
    /// The lines that say what is wrong.
    var complaint: String {
      let lines = output.split(separator: "\n").map(String.init)
      let first = lines.firstIndex { $0.hasPrefix("error") || $0.hasPrefix("snowmaker") } ?? 0
      let text = lines.dropFirst(first).prefix(4).joined(separator: " / ")
      return text.isEmpty ? "it ended with status \(status) and said nothing" : text
    }
  }

  let folder: String
  private let plugins: String
  /// The environment variables that secrets of the configuration come from.
  private var secrets: Set<String> = [SampleValues.secretName]

  /// A rehearsal with the plugin at `path`; nil when there is no temporary folder.
  init?(plugin path: String) {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/snowmaker-verify-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    plugins = folder + "/plugins"
    guard mkdir(plugins, 0o700) == 0, mkdir(folder + "/project", 0o700) == 0 else { return nil }
    // A link, so that what else lies beside the plugin plays no part.
    let name = path.split(separator: "/").last.map(String.init) ?? path
    guard symlink(path, "\(plugins)/\(name)") == 0 else { return nil }
  }

  deinit {
    if let files = opendir(folder) {
      closedir(files)
      _ = Self.spawn("/bin/rm", ["rm", "-rf", folder], ["PATH=/usr/bin:/bin"], output: nil)
    }
  }

  /// Writes a file of the project; nil takes it away.
  func write(_ name: String, _ configuration: Value?) -> Bool {
    let path = "\(folder)/project/\(name).yml"
    guard let configuration else { return unlink(path) == 0 || errno == ENOENT }
    secrets.formUnion(Self.variables(of: configuration))
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    return fputs(ConfigurationText.yaml(configuration) + "\n", file) >= 0
  }

  /// Runs `snowmaker COMMAND` on the project.
  func run(_ command: String, _ arguments: [String] = []) -> Ending {
    let words =
      ["snowmaker", command, folder + "/project", "--connection", "emulator", "--plugin-dir", plugins, "--no-color"]
      + arguments
    let known = [
      "HOME=\(folder)", "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
      "LD_LIBRARY_PATH=\(getenv("LD_LIBRARY_PATH").map { String(cString: $0) } ?? "")",
    ]
    // Of two settings of one variable the first counts.
    let environment = known + secrets.sorted().map { "\($0)=Verify-1234567890" }
    let log = folder + "/output"
    let status = Self.spawn("/proc/self/exe", words, environment, output: log)
    return Ending(status: status, output: Self.read(log))
  }

  /// The environment variables that the secrets in a configuration come from.
  private static func variables(of value: Value) -> [String] {
    if let id = value.secretID { return id.hasPrefix("env:") ? [String(id.dropFirst(4))] : [] }
    return value.list.flatMap(variables) + value.fields.flatMap { variables(of: $0.value) }
  }

  private static func spawn(_ program: String, _ words: [String], _ environment: [String], output: String?) -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output ?? "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    posix_spawn_file_actions_addclose(&actions, 3)
    var arguments = words.map { strdup($0) } + [nil]
    var variables = environment.map { strdup($0) } + [nil]
    defer { for text in arguments + variables { free(text) } }
    var child: pid_t = 0
    guard posix_spawn(&child, program, &actions, nil, &arguments, &variables) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7f
    return signal == 0 ? (status >> 8) & 0xff : 128 + signal
  }

  private static func read(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 4096)
    while bytes.count < 1 << 20 {
      let count = fread(&piece, 1, piece.count, file)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// Configuration as text.
enum ConfigurationText {
  /// YAML in its flow style, which is JSON but for secrets: `!secret "env:NAME"`.
  static func yaml(_ value: Value) -> String {
    if let id = value.secretID { return "!secret \(JSON.string(.string(id)))" }
    switch value {
    case .list(let elements): return "[" + elements.map(yaml).joined(separator: ", ") + "]"
    case .object(let fields):
      return "{" + fields.map { "\(JSON.string(.string($0.key))): \(yaml($0.value))" }.joined(separator: ", ") + "}"
    default: return JSON.string(value)
    }
  }
}
