import SnowmakerModel

/// A clause of CREATE or ALTER that a description writes as words around a value: `IF (EXISTS ({}))`.
struct DescribedClause: Sendable {
  /// What comes before the value and behind it, as tokens; words in capitals.
  struct Pattern: Sendable {
    let before: [String]
    let behind: [String]
    /// What tells the clause from others: the words that it begins with, or its first symbol.
    let leading: [String]

    /// nil for a text that is no clause: without words before the value, or without a place for it.
    init?(_ text: String) {
      let halves = text.split(separator: "{}", maxSplits: 1, omittingEmptySubsequences: false)
      guard halves.count == 2, let before = Self.tokens(halves[0]), let behind = Self.tokens(halves[1]), !before.isEmpty
      else { return nil }
      self.before = before
      self.behind = behind
      let words = before.prefix { $0.utf8.first.map(Ascii.startsWord) ?? false }
      leading = Array(words.isEmpty ? before.prefix(1) : words)
    }

    private static func tokens(_ text: Substring) -> [String]? {
      guard let tokens = try? Lexer.tokens(Array(text.utf8)) else { return nil }
      return tokens.dropLast().map { $0.kind == .word ? $0.upper : $0.text }
    }
  }

  let attribute: AttributeSchema
  let create: Pattern
  let alter: Pattern?

  /// nil for an attribute that has no clause.
  init?(_ attribute: AttributeSchema) {
    guard let clause = attribute.clause, let create = Pattern(clause.create) else { return nil }
    self.attribute = attribute
    self.create = create
    alter = clause.alter.flatMap(Pattern.init)
  }

  /// What stands for it among the properties of a statement. No property can be called so.
  var key: String { attribute.clause?.create ?? "" }
}
