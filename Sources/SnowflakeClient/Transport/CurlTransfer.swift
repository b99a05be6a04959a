import CCurl
import Glibc

/// One request under way in libcurl: the easy handle, its header list and what has arrived so far.
///
/// Unchecked: it is created and filled by the caller, handed over once through `CurlEventLoop`'s locked queue and from
/// then on touched by the event thread alone.
final class CurlTransfer: @unchecked Sendable {
  typealias Outcome = Result<HTTPResponse, TransportError>

  let id: UInt64
  let request: HTTPRequest
  let target: URLTarget
  let bodyLimit: Int
  let caBundle: String?
  let continuation: CheckedContinuation<Outcome, Never>

  private(set) var easy: UnsafeMutableRawPointer?
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var errorText: UnsafeMutablePointer<CChar>?
  private var headers: [(name: String, value: String)] = []
  private var body: [UInt8] = []
  private var overflowed = false
  private var upload: [UInt8] = []
  private var uploaded = 0
  private var start = ContinuousClock.now
  private var lastArrival = ContinuousClock.now

  init(
    id: UInt64, request: HTTPRequest, target: URLTarget, bodyLimit: Int, caBundle: String?,
    continuation: CheckedContinuation<Outcome, Never>
  ) {
    self.id = id
    self.request = request
    self.target = target
    self.bodyLimit = bodyLimit
    self.caBundle = caBundle
    self.continuation = continuation
  }

  /// Makes the easy handle. Nil when memory is out.
  func prepare() -> UnsafeMutableRawPointer? {
    guard let handle = ccurl_easy_init() else { return nil }
    easy = handle
    setTarget(handle)
    setTimeouts(handle)
    setCallbacks(handle)
    guard setHeadersAndBody(handle) else {
      dispose()
      return nil
    }
    return handle
  }

  /// Frees what `prepare` made; the handle must have left the multi handle before.
  func dispose() {
    if let easy { ccurl_easy_cleanup(easy) }
    easy = nil
    ccurl_slist_free(headerList)
    headerList = nil
    errorText?.deallocate()
    errorText = nil
  }

