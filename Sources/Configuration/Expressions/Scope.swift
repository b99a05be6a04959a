import SnowmakerModel

/// The names that expressions see.
struct Scope {
  /// The element of a `for_each`.
  struct Each {
    var value: Value
    var key: Value
    var index: Int
  }

  var variables: Variables
  /// `target` and `project`.
  var constants: [(name: String, value: Value)] = []
  var each: Each?
  /// The attributes of the resource that the current one is nested in.
  var parent: Value?

  /// What providers offer as `provider::name(…)`.
  var functions = ProvidedFunctions.none

  /// The names at hand, for suggestions.
  var names: [String] {
    ["var"] + constants.map(\.name) + (each == nil ? [] : ["each"]) + (parent == nil ? [] : ["parent"])
  }
}

/// The variables with their values.
final class Variables {
  private var values: [String: Value] = [:]
  /// The keys of variables that are large maps, so that looking one up per resource stays cheap.
  private var indices: [String: [String: Int]] = [:]
  /// Variables that are declared but have no value; using one is not worth a second error.
  var withoutValue: Set<String> = []

  init(_ values: [String: Value] = [:]) { self.values = values }

  func set(_ name: String, to value: Value) { values[name] = value }
  func value(of name: String) -> Value? { values[name] }
  var names: [String] { values.keys.sorted() }

  /// The value at `key` of the map that variable `name` holds; nil when it has no such key.
  func lookUp(_ key: String, in name: String) -> Value? {
    guard case .object(let fields) = values[name] else { return nil }
    if fields.count < 16 { return fields.first { $0.key == key }?.value }
    if let index = indices[name] { return index[key].map { fields[$0].value } }
    var index: [String: Int] = [:]
    index.reserveCapacity(fields.count)
    for (position, field) in fields.enumerated() where index[field.key] == nil { index[field.key] = position }
    indices[name] = index
    return index[key].map { fields[$0].value }
  }
}
