import SnowmakerModel

/// `snowmaker completion SHELL`: the script that makes a shell complete.
enum CompletionCommand {
  static let description = CommandDescription(
    path: ["completion"], summary: "Print a script that makes bash, zsh or fish complete commands, options and names.",
    discussion:
      "It asks snowmaker itself, so names of types, resources, targets, connections and plugins complete too, "
      + "third parties' included. No plugin is loaded for that, once it was listed or used by init, but for the "
      + "bundled ones when the configuration calls their functions.",
    positionals: [.init(name: "SHELL", doc: "bash, zsh or fish.", isRequired: true)],
    examples: [
      .init(command: "source <(snowmaker completion bash)", doc: "In ~/.bashrc."),
      .init(command: "source <(snowmaker completion zsh)", doc: "In ~/.zshrc, after compinit."),
      .init(command: "snowmaker completion fish > ~/.config/fish/completions/snowmaker.fish", doc: "Once."),
    ], run: run)

  /// What the scripts call: `snowmaker __complete SHELL …`, which is no command of its own.
  static let hidden = "__complete"

  private static func run(_ arguments: ParsedArguments) async -> ExitStatus {
    guard let shell = Shell(rawValue: arguments.positionals[0]) else {
      let names = Shell.allCases.map(\.rawValue)
      let close = Spelling.closest(to: arguments.positionals[0], in: names)
      Terminal.error(
        "snowmaker completion: '\(arguments.positionals[0])' is none of \(names.joined(separator: ", "))"
          + (close.map { "; did you mean '\($0)'?" } ?? "") + "\n")
      return .usage
    }
    Terminal.out(shell.script)
    return .success
  }

  /// Answers the scripts: one candidate per line, with what it is after a tab (bash: without); `:files` alone when files
  /// are meant.
  static func complete(_ words: [String]) -> ExitStatus {
    guard let first = words.first, let shell = Shell(rawValue: first) else { return .usage }
    var line = Array(words.dropFirst())
    if line.first == "--" { line.removeFirst() }
    if shell == .bash { line = ShellWords.split(line.first ?? "") }
    let current = line.popLast() ?? ""
    switch Completer(words: Array(line.dropFirst())).candidates(for: current) {
    case .files: Terminal.out(":files\n")
    case .words(let candidates):
      let matching = candidates.filter { $0.word.hasPrefix(current) }
      // bash takes what stands before a ':' or '=' for a word of its own.
      let cut = shell == .bash ? current.lastIndex { $0 == ":" || $0 == "=" } : nil
      let kept = cut.map { current.distance(from: current.startIndex, to: $0) + 1 } ?? 0
      for candidate in matching {
        let word = candidate.word.dropFirst(kept)
        Terminal.out(shell == .bash || candidate.what.isEmpty ? "\(word)\n" : "\(word)\t\(candidate.what)\n")
      }
    }
    return .success
  }
}

/// Cuts the beginning of a command line into words, roughly as a shell does.
enum ShellWords {
  /// The words; the last one is what is being typed, empty after a space.
  static func split(_ line: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isInside = false
    var quote: Character?
    var isEscaped = false
    for character in line {
      if isEscaped {
        word.append(character)
        isEscaped = false
      } else if character == "\\", quote != "'" {
        isEscaped = true
        isInside = true
      } else if let open = quote {
        if character == open { quote = nil } else { word.append(character) }
      } else if character == "'" || character == "\"" {
        quote = character
        isInside = true
      } else if character == " " || character == "\t" {
        if isInside { words.append(word) }
        word = ""
        isInside = false
      } else {
        word.append(character)
        isInside = true
      }
    }
    return words + [word]
  }
}
