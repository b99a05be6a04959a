import CSnowmaker
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
    let (status, answer) = HostLog.ask(.query, ["sql": .string(sql)])
    guard status == SNOWMAKER_OK else {
      let said = (try? answer.decodeList("diagnostics", as: Diagnostic.self))?.first
      throw said ?? .error("the host does not answer QUERY here (status \(status))", code: "no-query")
    }
    return RowSet(columns: answer["columns"].strings, rows: answer["rows"].list.map(\.list))
  }

  /// Says what is being done, `done` of `total`. False: the user asked to stop; finish what is begun and return.
  @discardableResult
  public func progress(_ message: String, done: Int = 0, total: Int = 0) -> Bool {
    let (status, _) = HostLog.ask(
      .progress, ["message": .string(message), "done": .int(Int64(done)), "total": .int(Int64(total))])
    return status != SNOWMAKER_CANCELLED
  }
}

extension HostLog {
  /// Asks the host; the answer is empty when it gives none.
  static func ask(_ method: PluginMethod, _ request: Value) -> (status: snowmaker_status, answer: Value) {
    guard let host else { return (snowmaker_status(SNOWMAKER_UNSUPPORTED), [:]) }
    let bytes = CBOR.encode(request)
    var body: [UInt8] = []
    let status = withUnsafeMutablePointer(to: &body) { body in
      // The host emits before its call returns, on this thread.
      var reply = snowmaker_reply_v1(
        ctx: UnsafeMutableRawPointer(body),
        emit: { context, _, piece in
          guard let context else { return 1 }
          context.assumingMemoryBound(to: [UInt8].self).pointee = Array(
            UnsafeBufferPointer(start: piece.ptr, count: piece.len))
          return 0
        })
      return bytes.withUnsafeBufferPointer { bytes in
        host.pointee.call(
          host.pointee.ctx, method.rawValue, snowmaker_bytes_v1(ptr: bytes.baseAddress, len: bytes.count), &reply)
      }
    }
    return (status, body.isEmpty ? [:] : (try? CBOR.decode(body)) ?? [:])
  }
}
