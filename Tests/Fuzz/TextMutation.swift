/// Damage to SQL and other text by its words: cut, copied, exchanged with words of other texts.
struct TextMutation {
  private let texts: [[[UInt8]]]
  private let words: [[UInt8]]

  /// Mutates these texts, with `extra` words beside their own.
  init(_ corpus: [String], extra: [String] = []) {
    texts = corpus.map { Self.split(Array($0.utf8)) }
    var seen: Set<[UInt8]> = []
    var words: [[UInt8]] = []
    for word in texts.joined() where seen.insert(word).inserted { words.append(word) }
    for word in extra where seen.insert(Array(word.utf8)).inserted { words.append(Array(word.utf8)) }
    self.words = words
  }

  /// A text of the corpus: as it is one time in eight, damaged in up to four places otherwise, most often in one.
  func next(_ numbers: inout Numbers) -> [UInt8] {
    var text = numbers.one(of: texts)
    if numbers.oneIn(8) { return Array(text.joined()) }
    for _ in 0...numbers.below(numbers.oneIn(3) ? 4 : 1) { change(&text, &numbers) }
    var bytes = Array(text.joined())
    if numbers.oneIn(4) { ByteMutation.damage(&bytes, &numbers) }
    if numbers.oneIn(500) { nest(&bytes, &numbers) }
    return bytes
  }

  private func change(_ text: inout [[UInt8]], _ numbers: inout Numbers) {
    let at = numbers.below(text.count + 1)
    switch numbers.below(9) {
    case 0 where at < text.count: text.remove(at: at)
    case 1 where at < text.count: text[at] = numbers.one(of: words)
    case 2, 3: text.insert(contentsOf: [numbers.one(of: words), [0x20]], at: at)
    case 4 where at < text.count: text.swapAt(at, numbers.below(text.count))
    case 5: text.removeSubrange(at...)
    case 6:
      // The end of another text.
      let other = numbers.one(of: texts)
      text.replaceSubrange(at..., with: other[numbers.below(other.count)...])
    case 7:
      // A stretch of another text, in the middle.
      let other = numbers.one(of: texts)
      let from = numbers.below(other.count)
      text.insert(contentsOf: other[from..<min(other.count, from + 1 + numbers.below(12))], at: at)
    default:
      let end = min(text.count, at + 1 + numbers.below(8))
      text.insert(contentsOf: text[min(at, end)..<end], at: at)
    }
  }

  /// Brackets or operators, very many of them.
  private func nest(_ bytes: inout [UInt8], _ numbers: inout Numbers) {
    let unit = numbers.one(of: [
      "(", "[", "{", "NOT ", "-", "CASE WHEN ", "SELECT (", "/*", "''", "\"\"", "$", "1+", "a.",
    ])
    let at = numbers.below(bytes.count + 1)
    bytes.insert(contentsOf: Array(String(repeating: unit, count: 50 + numbers.below(20_000)).utf8), at: at)
  }

  /// Words, strings, spaces and single signs.
  private static func split(_ bytes: [UInt8]) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var at = 0
    while at < bytes.count {
      let start = at
      let byte = bytes[at]
      if isWord(byte) {
        while at < bytes.count, isWord(bytes[at]) { at += 1 }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        at += 1
        while at < bytes.count, bytes[at] != byte { at += 1 }
        at = min(bytes.count, at + 1)
      } else {
        at += 1
      }
      pieces.append(Array(bytes[start..<at]))
    }
    return pieces
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"):
      true
    default: false
    }
  }
}
