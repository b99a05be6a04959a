import SnowmakerModel

/// `EXECUTE DCM PROJECT name …`
struct ProjectExecution {
  enum Verb {
    case plan
    /// `AS "alias"`
    case deploy(alias: String?)
    case purge(alias: String?)
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
    } else {
      for words in ["REFRESH ALL", "TEST", "PREVIEW", "ANALYZE"] where areWords(words) {
        throw .unsupported("EXECUTE DCM PROJECT … \(words)")
      }
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
    if isWord("ENVIRONMENT") { throw .unsupported("EXECUTE DCM PROJECT … ENVIRONMENT") }
    try expect("FROM")
    if accept("DEPLOYMENT") {
      execution.source = .deployment(try deploymentName())
    } else {
      execution.source = .stage(try location())
    }
    if isWord("OUTPUT_PATH") { throw .unsupported("EXECUTE DCM PROJECT … OUTPUT_PATH") }
    _ = accept("SKIP PLAN")
    return .executeProject(execution)
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
