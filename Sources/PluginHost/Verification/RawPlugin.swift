import CSnowmaker
import Glibc
import SnowmakerModel

/// A plugin as verification meets it: loaded whatever admission would say, and asked in bytes.
///
/// Unchecked: the pointers lead to memory that lives until the process ends and never changes; `lines` is only touched
/// with `lock` held.
final class RawPlugin: @unchecked Sendable {
  typealias Entry = @convention(c) (UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>?

  /// What came of one call.
  struct Answer {
    var status: Int32
    /// Everything that was emitted, in order.
    var emitted: [(kind: UInt32, bytes: [UInt8])]
    /// What `emit` was given that it must not be.
    var problem: String?
    var nanoseconds: UInt64

    /// The bytes of the one result; none when there was none.
    var bytes: [UInt8] { emitted.first { $0.kind == UInt32(SNOWMAKER_RESULT) }?.bytes ?? [] }
  }

  let file: PluginFile
  let entry: Entry
  /// The host that the plugin was given.
  let host: UnsafePointer<snowmaker_peer_v1>
  let peer: UnsafePointer<snowmaker_peer_v1>
  private let note: @Sendable (String) -> Void
  private let log: LogKeeper

  init(_ file: PluginFile, note: @escaping @Sendable (String) -> Void) throws(VerificationCheck.Ending) {
    self.file = file
    self.note = note
    note("dlopen")
    guard let handle = dlopen(file.path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) else {
      throw .failed("it cannot be loaded: \(dlerror().map { String(cString: $0) } ?? "the loader does not say why")")
    }
    guard let symbol = dlsym(handle, file.entrySymbol) else { throw .failed("it exports no \(file.entrySymbol)") }
    entry = unsafeBitCast(symbol, to: Entry.self)
    log = LogKeeper()
    host = log.makePeer()
    note("its entry")
    guard let peer = entry(host) else {
      let said = log.lines
      throw .failed("its entry refused: \(said.isEmpty ? "without saying why" : said.joined(separator: "; "))")
    }
    self.peer = peer
    guard peer.pointee.abi == SNOWMAKER_ABI else { throw .failed("its peer speaks ABI \(peer.pointee.abi)") }
    guard peer.pointee.call != nil else { throw .failed("its peer has no call function") }
  }

  var isSerial: Bool { peer.pointee.flags & SNOWMAKER_SERIAL != 0 }
  /// What it has logged so far.
  var lines: [String] { log.lines }

  /// Asks with bytes, of any method. `verdict` is what `emit` answers; `subject` is what a crash is reported with.
  func call(
    _ method: UInt32, _ request: [UInt8], emitAnswers verdict: Int32 = 0, subject: String? = nil
  ) -> Answer {
    let sink = Sink(verdict: verdict)
    var reply = snowmaker_reply_v1(
      ctx: Unmanaged.passUnretained(sink).toOpaque(),
      emit: { context, kind, body in
        guard let context else { return 1 }
        return Unmanaged<Sink>.fromOpaque(context).takeUnretainedValue().take(kind, body)
      })
    note(subject ?? PluginMethod(rawValue: method)?.name ?? "method \(method)")
    // Memory that ends where the request ends, so that reading past it is found by whoever watches.
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(1, request.count))
    defer { copy.deallocate() }
    for (index, byte) in request.enumerated() { copy[index] = byte }
    let start = Clock.nanoseconds()
    let status = peer.pointee.call(
      peer.pointee.ctx, method,
      snowmaker_bytes_v1(ptr: request.isEmpty ? nil : UnsafePointer(copy), len: request.count),
      &reply)
    let nanoseconds = Clock.nanoseconds() - start
    return withExtendedLifetime(sink) {
      sink.close()
      return Answer(status: status, emitted: sink.emitted, problem: sink.problem, nanoseconds: nanoseconds)
    }
  }

  func call(_ method: PluginMethod, _ request: Value) -> Answer { call(method.rawValue, CBOR.encode(request)) }

  /// The document that an answer holds. Throws when there is none or it cannot be read.
  func document(_ answer: Answer, of method: PluginMethod) throws(VerificationCheck.Ending) -> Value {
    if let problem = answer.problem { throw .failed("\(method.name): \(problem)") }
    do throws(AnyDocument.Failure) { return try Self.decode(answer.bytes) } catch {
      throw .failed("\(method.name): the answer is no document: \(error.description)")
    }
  }

