import CCrypto

/// The SHA-256 of a plugin's file, which binds a plan to the code that made it.
struct PluginDigest {
  /// The digest in hexadecimal. Throws when the file is no longer the one that was admitted, or cannot be read.
  static func sha256(of ticket: Admission.Ticket) throws(PluginRefusal) -> String {
    do throws(PluginRefusal.Reason) {
      let opened = try OpenFile(resolving: ticket.resolvedPath)
      guard opened.identity == ticket.identity else { throw .changed }
      return try sha256(of: opened)
    } catch {
      throw PluginRefusal(ticket.file, error)
    }
  }

  /// The digest of an open file in hexadecimal.
  static func sha256(of file: OpenFile) throws(PluginRefusal.Reason) -> String {
    guard let digest = ccrypto_digest_new() else {
      throw .unreadable("no SHA-256: \(String(cString: ccrypto_unavailable_reason()))")
    }
    defer { ccrypto_digest_free(digest) }
    var offset = 0
    while true {
      let piece = try file.read(at: offset, 1 << 18)
      if piece.isEmpty { break }
      try check(ccrypto_digest_update(digest, piece, piece.count))
      offset += piece.count
    }
    var sum = [UInt8](repeating: 0, count: Int(CCRYPTO_SHA256_SIZE))
    try check(ccrypto_digest_finish(digest, &sum))
    return sum.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func check(_ status: Int32) throws(PluginRefusal.Reason) {
    guard status == CCRYPTO_OK else { throw .unreadable("no SHA-256: \(String(cString: ccrypto_status_text(status)))") }
  }
}
