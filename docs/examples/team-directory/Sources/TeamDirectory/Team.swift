import SnowmakerSDK

/// A team: `PUT /teams/NAME` with its description and members makes it, `DELETE` removes it, `GET /teams` lists all.
struct Team: AppliedType {
  let schema: TypeSchema = {
    var schema = TypeSchema(
      "directory_team", plural: "directory_teams", identity: [.name], doc: "A team in the company's directory.",
      attributes: [
        AttributeSchema("name", .identifier, column: "name", doc: "The team's name.").required(),
        AttributeSchema("description", .text, column: "description", doc: "What the team does.").blankIsNull(),
        AttributeSchema("members", .set(.text), column: "members", doc: "Mail addresses."),
      ])
    schema.applies = true
    return schema
  }()

  func observe(
    _ wanted: [ReadRequest.Wanted], all: Bool, context: RequestContext
  ) throws(Diagnostic) -> [Observation] {
    let teams = try service(context).call("GET", "/teams")
    let names = Set(wanted.map(\.identity))
    return teams.list.compactMap { team in
      guard let name = team["name"].string, all || names.contains([name]) else { return nil }
      var attributes: [Value.Field] = []
      for attribute in schema.attributes {
        if let value = try? attribute.normalize(team[attribute.name]) {
          attributes.append(.init(attribute.name, value))
        }
      }
      return Observation(identity: [name], attributes: .object(attributes))
    }
  }

  func apply(_ operation: AppliedOperation, host: ApplyHost) throws(Diagnostic) {
    let service = try service(operation.context)
    let path = "/teams/\(operation.identity[0])"
    host.progress("asking the directory")
    switch operation.action {
    case .drop: _ = try service.call("DELETE", path)
    default: _ = try service.call("PUT", path, operation.attributes)
    }
  }

  /// What goes over the wire, so that a plan shows it.
  func summary(_ operation: AppliedOperation) -> String {
    operation.action == .drop
      ? "DELETE /teams/\(operation.identity[0])"
      : "PUT /teams/\(operation.identity[0]) \(JSON.string(operation.attributes))"
  }

  private func service(_ context: RequestContext) throws(Diagnostic) -> DirectoryService {
    guard let port = context.configuration["port"].int.flatMap(UInt16.init(exactly:)) else {
      throw .error(
        "team-directory does not know where the directory is", detail: "Say providers: {team-directory: {port: N}}.",
        code: "directory")
    }
    return DirectoryService(port: port)
  }
}
