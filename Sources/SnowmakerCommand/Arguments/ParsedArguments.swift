import SnowmakerModel

/// A command line that was understood.
struct ParsedArguments: Sendable {
  var positionals: [String] = []
  var values: [String: [String]] = [:]
  var flags: Set<String> = []

  /// Whether the flag was given.
  func has(_ flag: String) -> Bool { flags.contains(flag) }
  /// The last value of the option, nil when it was not given.
  func value(_ option: String) -> String? { values[option]?.last }
  /// All values of a repeatable option, in order.
  func all(_ option: String) -> [String] { values[option] ?? [] }
  /// The whole number given to the option, nil when it was not given. Throws when it is none.
  func number(_ option: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
    guard let text = value(option) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw UsageError(
        "\(option) takes a whole number from \(range.lowerBound) to \(range.upperBound), not '\(text)'")
    }
    return number
  }
}

/// A command line that was not understood.
struct UsageError: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}

extension ParsedArguments {
  /// Reads what follows a command's name. `--` ends the options; `--name=value` and `--name value` mean the same.
  ///
  /// Throws for an unknown option, a missing or unwanted value, and too many or too few positionals.
  init(_ words: [String], for command: CommandDescription, global: [Option]) throws(UsageError) {
    let options = command.options + global
    var rest = words[...]
    var optionsEnded = false
    while let word = rest.popFirst() {
      guard !optionsEnded, word.hasPrefix("-"), word != "-" else {
        positionals.append(word)
        continue
      }
      if word == "--" {
        optionsEnded = true
        continue
      }
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let option = options.first(where: { $0.name == parts[0] || $0.short == parts[0] }) else {
        let close = Spelling.closest(to: parts[0], in: options.map(\.name))
        throw UsageError("unknown option '\(parts[0])'" + (close.map { "; did you mean '\($0)'?" } ?? ""))
      }
      guard option.value != nil else {
        if parts.count == 2 { throw UsageError("\(option.name) takes no value") }
        flags.insert(option.name)
        continue
      }
      guard let value = parts.count == 2 ? parts[1] : rest.popFirst() else {
        throw UsageError("\(option.name) needs a value: \(option.name) \(option.value ?? "")")
      }
      if let allowed = option.allowed, !allowed.contains(value) {
        let close = Spelling.closest(to: value, in: allowed)
        throw UsageError(
          "\(option.name) takes one of \(allowed.joined(separator: ", ")), not '\(value)'"
            + (close.map { "; did you mean '\($0)'?" } ?? ""))
      }
      if !option.isRepeatable, values[option.name] != nil {
        throw UsageError("\(option.name) was given twice")
      }
      values[option.name, default: []].append(value)
    }
    if positionals.count > command.positionals.count {
      throw UsageError("unexpected argument '\(positionals[command.positionals.count])'")
    }
    if let missing = command.positionals.dropFirst(positionals.count).first(where: \.isRequired) {
      throw UsageError("\(missing.name) is missing: \(missing.doc)")
    }
  }
}
