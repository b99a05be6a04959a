import SnowmakerModel

/// A pipe that changed hands while it was paused resumes only by SYSTEM$PIPE_FORCE_RESUME.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/functions/system_pipe_force_resume>; the code is assumed.
struct PipeBehavior: KindBehavior {
  static let transferred = "transferred"

  func alter(
    _ object: inout StoredObject, from before: StoredObject, in run: StatementRun
  ) throws(StatementFailure) {
    guard object.notes[Self.transferred] == true, let kind = run.registry.kind("PIPE") else { return }
    func paused(_ pipe: StoredObject) -> Bool {
      run.effectiveParameter("PIPE_EXECUTION_PAUSED", of: pipe, kind).value.lowercased() == "true"
    }
    guard paused(before), !paused(object) else { return }
    throw StatementFailure(
      code: "003036", sqlState: "42501",
      message: "SQL execution error:\nPipe '\(object.plainName)' changed its owner while it was paused; resume it with "
        + "SYSTEM$PIPE_FORCE_RESUME.")
  }
}

extension StatementRun {
  /// Whether an object is a pipe that loads from an internal stage: a named one, a table's or a user's.
  func readsInternalStage(_ object: StoredObject) -> Bool {
    guard object.kind == "PIPE", let attribute = registry.kind("PIPE")?.bodyAttribute,
      let statement = object.text(attribute.name), let tokens = try? Lexer.tokens(Array(statement.utf8)),
      let at = tokens.firstIndex(where: { $0.kind == .symbol && $0.text == "@" })
    else { return false }
    // `@%table` and `@~`.
    guard tokens[at + 1].kind == .word || tokens[at + 1].kind == .quoted else { return true }
    var parts: [Identifier] = []
    var place = at + 1
    while parts.count < 3, tokens[place].kind == .word || tokens[place].kind == .quoted {
      let token = tokens[place]
      parts.append(Identifier(exact: token.kind == .word ? token.upper : token.text))
      guard tokens[place + 1].kind == .symbol, tokens[place + 1].text == "." else { break }
      place += 2
    }
    let name = (object.parts.dropLast().prefix(3 - parts.count) + parts).map(\.sql).joined(separator: ".")
    return world.object("STAGE", name)?.isInternalStage ?? false
  }

  /// `SYSTEM$PIPE_FORCE_RESUME('name')`. Throws unless the roles own the pipe or may operate it.
  func forceResume(pipe written: String) throws(StatementFailure) {
    guard let kind = registry.kind("PIPE"), let name = try? QualifiedName(parsing: written, parts: 1...3) else {
      throw .invalidIdentifier(written)
    }
    var pipe = try find(kind, ObjectName(parts: name.parts, start: 0), for: "SYSTEM$PIPE_FORCE_RESUME")
    try require(["OPERATE"], on: .init(type: "PIPE", name: pipe.name))
    pipe.notes[PipeBehavior.transferred] = nil
    for attribute in ["PIPE_EXECUTION_PAUSED", (kind.parameters["PIPE_EXECUTION_PAUSED"] ?? nil) ?? ""] {
      pipe.attributes[attribute] = nil
    }
    world.put(pipe)
  }
}
