/// One statement of the corpus.
public struct CalibrationStatement: Sendable, Equatable {
  /// What the statements around it are about.
  public var section: String
  /// Counted from 1 over the whole corpus.
  public var number: Int
  /// The statement with `{p}` for the prefix of a run's own objects, `{role}` for the role that runs it and `{user}` for
  /// the user.
  public var template: String

  /// The statement for a run.
  public func sql(_ names: CalibrationNames) -> String {
    template.replacing("{p}", with: names.prefix).replacing("{role}", with: names.role)
      .replacing("{user}", with: names.user)
  }
}

/// The names of one run.
public struct CalibrationNames: Sendable {
  /// What the names of everything it creates begin with; a legal unquoted identifier in capitals.
  public var prefix: String
  /// The role it runs as, as SQL.
  public var role: String
  /// The user it runs as, as SQL.
  public var user: String

  /// The names of a run.
  public init(prefix: String, role: String, user: String) {
    self.prefix = prefix
    self.role = role
    self.user = user
  }
}

/// The statements that `snowmaker emulator calibrate` compares an account and the emulator by.
///
/// Rules that a test keeps: everything created is named `{p}…` or lies in a database that is; warehouses are X-Small and
/// never resumed; nothing is read that needs a warehouse; account-wide SHOWs name the prefix, so that what else is in the
/// account stays unread.
public enum CalibrationCorpus {
  /// Every statement, in order. Those of a section rely on the ones before.
  public static let statements: [CalibrationStatement] = parse(
    containers + tables + schemaObjects + warehouses + roles + privileges + sessions + failures)

  /// The names that a run's objects begin with, before their eight hexadecimal digits.
  public static let prefixStart = "SNOWMAKER_CAL_"

  /// Sections begin with `## name`; every other line is a statement, with `\n` for a new line in it.
  static func parse(_ text: String) -> [CalibrationStatement] {
    var section = ""
    var statements: [CalibrationStatement] = []
    for line in text.split(separator: "\n") {
      if line.hasPrefix("## ") {
        section = String(line.dropFirst(3))
        continue
      }
      statements.append(
        CalibrationStatement(
          section: section, number: statements.count + 1, template: String(line).replacing("\\n", with: "\n")))
    }
    return statements
  }
}
