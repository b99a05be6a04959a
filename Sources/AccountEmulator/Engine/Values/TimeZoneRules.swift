import Glibc
import Synchronization

/// When a time zone's clocks were and will be set how, as the system's tz database says.
///
/// Format: RFC 8536. The files are Debian's package tzdata, under /usr/share/zoneinfo.
struct TimeZoneRules: Sendable {
  /// From when on (seconds since 1970, ascending) which offset counts (seconds east of Greenwich).
  private var changes: [(at: Int, offset: Int)] = []
  /// What counts before the first change.
  private var first = 0
  /// What counts after the last change.
  private var rule: YearlyRule?

  static let utc = TimeZoneRules()

  private static let known = Mutex<[String: TimeZoneRules]>([:])
  private static let folder = "/usr/share/zoneinfo/"

  /// The rules of a zone such as `Europe/Paris`; nil when the system knows none of that name.
  static func named(_ name: String) -> TimeZoneRules? {
    if ["UTC", "Etc/UTC", "GMT", "Z"].contains(name) { return utc }
    let isName = name.utf8.allSatisfy {
      Ascii.isDigit($0) || Character(Unicode.Scalar($0)).isLetter || "_+-/".utf8.contains($0)
    }
    guard isName, !name.isEmpty, !name.hasPrefix("/"), name.utf8.count < 64 else { return nil }
    if let rules = known.withLock({ $0[name] }) { return rules }
    guard let bytes = read(folder + name), let rules = TimeZoneRules(file: bytes) else { return nil }
    known.withLock { $0[name] = rules }
    return rules
  }

  private static func read(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "re") else { return nil }
    defer { fclose(file) }
    // The largest zone has some 4,000 bytes.
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = fread(&bytes, 1, bytes.count, file)
    return Array(bytes.prefix(count))
  }

  /// Seconds that the zone's clocks are ahead of UTC at a moment.
  func offset(at seconds: Int) -> Int {
    guard let last = changes.last, let earliest = changes.first else { return rule?.offset(at: seconds) ?? first }
    if seconds < earliest.at { return first }
    if seconds >= last.at { return rule?.offset(at: seconds) ?? last.offset }
    var (low, high) = (0, changes.count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if changes[middle].at <= seconds { low = middle } else { high = middle }
    }
    return changes[low].offset
  }

  /// How far ahead of UTC clocks are that show this. Of an hour that comes twice, the first is meant; of one that is left
  /// out, what the clocks showed before counts.
  func offset(showing local: Int) -> Int {
    let before = offset(at: local - 86_400)
    if offset(at: local - before) == before { return before }
    let after = offset(at: local - before)
    return offset(at: local - after) == after ? after : before
  }

  // MARK: The file

  private init() {}

  private init?(file bytes: [UInt8]) {
    func number(_ at: Int, _ size: Int) -> Int? {
      guard at >= 0, at + size <= bytes.count else { return nil }
      var value: UInt64 = 0
      for byte in bytes[at..<at + size] { value = value << 8 | UInt64(byte) }
      return size == 8 ? Int(Int64(bitPattern: value)) : Int(Int32(truncatingIfNeeded: value))
    }
    /// Counts of a header: UT/local, standard/wall, leap seconds, changes, types, characters.
    func counts(_ at: Int) -> [Int]? {
      guard bytes.count >= at + 44, bytes[at..<at + 4].elementsEqual("TZif".utf8) else { return nil }
      let found = (0..<6).compactMap { number(at + 20 + $0 * 4, 4) }
      return found.count == 6 && found.allSatisfy { (0...10_000).contains($0) } ? found : nil
    }
    // The first part has times of 32 bits and is passed over.
    guard let old = counts(0), bytes[4] >= UInt8(ascii: "2") else { return nil }
    let second = 44 + old[3] * 5 + old[4] * 6 + old[5] + old[2] * 8 + old[1] + old[0]
    guard let new = counts(second) else { return nil }
    let times = second + 44
    let indices = times + new[3] * 8
    let types = indices + new[3]
    let footer = types + new[4] * 6 + new[5] + new[2] * 12 + new[1] + new[0]
    guard footer < bytes.count, new[4] > 0 else { return nil }
    var offsets: [Int] = []
    for type in 0..<new[4] {
      guard let offset = number(types + type * 6, 4) else { return nil }
      offsets.append(offset)
    }
    first = offsets[0]
    for index in 0..<new[3] {
      guard let at = number(times + index * 8, 8), Int(bytes[indices + index]) < offsets.count else { return nil }
      changes.append((at, offsets[Int(bytes[indices + index])]))
    }
    let text = bytes[(footer + 1)...].prefix { $0 != 0x0a }
    rule = YearlyRule(String(decoding: text, as: UTF8.self))
  }
}
