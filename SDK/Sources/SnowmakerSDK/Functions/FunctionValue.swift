public import SnowmakerModel

/// A Swift type that functions take and yield: `Int64`, `Double`, `Bool`, `String`, optionals and arrays of those.
public protocol FunctionValue: Sendable, SendableMetatype {
  /// What it is to the host.
  static var functionKind: FunctionKind { get }
  /// The value, nil when `value` is of another kind.
  init?(functionValue value: Value)
  /// The value as a document.
  var functionValue: Value { get }
  /// Runs `body` with the value as a typed function answers it; nil for null.
  func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool
}

/// A `FunctionValue` that is one value, never null.
public protocol FunctionScalar: FunctionValue {
  /// What it is to the host.
  static var functionScalar: FunctionKind.Scalar { get }
}

extension FunctionScalar {
  /// One value.
  public static var functionKind: FunctionKind { FunctionKind(functionScalar) }
}

extension Int64: FunctionScalar {
  /// A whole number.
  public static var functionScalar: FunctionKind.Scalar { .integer }
  /// The number.
  public init?(functionValue value: Value) {
    guard case .int(let number) = value else { return nil }
    self = number
  }
  /// The number.
  public var functionValue: Value { .int(self) }
  /// Its eight bytes.
  @inlinable public func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
    withUnsafeBytes(of: self) { body($0) }
  }
}

extension Double: FunctionScalar {
  /// A number of double precision.
  public static var functionScalar: FunctionKind.Scalar { .float }
  /// The number, also a whole one.
  public init?(functionValue value: Value) {
    switch value {
    case .double(let number): self = number
    case .int(let number): self = Double(number)
    default: return nil
    }
  }
  /// The number.
  public var functionValue: Value { .double(self) }
  /// Its eight bytes.
  @inlinable public func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
    withUnsafeBytes(of: self) { body($0) }
  }
}

extension Bool: FunctionScalar {
  /// A truth value.
  public static var functionScalar: FunctionKind.Scalar { .boolean }
  /// The truth value.
  public init?(functionValue value: Value) {
    guard case .bool(let flag) = value else { return nil }
    self = flag
  }
  /// The truth value.
  public var functionValue: Value { .bool(self) }
  /// One byte, 0 or 1.
  @inlinable public func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
    withUnsafeBytes(of: self ? 1 : 0 as UInt8) { body($0) }
  }
}

extension String: FunctionScalar {
  /// Text.
  public static var functionScalar: FunctionKind.Scalar { .text }
  /// The text.
  public init?(functionValue value: Value) {
    guard case .string(let text) = value else { return nil }
    self = text
  }
  /// The text.
  public var functionValue: Value { .string(self) }
  /// The text itself.
  @inlinable public func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
    var text = self
    return text.withUTF8 { body(UnsafeRawBufferPointer($0)) }
  }
}

extension Optional: FunctionValue where Wrapped: FunctionScalar {
  /// A value or null.
  public static var functionKind: FunctionKind { FunctionKind(Wrapped.functionScalar, .nullable) }
  /// The value; nil in it for null.
  public init?(functionValue value: Value) {
    if value.isNull {
      self = .none
      return
    }
    guard let wrapped = Wrapped(functionValue: value) else { return nil }
    self = .some(wrapped)
  }
  /// The value or null.
  public var functionValue: Value { self?.functionValue ?? .null }
  /// The value's bytes, nil for null.
  @inlinable public func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
    guard let self else { return body(nil) }
    return self.withFunctionBytes(body)
  }
}

extension Array: FunctionValue where Element: FunctionScalar {
  /// A list.
  public static var functionKind: FunctionKind { FunctionKind(Element.functionScalar, .list) }
  /// The elements.
  public init?(functionValue value: Value) {
    guard case .list(let elements) = value else { return nil }
    self = []
    for element in elements {
      guard let element = Element(functionValue: element) else { return nil }
      append(element)
    }
  }
  /// The list.
  public var functionValue: Value { .list(map(\.functionValue)) }
  /// A document with the list.
  public func withFunctionBytes(_ body: (UnsafeRawBufferPointer?) -> Bool) -> Bool {
    CBOR.encode(functionValue).withUnsafeBytes { body($0) }
  }
}
