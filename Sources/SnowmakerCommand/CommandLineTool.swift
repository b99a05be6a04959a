import Snowmaker
import SnowmakerModel

/// The command line: finds the command, reads its arguments, runs it.
enum CommandLineTool {
  /// The version of everything that is built from this package.
  static let version = SnowmakerVersion.text

  static let commands: [CommandDescription] =
    [
      PlanCommand.description, ApplyCommand.description, ValidateCommand.description, SchemaCommand.description,
      QueryCommand.description,
    ] + ConnectionCommand.all + LedgerCommand.descriptions + [
      EmulatorCommand.description, CalibrateCommand.description, InitCommand.description,
      PluginListCommand.description, PluginShowCommand.description, PluginVerifyCommand.description,
      PluginNewCommand.description,
    ] + PluginTrustCommands.all + [CompletionCommand.description]

  /// What every command takes.
  static let globalOptions: [Option] = [
    .flag("--help", short: "-h", "Say what a command does and takes."),
    .flag("--no-color", "No colours, even on a terminal (NO_COLOR=1 says the same)."),
    .flag("--quiet", short: "-q", "No progress, only results and errors."),
  ]

  /// Runs a command line.
  static func run(_ line: [String]) async -> ExitStatus {
    let words = globalOptionsLast(line)
    if words.first == "--version" || words.first == "version" {
      Terminal.out("snowmaker \(version)\n")
      return .success
    }
    if words.first == CompletionCommand.hidden { return CompletionCommand.complete(Array(words.dropFirst())) }
    guard let first = words.first, first != "--help", first != "-h" else {
      Terminal.out(Help.overview(commands, global: globalOptions, version: version))
      return .success
    }
    if first == "help" { return help(Array(words.dropFirst())) }
    guard let (command, rest) = find(words) else { return unknown(words) }
    if rest.contains("--help") || rest.contains("-h") {
      Terminal.out(Help.command(command, global: globalOptions))
      return .success
    }
    do throws(UsageError) {
      let arguments = try ParsedArguments(rest, for: command, global: globalOptions)
      return await command.run(arguments)
    } catch {
      let name = command.path.joined(separator: " ")
      Terminal.error("snowmaker \(name): \(error)\nTry 'snowmaker \(name) --help'.\n")
      return .usage
    }
  }

  /// The words with the global flags that stand before the command moved behind it: `-q plan` is `plan -q`.
  private static func globalOptionsLast(_ words: [String]) -> [String] {
    let flags = words.prefix { word in globalOptions.contains { $0.name == word || $0.short == word } }
    guard flags.count < words.count else { return words }
    return Array(words.dropFirst(flags.count) + flags)
  }

  private static func find(_ words: [String]) -> (CommandDescription, [String])? {
    commands.filter { words.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
      .map { ($0, Array(words.dropFirst($0.path.count))) }
  }

  private static func help(_ words: [String]) -> ExitStatus {
    if words.isEmpty {
      Terminal.out(Help.overview(commands, global: globalOptions, version: version))
      return .success
    }
    guard let (command, _) = find(words) else { return unknown(words + ["--help"]) }
    Terminal.out(Help.command(command, global: globalOptions))
    return .success
  }

  private static func unknown(_ words: [String]) -> ExitStatus {
    let group = commands.filter { $0.path.first == words[0] }
    if !group.isEmpty { return unknown(words, in: group) }
    let close = Spelling.closest(to: words[0], in: Set(commands.map { $0.path[0] }).sorted())
    Terminal.error(
      "snowmaker: there is no command '\(words[0])'" + (close.map { "; did you mean '\($0)'?" } ?? "")
        + "\nTry 'snowmaker --help'.\n")
    return .usage
  }

  /// The first word names a group of commands, and the second none of it: its help when that is asked for.
  private static func unknown(_ words: [String], in group: [CommandDescription]) -> ExitStatus {
    guard let second = words.dropFirst().first(where: { $0 != "--no-color" && $0 != "--quiet" && $0 != "-q" }) else {
      Terminal.error(Help.group(words[0], group))
      return .usage
    }
    if second == "--help" || second == "-h" {
      Terminal.out(Help.group(words[0], group))
      return .success
    }
    let close = Spelling.closest(to: second, in: group.compactMap { $0.path.last })
    Terminal.error(
      "snowmaker \(words[0]): there is no command '\(second)'" + (close.map { "; did you mean '\($0)'?" } ?? "")
        + "\nTry 'snowmaker \(words[0]) --help'.\n")
    return .usage
  }
}
