import SnowmakerSDK

/// A range of addresses, IPv4 or IPv6, as an address and the length of its prefix.
struct Network: Equatable {
  enum Family: Int {
    case v4 = 32
    case v6 = 128
  }

  let family: Family
  /// The first address, host bits cleared.
  let first: UInt128
  /// How many bits all its addresses share, from the left.
  let prefix: Int

  /// Reads `10.0.0.0/8`, `2001:db8::/32` or an address alone, which is a network of one. Host bits may be set.
  /// Throws what is wrong, as the argument for `parameter`.
  init(_ text: String, of parameter: String) throws(FunctionFailure) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = Self.address(parts[0]) else {
      throw FunctionFailure(
        "'\(text)' is no network", detail: "write 10.0.0.0/8, 2001:db8::/32 or one address", of: parameter)
    }
    family = address.family
    if parts.count == 2 {
      guard let length = Self.number(parts[1], atMost: family.rawValue) else {
        throw FunctionFailure(
          "'\(text)': a prefix of IPv\(family == .v4 ? 4 : 6) has 0 to \(family.rawValue) bits, not '\(parts[1])'",
          of: parameter)
      }
      prefix = length
    } else {
      prefix = family.rawValue
    }
    first = address.bits & ~Self.hostMask(family, prefix)
  }

  /// The last address.
  var last: UInt128 { first | Self.hostMask(family, prefix) }

  /// Whether all addresses of the other one are in this one.
  func contains(_ other: Network) -> Bool {
    family == other.family && prefix <= other.prefix && other.first & ~Self.hostMask(family, prefix) == first
  }

  /// Whether an address is in both.
  func overlaps(_ other: Network) -> Bool { contains(other) || other.contains(self) }

  /// How many addresses hosts can have: in IPv4 without the network's own and the broadcast address, where there are
  /// such. Nil when the number needs more than 63 bits.
  var hostCount: Int64? {
    let bits = family.rawValue - prefix
    guard bits < 63 else { return nil }
    let all = Int64(1) << bits
    return family == .v4 && bits > 1 ? all - 2 : all
  }

  /// The network as text: RFC 5952 for IPv6, always with its prefix.
  var text: String { "\(Self.text(first, family))/\(prefix)" }

  private static func hostMask(_ family: Family, _ prefix: Int) -> UInt128 {
    let bits = family.rawValue - prefix
    return bits == 128 ? UInt128.max : (UInt128(1) << UInt128(bits)) - 1
  }

  /// A decimal number without sign or leading zeros.
  private static func number(_ text: some StringProtocol, atMost limit: Int) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 3, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      text.utf8.count == 1 || text.utf8.first != 0x30, let number = Int(text), number <= limit
    else { return nil }
    return number
  }
}

// MARK: - Addresses

extension Network {
  private static func address(_ text: Substring) -> (family: Family, bits: UInt128)? {
    if text.utf8.contains(0x3a) { return v6(text).map { (.v6, $0) } }
    return v4(text).map { (.v4, $0) }
  }

  private static func v4(_ text: Substring) -> UInt128? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var bits: UInt128 = 0
    for part in parts {
      guard let number = number(part, atMost: 255) else { return nil }
      bits = bits << 8 | UInt128(number)
    }
    return bits
  }

  private static func v6(_ text: Substring) -> UInt128? {
    var halves: [[Substring]] = [[]]
    let bytes = Array(text.utf8)
    if let gap = bytes.indices.first(where: { $0 + 1 < bytes.count && bytes[$0] == 0x3a && bytes[$0 + 1] == 0x3a }) {
      let start = text.utf8.index(text.startIndex, offsetBy: gap)
      let after = text.utf8.index(start, offsetBy: 2)
      halves = [groups(text[..<start]), groups(text[after...])]
    } else {
      halves = [groups(text)]
    }
    var numbers: [[UInt128]] = []
    for (index, half) in halves.enumerated() {
      guard let parsed = parsed(half, isLast: index == halves.count - 1) else { return nil }
      numbers.append(parsed)
    }
    let count = numbers.reduce(0) { $0 + $1.count }
    if halves.count == 1 {
      guard count == 8 else { return nil }
      return numbers[0].reduce(0) { $0 << 16 | $1 }
    }
    guard count < 8 else { return nil }
    let all = numbers[0] + [UInt128](repeating: 0, count: 8 - count) + numbers[1]
    return all.reduce(0) { $0 << 16 | $1 }
  }

  private static func groups(_ text: Substring) -> [Substring] {
    text.isEmpty ? [] : text.split(separator: ":", omittingEmptySubsequences: false)
  }

  /// The groups of 16 bits; the last one may be an IPv4 address, which is two.
  private static func parsed(_ groups: [Substring], isLast: Bool) -> [UInt128]? {
    var numbers: [UInt128] = []
    for (index, group) in groups.enumerated() {
      if isLast, index == groups.count - 1, group.utf8.contains(0x2e) {
        guard let bits = v4(group) else { return nil }
        numbers += [bits >> 16, bits & 0xffff]
        continue
      }
      let isHexadecimal = group.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
      }
      guard isHexadecimal, (1...4).contains(group.utf8.count), let number = UInt16(group, radix: 16) else { return nil }
      numbers.append(UInt128(number))
    }
    return numbers
  }

  private static func text(_ bits: UInt128, _ family: Family) -> String {
    if family == .v4 {
      return stride(from: 24, through: 0, by: -8).map { String(UInt8(truncatingIfNeeded: bits >> UInt128($0))) }
        .joined(separator: ".")
    }
    let groups = stride(from: 112, through: 0, by: -16).map { UInt16(truncatingIfNeeded: bits >> UInt128($0)) }
    // The longest run of at least two zeros is left out, the first of equals.
    var best = 0..<0
    var at = 0
    while at < 8 {
      let end = groups[at...].firstIndex { $0 != 0 } ?? 8
      if end - at > 1, end - at > best.count { best = at..<end }
      at = max(end, at + 1)
    }
    func joined(_ range: Range<Int>) -> String {
      groups[range].map { String($0, radix: 16) }.joined(separator: ":")
    }
    return best.isEmpty ? joined(0..<8) : joined(0..<best.lowerBound) + "::" + joined(best.upperBound..<8)
  }
}
