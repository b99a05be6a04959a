import Glibc  // links libm, which rounding needs in unoptimised builds
public import SnowmakerModel

extension AttributeSchema {
  /// The canonical value of what the account shows for this attribute: the other half of `normalize`.
  ///
  /// The account shows names as they are stored, booleans in several spellings, lists as JSON or in brackets, and
  /// "not set" as NULL, blank or the word `null`. A value that does not fit the kind is kept as text, so that it shows
  /// up as a difference instead of being lost.
  public func observed(_ text: String?) -> Value {
    guard let text else { return .null }
    if text.isEmpty || text == "null" {
      switch kind {
      case .text, .sql: return text.isEmpty ? (isBlankNull ? .null : .string("")) : .string(text)
      case .list, .set: return .list([])
      default: return .null
      }
    }
    return Self.observed(text, kind: kind)
  }

  static func observed(_ text: String, kind: AttributeKind) -> Value {
    switch kind {
    case .text, .sql, .any: return .string(text)
    case .boolean:
      switch text.lowercased() {
      case "true", "y", "yes", "on", "1", "enabled": return .bool(true)
      case "false", "n", "no", "off", "0", "disabled": return .bool(false)
      default: return .string(text)
      }
    case .integer:
      if let number = Int64(text) { return .int(number) }
      if let number = Double(text), let exact = Int64(exactly: number) { return .int(exact) }
      return .string(text)
    case .identifier: return .string(Identifier(exact: text).sql)
    case .name, .reference, .objectReference:
      if let name = try? QualifiedName(parsing: text), name.parts.count > 1 || text.hasPrefix("\"") {
        return .string(name.sql)
      }
      return .string(Identifier(exact: text).sql)
    case .enumeration, .number: return (try? kind.normalize(.string(text))) ?? .string(text)
    case .list(let element):
      return .list(ListText.elements(of: text).map { observed($0, kind: element) })
    case .set(let element):
      let values = Value.list(ListText.elements(of: text).map { observed($0, kind: element) })
      // Sorting and deduplicating is the kind's business; its elements are canonical already.
      return (try? AttributeKind.set(.any).normalize(values)) ?? values
    case .map, .record: return .string(text)
    }
  }
}

/// Lists as the account prints them: `["a","b"]`, `[a, b]`, `('a','b')` or `a,b`.
public enum ListText {
  /// The elements, without quotes and brackets.
  public static func elements(of text: String) -> [String] {
    var bytes = Array(text.utf8)[...]
    trim(&bytes)
    var isBracketed = false
    if let first = bytes.first, let last = bytes.last, bytes.count >= 2,
      (first == UInt8(ascii: "[") && last == UInt8(ascii: "]"))
        || (first == UInt8(ascii: "(") && last == UInt8(ascii: ")"))
    {
      bytes = bytes.dropFirst().dropLast()
      isBracketed = true
    }
    var elements: [String] = []
    var current: [UInt8] = []
    var quote: UInt8?
    var wasQuoted = false
    var hasComma = false
    func finish() {
      var slice = current[...]
      if !wasQuoted { trim(&slice) }
      // In brackets `[a, , b]` has an empty element; without them a comma at the end is only that.
      let counts = wasQuoted || !slice.isEmpty || (isBracketed && hasComma)
      if counts { elements.append(String(decoding: slice, as: UTF8.self)) }
      current = []
      wasQuoted = false
    }
    var index = bytes.startIndex
    while index < bytes.endIndex {
      let byte = bytes[index]
      if let open = quote {
        if byte == open {
          let next = bytes.index(after: index)
          if next < bytes.endIndex, bytes[next] == open {
            current.append(byte)
            index = next
          } else {
            quote = nil
          }
        } else if byte == UInt8(ascii: "\\"), bytes.index(after: index) < bytes.endIndex {
          index = bytes.index(after: index)
          current.append(bytes[index])
        } else {
          current.append(byte)
        }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\""), !wasQuoted, current.allSatisfy({ $0 <= 0x20 })
      {
        // Only at its start: `a'b` is an element as it stands.
        quote = byte
        wasQuoted = true
        current = []
      } else if byte == UInt8(ascii: ",") {
        hasComma = true
        finish()
      } else if !(wasQuoted && byte == 0x20) {
        current.append(byte)
      }
      index = bytes.index(after: index)
    }
    finish()
    return elements
  }

  private static func trim(_ bytes: inout ArraySlice<UInt8>) {
    while let first = bytes.first, first <= 0x20 { bytes = bytes.dropFirst() }
    while let last = bytes.last, last <= 0x20 { bytes = bytes.dropLast() }
  }
}
