/// Finds what was probably meant.
public enum Spelling {
  /// The candidate closest to `text`, nil when none is close: more than one in three of its letters differs, or one in
  /// `letters`. Of words that look alike and exist besides (`shares` and `stages`), few differences are many.
  public static func closest(
    to text: String, in candidates: some Sequence<String>, oneIn letters: Int = 3
  ) -> String? {
    let wanted = Array(text.lowercased().utf8)
    let limit = max(1, wanted.count / max(1, letters))
    var best: (distance: Int, text: String)?
    for candidate in candidates {
      let other = Array(candidate.lowercased().utf8)
      guard abs(other.count - wanted.count) <= limit else { continue }
      let distance = self.distance(wanted, other)
      if distance <= limit, distance < best?.distance ?? .max { best = (distance, candidate) }
    }
    return best?.text
  }

  /// Edit distance in which a swap of two neighbours counts once.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
    var previous = [Int](repeating: 0, count: b.count + 1)
    var current = Array(0...b.count)
    for i in 1...a.count {
      let beforePrevious = previous
      previous = current
      current[0] = i
      for j in 1...b.count {
        let cost = a[i - 1] == b[j - 1] ? 0 : 1
        current[j] = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + cost)
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          current[j] = min(current[j], beforePrevious[j - 2] + 1)
        }
      }
    }
    return current[b.count]
  }
}
