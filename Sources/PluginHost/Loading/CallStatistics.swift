/// What calls into plugins cost.
public struct CallStatistics: Hashable, Sendable {
  /// How many calls were made.
  public var calls = 0
  /// Bytes of the requests.
  public var requestBytes = 0
  /// Bytes of the answers.
  public var replyBytes = 0
  /// Nanoseconds spent inside plugins, summed over threads; encoding and decoding on the host's side not included.
  public var nanoseconds: UInt64 = 0

  /// No calls yet.
  public init() {}

  /// The costs of both.
  public static func + (left: Self, right: Self) -> Self {
    var sum = left
    sum.calls += right.calls
    sum.requestBytes += right.requestBytes
    sum.replyBytes += right.replyBytes
    sum.nanoseconds += right.nanoseconds
    return sum
  }
}
