public import CSnowmaker
import SnowmakerModel

/// Answers a call of a typed function.
public enum FunctionReply {
  /// Where the answer goes: the last argument of every typed function.
  public typealias Sink = UnsafePointer<snowmaker_reply_v1>?

  /// Hands the result of `body` to the host, or what it throws, and says so in the status to return.
  ///
  /// Inlinable, so that it is compiled for the type of the result where it is called.
  @inlinable public static func answer<Result: FunctionValue>(
    _ sink: Sink, _ body: () throws(FunctionFailure) -> Result
  ) -> Int32 {
    guard let reply = sink?.pointee else { return Int32(SNOWMAKER_MALFORMED) }
    do throws(FunctionFailure) {
      let isTaken = try body().withFunctionBytes { bytes in
        guard let bytes else { return true }  // null: nothing is answered
        return reply.emit(bytes)
      }
      return Int32(isTaken ? SNOWMAKER_OK : SNOWMAKER_CANCELLED)
    } catch {
      return fail(error, reply)
    }
  }

  @usableFromInline static func fail(_ failure: FunctionFailure, _ reply: snowmaker_reply_v1) -> Int32 {
    let isTaken = CBOR.encode(["diagnostics": [failure.diagnostic.document]]).withUnsafeBytes { reply.emit($0) }
    return Int32(isTaken ? SNOWMAKER_FAILED : SNOWMAKER_CANCELLED)
  }
}

extension snowmaker_reply_v1 {
  @inlinable func emit(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let body = snowmaker_bytes_v1(ptr: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, len: bytes.count)
    return emit(ctx, UInt32(SNOWMAKER_RESULT), body) == 0
  }
}
