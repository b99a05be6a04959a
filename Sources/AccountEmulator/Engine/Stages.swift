import AccountModel
import SnowmakerModel

extension AccountEngine {
  /// The stage that PUT, GET, LIST or REMOVE names. READ is needed to read and WRITE to write, or USAGE or ownership.
  public func locate(
    _ stage: StageReference, writes: Bool, in session: EngineSession
  ) throws(StatementFailure) -> LocatedStage {
    try withRun(session) { (run) throws(StatementFailure) in try run.locate(stage, writes: writes) }
  }
}

extension StatementRun {
  func locate(_ stage: StageReference, writes: Bool) throws(StatementFailure) -> LocatedStage {
    switch stage {
    case .user: return LocatedStage(key: "user " + context.user, shownPrefix: "")
    case .table(let parts):
      guard let kind = registry.kind("TABLE") else { throw .unsupported("stages of tables") }
      let table = try find(kind, name(parts), for: "PUT or GET")
      try require(["OWNERSHIP"], on: Securable(type: "TABLE", name: table.name))
      return LocatedStage(key: "table \(table.name) \(table.createdOn)", shownPrefix: "")
    case .named(let parts):
      guard let kind = registry.kind("STAGE") else { throw .unsupported("stages: no plugin describes them") }
      let found = try find(kind, name(parts), for: writes ? "PUT" : "GET")
      if let url = found.text("url"), !url.isEmpty {
        throw .unsupported("files on the external stage \(found.name)")
      }
      try require(writes ? ["WRITE"] : ["READ", "USAGE"], on: Securable(type: "STAGE", name: found.name))
      return LocatedStage(
        key: "stage \(found.name) \(found.createdOn)", shownPrefix: shown(found.name).lowercased() + "/")
    }
  }

  private func name(_ parts: [String]) -> ObjectName {
    ObjectName(parts: parts.map { Identifier(exact: $0) }, start: 0)
  }
}
