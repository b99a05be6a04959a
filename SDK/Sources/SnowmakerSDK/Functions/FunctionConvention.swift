public import CSnowmaker
import SnowmakerModel

/// Text as a typed function gets it: UTF-8 without NUL, valid until the function returns.
public typealias FunctionText = snowmaker_bytes_v1

extension FunctionText {
  /// A copy of the text.
  @inlinable public var string: String { String(decoding: bytes, as: UTF8.self) }

  /// Runs `body` with the bytes of the text, without copying them. Throws what `body` throws.
  @inlinable public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result { try body(bytes.span) }

  @inlinable var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: ptr, count: ptr == nil ? 0 : len)
  }
}

extension UnsafePointer<FunctionText>? {
  /// A copy of the text, nil for null.
  public var string: String? { self?.pointee.string }

  /// The texts of a list of `count`, valid until the function returns.
  public func texts(_ count: Int) -> UnsafeBufferPointer<FunctionText> {
    UnsafeBufferPointer(start: self, count: self == nil ? 0 : count)
  }

  /// Copies of the texts of a list of `count`.
  public func strings(_ count: Int) -> [String] { texts(count).map(\.string) }
}

/// What a typed function of a signature is in Swift.
enum FunctionConvention {
  /// The name of the type, as the compiler spells it out.
  static func typeName(of signature: FunctionSignature) -> String {
    let parameters = signature.parameters.map(typeName) + [_typeName(FunctionReply.Sink.self, qualified: true)]
    return "@convention(c) (\(parameters.joined(separator: ", "))) -> Swift.Int32"
  }

  private static func typeName(of kind: FunctionKind) -> String {
    switch kind.scalar {
    case .integer: typeName(of: Int64.self, kind.shape)
    case .float: typeName(of: Double.self, kind.shape)
    case .boolean: typeName(of: UInt8.self, kind.shape)
    case .text: typeName(of: FunctionText.self, kind.shape)
    }
  }

  private static func typeName<Scalar>(of type: Scalar.Type, _ shape: FunctionKind.Shape) -> String {
    let pointer = _typeName(UnsafePointer<Scalar>?.self, qualified: true)
    switch shape {
    case .one: return _typeName(type, qualified: true)
    case .nullable: return pointer
    case .list: return "\(pointer), Swift.Int"
    }
  }
}