  /// What it answers to a request that must succeed.
  func ask(_ method: PluginMethod, _ request: Value) throws(VerificationCheck.Ending) -> Value {
    let answer = call(method, request)
    guard answer.status == Int32(SNOWMAKER_OK) else {
      throw .failed("\(method.name) answers \(Self.name(of: answer.status))\(Self.reasons(answer))")
    }
    return try document(answer, of: method)
  }

  func manifest() throws(VerificationCheck.Ending) -> Manifest {
    let document = try ask(.describe, Self.describeRequest)
    do throws(DocumentError) { return try Manifest(document: document) } catch {
      throw .failed("its manifest cannot be read: \(error.description)")
    }
  }

  static let describeRequest: Value = ["host": "snowmaker", "protocol": .string(Manifest.protocolVersion)]

  static func decode(_ bytes: [UInt8]) throws(AnyDocument.Failure) -> Value {
    var result: Result<Value, AnyDocument.Failure> = .success([:])
    bytes.withUnsafeBytes { buffer in
      do throws(AnyDocument.Failure) { result = .success(try AnyDocument.decode(buffer)) } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  static func name(of status: Int32) -> String {
    switch Int(status) {
    case SNOWMAKER_OK: "OK"
    case SNOWMAKER_FAILED: "FAILED"
    case SNOWMAKER_UNSUPPORTED: "UNSUPPORTED"
    case SNOWMAKER_MALFORMED: "MALFORMED"
    case SNOWMAKER_CANCELLED: "CANCELLED"
    case SNOWMAKER_PANIC: "PANIC"
    default: "the unknown status \(status)"
    }
  }

  /// What the diagnostics of an answer say, after a colon.
  static func reasons(_ answer: Answer) -> String {
    guard let document = try? decode(answer.bytes) else { return "" }
    let summaries = document["diagnostics"].list.compactMap { $0["summary"].string }
    return summaries.isEmpty ? "" : ": \(summaries.joined(separator: "; "))"
  }
}

/// Keeps what a plugin emits in one call.
///
/// Unchecked: everything is only touched with `lock` held.
private final class Sink: @unchecked Sendable {
  private let lock = Lock()
  private let verdict: Int32
  private var isClosed = false
  private(set) var emitted: [(kind: UInt32, bytes: [UInt8])] = []
  private(set) var problem: String?

  init(verdict: Int32) { self.verdict = verdict }

  func close() { lock.locked { isClosed = true } }

  func take(_ kind: UInt32, _ body: snowmaker_bytes_v1) -> Int32 {
    lock.locked {
      if isClosed { problem = "it emits after the call has returned" }
      if body.len > 0, body.ptr == nil {
        problem = "it emits \(body.len) bytes at no address"
        return 1
      }
      if kind == UInt32(SNOWMAKER_RESULT), emitted.contains(where: { $0.kind == kind }) {
        problem = "it answers one request twice"
      }
      emitted.append((kind, Array(UnsafeBufferPointer(start: body.ptr, count: body.len))))
      return verdict
    }
  }
}

/// The host of a verified plugin: keeps its log lines, and knows no other method.
///
/// Unchecked: `kept` is only touched with `lock` held.
private final class LogKeeper: @unchecked Sendable {
  private let lock = Lock()
  private var kept: [String] = []

  var lines: [String] { lock.locked { kept } }

  func makePeer() -> UnsafePointer<snowmaker_peer_v1> {
    let peer = UnsafeMutablePointer<snowmaker_peer_v1>.allocate(capacity: 1)
    peer.initialize(
      to: snowmaker_peer_v1(
        abi: SNOWMAKER_ABI, flags: 0, ctx: Unmanaged.passRetained(self).toOpaque(),
        call: { context, method, request, _ in
          guard let context else { return Int32(SNOWMAKER_MALFORMED) }
          guard method == PluginMethod.log.rawValue else { return Int32(SNOWMAKER_UNSUPPORTED) }
          let bytes = Array(UnsafeBufferPointer(start: request.ptr, count: request.ptr == nil ? 0 : request.len))
          Unmanaged<LogKeeper>.fromOpaque(context).takeUnretainedValue().keep(bytes)
          return Int32(SNOWMAKER_OK)
        }, extension: { _, _ in nil }))
    return UnsafePointer(peer)
  }

  private func keep(_ bytes: [UInt8]) {
    let text = (try? RawPlugin.decode(bytes))?["message"].string ?? "(a log line that cannot be read)"
    lock.locked { if kept.count < 1000 { kept.append(text) } }
  }
}
