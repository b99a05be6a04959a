import CCurl

/// gzip by way of zlib.
public enum Gzip {
  /// Whether bytes begin as gzip's format does.
  public static func isCompressed(_ bytes: [UInt8]) -> Bool { bytes.count > 2 && bytes[0] == 0x1F && bytes[1] == 0x8B }

  /// The bytes in gzip's format, or nil when zlib is missing or nothing would be gained.
  public static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    let room = bytes.count + bytes.count / 100 + 128
    var written = 0
    let out = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      written = bytes.withUnsafeBytes { ccurl_gzip($0.baseAddress, $0.count, buffer.baseAddress, room) }
      count = written
    }
    return written > 0 ? out : nil
  }

  /// What the bytes stand for, or nil when they are damaged, cut short, larger than `limit`, or zlib is missing.
  public static func decompress(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
    guard let stream = ccurl_gunzip_new() else { return nil }
    defer { ccurl_gunzip_free(stream) }
    var out: [UInt8] = []
    out.reserveCapacity(min(limit, bytes.count * 4))
    var consumed = 0
    return bytes.withUnsafeBytes { input -> [UInt8]? in
      var piece = [UInt8](repeating: 0, count: 256 << 10)
      while true {
        var size = input.count - consumed
        var room = piece.count
        let status = piece.withUnsafeMutableBytes {
          ccurl_gunzip_step(stream, input.baseAddress.map { $0 + consumed }, &size, $0.baseAddress, &room)
        }
        consumed += size
        guard status >= 0, out.count + room <= limit else { return nil }
        out.append(contentsOf: piece[..<room])
        if status == 1 { return out }
        if consumed == input.count && room < piece.count { return nil }
      }
    }
  }
}
