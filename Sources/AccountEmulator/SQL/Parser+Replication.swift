import SnowmakerModel

/// ALTER DATABASE … ENABLE and DISABLE of REPLICATION and FAILOVER.
struct ReplicationChange {
  var isFailover: Bool
  var enables: Bool
  /// Empty with DISABLE: all.
  var accounts: [ObjectName] = []
}

extension Parser {
  /// What ALTER DATABASE does to replication; nil when something else comes next.
  mutating func replicationChange() throws(StatementFailure) -> ReplicationChange? {
    for (words, isFailover, enables) in [
      ("ENABLE REPLICATION", false, true), ("DISABLE REPLICATION", false, false), ("ENABLE FAILOVER", true, true),
      ("DISABLE FAILOVER", true, false),
    ] where accept(words) {
      var change = ReplicationChange(isFailover: isFailover, enables: enables)
      if enables { try expect("TO ACCOUNTS") } else if !accept("TO ACCOUNTS") { return change }
      repeat { change.accounts.append(try name(2...2)) } while acceptSymbol(",")
      if enables, !isFailover { _ = accept("IGNORE EDITION CHECK") }
      return change
    }
    return nil
  }
}
