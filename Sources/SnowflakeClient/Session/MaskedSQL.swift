/// A statement as it may be shown: without the values that stand for properties that hold secrets.
///
/// What follows a name with PASSWORD, SECRET, TOKEN, KEY, PASSPHRASE or CREDENTIAL in it is masked: texts wherever they
/// stand before the next comma or name, and everything that is directly assigned, in whatever spelling, because a
/// statement that failed may be one that is spelled wrongly.
public struct MaskedSQL: Sendable {
  /// What stands in place of a value.
  public static let mask = "'‹masked›'"

  /// The statement without the values.
  public private(set) var text = ""
  private var values: [String] = []

  private let bytes: [UInt8]
  private var position = 0
  /// Whether the name before is one of a secret, and whether it was assigned to.
  private var isSecret = false
  private var isAssigned = false
  /// The same of the names before the parentheses that are open.
  private var open: [Bool] = []

  /// Masks a statement, or several.
  public init(_ sql: String) {
    bytes = Array(sql.utf8)
    while position < bytes.count { step() }
    // The longest first, so that none leaves a piece of another.
    values.sort { $0.count > $1.count }
  }

  /// Takes the values out of another text, such as the account's message about the statement.
  public func mask(_ message: String) -> String {
    values.reduce(message) { $0.replacing($1, with: "‹masked›") }
  }

  private static let signs = ["PASSWORD", "SECRET", "TOKEN", "KEY", "PASSPHRASE", "CREDENTIAL"]

  private mutating func step() {
    let byte = bytes[position]
    let following = position + 1 < bytes.count ? bytes[position + 1] : 0
    switch byte {
    case UInt8(ascii: "'"): value(upTo: quotedEnd(byte))
    case UInt8(ascii: "$") where following == byte: value(upTo: end(after: UInt8(ascii: "$"), UInt8(ascii: "$")))
    case UInt8(ascii: "-") where following == byte, UInt8(ascii: "/") where following == byte:
      keep(upTo: bytes[position...].firstIndex(of: 0x0A) ?? bytes.count)
    case UInt8(ascii: "/") where following == UInt8(ascii: "*"):
      keep(upTo: end(after: UInt8(ascii: "*"), UInt8(ascii: "/")))
    case UInt8(ascii: "="), UInt8(ascii: ":"), UInt8(ascii: ">"):
      isAssigned = isSecret
      keep(upTo: position + 1)
    case UInt8(ascii: "("):
      open.append(isSecret || open.last ?? false)
      isSecret = false
      isAssigned = false
      keep(upTo: position + 1)
    case UInt8(ascii: ")"), UInt8(ascii: ","), UInt8(ascii: ";"):
      if byte == UInt8(ascii: ")") { _ = open.popLast() }
      isSecret = false
      isAssigned = false
      keep(upTo: position + 1)
    case ...0x20: keep(upTo: position + 1)
    case _ where isAssigned: bare()
    case UInt8(ascii: "\""): keep(upTo: quotedEnd(byte))
    case _ where Self.isWord(byte): word()
    default: keep(upTo: position + 1)
    }
  }

  /// A name, or a word of SQL.
  private mutating func word() {
    let end = bytes[position...].firstIndex { !Self.isWord($0) } ?? bytes.count
    let name = String(decoding: bytes[position..<end], as: UTF8.self).uppercased()
    isSecret = Self.signs.contains { name.contains($0) }
    keep(upTo: end)
  }

  /// A text, which is masked when a secret is due.
  private mutating func value(upTo end: Int) {
    guard isSecret || open.last ?? false else { return keep(upTo: end) }
    remember(String(decoding: bytes[position..<end], as: UTF8.self))
    text += Self.mask
    position = end
    isAssigned = false
  }

  /// What was assigned without being a text, up to the next space.
  private mutating func bare() {
    let ends: Set<UInt8> = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: ")")]
    let end =
      bytes[position] == UInt8(ascii: "\"")
      ? quotedEnd(bytes[position])
      : bytes[position...].firstIndex { $0 <= 0x20 || ends.contains($0) } ?? bytes.count
    value(upTo: end)
    isSecret = false
  }

  /// Keeps the value, and the words of it, which a message may quote. Short ones would take innocent words along.
  private mutating func remember(_ written: String) {
    let inner = written.trimming { $0 == "'" || $0 == "\"" || $0 == "$" }
    let words = inner.split { !$0.isLetter && !$0.isNumber && $0 != "_" }.map(String.init)
    values += ([inner, inner.replacing("''", with: "'")] + words).filter { $0.count > 3 }
  }

  private mutating func keep(upTo end: Int) {
    text += String(decoding: bytes[position..<end], as: UTF8.self)
    position = end
  }

  private func quotedEnd(_ mark: UInt8) -> Int {
    var place = position + 1
    while place < bytes.count {
      if mark == UInt8(ascii: "'"), bytes[place] == UInt8(ascii: "\\") {
        place += 2
      } else if bytes[place] != mark {
        place += 1
      } else if place + 1 < bytes.count, bytes[place + 1] == mark {
        place += 2
      } else {
        return place + 1
      }
    }
    return bytes.count
  }

  /// Where what began here with two bytes ends: after the next such pair of bytes, or at the end of the text.
  private func end(after first: UInt8, _ second: UInt8) -> Int {
    var place = position + 2
    while place + 1 < bytes.count {
      if bytes[place] == first, bytes[place + 1] == second { return place + 2 }
      place += 1
    }
    return bytes.count
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), 0x80...: true
    default: false
    }
  }
}

extension String {
  /// Without the characters at both ends that a test takes away.
  fileprivate func trimming(_ isOut: (Character) -> Bool) -> String {
    var text = self[...]
    while let first = text.first, isOut(first) { text.removeFirst() }
    while let last = text.last, isOut(last) { text.removeLast() }
    return String(text)
  }
}
