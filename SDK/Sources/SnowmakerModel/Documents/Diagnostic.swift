/// Something to tell the user: what happened, where, and what to do.
public struct Diagnostic: Error, Hashable, Sendable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    case error, warning, note
  }

  /// How bad it is.
  public var severity: Severity
  /// One sentence that says what is wrong.
  public var summary: String
  /// What to do about it, or what it means; may be empty.
  public var detail: String
  /// The attribute it is about, from the resource's top: `["schemas", "0", "name"]`.
  public var path: [String]
  /// A stable name for programs: `unknown-key`, `dangling-reference` …; may be empty.
  public var code: String
  /// The resource it is about, nil when it is about none.
  public var address: Address?
  /// Where in the configuration; filled in by the host.
  public var position: SourcePosition?

  /// Makes one of its parts.
  public init(
    _ severity: Severity, _ summary: String, detail: String = "", path: [String] = [], code: String = "",
    address: Address? = nil, position: SourcePosition? = nil
  ) {
    self.severity = severity
    self.summary = summary
    self.detail = detail
    self.path = path
    self.code = code
    self.address = address
    self.position = position
  }

  /// An error about the attribute at `path`.
  public static func error(
    _ summary: String, detail: String = "", path: [String] = [], code: String = "", address: Address? = nil,
    position: SourcePosition? = nil
  ) -> Diagnostic {
    Diagnostic(
      .error, summary, detail: detail, path: path, code: code, address: address, position: position)
  }

  /// A warning about the attribute at `path`.
  public static func warning(
    _ summary: String, detail: String = "", path: [String] = [], code: String = "", address: Address? = nil,
    position: SourcePosition? = nil
  ) -> Diagnostic {
    Diagnostic(
      .warning, summary, detail: detail, path: path, code: code, address: address, position: position)
  }
}

/// A place in a configuration file. Lines and columns start at 1; columns count characters.
public struct SourcePosition: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The path as the user gave it.
  public var file: String
  /// From 1.
  public var line: Int
  /// In characters, from 1.
  public var column: Int

  /// Makes one of its parts.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// For people.
  public var description: String { "\(file):\(line):\(column)" }

  /// The order in which lists of them are shown.
  public static func < (left: Self, right: Self) -> Bool {
    (left.file, left.line, left.column) < (right.file, right.line, right.column)
  }
}
