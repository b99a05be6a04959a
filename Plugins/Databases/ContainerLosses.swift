import SnowmakerSDK

/// What goes with a database or a schema that is dropped or replaced.
enum ContainerLosses {
  /// Says so, and that creating it again does not bring it back.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/data-time-travel>.
  static func add(to change: inout Change, of object: SQLObject, _ observed: Observation?) {
    guard change.action == .drop || change.action == .replace else { return }
    change.risk = .irreversible
    let kept: String
    switch observed?.attributes["data_retention_time_in_days"].int {
    case 0?: kept = "its Time Travel retention is 0 days, so nothing brings that back"
    case let days?:
      kept =
        "UNDROP \(object.type) brings that back for \(days == 1 ? "a day" : "\(days) days") (Time Travel), nothing after that"
    case nil: kept = "UNDROP \(object.type) brings that back while Time Travel keeps it, nothing after that"
    }
    change.losses.append("all that is in \(object.description), data included, managed or not: \(kept)")
  }
}
