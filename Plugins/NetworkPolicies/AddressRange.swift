/// IPv4 addresses that share a prefix: `192.0.2.0/24`, or one address.
struct AddressRange: Hashable, Sendable {
  let base: UInt32
  let prefix: Int

  /// The range that a text names; nil when it names none.
  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count <= 2, let base = Self.address(parts[0]) else { return nil }
    var prefix = 32
    if parts.count == 2 {
      guard let number = Int(parts[1]), (0...32).contains(number) else { return nil }
      prefix = number
    }
    self.base = base
    self.prefix = prefix
  }

  /// Whether the range holds the address.
  func contains(_ address: String) -> Bool {
    guard let address = Self.address(address[...]) else { return false }
    let mask: UInt32 = prefix == 0 ? 0 : ~UInt32(0) << UInt32(32 - prefix)
    return address & mask == base & mask
  }

  private static func address(_ text: Substring) -> UInt32? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4 else { return nil }
    var result: UInt32 = 0
    for part in parts {
      guard part.utf8.count <= 3, part.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let byte = UInt8(part) else {
        return nil
      }
      result = result << 8 | UInt32(byte)
    }
    return result
  }
}
