import SnowmakerModel

/// What a calibration found.
public struct CalibrationReport: Sendable {
  /// A statement whose answers differ.
  public struct Entry: Sendable, Equatable {
    /// The statement.
    public var statement: CalibrationStatement
    /// How the answers differ; never empty.
    public var differences: [CalibrationDifference]

    /// A statement and its differences.
    public init(statement: CalibrationStatement, differences: [CalibrationDifference]) {
      self.statement = statement
      self.differences = differences
    }
  }

  /// What names the account: its host and version.
  public var account: String
  /// The role it ran as.
  public var role: String
  /// What the names of the run began with.
  public var prefix: String
  /// How many statements were sent to either side.
  public var statementCount = 0
  /// How many the corpus has.
  public var corpusCount = CalibrationCorpus.statements.count
  /// The statements whose answers differ, in order.
  public var entries: [Entry] = []
  /// Objects that could not be dropped, as SQL that drops them.
  public var leftovers: [String] = []
  /// Why it ended early; nil when it did not.
  public var ended: String?

  /// A report of nothing yet.
  public init(account: String, role: String, prefix: String) {
    self.account = account
    self.role = role
    self.prefix = prefix
  }

  /// The report as a document: `{"account", "role", "prefix", "statements", "corpus", "ended", "leftovers",
  /// "differing": [{"section", "number", "statement", "differences": [{"kind", "column", "account", "emulator",
  /// "count"}]}]}`.
  public var document: Value {
    [
      "account": .string(account), "role": .string(role), "prefix": .string(prefix),
      "statements": .int(Int64(statementCount)), "corpus": .int(Int64(corpusCount)),
      "ended": ended.map(Value.string) ?? .null, "leftovers": .list(leftovers.map(Value.string)),
      "differing": .list(
        entries.map { entry in
          [
            "section": .string(entry.statement.section), "number": .int(Int64(entry.statement.number)),
            "statement": .string(entry.statement.template),
            "differences": .list(
              entry.differences.map { difference in
                [
                  "kind": .string(difference.kind.rawValue),
                  "column": difference.column.map(Value.string) ?? .null, "account": .string(difference.account),
                  "emulator": .string(difference.emulator), "count": .int(Int64(difference.count)),
                ]
              }),
          ]
        }),
    ]
  }

  /// The report for people.
  public var text: String {
    var lines = [
      "Account \(account), role \(role): \(statementCount) of \(corpusCount) statements compared, \(entries.count) "
        + "answered differently."
    ]
    var section = ""
    for entry in entries {
      if entry.statement.section != section {
        section = entry.statement.section
        lines += ["", "## \(section)"]
      }
      lines += ["", "\(entry.statement.number)  \(Self.oneLine(entry.statement.template))"]
      for difference in entry.differences {
        let what = difference.kind.rawValue + (difference.column.map { " \($0)" } ?? "")
        let times = difference.count > 1 ? " (\(difference.count) rows)" : ""
        lines.append("  \(what)\(times)")
        lines.append("    account:  \(Self.oneLine(difference.account))")
        lines.append("    emulator: \(Self.oneLine(difference.emulator))")
      }
    }
    if !entries.isEmpty {
      var counts: [CalibrationDifference.Kind: Int] = [:]
      for difference in entries.flatMap(\.differences) { counts[difference.kind, default: 0] += 1 }
      let summary = CalibrationDifference.Kind.allCases.compactMap { kind in
        counts[kind].map { "\(kind.rawValue) \($0)" }
      }
      lines += ["", "By kind: " + summary.joined(separator: ", ") + "."]
    }
    if let ended { lines += ["", "Ended early: \(ended)"] }
    if !leftovers.isEmpty {
      lines += ["", "These could not be dropped and are still in the account:"] + leftovers.map { "  \($0);" }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func oneLine(_ text: String) -> String { text.replacing("\n", with: "\\n") }
}
