/// A document value: what configuration, providers and plans are made of, and what crosses the plugin boundary.
public enum Value: Equatable, Hashable, Sendable {
  case null
  /// A value that cannot be known now: a column the role may not see, or a value computed at apply time.
  case unknown
  case bool(Bool)
  case int(Int64)
  case double(Double)
  case string(String)
  indirect case list([Value])
  indirect case object([Field])

  /// One entry of an object. Objects keep the order in which they were written.
  public struct Field: Equatable, Hashable, Sendable {
    /// The entry's key.
    public var key: String
    /// The entry's value.
    public var value: Value

    /// Makes one of its parts.
    @inlinable public init(_ key: String, _ value: Value) {
      self.key = key
      self.value = value
    }
  }
}

extension Value {
  /// The value of `key`; `.null` when this is not an object or has no such key.
  public subscript(key: String) -> Value {
    guard case .object(let fields) = self else { return .null }
    for field in fields where field.key == key { return field.value }
    return .null
  }

  /// The value of `key`, nil when this is not an object or the key is absent (an explicit null is `.null`).
  public func find(_ key: String) -> Value? {
    guard case .object(let fields) = self else { return nil }
    for field in fields where field.key == key { return field.value }
    return nil
  }

  /// The text, when this is a string.
  public var string: String? { if case .string(let text) = self { text } else { nil } }
  /// The number, when this is an integer.
  public var int: Int64? { if case .int(let number) = self { number } else { nil } }
  /// The truth value, when this is a boolean.
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  /// The elements, when this is a list; otherwise none.
  public var list: [Value] { if case .list(let elements) = self { elements } else { [] } }
  /// The entries, when this is an object; otherwise none.
  public var fields: [Field] { if case .object(let fields) = self { fields } else { [] } }
  /// The strings of a list of strings (other elements are skipped).
  public var strings: [String] { list.compactMap(\.string) }
  /// Whether this is `.null`.
  public var isNull: Bool { self == .null }

  /// What a person calls this kind of value: "text", "number", "list" …
  public var kindName: String {
    switch self {
    case .null: "null"
    case .unknown: "unknown"
    case .bool: "boolean"
    case .int, .double: "number"
    case .string: "text"
    case .list: "list"
    case .object: isSecret ? "secret" : "map"
    }
  }
}

// MARK: - Secrets

extension Value {
  /// A sensitive value: only its reference travels; the host alone can resolve it, when a statement is sent.
  ///
  /// In documents: `{"$secret": "<id>"}`. The id names where the value comes from (`env:NAME`, `file:PATH`) and is
  /// safe to show.
  public static func secret(_ id: String) -> Value { .object([Field("$secret", .string(id))]) }

  /// The id of a secret reference, nil when this is anything else.
  public var secretID: String? {
    guard case .object(let fields) = self, fields.count == 1, fields[0].key == "$secret" else { return nil }
    return fields[0].value.string
  }

  /// Whether this is a secret reference.
  public var isSecret: Bool { secretID != nil }
}

// MARK: - Literals

extension Value: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral, ExpressibleByStringLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// The value that a literal in Swift stands for.
  public init(dictionaryLiteral elements: (String, Value)...) { self = .object(elements.map(Field.init)) }
  /// The value that a literal in Swift stands for.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// The value that a literal in Swift stands for.
  public init(stringLiteral value: String) { self = .string(value) }
  /// The value that a literal in Swift stands for.
  public init(integerLiteral value: Int64) { self = .int(value) }
  /// The value that a literal in Swift stands for.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// The value that a literal in Swift stands for.
  public init(nilLiteral: ()) { self = .null }
}
