/// What expressions do with text, by bytes where that is enough.
enum Text {
  /// Where `part` begins in `text`, as a UTF-8 index at or after `start`.
  static func find(_ part: String, in text: String, from start: String.Index? = nil) -> String.Index? {
    let needle = Array(part.utf8)
    let view = text.utf8
    var at = start ?? view.startIndex
    guard let first = needle.first else { return at }
    while let hit = view[at...].firstIndex(of: first) {
      if view[hit...].starts(with: needle) { return hit }
      at = view.index(after: hit)
    }
    return nil
  }

  /// The pieces of `text` between `separator`, at most `limit` cuts.
  static func split(_ text: String, at separator: String, limit: Int = .max) -> [String] {
    var pieces: [String] = []
    var start = text.utf8.startIndex
    let length = separator.utf8.count
    while pieces.count < limit, let hit = find(separator, in: text, from: start) {
      pieces.append(String(text[start..<hit]))
      start = text.utf8.index(hit, offsetBy: length)
    }
    pieces.append(String(text[start...]))
    return pieces
  }

  /// The words of `text` between white space.
  static func words(_ text: String) -> [String] {
    text.unicodeScalars.split { $0.properties.isWhitespace }.map(String.init)
  }

  static func replace(_ old: String, with new: String, in text: String, limit: Int = .max) -> String {
    if old.isEmpty {
      return text
    }
    return split(text, at: old, limit: limit).joined(separator: new)
  }

  /// Without the characters of `set` (or white space) at its ends.
  static func strip(_ text: String, _ set: String? = nil, start: Bool = true, end: Bool = true) -> String {
    let characters = set.map { Set($0.unicodeScalars) }
    func strips(_ scalar: Unicode.Scalar) -> Bool {
      characters?.contains(scalar) ?? scalar.properties.isWhitespace
    }
    var view = text.unicodeScalars[...]
    if start { while let first = view.first, strips(first) { view.removeFirst() } }
    if end { while let last = view.last, strips(last) { view.removeLast() } }
    return String(view)
  }

  /// Every word with a capital.
  static func title(_ text: String) -> String {
    var result = ""
    var isInside = false
    for character in text {
      result += isInside ? character.lowercased() : character.uppercased()
      isInside = character.isLetter || (isInside && character == "'")
    }
    return result
  }

  static func capitalized(_ text: String) -> String { text.prefix(1).uppercased() + text.dropFirst().lowercased() }
}
