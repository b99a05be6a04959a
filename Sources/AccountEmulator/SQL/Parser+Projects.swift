import SnowmakerModel

/// `EXECUTE DCM PROJECT name …`
struct ProjectExecution {
  enum Verb {
    case plan
    /// `AS "alias"`
    case deploy(alias: String?)
    case purge(alias: String?)
    /// Only looks at the sources.
    case analyze
    /// What a table, view or dynamic table of the sources would answer.
    case preview(ObjectName)
    /// REFRESH ALL: the dynamic tables.
    case refresh
    /// TEST ALL: the expectations.
    case test
  }

  enum Source {
    /// `@stage/path`, as written.
    case stage(String)
    case deployment(String)
  }

  var project: ObjectName
  var verb: Verb
  /// nil for PURGE.
  var source: Source?
  var configuration: String?
  /// `(name => value)`
  var variables: [(name: String, value: Value)] = []
  /// What ENVIRONMENT gives: a JSON object of texts.
  var environment: [String: String] = [:]
  /// `@stage/path`, where artifacts go.
  var output: String?
  /// Of PREVIEW.
  var limit: Int?
}

extension Parser {
  /// Source: <https://docs.snowflake.com/en/sql-reference/sql/execute-dcm-project> and what the `snow` CLI sends.
  mutating func executeProject() throws(StatementFailure) -> Statement {
    try expect("EXECUTE DCM PROJECT")
    var execution = ProjectExecution(project: try name(), verb: .plan)
    if accept("PLAN") {
      _ = accept("DELTA")
    } else if accept("DEPLOY") {
      execution.verb = .deploy(alias: try alias())
    } else if accept("PURGE") {
      execution.verb = .purge(alias: try alias())
      _ = accept("SKIP PLAN")
      return .executeProject(execution)
    } else if accept("REFRESH ALL") {
      execution.verb = .refresh
      return .executeProject(execution)
    } else if accept("TEST ALL") {
      execution.verb = .test
      return .executeProject(execution)
    } else if accept("ANALYZE") {
      execution.verb = .analyze
    } else if accept("PREVIEW") {
      execution.verb = .preview(try name())
    } else {
      if isWord("TEST") { throw .unsupported("EXECUTE DCM PROJECT … TEST with scripts") }
      throw unexpected()
    }
    if accept("USING") {
      if accept("CONFIGURATION") { execution.configuration = try identifier().name }
      if acceptSymbol("(") {
        repeat {
          let name = current
          guard name.kind == .word || name.kind == .quoted else { throw unexpected() }
          advance()
          try expectSymbol("=>")
          execution.variables.append((name.text, Literals.any(try literal(), decimals: true)))
        } while acceptSymbol(",")
        try expectSymbol(")")
      }
    }
    if accept("ENVIRONMENT") { execution.environment = try environment() }
    try expect("FROM")
    if accept("DEPLOYMENT") {
      execution.source = .deployment(try deploymentName())
    } else {
      execution.source = .stage(try location())
    }
    if accept("OUTPUT_PATH") { execution.output = try location() }
    if case .preview = execution.verb, accept("LIMIT") { execution.limit = try integer() }
    _ = accept("SKIP PLAN")
    return .executeProject(execution)
  }

  /// `(?)` or `('{"NAME": "value"}')`
  private mutating func environment() throws(StatementFailure) -> [String: String] {
    try expectSymbol("(")
    let at = current.start
    var text: String?
    if current.kind == .placeholder {
      if case .string(let bound) = try boundValue() { text = bound }
    } else {
      text = try self.text()
    }
    try expectSymbol(")")
    guard let document = text.flatMap({ try? JSON.decode(Array($0.utf8)) }), case .object(let fields) = document else {
      throw .syntax("ENVIRONMENT takes a JSON object of texts", at: at, in: bytes)
    }
    var result: [String: String] = [:]
    for field in fields {
      guard let value = field.value.string else {
        throw .syntax("ENVIRONMENT takes a JSON object of texts", at: at, in: bytes)
      }
      result[field.key] = value
    }
    return result
  }

  /// A deployment's name or alias: quoted, or a text as older versions of the page have it.
  mutating func deploymentName() throws(StatementFailure) -> String {
    current.kind == .string ? try text() : try identifier().name
  }

  private mutating func alias() throws(StatementFailure) -> String? { accept("AS") ? try deploymentName() : nil }

  /// `'@stage/path'` or `@stage/path`, which ends at the next blank.
  private mutating func location() throws(StatementFailure) -> String {
    if current.kind == .string { return try text() }
    guard isSymbol("@") else { throw unexpected() }
    let start = current.start
    var end = current.end
    advance()
    while current.start == end, current.kind != .end, !isSymbol(";") {
      end = current.end
      advance()
    }
    return source(start, end)
  }
}
