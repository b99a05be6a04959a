public import CSnowmaker
import SnowmakerModel

/// Answers a call of a typed function.
public enum FunctionReply {
  /// Where the answer goes: the last argument of every typed function.
  public typealias Sink = UnsafePointer<snowmaker_reply_v1>?

  /// Hands the result of `body` to the host, or what it throws, and says so in the status to return.
  public static func answer<Result: FunctionValue>(
    _ sink: Sink, _ body: () throws(FunctionFailure) -> Result
  ) -> Int32 {
    guard let reply = sink?.pointee else { return Int32(SNOWMAKER_MALFORMED) }
    do throws(FunctionFailure) {
      let isTaken = try emit(body(), to: reply)
      return Int32(isTaken ? SNOWMAKER_OK : SNOWMAKER_CANCELLED)
    } catch {
      let isTaken = reply.emit(bytes: CBOR.encode(["diagnostics": [error.diagnostic.document]]))
      return Int32(isTaken ? SNOWMAKER_FAILED : SNOWMAKER_CANCELLED)
    }
  }

  @inline(__always)
  private static func emit<Result: FunctionValue>(_ result: Result, to reply: snowmaker_reply_v1) -> Bool {
    // Numbers and short texts without asking for memory.
    if let number = result as? Int64 { return withUnsafeBytes(of: number) { reply.emit($0) } }
    if let number = result as? Double { return withUnsafeBytes(of: number) { reply.emit($0) } }
    if var text = result as? String { return text.withUTF8 { reply.emit(UnsafeRawBufferPointer($0)) } }
    guard let bytes = result.functionBytes else { return true }  // null: nothing is answered
    return reply.emit(bytes: bytes)
  }
}

extension snowmaker_reply_v1 {
  fileprivate func emit(bytes: [UInt8]) -> Bool { bytes.withUnsafeBytes { emit($0) } }

  fileprivate func emit(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let body = snowmaker_bytes_v1(ptr: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, len: bytes.count)
    return emit(ctx, UInt32(SNOWMAKER_RESULT), body) == 0
  }
}
