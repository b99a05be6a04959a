import SnowmakerModel

/// One statement of a project's definition files.
struct ProjectDefinition {
  enum Subject {
    /// DEFINE, as the CREATE OR ALTER that it means.
    case object(CreateStatement)
    /// GRANT, by its canonical text.
    case grant(String)
  }

  var subject: Subject
  var statement: Statement
  var path: String
  var line: Int

  /// The kinds that DEFINE takes and the emulator has.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/dcm-projects/dcm-projects-supported-entities>.
  static let kinds: Set<String> = [
    "DATABASE", "SCHEMA", "TABLE", "VIEW", "DYNAMIC TABLE", "TASK", "FILE FORMAT", "STAGE", "FUNCTION", "WAREHOUSE",
    "ROLE", "DATABASE ROLE", "AUTHENTICATION POLICY",
  ]

  /// The statements of a rendered file. Throws for anything but DEFINE and GRANT, and for names that are not complete.
  static func definitions(
    of file: ProjectFiles.Rendered, _ registry: KindRegistry
  ) throws(StatementFailure) -> [ProjectDefinition] {
    var result: [ProjectDefinition] = []
    let bytes = Array(file.text.utf8)
    for range in try StatementTexts.ranges(bytes) {
      let line = StatementFailure.place(range.lowerBound, in: bytes).line
      do throws(StatementFailure) {
        let text = String(decoding: bytes[range], as: UTF8.self)
        result.append(try definition(text, file.path, line, registry))
      } catch {
        var failure = error
        failure.message = "\(file.path), line \(line): \(error.message)"
        (failure.line, failure.position) = (nil, nil)
        throw failure
      }
    }
    return result
  }

  private static func definition(
    _ text: String, _ path: String, _ line: Int, _ registry: KindRegistry
  ) throws(StatementFailure) -> ProjectDefinition {
    let word = text.prefix { $0.isLetter }
    switch word.uppercased() {
    case "DEFINE":
      var parser = try Parser("CREATE OR ALTER" + text.dropFirst(word.count), registry: registry)
      let statement = try parser.statement()
      guard case .create(let create) = statement else { throw .unsupported("this DEFINE") }
      guard kinds.contains(create.kind.sqlName) else { throw .unsupported("DEFINE \(create.kind.sqlName)") }
      let wanted = create.kind.level == .account ? 1 : create.kind.level == .database ? 2 : 3
      guard create.name.parts.count == wanted else {
        throw ProjectFiles.failure("'\(create.name.sql)' is not fully qualified")
      }
      return ProjectDefinition(subject: .object(create), statement: statement, path: path, line: line)
    case "GRANT":
      var parser = try Parser(text, registry: registry)
      let statement = try parser.statement()
      return ProjectDefinition(
        subject: .grant(try canonical(text)), statement: statement, path: path, line: line)
    default: throw .unsupported("\(word.uppercased()) in a definition file")
    }
  }

  /// A statement with its words in capitals and one blank between any two parts.
  private static func canonical(_ text: String) throws(StatementFailure) -> String {
    try Lexer.tokens(Array(text.utf8)).filter { $0.kind != .end }.map { token in
      switch token.kind {
      case .word: token.upper
      case .quoted: Identifier(exact: token.text).sql
      case .string: SQLText.literal(token.text)
      default: token.text
      }
    }.joined(separator: " ")
  }

  /// The statement that takes a grant back. What owned an object before is not known: it goes to `owner`.
  static func inverse(of grant: String, owner: String) -> String {
    var words = grant.split(separator: " ").map(String.init)
    if words.starts(with: ["GRANT", "OWNERSHIP"]), !words.contains("FUTURE"),
      let to = words.lastIndex(of: "TO")
    {
      return words[..<to].joined(separator: " ") + " TO ROLE \(owner) COPY CURRENT GRANTS"
    }
    if words.count > 3, words.suffix(3) == ["WITH", "GRANT", "OPTION"] { words.removeLast(3) }
    if let to = words.lastIndex(of: "TO") { words[to] = "FROM" }
    words[0] = "REVOKE"
    return words.joined(separator: " ")
  }
}
