import CSnowmaker
public import SnowmakerModel

/// What a plugin may ask the host while it applies.
public struct ApplyServices: Sendable {
  /// Runs a statement that reads.
  public var query: @Sendable (String) async -> Result<ReadResult, Diagnostic>
  /// Takes what the plugin says of how far it is; false asks it to stop.
  public var progress: @Sendable (OperationProgress) -> Bool

  /// Services of these parts.
  public init(
    query: @escaping @Sendable (String) async -> Result<ReadResult, Diagnostic>,
    progress: @escaping @Sendable (OperationProgress) -> Bool
  ) {
    self.query = query
    self.progress = progress
  }
}

extension LoadedPlugin {
  /// Has the plugin do one operation, on one of the threads for plugins. Never made again when it fails.
  public func apply(_ request: Value, services: ApplyServices) async -> Result<Value, PluginError> {
    await withCheckedContinuation { continuation in
      PluginThreads.shared.run {
        continuation.resume(returning: self.applyAndWait(request) { Self.answer($0, $1, services) })
      }
    }
  }

  /// Answers what the plugin asks, on its thread, which waits.
  private static func answer(
    _ method: UInt32, _ request: UnsafeRawBufferPointer, _ services: ApplyServices
  ) -> (status: snowmaker_status, reply: [UInt8]) {
    guard let request = try? AnyDocument.decode(request) else { return (Int32(SNOWMAKER_MALFORMED), []) }
    switch PluginMethod(rawValue: method) {
    case .query?:
      guard let sql = request["sql"].string else { return (Int32(SNOWMAKER_MALFORMED), []) }
      guard onlyReads(sql) else {
        return refusal(.error("QUERY runs only statements that read, not '\(sql.prefix(40))'", code: "query-writes"))
      }
      switch waiting({ await services.query(sql) }) {
      case .success(let result):
        let rows = Value.list(result.rows.map(Value.list))
        return (
          Int32(SNOWMAKER_OK), CBOR.encode(["columns": .list(result.columns.map(Value.string)), "rows": rows])
        )
      case .failure(let problem): return refusal(problem)
      }
    case .progress?:
      let goesOn = services.progress(
        OperationProgress(
          request["message"].string ?? "", done: request["done"].int ?? 0, total: request["total"].int ?? 0))
      return (Int32(goesOn ? SNOWMAKER_OK : SNOWMAKER_CANCELLED), [])
    default: return (Int32(SNOWMAKER_UNSUPPORTED), [])
    }
  }

  private static func refusal(_ problem: Diagnostic) -> (status: snowmaker_status, reply: [UInt8]) {
    (Int32(SNOWMAKER_FAILED), CBOR.encode(["diagnostics": [problem.document]]))
  }

  private static func onlyReads(_ sql: String) -> Bool {
    let word = sql.drop { $0.isWhitespace || $0 == "(" }.prefix { $0.isLetter }.uppercased()
    return ["SELECT", "SHOW", "DESC", "DESCRIBE", "WITH", "LIST", "LS", "EXPLAIN"].contains(word)
  }

  /// Runs asynchronous work and waits for it, on a thread that may wait.
  private static func waiting<Answer: Sendable>(_ body: @escaping @Sendable () async -> Answer) -> Answer {
    let slot = Slot<Answer>()
    Task { slot.fill(await body()) }
    return slot.wait()
  }
}

/// Room for one value that another thread brings.
///
/// Unchecked: `value` is only touched with `lock` held.
private final class Slot<Content: Sendable>: @unchecked Sendable {
  private let lock = Lock()
  private let isFilled: Signal
  private var value: Content?

  init() { isFilled = Signal(lock) }

  func fill(_ value: Content) {
    lock.locked {
      self.value = value
      isFilled.raise()
    }
  }

  func wait() -> Content {
    lock.locked {
      while true {
        if let value { return value }
        isFilled.wait()
      }
    }
  }
}
