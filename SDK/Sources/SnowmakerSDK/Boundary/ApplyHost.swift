public import SnowmakerModel

/// The host during APPLY: a plugin may ask it for rows, and tell it how far it is. Only on the thread that runs
/// `apply`, while it runs.
public struct ApplyHost: Sendable {
  /// The host of the process that was handed to the plugin's entry.
  init() {}

  /// Runs one statement that reads (SELECT, SHOW, DESCRIBE …), in the session that deploys.
  ///
  /// Throws what the account says, or that the statement is none that reads.
  public func query(_ sql: String) throws(Diagnostic) -> RowSet {
    let answer: Value
    switch HostLog.ask(.query, ["sql": .string(sql)]) {
    case .success(let document): answer = document
    case .failure(.failed(let diagnostics)):
      throw diagnostics.first ?? .error("the account refused '\(sql)'", code: "query-failed")
    case .failure: throw .error("QUERY can only be asked while APPLY runs, on its thread", code: "no-query")
    }
    return RowSet(columns: answer["columns"].strings, rows: answer["rows"].list.map(\.list))
  }

  /// Says what is being done, `done` of `total`. False: the user asked to stop; finish what is begun and return.
  @discardableResult
  public func progress(_ message: String, done: Int = 0, total: Int = 0) -> Bool {
    let answer = HostLog.ask(
      .progress, ["message": .string(message), "done": .int(Int64(done)), "total": .int(Int64(total))])
    if case .failure(.cancelled) = answer { return false }
    return true
  }
}
