import SnowmakerSDK

/// Reads networks and addresses from their bytes, from left to right, without making texts of their parts.
enum NetworkReader {
  /// What is wrong with a text.
  enum Problem: Error {
    /// It is no address.
    case address
    /// What follows the slash is no prefix of an address of the family.
    case prefix(Network.Family)

    /// The sentence for the user, about the whole text.
    func failure(_ text: String, of parameter: String) -> FunctionFailure {
      switch self {
      case .address:
        return FunctionFailure(
          "'\(text)' is no network", detail: "write 10.0.0.0/8, 2001:db8::/32 or one address", of: parameter)
      case .prefix(let family):
        let after = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).last ?? ""
        return FunctionFailure(
          "'\(text)': a prefix of IPv\(family == .v4 ? 4 : 6) has 0 to \(family.rawValue) bits, not '\(after)'",
          of: parameter)
      }
    }
  }

  /// The network that the text is. Throws what is wrong with it.
  static func network(_ text: Span<UInt8>) throws(Problem) -> Network {
    var end = 0
    var isV6 = false
    while end < text.count, text[end] != slash {
      if text[end] == colon { isV6 = true }
      end += 1
    }
    let family: Network.Family = isV6 ? .v6 : .v4
    guard let address = isV6 ? v6(text, to: end) : v4(text, from: 0, to: end) else { throw .address }
    guard end < text.count else { return Network(address, family, prefix: family.rawValue) }
    var at = end + 1
    guard let prefix = number(text, &at, to: text.count, atMost: family.rawValue), at == text.count else {
      throw .prefix(family)
    }
    return Network(address, family, prefix: prefix)
  }

  private static let dot: UInt8 = 0x2e
  private static let slash: UInt8 = 0x2f
  private static let colon: UInt8 = 0x3a

  /// Four numbers with dots between them, and nothing else.
  private static func v4(_ text: Span<UInt8>, from start: Int, to end: Int) -> UInt128? {
    var bits: UInt32 = 0
    var at = start
    for part in 0..<4 {
      if part > 0 {
        guard at < end, text[at] == dot else { return nil }
        at += 1
      }
      guard let number = number(text, &at, to: end, atMost: 255) else { return nil }
      bits = bits << 8 | UInt32(number)
    }
    return at == end ? UInt128(bits) : nil
  }

  /// Eight groups of 16 bits, or fewer with one `::` among them; an IPv4 address may stand for the last two.
  private static func v6(_ text: Span<UInt8>, to end: Int) -> UInt128? {
    var bits: UInt128 = 0
    var count = 0
    /// How many groups there are before `::`.
    var gap: Int?
    var at = 0
    if end >= 2, text[0] == colon, text[1] == colon {
      gap = 0
      at = 2
    }
    while at < end {
      let start = at
      guard let group = group(text, &at, to: end) else { return nil }
      if at < end, text[at] == dot {
        guard count <= 6, let address = v4(text, from: start, to: end) else { return nil }
        bits = bits << 32 | address
        count += 2
        break
      }
      guard count < 8 else { return nil }
      bits = bits << 16 | UInt128(group)
      count += 1
      if at == end { break }
      // More must follow a colon, unless it is the first of two.
      guard text[at] == colon, at + 1 < end else { return nil }
      at += 1
      if text[at] == colon {
        guard gap == nil else { return nil }
        gap = count
        at += 1
      }
    }
    guard let gap else { return count == 8 ? bits : nil }
    guard count < 8 else { return nil }
    let low = (count - gap) * 16
    return (bits >> low) << ((8 - gap) * 16) | bits & ((1 << low) - 1)
  }

  /// One to four hexadecimal digits.
  private static func group(_ text: Span<UInt8>, _ at: inout Int, to end: Int) -> UInt16? {
    let start = at
    var bits: UInt16 = 0
    while at < end, at - start < 5 {
      let byte = text[at]
      switch byte {
      case 0x30...0x39: bits = bits << 4 | UInt16(byte - 0x30)
      case 0x41...0x46: bits = bits << 4 | UInt16(byte - 0x37)
      case 0x61...0x66: bits = bits << 4 | UInt16(byte - 0x57)
      default: return at > start ? bits : nil
      }
      at += 1
    }
    return (1...4).contains(at - start) ? bits : nil
  }

  /// A decimal number of at most three digits, without sign or leading zeros.
  private static func number(_ text: Span<UInt8>, _ at: inout Int, to end: Int, atMost limit: Int) -> Int? {
    let start = at
    var number = 0
    while at < end, at - start < 4, (0x30...0x39).contains(text[at]) {
      number = number * 10 + Int(text[at] - 0x30)
      at += 1
    }
    guard (1...3).contains(at - start), at - start == 1 || text[start] != 0x30 else { return nil }
    return number <= limit ? number : nil
  }
}
