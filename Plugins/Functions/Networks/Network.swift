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
  init(_ text: FunctionText, of parameter: String) throws(FunctionFailure) {
    do throws(NetworkReader.Problem) {
      self = try text.withBytes { (bytes) throws(NetworkReader.Problem) in try NetworkReader.network(bytes) }
    } catch {
      throw error.failure(text.string, of: parameter)
    }
  }

  /// The network of an address and the length of its prefix; host bits are cleared.
  init(_ address: UInt128, _ family: Family, prefix: Int) {
    self.family = family
    self.prefix = prefix
    first = address & ~Self.hostMask(family, prefix)
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
}

// MARK: - Text

extension Network {
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
