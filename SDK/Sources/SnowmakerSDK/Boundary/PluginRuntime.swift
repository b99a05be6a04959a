import CSnowmaker
import SnowmakerModel

/// Answers the host's calls: reads the request, asks the plugin, writes the answer in the encoding of the request.
final class PluginRuntime: Sendable {
  typealias Handler = @Sendable (PluginMethod, Value) throws(PluginFailure) -> Value

  private let manifest: @Sendable () -> Manifest
  private let functions: FunctionExports
  private let handle: Handler

  init(
    manifest: @Sendable @escaping () -> Manifest, functions: FunctionExports, handle: @escaping Handler
  ) {
    self.manifest = manifest
    self.functions = functions
    self.handle = handle
  }

  /// The peer that leads to this runtime. Both live until the process ends: the host may call at any time.
  func makePeer(isSerial: Bool) -> UnsafePointer<snowmaker_peer_v1> {
    let peer = UnsafeMutablePointer<snowmaker_peer_v1>.allocate(capacity: 1)
    peer.initialize(
      to: snowmaker_peer_v1(
        abi: SNOWMAKER_ABI, flags: isSerial ? SNOWMAKER_SERIAL : 0, ctx: Unmanaged.passRetained(self).toOpaque(),
        call: { context, method, request, reply in
          guard let context, let reply else { return Int32(SNOWMAKER_MALFORMED) }
          let runtime = Unmanaged<PluginRuntime>.fromOpaque(context).takeUnretainedValue()
          return runtime.call(method, request, reply.pointee)
        },
        extension: { context, id in
          guard let context, let id, String(cString: id) == SNOWMAKER_FUNCTIONS else { return nil }
          return UnsafeRawPointer(Unmanaged<PluginRuntime>.fromOpaque(context).takeUnretainedValue().functions.table)
        }))
    return UnsafePointer(peer)
  }

  private func call(
    _ method: snowmaker_method, _ request: snowmaker_bytes_v1, _ reply: snowmaker_reply_v1
  ) -> snowmaker_status {
    let bytes = UnsafeRawBufferPointer(start: request.ptr, count: request.ptr == nil ? 0 : request.len)
    let encoding = Encoding(of: bytes)
    do throws(PluginFailure) {
      let answer = try answer(method, bytes, encoding)
      guard reply.deliver(answer, encoding) else { return Int32(SNOWMAKER_CANCELLED) }
      return Int32(SNOWMAKER_OK)
    } catch {
      if !error.diagnostics.isEmpty {
        let body: Value = ["diagnostics": .list(error.diagnostics.map(\.document))]
        guard reply.deliver(body, encoding) else { return Int32(SNOWMAKER_CANCELLED) }
      }
      return error.status
    }
  }

  private func answer(
    _ method: snowmaker_method, _ bytes: UnsafeRawBufferPointer, _ encoding: Encoding
  ) throws(PluginFailure) -> Value {
    guard let method = PluginMethod(rawValue: method), method.isForPlugin else { throw .unsupported }
    let request = try encoding.decode(bytes)
    switch method {
    case .describe: return manifest().document
    case .shutdown: return [:]
    case .function: return try functions.answer(request)
    default: return try handle(method, request)
    }
  }
}

/// How a document is spelt. Its first byte tells: 0x80 or more begins CBOR.
private enum Encoding {
  case cbor, json

  init(of bytes: UnsafeRawBufferPointer) {
    if let first = bytes.first, first < 0x80 { self = .json } else { self = .cbor }
  }

  func decode(_ bytes: UnsafeRawBufferPointer) throws(PluginFailure) -> Value {
    if bytes.isEmpty { return [:] }
    switch self {
    case .cbor:
      do throws(CBOR.Failure) { return try CBOR.decode(bytes) } catch { throw .malformed("CBOR: \(error)") }
    case .json:
      do throws(JSON.Failure) { return try JSON.decode(bytes) } catch { throw .malformed("JSON: \(error)") }
    }
  }

  /// Runs `body` with the bytes of `value`.
  func withEncoded<Result>(_ value: Value, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    self == .cbor ? CBOR.withEncoded(value, body) : JSON.encode(value).withUnsafeBytes(body)
  }
}

extension PluginFailure {
  fileprivate var status: snowmaker_status {
    switch self {
    case .failed: snowmaker_status(SNOWMAKER_FAILED)
    case .unsupported: snowmaker_status(SNOWMAKER_UNSUPPORTED)
    case .malformed: snowmaker_status(SNOWMAKER_MALFORMED)
    case .cancelled: snowmaker_status(SNOWMAKER_CANCELLED)
    case .panic: snowmaker_status(SNOWMAKER_PANIC)
    }
  }
}

extension snowmaker_reply_v1 {
  /// Hands the answer to the host; false when the host no longer wants it.
  fileprivate func deliver(_ document: Value, _ encoding: Encoding) -> Bool {
    encoding.withEncoded(document) { body in
      let start = body.baseAddress?.assumingMemoryBound(to: UInt8.self)
      return emit(ctx, UInt32(SNOWMAKER_RESULT), snowmaker_bytes_v1(ptr: start, len: body.count)) == 0
    }
  }
}
