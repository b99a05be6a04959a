/// What a command is called, takes and says in its help.
struct CommandDescription: Sendable {
  /// The words that name it, e.g. `["plugin", "list"]`.
  var path: [String]
  var summary: String
  var discussion = ""
  var positionals: [Positional] = []
  var options: [Option] = []
  var examples: [Example] = []
  var run: @Sendable (ParsedArguments) async -> ExitStatus

  struct Positional: Sendable {
    var name: String
    var doc: String
    var isRequired = false
  }

  struct Example: Sendable {
    var command: String
    var doc: String
  }
}

/// An option of a command.
struct Option: Sendable {
  /// With dashes: `--target`.
  var name: String
  /// A single-letter form, e.g. `-t`; nil when there is none.
  var short: String?
  /// What its value is called in the help; nil for a flag.
  var value: String?
  var doc: String
  var isRepeatable = false
  /// The values it takes, nil when it takes any.
  var allowed: [String]?

  static func flag(_ name: String, short: String? = nil, _ doc: String) -> Option {
    Option(name: name, short: short, value: nil, doc: doc)
  }

  static func value(
    _ name: String, short: String? = nil, _ value: String, _ doc: String, repeatable: Bool = false,
    allowed: [String]? = nil
  ) -> Option {
    Option(name: name, short: short, value: value, doc: doc, isRepeatable: repeatable, allowed: allowed)
  }
}

/// How a process ends. Stable: scripts rely on the numbers.
enum ExitStatus: Int32, Sendable {
  case success = 0
  /// Something failed; it was said on standard error.
  case failure = 1
  /// `--detailed-exitcode`: it worked, and there are changes.
  case changes = 2
  /// The command line was not understood.
  case usage = 64
  /// The user said no, or pressed Ctrl-C.
  case cancelled = 130
}
