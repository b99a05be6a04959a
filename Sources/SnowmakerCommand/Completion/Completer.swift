import PluginHost
import Snowmaker
import SnowmakerModel

/// Says what may stand next on a command line. Loads no plugin whose manifest is known.
struct Completer {
  /// One word, and what it is.
  struct Candidate {
    var word: String
    var what = ""
  }

  /// What may stand there.
  enum Candidates {
    case words([Candidate])
    /// The shell knows best.
    case files
  }

  /// The words before the one that is typed, without the program's name.
  let words: [String]

  /// What the word that begins with `current` may be.
  func candidates(for current: String) -> Candidates {
    let known = CommandLineTool.commands.filter { words.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
    guard let command = known else { return .words(commands) }
    let rest = words.dropFirst(command.path.count)
    let options = command.options + CommandLineTool.globalOptions
    if let last = rest.last, let option = options.first(where: { $0.name == last || $0.short == last }),
      option.value != nil
    {
      return values(of: option, prefix: "", current)
    }
    if current.hasPrefix("--"), let equals = current.firstIndex(of: "="),
      let option = options.first(where: { $0.name == current[..<equals] }), option.value != nil
    {
      return values(of: option, prefix: current[...equals] + "", String(current[current.index(after: equals)...]))
    }
    if current.hasPrefix("-") {
      let given = Set(rest)
      return .words(
        options.filter { $0.isRepeatable || !given.contains($0.name) }.map { Candidate(word: $0.name, what: $0.doc) })
    }
    let count = positionals(rest, options).count
    guard count < command.positionals.count else { return .words([]) }
    return positional(command.positionals[count].name, of: command, current)
  }

  /// The next words of commands that begin as the line does.
  private var commands: [Candidate] {
    var candidates: [Candidate] = []
    let isHelp = words.first == "help"
    let words = isHelp ? Array(words.dropFirst()) : words
    for command in CommandLineTool.commands where command.path.starts(with: words) && command.path.count > words.count {
      let word = command.path[words.count]
      let isWhole = command.path.count == words.count + 1
      if !candidates.contains(where: { $0.word == word }) {
        candidates.append(Candidate(word: word, what: isWhole ? command.summary : ""))
      }
    }
    if words.isEmpty, !isHelp {
      candidates.append(Candidate(word: "help", what: "Say what a command does and takes."))
      candidates += ["--help", "--version"].map { Candidate(word: $0) }
    }
    return candidates
  }

  private func positionals(_ words: ArraySlice<String>, _ options: [Option]) -> [String] {
    var positionals: [String] = []
    var rest = words
    while let word = rest.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        positionals.append(word)
        continue
      }
      let takesValue = options.contains { ($0.name == word || $0.short == word) && $0.value != nil }
      if takesValue { _ = rest.popFirst() }
    }
    return positionals
  }

  private func positional(_ name: String, of command: CommandDescription, _ current: String) -> Candidates {
    let names = CompletionNames(words)
    switch (command.path, name) {
    case (["completion"], _): return .words(Shell.allCases.map { Candidate(word: $0.rawValue) })
    case (["plugin", "show"], _): return .words(names.types + names.functions + names.plugins)
    case (let path, "NAME") where path.first == "connection": return .words(names.configuredConnections)
    case (let path, "ADDRESS") where path.first == "ledger": return .words(names.addresses(current))
    default: return .files
    }
  }

  private func values(of option: Option, prefix: String, _ current: String) -> Candidates {
    let names = CompletionNames(words)
    let candidates: [Candidate]
    if let allowed = option.allowed {
      candidates = allowed.map { Candidate(word: $0) }
    } else {
      switch option.name {
      case "--connection": candidates = names.connections
      case "--target": candidates = names.targets
      case "--only": candidates = names.addresses(current)
      case "--role", "--var", "--lanes", "--max-drops": candidates = []
      default: return option.value == "FILE" || option.value == "DIR" || option.value == "PATH" ? .files : .words([])
      }
    }
    return .words(candidates.map { Candidate(word: prefix + $0.word, what: $0.what) })
  }
}
