/// Writes help texts.
enum Help {
  static func overview(_ commands: [CommandDescription], global: [Option], version: String) -> String {
    var text = """
      snowmaker \(version): Snowflake infrastructure as configuration.

      YAML in, a plan that shows the exact SQL, then an apply that can be trusted.

      Usage: snowmaker COMMAND [OPTIONS]

      Commands:

      """
    text += table(commands.map { ($0.path.joined(separator: " "), $0.summary) })
    text += "\nGlobal options:\n" + table(global.map { (title($0), $0.doc) })
    text += """

      Start here:
        snowmaker plan ./infra --connection emulator     try a configuration without an account
        snowmaker help plan                              what a command takes

      """
    return text
  }

  static func command(_ command: CommandDescription, global: [Option]) -> String {
    let name = command.path.joined(separator: " ")
    var usage = "snowmaker \(name)"
    for positional in command.positionals {
      usage += positional.isRequired ? " \(positional.name)" : " [\(positional.name)]"
    }
    if !command.options.isEmpty { usage += " [OPTIONS]" }
    var text = "\(command.summary)\n\nUsage: \(usage)\n"
    if !command.discussion.isEmpty {
      text += "\n" + wrap(command.discussion, width: 100).joined(separator: "\n") + "\n"
    }
    if !command.positionals.isEmpty {
      text += "\nArguments:\n" + table(command.positionals.map { ($0.name, $0.doc) })
    }
    if !command.options.isEmpty { text += "\nOptions:\n" + table(command.options.map { (title($0), $0.doc) }) }
    text += "\nGlobal options:\n" + table(global.map { (title($0), $0.doc) })
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples { text += "  # \(example.doc)\n  \(example.command)\n" }
    }
    return text
  }

  /// What stands under a word that several commands begin with.
  static func group(_ name: String, _ commands: [CommandDescription]) -> String {
    "Usage: snowmaker \(name) COMMAND [OPTIONS]\n\nCommands:\n"
      + table(commands.map { ($0.path.joined(separator: " "), $0.summary) })
      + "\n'snowmaker help \(commands[0].path.joined(separator: " "))' says what a command takes.\n"
  }

  private static func title(_ option: Option) -> String {
    var title = option.short.map { "\($0), " } ?? ""
    title += option.name
    if let value = option.value { title += " \(value)" }
    return title
  }

  private static func table(_ rows: [(String, String)]) -> String {
    let width = min(30, rows.map { $0.0.count }.max() ?? 0)
    var text = ""
    for (left, right) in rows {
      let lines = wrap(right, width: 100 - width - 4)
      let head = left + String(repeating: " ", count: max(0, width - left.count))
      if left.count > width {
        text += "  \(left)\n"
        for line in lines { text += "  " + String(repeating: " ", count: width + 2) + line + "\n" }
        continue
      }
      for (index, line) in lines.enumerated() {
        text += index == 0 ? "  \(head)  \(line)\n" : "  " + String(repeating: " ", count: width + 2) + line + "\n"
      }
    }
    return text
  }

  /// Lines of at most `width` characters, cut between words.
  static func wrap(_ text: String, width: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    lines.append(line)
    return lines
  }
}
