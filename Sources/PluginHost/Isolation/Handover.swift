/// A value that one thread gives to another one, once.
///
/// Unchecked: `value` is only touched with `lock` held.
final class Handover<Value: Sendable>: @unchecked Sendable {
  private let lock = Lock()
  private let isThere: Signal
  private var value: Value?

  init() { isThere = Signal(lock) }

  /// Gives the value.
  func give(_ value: Value) {
    lock.locked {
      self.value = value
      isThere.raise()
    }
  }

  /// Waits for the value.
  func wait() -> Value {
    lock.locked {
      while true {
        if let value { return value }
        isThere.wait()
      }
    }
  }
}
