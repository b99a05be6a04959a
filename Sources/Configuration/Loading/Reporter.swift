import SnowmakerModel

/// Collects what is wrong: every mistake once, however many resources a `for_each` makes of it.
final class Reporter {
  private struct Key: Hashable {
    var summary: String
    var position: SourcePosition?
  }

  private(set) var diagnostics: [Diagnostic] = []
  private var seen: Set<Key> = []
  private var suggestions = 0
  /// Lists of known words that were shown; each is shown once.
  private var listed: Set<[String]> = []
  /// The files by name, for positions inside scalars.
  var sources: [String: SourceText] = [:]

  /// Looking for the nearest name costs time; nobody reads more suggestions than this.
  static let maximumSuggestions = 200

  var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  func report(_ diagnostic: Diagnostic) {
    if seen.insert(Key(summary: diagnostic.summary, position: diagnostic.position)).inserted {
      diagnostics.append(diagnostic)
    }
  }

  func error(_ summary: String, detail: String = "", code: String, at position: SourcePosition, path: [String] = []) {
    report(.error(summary, detail: detail, path: path, code: code, position: position))
  }

  func warn(_ summary: String, detail: String = "", code: String, at position: SourcePosition) {
    report(.warning(summary, detail: detail, code: code, position: position))
  }

  /// An error about a word that is not one of `candidates`.
  func unknown(_ summary: String, _ word: String, of candidates: [String], code: String, at position: SourcePosition) {
    error(summary, detail: hint(word, candidates), code: code, at: position)
  }

  /// "did you mean …?", or what there is; for what differs in more than one letter in `letters` it is no other word.
  func hint(_ word: String, _ candidates: [String], oneIn letters: Int = 3) -> String {
    suggestions += 1
    if suggestions <= Self.maximumSuggestions, let near = Spelling.closest(to: word, in: candidates, oneIn: letters) {
      return "did you mean '\(near)'?"
    }
    if candidates.isEmpty || candidates.count > 40 || !listed.insert(candidates).inserted { return "" }
    return "known are \(candidates.joined(separator: ", "))"
  }

  /// Everything, by file and line.
  var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted { a, b in
      switch (a.element.position, b.element.position) {
      case (let x?, let y?) where x != y: x < y
      case (nil, .some): true
      case (.some, nil): false
      default: a.offset < b.offset
      }
    }.map(\.element)
  }
}
