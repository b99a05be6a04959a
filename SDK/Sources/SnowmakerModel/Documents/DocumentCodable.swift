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

  /// Makes one of its parts.
  public init(_ what: String, _ problem: String) {
    self.what = what
    self.problem = problem
  }

  /// For people.
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
  /// What was set so far, in order.
  public private(set) var fields: [Value.Field] = []

  /// The ordinary one, with nothing set.
  public init() {}

  /// Writes the value as it is.
  public mutating func set(_ key: String, _ value: Value) { fields.append(.init(key, value)) }
  /// Writes only what is there.
  public mutating func set(_ key: String, _ text: String?) { if let text { set(key, Value.string(text)) } }
  /// Writes only what is there.
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
  /// Writes only what is there.
  public mutating func set<T: DocumentCodable>(_ key: String, _ item: T?) { if let item { set(key, item.document) } }
  /// The finished object.
  public var document: Value { .object(fields) }
}
