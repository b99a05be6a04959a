/// How far a plugin says that an operation is.
public struct OperationProgress: Sendable, Equatable {
  /// What is being done, as the plugin says it; one line when it comes from an apply's events.
  public var message: String
  /// How much of it is done, out of `total`.
  public var done: Int64
  /// How much there is to do; 0 when that is not known.
  public var total: Int64

  /// Progress of these parts.
  public init(_ message: String, done: Int64 = 0, total: Int64 = 0) {
    self.message = message
    self.done = done
    self.total = total
  }

  /// The message with `(3 of 10)` when it is known how much there is to do.
  public var text: String { total > 0 ? "\(message) (\(done) of \(total))" : message }

  /// The same fit to be shown: without control characters, so that no plugin can play with the terminal, and cut to
  /// 200 characters.
  public var printable: OperationProgress {
    var line = ""
    for scalar in message.unicodeScalars where scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value) {
      line.unicodeScalars.append(scalar)
    }
    return OperationProgress(line.count > 200 ? line.prefix(199) + "…" : line, done: done, total: total)
  }
}
