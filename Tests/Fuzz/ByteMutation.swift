/// Damage that knows nothing of what the bytes mean.
enum ByteMutation {
  private static let awkward: [[UInt8]] = [
    [0], [0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], Array("'".utf8), Array("\"".utf8),
    Array("$$".utf8), Array("\\".utf8), Array("--".utf8), Array("/*".utf8), Array("é".utf8), Array("\u{2028}".utf8),
    Array("9223372036854775808".utf8), Array("-1".utf8), Array("1e400".utf8), Array("\r\n".utf8), Array("\t".utf8),
  ]

  /// Changes the bytes in up to `most` places.
  static func damage(_ bytes: inout [UInt8], most: Int = 3, _ numbers: inout Numbers) {
    for _ in 0...numbers.below(most) {
      let at = numbers.below(bytes.count + 1)
      switch numbers.below(8) {
      case 0 where at < bytes.count: bytes[at] = UInt8(truncatingIfNeeded: numbers.next())
      case 1 where at < bytes.count: bytes[at] ^= 1 << UInt8(numbers.below(8))
      case 2 where at < bytes.count: bytes.remove(at: at)
      case 3: bytes.removeSubrange(at...)
      case 4: bytes.insert(contentsOf: bytes[at..<min(bytes.count, at + 40)], at: at)
      case 5 where at < bytes.count: bytes.removeSubrange(at..<min(bytes.count, at + 1 + numbers.below(20)))
      default: bytes.insert(contentsOf: numbers.one(of: awkward), at: min(at, bytes.count))
      }
    }
  }
}
