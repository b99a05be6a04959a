/// Which resource: its type and its identity parts, in canonical text.
///
/// An identity part is the canonical text of an identifier (`RAW`, `"my db"`), of a qualified name (`RAW.SALES`)
/// or of an enumeration value (`USAGE`). Two resources are the same exactly when type and parts are equal.
public struct Address: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The type's name, singular.
  public let type: String
  /// The identity parts, outermost first, in canonical text.
  public let identity: [String]

  /// Makes one of its parts.
  public init(_ type: String, _ identity: [String]) {
    self.type = type
    self.identity = identity
  }

  /// `warehouse.LOADING`, `schema.RAW.SALES`, or, when a part holds a space, `grant[USAGE ON …]` parts in brackets.
  public var description: String {
    identity.contains { $0.contains(" ") && !$0.hasPrefix("\"") }
      ? "\(type)[\(identity.joined(separator: " "))]" : "\(type).\(identity.joined(separator: "."))"
  }

  /// The order in which lists of them are shown.
  public static func < (left: Self, right: Self) -> Bool {
    left.type == right.type
      ? left.identity.lexicographicallyPrecedes(right.identity) : left.type < right.type
  }
}
