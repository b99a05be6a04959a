extension JSONReader {
  /// Reads a string and says where its decoded bytes lie. Eight bytes are looked at together, which is what the speed
  /// of reading large results comes from.
  @inline(__always)
  mutating func stringBytes() throws(JSONError) -> (start: Int, length: Int) {
    guard position < count, base[position] == UInt8(ascii: "\"") else { throw error("a string was expected") }
    position += 1
    let start = position
    try scanPlain()
    if base[position] == UInt8(ascii: "\"") {
      position += 1
      return (start, position - 1 - start)
    }
    return (start, try unescape(from: position) - start)
  }

  /// Moves to the next quote or backslash.
  @inline(__always)
  private mutating func scanPlain() throws(JSONError) {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    while position + 8 <= count {
      let word = UInt64(littleEndian: UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self))
      let quote = word ^ (ones &* 0x22)
      let backslash = word ^ (ones &* 0x5C)
      let found =
        ((quote &- ones) & ~quote) | ((backslash &- ones) & ~backslash) | ((word &- (ones &* 0x20)) & ~word)
      let flagged = found & highs
      if flagged == 0 {
        position += 8
        continue
      }
      position += flagged.trailingZeroBitCount / 8
      if base[position] < 0x20 { throw error("a string holds a control character") }
      return
    }
    while position < count {
      let byte = base[position]
      if byte == 0x22 || byte == 0x5C { return }
      if byte < 0x20 { throw error("a string holds a control character") }
      position += 1
    }
    throw error("")
  }

  /// Decodes the rest of a string in place, beginning at a backslash; what is decoded is never longer than what stands
  /// there. Returns where the decoded bytes end.
  private mutating func unescape(from first: Int) throws(JSONError) -> Int {
    var out = first
    while true {
      if base[position] == UInt8(ascii: "\"") {
        position += 1
        return out
      }
      position += 1
      try escape(to: &out)
      let plain = position
      try scanPlain()
      let length = position - plain
      if length > 0 { (base + out).update(from: base + plain, count: length) }
      out += length
    }
  }

  private mutating func escape(to out: inout Int) throws(JSONError) {
    guard position < count else { throw error("") }
    let byte: UInt8
    switch base[position] {
    case UInt8(ascii: "n"): byte = 0x0A
    case UInt8(ascii: "t"): byte = 0x09
    case UInt8(ascii: "r"): byte = 0x0D
    case UInt8(ascii: "b"): byte = 0x08
    case UInt8(ascii: "f"): byte = 0x0C
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte = base[position]
    case UInt8(ascii: "u"):
      position += 1
      try unicodeEscape(to: &out)
      return
    default: throw error("no escape sequence begins with this character")
    }
    position += 1
    base[out] = byte
    out += 1
  }

  private mutating func unicodeEscape(to out: inout Int) throws(JSONError) {
    var value = try hexDigits()
    if value & 0xFC00 == 0xD800, position + 1 < count, base[position] == UInt8(ascii: "\\"),
      base[position + 1] == UInt8(ascii: "u")
    {
      let afterFirst = position
      position += 2
      let second = try hexDigits()
      if second & 0xFC00 == 0xDC00 {
        value = 0x10000 + ((value & 0x3FF) << 10) + (second & 0x3FF)
      } else {
        position = afterFirst
      }
    }
    // Half a surrogate pair stands for no character.
    let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
      base[out] = byte
      out += 1
    }
  }

  private mutating func hexDigits() throws(JSONError) -> UInt32 {
    guard position + 4 <= count else {
      position = count
      throw error("")
    }
    var value: UInt32 = 0
    for _ in 0..<4 {
      let byte = base[position]
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - 0x30)
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - 0x57)
      case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - 0x37)
      default: throw error("four hexadecimal digits were expected")
      }
      position += 1
    }
    return value
  }
}
