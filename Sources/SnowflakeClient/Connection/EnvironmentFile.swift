/// A file of variables: `NAME=value` on each line, `#` for comments, an optional `export`.
///
/// Values may stand in single quotes (taken as they are) or double quotes (`\n`, `\"` and `\\` are understood, line
/// breaks allowed). Nothing is expanded.
public struct EnvironmentFile: Sendable {
  /// One variable.
  public struct Entry: Sendable, Equatable {
    /// The variable's name.
    public let name: String
    /// The text after `=`, unquoted.
    public let value: String
    /// From 1.
    public let line: Int
  }

  /// The file.
  public let path: String
  /// Its variables, in order.
  public let entries: [Entry]
  /// What is wrong with who may read the file; nil when nothing is or it holds no Snowflake variables.
  let warning: String?

  /// Reads a file. Throws when it cannot be read, and with the line when it cannot be understood.
  public init(path: String) throws(ConnectionProblem) {
    try self.init(
      String(decoding: try FileSystem.read(path), as: UTF8.self), path: path,
      warning: FileSystem.permissionWarning(path))
  }

  init(_ text: String, path: String, warning: String? = nil) throws(ConnectionProblem) {
    self.path = path
    var entries: [Entry] = []
    var rest = Array(text.unicodeScalars)[...]
    var line = 1
    while !rest.isEmpty {
      if let entry = try Self.entry(&rest, &line, path) { entries.append(entry) }
    }
    self.entries = entries
    self.warning = entries.contains { $0.name.hasPrefix("SNOWFLAKE_") } ? warning : nil
  }

  private typealias Scalars = ArraySlice<Unicode.Scalar>

  /// Reads one line, or more when a quoted value spans them.
  private static func entry(
    _ rest: inout Scalars, _ line: inout Int, _ path: String
  ) throws(ConnectionProblem) -> Entry? {
    let first = line
    let head = rest.prefix { $0 != "\n" && $0 != "=" }
    var name = String(trimmingSpace(Substring(String(String.UnicodeScalarView(head)))))
    if name.hasPrefix("export ") { name = String(trimmingSpace(name.dropFirst(7))) }
    let isAssignment = rest.dropFirst(head.count).first == "=" && !name.hasPrefix("#")
    guard isAssignment else {
      if !name.isEmpty, !name.hasPrefix("#") {
        throw ConnectionProblem("this is no NAME=value", file: path, line: line)
      }
      skipLine(&rest, &line)
      return nil
    }
    guard name.utf8.allSatisfy({ $0 == 0x5F || (0x30...0x39).contains($0) || (0x41...0x5A).contains($0 & 0xDF) }),
      let start = name.utf8.first, start > 0x39
    else { throw ConnectionProblem("this is no name of a variable", file: path, line: line) }
    rest = rest.dropFirst(head.count + 1)
    rest = rest.drop { $0 == " " || $0 == "\t" }
    if let quote = rest.first, quote == "\"" || quote == "'" {
      rest = rest.dropFirst()
      return Entry(name: name, value: try quoted(quote, &rest, &line, path), line: first)
    }
    var plain = String(String.UnicodeScalarView(rest.prefix { $0 != "\n" }))
    if let comment = plain.firstRange(of: " #") { plain = String(plain[..<comment.lowerBound]) }
    skipLine(&rest, &line)
    return Entry(name: name, value: String(trimmingSpace(plain[...])), line: first)
  }

  private static func quoted(
    _ quote: Unicode.Scalar, _ rest: inout Scalars, _ line: inout Int, _ path: String
  ) throws(ConnectionProblem) -> String {
    let first = line
    var value = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      if scalar == quote {
        skipLine(&rest, &line)
        return String(value)
      }
      if scalar == "\n" { line += 1 }
      if scalar == "\\", quote == "\"", let escaped = rest.popFirst() {
        switch escaped {
        case "n": value.append("\n")
        case "r": value.append("\r")
        case "t": value.append("\t")
        case "\"", "\\", "$": value.append(escaped)
        default:
          value.append("\\")
          value.append(escaped)
        }
        continue
      }
      value.append(scalar)
    }
    throw ConnectionProblem("the quote is never closed", file: path, line: first)
  }

  private static func skipLine(_ rest: inout Scalars, _ line: inout Int) {
    while let scalar = rest.popFirst() {
      if scalar == "\n" {
        line += 1
        return
      }
    }
  }
}
