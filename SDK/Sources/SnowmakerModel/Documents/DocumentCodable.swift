/// A type that crosses the plugin boundary as a document.
///
/// Readers ignore keys they do not know and writers leave out what has its default, so that both sides can grow.
public protocol DocumentCodable: Sendable {
  /// Reads the document. Throws when a required key is missing or has the wrong kind.
  init(document: Value) throws(DocumentError)
  /// The document.
  var document: Value { get }
}

/// Why a document is not what it should be.
public struct DocumentError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Which document, e.g. "attribute schema".
  public var what: String
  /// What is wrong with it.
  public var problem: String

  /// An error that says which kind of document (`what`) is wrong, and how (`problem`).
  public init(_ what: String, _ problem: String) {
    self.what = what
    self.problem = problem
  }

  /// The kind of document and the problem, joined with a colon.
  public var description: String { "\(what): \(problem)" }
}

extension Value {
  /// The text at `key`. Throws when there is none.
  public func require(_ key: String, in what: String) throws(DocumentError) -> String {
    guard let text = self[key].string else {
      throw DocumentError(what, "'\(key)' must be text, found \(self[key].kindName)")
    }
    return text
  }

  /// The documents of the list at `key`; none when the key is absent.
  public func decodeList<T: DocumentCodable>(_ key: String, as type: T.Type = T.self) throws(DocumentError) -> [T] {
    var result: [T] = []
    for element in self[key].list { result.append(try T(document: element)) }
    return result
  }
}

/// Builds an object, leaving out what is absent.
public struct DocumentBuilder {
  /// The fields set so far, in the order in which they were set.
  public private(set) var fields: [Value.Field] = []

  /// A builder of an object without any fields.
  public init() {}

  /// Appends the value under `key`, null too; a key that is set twice is in the object twice.
  public mutating func set(_ key: String, _ value: Value) { fields.append(.init(key, value)) }
  /// Writes only a text that is not nil; an empty one is written.
  public mutating func set(_ key: String, _ text: String?) { if let text { set(key, Value.string(text)) } }
  /// Writes only a number that is not nil.
  public mutating func set(_ key: String, _ number: Int?) { if let number { set(key, Value.int(Int64(number))) } }
  /// Writes only `true`.
  public mutating func set(flag key: String, _ flag: Bool) { if flag { set(key, Value.bool(true)) } }
  /// Writes only a text that is not empty.
  public mutating func set(text key: String, _ text: String) { if !text.isEmpty { set(key, Value.string(text)) } }
  /// Writes only a list that is not empty.
  public mutating func set(_ key: String, _ texts: [String]) {
    if !texts.isEmpty { set(key, Value.list(texts.map(Value.string))) }
  }
  /// Writes only a list that is not empty.
  public mutating func set<T: DocumentCodable>(_ key: String, _ items: [T]) {
    if !items.isEmpty { set(key, Value.list(items.map(\.document))) }
  }
  /// Writes the document of `item` unless it is nil.
  public mutating func set<T: DocumentCodable>(_ key: String, _ item: T?) { if let item { set(key, item.document) } }
  /// The finished object.
  public var document: Value { .object(fields) }
}
