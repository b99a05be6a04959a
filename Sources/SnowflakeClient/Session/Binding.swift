/// A value for a `?` in a statement, sent beside the text and never part of it.
public struct Binding: Sendable, Equatable {
  /// How the account reads the value.
  public enum Kind: String, Sendable, CaseIterable {
    case text = "TEXT"
    /// A number without an exponent.
    case fixed = "FIXED"
    case real = "REAL"
    /// `true` or `false`.
    case boolean = "BOOLEAN"
    /// Milliseconds since 1970.
    case date = "DATE"
    /// Nanoseconds since midnight.
    case time = "TIME"
    /// Nanoseconds since 1970.
    case timestampNTZ = "TIMESTAMP_NTZ"
    /// Nanoseconds since 1970.
    case timestampLTZ = "TIMESTAMP_LTZ"
    /// Nanoseconds since 1970, a space, the offset in minutes plus 1440.
    case timestampTZ = "TIMESTAMP_TZ"
    /// Hexadecimal digits.
    case binary = "BINARY"
    /// NULL.
    case any = "ANY"
  }

  /// How the account reads the value.
  public var kind: Kind
  /// The value in the account's encoding; nil for NULL.
  public var value: String?

  /// A value in the account's encoding.
  public init(_ kind: Kind, _ value: String?) {
    self.kind = kind
    self.value = value
  }

  /// A text.
  public static func text(_ value: String) -> Binding { Binding(.text, value) }
  /// A whole number.
  public static func integer(_ value: Int) -> Binding { Binding(.fixed, String(value)) }
  /// A floating-point number.
  public static func real(_ value: Double) -> Binding { Binding(.real, "\(value)") }
  /// A truth value.
  public static func boolean(_ value: Bool) -> Binding { Binding(.boolean, value ? "true" : "false") }
  /// Bytes.
  public static func binary(_ value: [UInt8]) -> Binding {
    Binding(.binary, value.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined())
  }
  /// NULL.
  public static let null = Binding(.any, nil)

  /// The member `bindings` of a request.
  static func json(_ bindings: [Binding]) -> JSONValue {
    .object(
      bindings.enumerated().map { index, binding in
        .init(
          String(index + 1),
          .object([
            .init("type", .string(binding.kind.rawValue)),
            .init("value", binding.value.map { .string($0) } ?? .null),
          ]))
      })
  }
}
