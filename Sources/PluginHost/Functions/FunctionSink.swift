import CSnowmaker
import Glibc
import SnowmakerModel

/// Takes the answer of one call of a typed function. It lives on the stack of the calling thread, which alone may
/// answer, and only while the call runs.
struct FunctionSink {
  /// More than any answer needs.
  static let largest = 1 << 26

  private let thread = pthread_self()
  private(set) var isAnswered = false
  private(set) var problem: String?
  /// The answer, when it fits a register: most do, and no memory is asked for.
  private var small: UInt64 = 0
  private var bytes: [UInt8] = []
  private var count = 0

  /// What the plugin is handed; `context` is the address of a sink.
  static func reply(_ context: UnsafeMutableRawPointer) -> snowmaker_reply_v1 {
    snowmaker_reply_v1(
      ctx: context,
      emit: { context, kind, body in
        guard let context else { return 1 }
        return context.assumingMemoryBound(to: FunctionSink.self).pointee.take(kind, body)
      })
  }

  private mutating func take(_ kind: UInt32, _ body: snowmaker_bytes_v1) -> Int32 {
    guard pthread_equal(thread, pthread_self()) != 0 else {
      return fail("it was answered on another thread than it was called on")
    }
    guard kind == UInt32(SNOWMAKER_RESULT) else { return 0 }
    guard !isAnswered else { return fail("two answers to one call") }
    guard body.len == 0 || body.ptr != nil else { return fail("\(body.len) bytes at no address") }
    guard body.len <= Self.largest else { return fail("\(body.len) bytes are too many") }
    isAnswered = true
    count = body.len
    if body.len <= 8 {
      withUnsafeMutableBytes(of: &small) { room in
        room.copyMemory(from: UnsafeRawBufferPointer(start: body.ptr, count: body.len))
      }
    } else {
      bytes = Array(UnsafeBufferPointer(start: body.ptr, count: body.len))
    }
    return 0
  }

  private mutating func fail(_ problem: String) -> Int32 {
    self.problem = problem
    return 1
  }

  private func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    if count > 8 { return bytes.withUnsafeBytes(body) }
    return withUnsafeBytes(of: small) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
  }

  /// The result that the answer holds. Throws what is wrong with it.
  func result(as kind: FunctionKind) throws(FunctionCallError) -> Value {
    guard isAnswered else {
      if kind.isNullable { return .null }
      throw FunctionCallError("the plugin answered nothing, and the function yields \(kind)")
    }
    if kind.shape == .list {
      let answer = try document()
      guard let value = FunctionArguments.result(answer, as: kind) else {
        throw FunctionCallError("the plugin answered something else than a \(kind)")
      }
      return value
    }
    switch kind.scalar {
    case .integer:
      guard count == 8 else { throw wrongSize(kind, 8) }
      return .int(Int64(bitPattern: small))
    case .float:
      guard count == 8 else { throw wrongSize(kind, 8) }
      let number = Double(bitPattern: small)
      guard number.isFinite else { throw FunctionCallError("the plugin answered \(number), which is no finite number") }
      return .double(number)
    case .boolean:
      guard count == 1, small <= 1 else { throw FunctionCallError("the plugin answered no boolean: one byte, 0 or 1") }
      return .bool(small == 1)
    case .text:
      let text = withBytes { bytes in String(validating: bytes, as: UTF8.self) }
      guard let text else { throw FunctionCallError("the plugin answered text that is not UTF-8") }
      guard !text.utf8.contains(0) else { throw FunctionCallError("the plugin answered text with a NUL in it") }
      return .string(text)
    }
  }

  /// What a function that failed says.
  var diagnostics: [Diagnostic] {
    guard isAnswered else { return [] }
    do {
      return try document().decodeList("diagnostics", as: Diagnostic.self)
    } catch {
      return [.error("its diagnostics make no sense: \(error)")]
    }
  }

  private func document() throws(FunctionCallError) -> Value {
    let decoded: Result<Value, AnyDocument.Failure> = withBytes { bytes in
      do throws(AnyDocument.Failure) { return .success(try AnyDocument.decode(bytes)) } catch {
        return .failure(error)
      }
    }
    do throws(AnyDocument.Failure) { return try decoded.get() } catch {
      throw FunctionCallError("the plugin's answer makes no sense: \(error)")
    }
  }

  private func wrongSize(_ kind: FunctionKind, _ size: Int) -> FunctionCallError {
    FunctionCallError("the plugin answered \(count) bytes, and \(kind) has \(size)")
  }
}
