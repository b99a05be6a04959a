/// PUT, GET, LIST and REMOVE, as written.
struct WireFileStatement: Sendable {
  enum Verb: Sendable { case put, get, list, remove }

  var verb: Verb
  var stage: StageReference
  /// The stage as written, with its path; for messages.
  var written: String
  /// What follows the stage's name, without slashes around it.
  var path: String
  /// The `file://` path of the client, without `file://`.
  var local = ""
  /// `AUTO_COMPRESS = FALSE` and the like: names in capitals, values without quotes.
  var options: [String: String] = [:]

  /// The statement of a text; nil when it is another, a failure when it is one that cannot be read.
  static func recognise(_ sql: String) -> Result<WireFileStatement, StatementFailure>? {
    guard let first = sql.split(maxSplits: 1, whereSeparator: \.isWhitespace).first else { return nil }
    let verb: Verb
    switch first.uppercased() {
    case "PUT": verb = .put
    case "GET": verb = .get
    case "LIST", "LS": verb = .list
    case "REMOVE", "RM": verb = .remove
    default: return nil
    }
    var scanner = Scanner(text: Array(sql.trimmingSemicolons()))
    do throws(StatementFailure) { return .success(try scanner.statement(verb)) } catch { return .failure(error) }
  }

  private struct Scanner {
    var text: [Character]
    var at = 0

    mutating func statement(_ verb: Verb) throws(StatementFailure) -> WireFileStatement {
      _ = try word()
      var local = ""
      if verb == .put { local = try file() }
      let written = try word()
      var statement = try Self.stage(written, verb)
      if verb == .get { local = try file() }
      statement.local = local
      while let name = try optionName() {
        skipSpace()
        guard at < text.count, text[at] == "=" else { throw unexpected() }
        at += 1
        statement.options[name.uppercased()] = try word()
      }
      return statement
    }

    private mutating func file() throws(StatementFailure) -> String {
      let written = try word()
      guard written.lowercased().hasPrefix("file://") else {
        throw .invalidValue(written, for: "file", because: "a path of the client begins with file://")
      }
      return String(written.dropFirst("file://".count))
    }

    private mutating func optionName() throws(StatementFailure) -> String? {
      skipSpace()
      guard at < text.count else { return nil }
      let start = at
      while at < text.count, text[at].isLetter || text[at] == "_" { at += 1 }
      guard at > start else { throw unexpected() }
      return String(text[start..<at])
    }

    /// What comes up to the next space or `=`, or between quotes.
    private mutating func word() throws(StatementFailure) -> String {
      skipSpace()
      guard at < text.count else { throw unexpected() }
      if text[at] == "'" { return try quoted() }
      var out = ""
      var inName = false
      while at < text.count, inName || !text[at].isWhitespace && text[at] != "=" {
        if text[at] == "\"" { inName.toggle() }
        out.append(text[at])
        at += 1
      }
      return out
    }

    private mutating func quoted() throws(StatementFailure) -> String {
      at += 1
      var out = ""
      while at < text.count {
        let character = text[at]
        at += 1
        if character == "\\", at < text.count {
          out.append(text[at])
          at += 1
        } else if character == "'" {
          guard at < text.count, text[at] == "'" else { return out }
          out.append("'")
          at += 1
        } else {
          out.append(character)
        }
      }
      throw unexpected()
    }

    private mutating func skipSpace() { while at < text.count, text[at].isWhitespace { at += 1 } }

    private func unexpected() -> StatementFailure {
      let bytes = Array(String(text).utf8)
      let offset = String(text[..<min(at, text.count)]).utf8.count
      let shown = at < text.count ? String(text[at]) : "<EOF>"
      return .syntax("unexpected '\(shown)'", at: offset, in: bytes)
    }

    private static func stage(_ written: String, _ verb: Verb) throws(StatementFailure) -> WireFileStatement {
      guard written.hasPrefix("@") else {
        throw .invalidValue(written, for: "stage", because: "a stage is written @name")
      }
      var parts: [String] = []
      var part = ""
      var isTable = false
      var wasQuoted = false
      var inName = false
      var rest = written.dropFirst()[...]
      func finish(_ part: String, _ wasQuoted: Bool) -> String { wasQuoted ? part : part.uppercased() }
      scan: while let character = rest.first {
        if inName {
          if character == "\"" { inName = false } else { part.append(character) }
        } else {
          switch character {
          case "\"":
            inName = true
            wasQuoted = true
          case ".":
            parts.append(finish(part, wasQuoted))
            part = ""
            wasQuoted = false
          case "%" where part.isEmpty: isTable = true
          case "/": break scan
          default: part.append(character)
          }
        }
        rest = rest.dropFirst()
      }
      parts.append(finish(part, wasQuoted))
      let path = rest.split(separator: "/").joined(separator: "/")
      if path.split(separator: "/").contains("..") || path.contains("\0") {
        throw .invalidValue(written, for: "stage", because: "a path must not contain '..'")
      }
      if parts == ["~"] { return .init(verb: verb, stage: .user, written: written, path: path) }
      guard !parts.contains(""), parts.count <= 3 else {
        throw .invalidValue(written, for: "stage", because: "no name of a stage")
      }
      return .init(verb: verb, stage: isTable ? .table(parts) : .named(parts), written: written, path: path)
    }
  }
}

extension String {
  fileprivate func trimmingSemicolons() -> String {
    var text = self[...]
    while let last = text.last, last == ";" || last.isWhitespace { text = text.dropLast() }
    while let first = text.first, first.isWhitespace { text = text.dropFirst() }
    return String(text)
  }
}
