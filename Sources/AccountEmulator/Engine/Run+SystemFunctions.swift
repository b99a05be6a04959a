import AccountModel
import SnowmakerModel

/// The SYSTEM$ functions that tools call.
extension StatementRun {
  /// What a SYSTEM$ function comes to; nil when there is none of that name.
  func systemFunction(_ name: String, _ values: [Evaluated]) throws(StatementFailure) -> Evaluated? {
    let arguments = values.map(\.text)
    func argument(_ index: Int) -> String { (index < arguments.count ? arguments[index] : nil) ?? "" }
    func text(_ value: String?) -> Evaluated { Evaluated(text: value) }
    // A description compiles the statement only.
    if isDescribeOnly, Self.changing.contains(name) { return text(nil) }
    switch name {
    case "SYSTEM$GET_TAG": return text(try tagValue(arguments))
    case "SYSTEM$PIPE_FORCE_RESUME":
      try forceResume(pipe: argument(0))
      return text("Succeeded")
    case "SYSTEM$PIPE_STATUS": return text(try pipeStatus(argument(0)))
    case "SYSTEM$TASK_DEPENDENTS_ENABLE":
      try enableDependents(of: argument(0))
      return text("true")
    case "SYSTEM$GET_DCM_PROJECT_PROGRESS": return text(nil)
    case "SYSTEM$WHITELIST", "SYSTEM$ALLOWLIST", "SYSTEM$ALLOWLIST_PRIVATELINK": return text("[]")
    case "SYSTEM$GET_PRIVATELINK_CONFIG": return text("{}")
    case "SYSTEM$TYPEOF": return text(values.first.map { $0.type.rawValue.uppercased() } ?? nil)
    case "SYSTEM$BEHAVIOR_CHANGE_BUNDLE_STATUS":
      return text(accountParameter(Self.bundle + argument(0)) ?? "DISABLED")
    case "SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE", "SYSTEM$DISABLE_BEHAVIOR_CHANGE_BUNDLE":
      guard held.contains(.accountAdmin) else { throw denied(.account) }
      let state = name == "SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE" ? "ENABLED" : "DISABLED"
      setAccount(Self.bundle + argument(0), state)
      return text(state)
    case "SYSTEM$SHOW_ACTIVE_BEHAVIOR_CHANGE_BUNDLES":
      let bundles = accountAttributes.filter { $0.key.hasPrefix(Self.bundle) }.sorted { $0.key < $1.key }
      return text(
        JSON.string(
          .list(
            bundles.map { key, state in
              .object([
                .init("name", .string(String(key.dropFirst(Self.bundle.count)))), .init("isDefault", false),
                .init("isEnabled", .bool(state == "ENABLED")),
              ])
            })))
    case "SYSTEM$ABORT_SESSION":
      guard let id = Int64(argument(0)), world.sessions[id] != nil else {
        throw .missing("Session", argument(0))
      }
      return text("session [\(id)] terminated.")
    case "SYSTEM$CANCEL_QUERY", "SYSTEM$CANCEL_ALL_QUERIES":
      return text("Identified SQL statement is not currently executing.")
    case "SYSTEM$LAST_CHANGE_COMMIT_TIME": return Evaluated(text: String(world.now() * 1_000_000), type: .fixed)
    case "SYSTEM$GET_PREDECESSOR_RETURN_VALUE", "SYSTEM$CURRENT_USER_TASK_NAME": return text(nil)
    case "SYSTEM$WAIT": return text("waited \(argument(0)) seconds")
    case "SYSTEM$BOOTSTRAP_DATA_REQUEST":
      let settings = world.settings
      let account: Value = .object([
        .init("serviceLevelName", .string(settings.edition)), .init("accountName", .string(settings.name)),
      ])
      return text(
        JSON.string(.object([.init("accountInfo", account), .init("serverVersion", .string(settings.version))])))
    case "SYSTEM$CLIENT_VERSION_INFO":
      // snowflake.core looks into the list and fails on an empty one.
      let client =
        #"{"clientId":"PyCore","clientAppId":"PyCore","minimumSupportedVersion":"0.0.1","#
        + #""minimumNearingEndOfSupportVersion":"0.0.1","recommendedVersion":"1.0.0","deprecatedVersions":[]}"#
      return text("[" + client + "]")
    default: return nil
    }
  }

  /// The functions that change the account.
  private static let changing: Set<String> = [
    "SYSTEM$PIPE_FORCE_RESUME", "SYSTEM$TASK_DEPENDENTS_ENABLE", "SYSTEM$ENABLE_BEHAVIOR_CHANGE_BUNDLE",
    "SYSTEM$DISABLE_BEHAVIOR_CHANGE_BUNDLE",
  ]

  /// How the account notes a bundle.
  private static let bundle = "BEHAVIOR_CHANGE_BUNDLE "

  /// The object of a type that an argument names.
  private func named(_ type: String, _ written: String) throws(StatementFailure) -> StoredObject {
    guard let kind = registry.kind(type), let name = try? QualifiedName(parsing: written, parts: 1...3) else {
      throw .invalidIdentifier(written)
    }
    return try find(kind, ObjectName(parts: name.parts, start: 0), for: "SYSTEM$")
  }

  private func pipeStatus(_ written: String) throws(StatementFailure) -> String {
    let pipe = try named("PIPE", written)
    if !held.contains(.accountAdmin), !holds("MONITOR EXECUTION", on: .account) {
      try require(["MONITOR", "OPERATE"], on: Securable(type: "PIPE", name: pipe.name))
    }
    guard let kind = registry.kind("PIPE") else { return "{}" }
    let paused = effectiveParameter("PIPE_EXECUTION_PAUSED", of: pipe, kind).value.lowercased() == "true"
    return JSON.string(
      .object([.init("executionState", .string(paused ? "PAUSED" : "RUNNING")), .init("pendingFileCount", .int(0))]))
  }

  /// Resumes a root task and everything after it.
  private func enableDependents(of written: String) throws(StatementFailure) {
    let root = try named("TASK", written)
    var open = [root.name]
    var seen: Set<String> = []
    while let name = open.popLast() {
      guard seen.insert(name).inserted, var task = world.object("TASK", name) else { continue }
      let securable = Securable(type: "TASK", name: name)
      try require(["OPERATE"], on: securable)
      try requireExecution(of: securable)
      task.notes["state"] = "STARTED"
      world.put(task)
      for other in world.objects("TASK") {
        let predecessors = other.attributes["predecessors"].map { $0.list.isEmpty ? [$0] : $0.list } ?? []
        if predecessors.contains(where: { sameName($0.string ?? "", name, beside: other.name) }) {
          open.append(other.name)
        }
      }
    }
  }

  /// Whether a name as written beside an object means the object `full`.
  private func sameName(_ written: String, _ full: String, beside object: String) -> Bool {
    guard let parts = try? QualifiedName(parsing: written, parts: 1...3).parts,
      let own = try? QualifiedName(parsing: object, parts: 3...3).parts
    else { return false }
    return (own.dropLast(parts.count) + parts).map(\.sql).joined(separator: ".") == full
  }

  /// A task runs only when the role that owns it has EXECUTE TASK on the account.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/tasks-intro>.
  func requireExecution(of task: Securable) throws(StatementFailure) {
    guard let owner = account.owner(of: task) else { return }
    let roles = account.rolesHeld(by: owner)
    if account.holds(roles, "EXECUTE TASK", on: .account) { return }
    throw StatementFailure(
      code: "091089", sqlState: "23001",
      message: "Cannot execute task , EXECUTE TASK privilege must be granted to owner role")
  }
}
