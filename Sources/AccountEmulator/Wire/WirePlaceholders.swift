/// The `?` placeholders of statements, which number their bindings through a multi-statement text.
enum WirePlaceholders {
  /// The bindings of one statement, numbered from 1, when `used` of them belong to the statements before it; and how
  /// many it takes. Bindings by name are every statement's.
  static func take(
    _ bindings: [String: StatementBinding], for sql: String, after used: Int
  ) -> (bindings: [String: StatementBinding], count: Int) {
    let count = count(sql)
    var own = bindings.filter { Int($0.key) == nil }
    for number in 0..<count {
      if let binding = bindings[String(used + number + 1)] { own[String(number + 1)] = binding }
    }
    return (own, count)
  }

  /// How many `?` stand outside texts, quoted names and comments.
  static func count(_ sql: String) -> Int {
    let bytes = Array(sql.utf8)
    var count = 0
    var at = 0
    while at < bytes.count {
      switch bytes[at] {
      case UInt8(ascii: "?"):
        count += 1
        at += 1
      case UInt8(ascii: "'"): at = after(quote: bytes[at], bytes, at + 1, escapes: true)
      case UInt8(ascii: "\""): at = after(quote: bytes[at], bytes, at + 1, escapes: false)
      case UInt8(ascii: "$") where bytes[at...].starts(with: "$$".utf8): at = after("$$", bytes, at + 2)
      case UInt8(ascii: "-") where bytes[at...].starts(with: "--".utf8): at = after("\n", bytes, at)
      case UInt8(ascii: "/") where bytes[at...].starts(with: "//".utf8): at = after("\n", bytes, at)
      case UInt8(ascii: "/") where bytes[at...].starts(with: "/*".utf8): at = after("*/", bytes, at + 2)
      default: at += 1
      }
    }
    return count
  }

  private static func after(_ end: String, _ bytes: [UInt8], _ start: Int) -> Int {
    var at = start
    while at < bytes.count {
      if bytes[at...].starts(with: end.utf8) { return at + end.utf8.count }
      at += 1
    }
    return bytes.count
  }

  private static func after(quote: UInt8, _ bytes: [UInt8], _ start: Int, escapes: Bool) -> Int {
    var at = start
    while at < bytes.count {
      if escapes && bytes[at] == UInt8(ascii: "\\") {
        at += 2
      } else if bytes[at] == quote {
        // A doubled quote ends one text and begins the next, which comes to the same.
        return at + 1
      } else {
        at += 1
      }
    }
    return bytes.count
  }
}
