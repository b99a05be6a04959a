/// One part of a Snowflake name, by Snowflake's rules: unquoted text is upper-cased, quoted text is exact.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/identifiers-syntax>.
public struct Identifier: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The exact name as Snowflake stores it.
  public let name: String

  /// The longest name Snowflake accepts, in characters.
  public static let maximumLength = 255

  /// Why a text is not an identifier.
  public enum Failure: Error, Equatable, Sendable, CustomStringConvertible {
    case empty
    case tooLong(Int)
    /// The text is no legal unquoted identifier; `suggestion` is its quoted spelling.
    case needsQuotes(String, suggestion: String)
    case unbalancedQuotes(String)
    case wrongPartCount(String, expected: ClosedRange<Int>, found: Int)

    /// For people.
    public var description: String {
      switch self {
      case .empty: "a name must not be empty"
      case .tooLong(let count): "a name has at most \(Identifier.maximumLength) characters, this one has \(count)"
      case .needsQuotes(let text, let suggestion):
        "'\(text)' is no legal unquoted identifier; if that is the exact name, write it quoted: '\(suggestion)'"
      case .unbalancedQuotes(let text): "the quotes in '\(text)' do not match"
      case .wrongPartCount(let text, let expected, let found):
        expected.lowerBound == expected.upperBound
          ? "'\(text)' has \(found) part(s), expected \(expected.lowerBound)"
          : "'\(text)' has \(found) part(s), expected \(expected.lowerBound) to \(expected.upperBound)"
      }
    }
  }

  /// The identifier whose stored name is exactly `name`, as read from the account.
  public init(exact name: String) { self.name = name }

  /// The identifier a person wrote: `loading` (stored as LOADING) or `"my db"` (stored as is).
  ///
  /// Throws when the text is neither a legal unquoted identifier nor a quoted one.
  public init(parsing text: String) throws(Failure) {
    let parts = try QualifiedName.split(text)
    guard parts.count == 1 else {
      throw .needsQuotes(text, suggestion: Identifier(exact: text).quoted)
    }
    self = parts[0]
  }

  /// Whether the stored name can be written without quotes and mean the same.
  public var isPlain: Bool {
    var first = true
    for byte in name.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$"): if first { return false }
      default: return false
      }
      first = false
    }
    return !first && !ReservedWords.contains(name)
  }

  /// The name in double quotes, inner quotes doubled.
  public var quoted: String {
    var text = "\""
    for character in name.unicodeScalars {
      if character == "\"" { text += "\"" }
      text.unicodeScalars.append(character)
    }
    return text + "\""
  }

  /// The SQL spelling: plain where that is safe, quoted otherwise. Also the canonical text of the identifier.
  public var sql: String { isPlain ? name : quoted }

  /// For people.
  public var description: String { sql }

  /// The order in which lists of them are shown.
  public static func < (left: Self, right: Self) -> Bool { left.name < right.name }
}

/// A dotted Snowflake name: `RAW.SALES."my table"`.
public struct QualifiedName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The parts, outermost first; never empty.
  public let parts: [Identifier]

  /// Makes one of its parts.
  public init(_ parts: [Identifier]) { self.parts = parts }

  /// The name a person wrote, with between `count` parts.
  ///
  /// Throws when a part is neither a legal unquoted identifier nor quoted, or the number of parts is wrong.
  public init(parsing text: String, parts count: ClosedRange<Int> = 1...4) throws(Identifier.Failure) {
    let parts = try Self.split(text)
    guard count.contains(parts.count) else {
      throw .wrongPartCount(text, expected: count, found: parts.count)
    }
    self.parts = parts
  }

  /// The SQL spelling, parts joined with dots. Also the canonical text of the name.
  public var sql: String { parts.count == 1 ? parts[0].sql : parts.map(\.sql).joined(separator: ".") }
  /// The innermost part.
  public var last: Identifier { parts[parts.count - 1] }
  /// The name without its innermost part; nil for a single part.
  public var container: QualifiedName? { parts.count > 1 ? QualifiedName(Array(parts.dropLast())) : nil }
  /// For people.
  public var description: String { sql }

  /// The order in which lists of them are shown.
  public static func < (left: Self, right: Self) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }

  /// Splits at the dots outside quotes.
  static func split(_ text: String) throws(Identifier.Failure) -> [Identifier] {
    guard !text.isEmpty else { throw .empty }
    var parts: [Identifier] = []
    var scalars = text.unicodeScalars[...]
    while true {
      if scalars.first == "\"" {
        scalars.removeFirst()
        var name = String.UnicodeScalarView()
        var closed = false
        while let scalar = scalars.popFirst() {
          if scalar == "\"" {
            guard scalars.first == "\"" else {
              closed = true
              break
            }
            scalars.removeFirst()
          }
          name.append(scalar)
        }
        guard closed, scalars.isEmpty || scalars.first == "." else { throw .unbalancedQuotes(text) }
        guard !name.isEmpty else { throw .empty }
        parts.append(try Identifier(exact: String(name)).checked())
      } else {
        let end = scalars.firstIndex(of: ".") ?? scalars.endIndex
        let word = String(scalars[..<end])
        scalars = scalars[end...]
        parts.append(try unquoted(word, in: text))
      }
      guard scalars.first == "." else { return parts }
      scalars.removeFirst()
      guard !scalars.isEmpty else { throw .empty }
    }
  }

  private static func unquoted(_ word: String, in text: String) throws(Identifier.Failure) -> Identifier {
    guard !word.isEmpty else { throw .empty }
    var upper: [UInt8] = []
    upper.reserveCapacity(word.utf8.count)
    for byte in word.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"): upper.append(byte - 32)
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): upper.append(byte)
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "$"):
        if upper.isEmpty { throw .needsQuotes(text, suggestion: Identifier(exact: word).quoted) }
        upper.append(byte)
      default: throw .needsQuotes(text, suggestion: Identifier(exact: word).quoted)
      }
    }
    return try Identifier(exact: String(decoding: upper, as: UTF8.self)).checked()
  }
}

extension Identifier {
  fileprivate func checked() throws(Failure) -> Identifier {
    let count = name.unicodeScalars.count
    guard count <= Self.maximumLength else { throw .tooLong(count) }
    return self
  }
}
