// What the documents of this folder are read with: a missing key has its default, a wrong kind is an error.

extension Value {
  /// Throws unless this is an object.
  func requireObject(_ what: String) throws(DocumentError) {
    guard case .object = self else { throw DocumentError(what, "expected a map, found \(kindName)") }
  }

  /// The text at `key`, nil when it is absent or null.
  func text(_ key: String, in what: String) throws(DocumentError) -> String? {
    guard let value = present(key) else { return nil }
    guard let text = value.string else { throw wrong(key, "text", value, what) }
    return text
  }

  /// The truth value at `key`, false when it is absent or null.
  func flag(_ key: String, in what: String) throws(DocumentError) -> Bool {
    guard let value = present(key) else { return false }
    guard let flag = value.bool else { throw wrong(key, "true or false", value, what) }
    return flag
  }

  /// The whole number at `key`, nil when it is absent or null.
  func integer(_ key: String, in what: String) throws(DocumentError) -> Int64? {
    guard let value = present(key) else { return nil }
    guard let number = value.int else { throw wrong(key, "a whole number", value, what) }
    return number
  }

  /// The texts at `key`, nil when it is absent or null.
  func texts(_ key: String, in what: String) throws(DocumentError) -> [String]? {
    guard let elements = try elements(key, in: what) else { return nil }
    var texts: [String] = []
    for element in elements {
      guard let text = element.string else {
        throw DocumentError(what, "'\(key)' must be a list of texts, found \(element.kindName) in it")
      }
      texts.append(text)
    }
    return texts
  }

  /// The documents at `key`, nil when it is absent or null.
  func documents<T: DocumentCodable>(
    _ key: String, as type: T.Type = T.self, in what: String
  ) throws(DocumentError) -> [T]? {
    guard let elements = try elements(key, in: what) else { return nil }
    var items: [T] = []
    items.reserveCapacity(elements.count)
    for element in elements { items.append(try T(document: element)) }
    return items
  }

  /// The map of texts at `key`; empty when it is absent or null.
  func textMap(_ key: String, in what: String) throws(DocumentError) -> [String: String] {
    guard let value = present(key) else { return [:] }
    guard case .object(let fields) = value else { throw wrong(key, "a map", value, what) }
    var map: [String: String] = [:]
    for field in fields {
      guard let text = field.value.string else {
        throw DocumentError(what, "'\(key).\(field.key)' must be text, found \(field.value.kindName)")
      }
      map[field.key] = text
    }
    return map
  }

  /// The word at `key`, nil when it is absent or null. Throws when it is none of the words of `type`.
  func choice<T: RawRepresentable>(
    _ key: String, as type: T.Type = T.self, in what: String
  ) throws(DocumentError) -> T? where T.RawValue == String {
    guard let word = try text(key, in: what) else { return nil }
    guard let choice = T(rawValue: word) else { throw DocumentError(what, "'\(key)' has the unknown value '\(word)'") }
    return choice
  }

  private func elements(_ key: String, in what: String) throws(DocumentError) -> [Value]? {
    guard let value = present(key) else { return nil }
    guard case .list(let elements) = value else { throw wrong(key, "a list", value, what) }
    return elements
  }

  private func present(_ key: String) -> Value? {
    guard let value = find(key), value != .null else { return nil }
    return value
  }

  private func wrong(_ key: String, _ expected: String, _ found: Value, _ what: String) -> DocumentError {
    DocumentError(what, "'\(key)' must be \(expected), found \(found.kindName)")
  }
}

extension DocumentBuilder {
  /// Writes only a map that is not empty, sorted by key.
  mutating func set(_ key: String, map: [String: String]) {
    if !map.isEmpty { set(key, Self.object(map)) }
  }

  /// Writes the word unless it is the default.
  mutating func set<T: RawRepresentable & Equatable>(
    _ key: String, _ choice: T, unless standard: T
  ) where T.RawValue == String {
    if choice != standard { set(key, Value.string(choice.rawValue)) }
  }

  private static func object(_ map: [String: String]) -> Value {
    .object(map.sorted { $0.key < $1.key }.map { Value.Field($0.key, .string($0.value)) })
  }
}
