/// A plugin's version by Semantic Versioning: `1.4.0`, `2.0.0-rc.1`. What follows a `+` means nothing.
public struct PluginVersion: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// Major, minor, patch.
  public let numbers: [Int]
  /// The parts after `-`; empty for a release.
  public let prerelease: [String]

  /// Reads a version with one to three numbers; what is missing is 0. Nil when it is none.
  public init?(_ text: some StringProtocol) {
    let plain: Substring = Substring(text).split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)[0]
    let halves: [Substring] = plain.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
    guard (1...3).contains(parts.count) else { return nil }
    var numbers: [Int] = []
    for part in parts {
      guard (1...9).contains(part.utf8.count), part.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let number = Int(part)
      else { return nil }
      numbers.append(number)
    }
    self.numbers = numbers + [Int](repeating: 0, count: 3 - numbers.count)
    guard halves.count == 2 else {
      prerelease = []
      return
    }
    prerelease = halves[1].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let isLegal = prerelease.allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20) || byte == UInt8(ascii: "-")
        }
    }
    guard isLegal else { return nil }
  }

  /// A prerelease comes before its release; its parts are compared as numbers where they are such.
  public static func < (left: Self, right: Self) -> Bool {
    if left.numbers != right.numbers { return left.numbers.lexicographicallyPrecedes(right.numbers) }
    if left.prerelease.isEmpty || right.prerelease.isEmpty {
      return !left.prerelease.isEmpty && right.prerelease.isEmpty
    }
    return left.prerelease.lexicographicallyPrecedes(right.prerelease) { left, right in
      switch (Int(left), Int(right)) {
      case (let a?, let b?): a < b
      case (nil, nil): left.utf8.lexicographicallyPrecedes(right.utf8)
      case (let a, _): a != nil
      }
    }
  }

  /// The version with three numbers.
  public var description: String {
    numbers.map(String.init).joined(separator: ".")
      + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
  }
}
