import SnowmakerModel

/// The options of one call, read key by key; what is left over at the end is an error, so that a misspelt option is never
/// ignored.
struct CallOptions {
  private var fields: [Value.Field]
  private var known: [String] = []

  init(_ fields: [Value.Field]) { self.fields = fields }

  /// The value under a key, nil when it is not there or null.
  private mutating func take(_ key: String) -> Value? {
    known.append(key)
    guard let place = fields.firstIndex(where: { $0.key == key }) else { return nil }
    let value = fields.remove(at: place).value
    return value.isNull ? nil : value
  }

  mutating func text(_ key: String) throws(CallProblem) -> String? {
    guard let value = take(key) else { return nil }
    guard let text = value.string else { throw .invalid("option '\(key)' takes a text") }
    return text
  }

  mutating func flag(_ key: String) throws(CallProblem) -> Bool {
    guard let value = take(key) else { return false }
    guard let flag = value.bool else { throw .invalid("option '\(key)' takes true or false") }
    return flag
  }

  mutating func number(_ key: String, in range: ClosedRange<Int64>) throws(CallProblem) -> Int? {
    guard let value = take(key) else { return nil }
    guard let number = value.int, range.contains(number) else {
      throw .invalid("option '\(key)' takes a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return Int(number)
  }

  mutating func texts(_ key: String) throws(CallProblem) -> [String] {
    guard let value = take(key) else { return [] }
    guard case .list(let elements) = value, value.strings.count == elements.count else {
      throw .invalid("option '\(key)' takes a list of texts")
    }
    return value.strings
  }

  /// A map to texts; numbers and booleans count as they are written.
  mutating func pairs(_ key: String) throws(CallProblem) -> [(name: String, value: String)]? {
    guard let value = take(key) else { return nil }
    guard case .object(let fields) = value else { throw .invalid("option '\(key)' takes an object") }
    var pairs: [(name: String, value: String)] = []
    for field in fields { pairs.append((name: field.key, value: field.value.string ?? JSON.string(field.value))) }
    return pairs
  }

  /// Throws when something was given that nothing asked for.
  func finish() throws(CallProblem) {
    guard let stray = fields.first else { return }
    throw .invalid(
      "there is no option '\(stray.key)'",
      detail: known.isEmpty ? "This call takes no options." : "The options are \(known.joined(separator: ", ")).")
  }
}
