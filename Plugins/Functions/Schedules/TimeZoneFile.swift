import Glibc
import SnowmakerSDK

/// A time zone of the system's tzdata: a TZif file (RFC 9636).
///
/// ```
/// header (44 bytes): "TZif", version, 15 zeros, six counts of 32 bits
///   isut, isstd, leap, time, type, char
/// data with 32-bit times                     (what version 1 reads)
/// header again, data with 64-bit times       (versions 2 and up)
///   times | the type of each | types: offset (4), is daylight (1), name (1) | names | leap seconds | isstd | isut
/// newline, POSIX rule, newline
/// ```
struct TimeZoneFile: Sendable {
  /// When the clock changes, in UTC, in order, and the offset from then on.
  private let transitions: [(at: Int, offset: Int)]
  /// Before the first transition.
  private let first: Int
  private let rule: PosixRule?

  /// Where tzdata is.
  static let folder = "/usr/share/zoneinfo"

  /// The zone called `name`, as in `Europe/Berlin`. Throws when there is none, as the argument for `parameter`.
  init(named name: String, of parameter: String) throws(FunctionFailure) {
    let isLegal = name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
      !part.isEmpty
        && part.utf8.allSatisfy { byte in
          (0x61...0x7a).contains(byte | 0x20) || (0x30...0x39).contains(byte) || "_+-".utf8.contains(byte)
        }
    }
    guard isLegal, let bytes = Self.read("\(Self.folder)/\(name)") else {
      throw FunctionFailure(
        "there is no time zone '\(name)'",
        detail: access(Self.folder, R_OK) == 0
          ? "write it as Europe/Berlin, America/New_York or UTC" : "\(Self.folder) is missing; install tzdata",
        of: parameter)
    }
    guard let zone = Self(bytes) else {
      throw FunctionFailure("the time zone '\(name)' cannot be read: \(Self.folder)/\(name) is damaged", of: parameter)
    }
    self = zone
  }

  /// Reads a TZif file; nil when it is none.
  init?(_ bytes: [UInt8]) {
    guard let old = Header(bytes, at: 0) else { return nil }
    var header = old
    var width = 4
    if old.version >= UInt8(ascii: "2") {
      guard let new = Header(bytes, at: old.end(width: 4)) else { return nil }
      header = new
      width = 8
    }
    guard header.end(width: width) <= bytes.count, header.typeCount > 0 else { return nil }
    var at = header.start
    func number(_ width: Int) -> Int {
      defer { at += width }
      let bits = bytes[at..<at + width].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return width == 8 ? Int(Int64(bitPattern: bits)) : Int(Int32(bitPattern: UInt32(truncatingIfNeeded: bits)))
    }
    let times = (0..<header.timeCount).map { _ in number(width) }
    let kinds = bytes[at..<at + header.timeCount].map(Int.init)
    at += header.timeCount
    var offsets: [Int] = []
    for _ in 0..<header.typeCount {
      offsets.append(number(4))
      at += 2
    }
    guard kinds.allSatisfy({ $0 < offsets.count }), zip(times, times.dropFirst()).allSatisfy({ $0 < $1 }) else {
      return nil
    }
    transitions = zip(times, kinds).map { (at: $0, offset: offsets[$1]) }
    first = offsets[0]
    var rule: PosixRule?
    if width == 8 {
      let footer = bytes[header.end(width: 8)...].dropFirst().prefix { $0 != 0x0a }
      if !footer.isEmpty {
        guard let parsed = PosixRule(String(decoding: footer, as: UTF8.self)) else { return nil }
        rule = parsed
      }
    }
    self.rule = rule
  }

  private struct Header {
    let version: UInt8
    let start: Int
    let isUTCount, isStandardCount, leapCount, timeCount, typeCount, nameCount: Int

    init?(_ bytes: [UInt8], at offset: Int) {
      guard offset + 44 <= bytes.count, bytes[offset..<offset + 4].elementsEqual("TZif".utf8) else { return nil }
      func count(_ index: Int) -> Int {
        bytes[offset + 20 + index * 4..<offset + 24 + index * 4].reduce(0) { $0 << 8 | Int($1) }
      }
      version = bytes[offset + 4]
      start = offset + 44
      isUTCount = count(0)
      isStandardCount = count(1)
      leapCount = count(2)
      timeCount = count(3)
      typeCount = count(4)
      nameCount = count(5)
      guard end(width: 4) <= bytes.count else { return nil }
    }

    /// Where its data end, with times of so many bytes.
    func end(width: Int) -> Int {
      start + timeCount * (width + 1) + typeCount * 6 + nameCount + leapCount * (width + 4) + isStandardCount
        + isUTCount
    }
  }

  // MARK: - Asking

  /// Seconds east of Greenwich at a time in UTC, and when that changes next; nil when it never does.
  func offset(at time: Int) -> (offset: Int, until: Int?) {
    // The first transition after `time`.
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].at <= time { low = middle + 1 } else { high = middle }
    }
    if low < transitions.count { return (low == 0 ? first : transitions[low - 1].offset, transitions[low].at) }
    let last = transitions.last?.offset ?? first
    guard let rule else { return (last, nil) }
    guard rule.daylight != nil else { return (rule.standard, nil) }
    let year = CivilTime(seconds: time).year
    let changes = (year - 1...year + 1).flatMap { rule.transitions(in: $0) }
    guard let next = changes.firstIndex(where: { $0.at > time }) else { return (last, nil) }
    return (next == 0 ? rule.standard : changes[next - 1].offset, changes[next].at)
  }

  private static func read(_ path: String) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    // The largest zone has a few kilobytes.
    let bytes = [UInt8](unsafeUninitializedCapacity: 1 << 18) { buffer, filled in
      while filled < buffer.count {
        let got = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else { return }
        filled += got
      }
    }
    return bytes.isEmpty ? nil : bytes
  }
}