  private func setTarget(_ handle: UnsafeMutableRawPointer) {
    ccurl_easy_setopt_string(handle, CURLOPT_URL, request.url)
    ccurl_easy_setopt_string(handle, CURLOPT_PROTOCOLS_STR, target.isSecure ? "https" : "http")
    // Redirects keep the method and the body, and never leave TLS.
    ccurl_easy_setopt_long(handle, CURLOPT_FOLLOWLOCATION, target.isSecure ? 1 : 0)
    ccurl_easy_setopt_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "https")
    ccurl_easy_setopt_long(handle, CURLOPT_MAXREDIRS, 3)
    ccurl_easy_setopt_long(handle, CURLOPT_POSTREDIR, 7)
    ccurl_easy_setopt_long(handle, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1))
    ccurl_easy_setopt_long(handle, CURLOPT_TCP_NODELAY, 1)
    ccurl_easy_setopt_long(handle, CURLOPT_TCP_KEEPALIVE, 1)
    ccurl_easy_setopt_long(handle, CURLOPT_NOSIGNAL, 1)
    ccurl_easy_setopt_long(handle, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
    ccurl_easy_setopt_string(handle, CURLOPT_ACCEPT_ENCODING, "gzip")
    switch request.revocation {
    case .none: break
    case .stapled: ccurl_easy_setopt_long(handle, CURLOPT_SSL_VERIFYSTATUS, 1)
    case .list(let file): ccurl_easy_setopt_string(handle, CURLOPT_CRLFILE, file)
    }
    if let caBundle { ccurl_easy_setopt_string(handle, CURLOPT_CAINFO, caBundle) }
    // A proxy can reach neither this machine's own loopback nor what is on its link.
    if target.isLoopback || target.isLinkLocal { ccurl_easy_setopt_string(handle, CURLOPT_PROXY, "") }
  }

  private func setTimeouts(_ handle: UnsafeMutableRawPointer) {
    let limits = request.timeouts
    ccurl_easy_setopt_long(handle, CURLOPT_CONNECTTIMEOUT_MS, limits.connect.milliseconds)
    ccurl_easy_setopt_long(handle, CURLOPT_TIMEOUT_MS, limits.total.milliseconds)
    start = ContinuousClock.now
    lastArrival = start
  }

  private func setCallbacks(_ handle: UnsafeMutableRawPointer) {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
    text.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    errorText = text
    ccurl_easy_setopt_pointer(handle, CURLOPT_ERRORBUFFER, text)
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_easy_setopt_pointer(handle, CURLOPT_PRIVATE, context)
    ccurl_easy_setopt_pointer(handle, CURLOPT_WRITEDATA, context)
    ccurl_easy_setopt_pointer(handle, CURLOPT_HEADERDATA, context)
    ccurl_easy_setopt_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
    }
    ccurl_easy_setopt_write(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      transfer.receiveHeader(UnsafeRawBufferPointer(start: bytes, count: size * count))
      return size * count
    }
  }

  /// The body is read by a callback that does not let libcurl begin anew after a broken connection: such a repetition
  /// would be invisible, and a statement could run twice. Redirects may begin anew, they come with an answer.
  private func setUpload(_ handle: UnsafeMutableRawPointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    ccurl_easy_setopt_long(handle, CURLOPT_POST, 1)
    ccurl_easy_setopt_off(handle, CURLOPT_POSTFIELDSIZE_LARGE, Int64(upload.count))
    ccurl_easy_setopt_pointer(handle, CURLOPT_READDATA, context)
    ccurl_easy_setopt_pointer(handle, CURLOPT_SEEKDATA, context)
    ccurl_easy_setopt_read(handle, CURLOPT_READFUNCTION) { buffer, size, count, context in
      guard let buffer, let context else { return 0 }
      let transfer = Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.provide(UnsafeMutableRawBufferPointer(start: buffer, count: size * count))
    }
    ccurl_easy_setopt_seek(handle, CURLOPT_SEEKFUNCTION) { context, offset, origin in
      guard let context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
      return Unmanaged<CurlTransfer>.fromOpaque(context).takeUnretainedValue().rewind(to: Int(offset))
    }
  }

  private func provide(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = min(buffer.count, upload.count - uploaded)
    buffer.copyBytes(from: upload[uploaded..<uploaded + count])
    uploaded += count
    return count
  }

  private func rewind(to offset: Int) -> Int32 {
    guard !headers.isEmpty || uploaded == 0, (0...upload.count).contains(offset) else { return CURL_SEEKFUNC_FAIL }
    uploaded = offset
    return CURL_SEEKFUNC_OK
  }

  private func setHeadersAndBody(_ handle: UnsafeMutableRawPointer) -> Bool {
    var lines = request.headers.map { "\($0.name): \($0.value)" }
    lines.append("Expect:")
    if request.method != .get {
      if request.method == .put { ccurl_easy_setopt_string(handle, CURLOPT_CUSTOMREQUEST, "PUT") }
      var body = request.body
      if request.compressesBody, body.count >= 1024, let compressed = Gzip.compress(body), compressed.count < body.count
      {
        body = compressed
        lines.append("Content-Encoding: gzip")
      }
      upload = body
      setUpload(handle)
    }
    for line in lines {
      guard let list = ccurl_slist_append(headerList, line) else { return false }
      headerList = list
    }
    return ccurl_easy_setopt_slist(handle, CURLOPT_HTTPHEADER, headerList) == CURLE_OK
  }

  /// What is wrong when nothing has come for too long, otherwise nil. libcurl's own limit on the speed averages over
  /// several seconds and counts what was sent, so it is not used.
  func idleProblem(now: ContinuousClock.Instant) -> TransportError? {
    let limit = headers.isEmpty ? request.timeouts.firstByte : request.timeouts.idle
    guard let easy, lastArrival.duration(to: now) >= limit else { return nil }
    var connected: Int64 = 0
    ccurl_easy_getinfo_off(easy, CURLINFO_PRETRANSFER_TIME_T, &connected)
    let since = max(lastArrival, start + .microseconds(connected))
    guard connected > 0, since.duration(to: now) >= limit else { return nil }
    return .timeout(
      phase: headers.isEmpty ? .firstByte : .idle, host: target.host, after: since.duration(to: now))
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    lastArrival = ContinuousClock.now
    guard body.count + bytes.count <= bodyLimit else {
      overflowed = true
      return false
    }
    body.append(contentsOf: bytes)
    return true
  }

  private func receiveHeader(_ bytes: UnsafeRawBufferPointer) {
    lastArrival = ContinuousClock.now
    let line = String(decoding: bytes, as: UTF8.self)
    if line.hasPrefix("HTTP/") {
      // A new block: what came before belonged to an interim answer, a redirect or a proxy.
      headers.removeAll()
      body.removeAll()
      return
    }
    guard let colon = line.firstIndex(of: ":"), headers.count < 200 else { return }
    let name = line[..<colon].lowercased()
    headers.append((name, String(trimmingSpace(line[line.index(after: colon)...]))))
  }

  /// What the finished transfer amounts to.
  func outcome(_ code: CURLcode) -> Outcome {
    guard let easy else { return .failure(.other(code: -1, detail: "the transfer was never started")) }
    if code == CURLE_OK {
      var status = 0
      ccurl_easy_getinfo_long(easy, CURLINFO_RESPONSE_CODE, &status)
      return .success(HTTPResponse(status: status, headers: headers, body: body))
    }
    return .failure(failure(code, easy))
  }

  private func failure(_ code: CURLcode, _ easy: UnsafeMutableRawPointer) -> TransportError {
    if overflowed { return .tooLarge(limit: bodyLimit) }
    let detail = describe(code)
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST: return .unresolved(host: target.host)
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY: return .proxy(detail: detail)
    case CURLE_COULDNT_CONNECT where isAboutProxy(detail): return .proxy(detail: detail)
    case CURLE_COULDNT_CONNECT: return .refused(host: target.host, port: target.port, detail: detail)
    // The connection broke during the handshake, which says nothing about certificates; nothing was sent yet.
    case CURLE_SSL_CONNECT_ERROR where Self.isBroken(detail):
      return .refused(host: target.host, port: target.port, detail: detail)
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
      CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_INVALIDCERTSTATUS:
      return .tls(host: target.host, detail: detail)
    case CURLE_OPERATION_TIMEDOUT: return timeout(easy)
    case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SEND_FAIL_REWIND,
      CURLE_WEIRD_SERVER_REPLY,
      CURLE_BAD_CONTENT_ENCODING, CURLE_UNSUPPORTED_PROTOCOL:
      return .connectionLost(host: target.host, received: body.count, detail: detail)
    case CURLE_URL_MALFORMAT: return .badAddress(detail)
    default: return .other(code: Int(code.rawValue), detail: detail)
    }
  }

  /// Whether libcurl speaks of another host than the one that was asked for, which is the proxy then.
  private func isAboutProxy(_ detail: String) -> Bool {
    let start = "Failed to connect to "
    let host = target.host.hasPrefix("[") ? String(target.host.dropFirst().dropLast()) : target.host
    return detail.hasPrefix(start) && !detail.dropFirst(start.count).lowercased().hasPrefix("\(host) ")
  }

  private static func isBroken(_ detail: String) -> Bool {
    detail.contains("SSL_ERROR_SYSCALL") || detail.contains("onnection reset") || detail.contains("unexpected eof")
  }

  private func timeout(_ easy: UnsafeMutableRawPointer) -> TransportError {
    var connected: Int64 = 0
    var total: Int64 = 0
    ccurl_easy_getinfo_off(easy, CURLINFO_PRETRANSFER_TIME_T, &connected)
    ccurl_easy_getinfo_off(easy, CURLINFO_TOTAL_TIME_T, &total)
    return .timeout(phase: connected == 0 ? .connect : .total, host: target.host, after: .microseconds(total))
  }

  private func describe(_ code: CURLcode) -> String {
    if code == CURLE_SEND_FAIL_REWIND { return "it was closed before the answer came" }
    if let errorText, errorText[0] != 0 { return String(cString: errorText) }
    guard let text = ccurl_easy_strerror(code) else { return "libcurl error \(code.rawValue)" }
    return String(cString: text)
  }
}

/// A text without white space at its ends.
func trimmingSpace(_ text: Substring) -> Substring {
  var text = text
  while let first = text.first, first.isWhitespace { text.removeFirst() }
  while let last = text.last, last.isWhitespace { text.removeLast() }
  return text
}

extension Duration {
  /// Whole milliseconds, at least 1 for a positive duration.
  var milliseconds: Int {
    let (seconds, attoseconds) = components
    let value = Int(clamping: seconds) &* 1000 &+ Int(attoseconds / 1_000_000_000_000_000)
    return self > .zero ? max(1, value) : 0
  }

  /// Seconds with a fraction.
  var inSeconds: Double {
    let (seconds, attoseconds) = components
    return Double(seconds) + Double(attoseconds) / 1e18
  }
}
