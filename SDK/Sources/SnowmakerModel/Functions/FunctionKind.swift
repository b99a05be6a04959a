/// The type of a function's argument or result: a scalar, a scalar or null, or a list of scalars.
///
/// Written as letters, the ones of `snowmaker_plugin.h`: `s`, `?i`, `[f`.
public struct FunctionKind: Hashable, Sendable, CustomStringConvertible {
  /// One value.
  public enum Scalar: Character, Hashable, Sendable, CaseIterable {
    /// A whole number of 64 bits.
    case integer = "i"
    /// A number of double precision, always finite.
    case float = "f"
    /// A truth value.
    case boolean = "b"
    /// UTF-8 text without NUL.
    case text = "s"

    /// What a person calls it.
    public var word: String {
      switch self {
      case .integer: "integer"
      case .float: "float"
      case .boolean: "boolean"
      case .text: "text"
      }
    }
  }

  /// How many values.
  public enum Shape: Hashable, Sendable {
    case one, nullable, list
  }

  /// The type of one value.
  public var scalar: Scalar
  /// How many values.
  public var shape: Shape

  /// Values of `scalar` in `shape`.
  public init(_ scalar: Scalar, _ shape: Shape = .one) {
    self.scalar = scalar
    self.shape = shape
  }

  /// A whole number of 64 bits.
  public static let integer = FunctionKind(.integer)
  /// A number of double precision.
  public static let float = FunctionKind(.float)
  /// A truth value.
  public static let boolean = FunctionKind(.boolean)
  /// Text.
  public static let text = FunctionKind(.text)
  /// A list of values of the scalar.
  public static func list(_ scalar: Scalar) -> FunctionKind { FunctionKind(scalar, .list) }
  /// A value of the scalar, or null.
  public static func nullable(_ scalar: Scalar) -> FunctionKind { FunctionKind(scalar, .nullable) }

  /// Whether null is a value of it.
  public var isNullable: Bool { shape == .nullable }

  /// The letters, e.g. `?i`.
  public var letters: String {
    switch shape {
    case .one: String(scalar.rawValue)
    case .nullable: "?\(scalar.rawValue)"
    case .list: "[\(scalar.rawValue)"
    }
  }

  /// What a person calls it: `integer`, `text or null`, `list of text`.
  public var description: String {
    switch shape {
    case .one: scalar.word
    case .nullable: "\(scalar.word) or null"
    case .list: "list of \(scalar.word)"
    }
  }
}

/// The arguments and the result of a function, as letters: `s?i>f` takes text and an integer or null and yields a float.
public struct FunctionSignature: Hashable, Sendable, CustomStringConvertible {
  /// The types of the arguments, in order.
  public var parameters: [FunctionKind]
  /// The type of the result.
  public var result: FunctionKind

  /// More parameters are refused.
  public static let maximumParameters = 16

  /// A signature of these types.
  public init(_ parameters: [FunctionKind], result: FunctionKind) {
    self.parameters = parameters
    self.result = result
  }

  /// Reads letters. Throws what is wrong with them.
  public init(letters: String) throws(DocumentError) {
    func fail(_ problem: String) -> DocumentError { DocumentError("signature '\(letters.prefix(80))'", problem) }
    var kinds: [FunctionKind] = []
    var shape = FunctionKind.Shape.one
    var hasResult = false
    var parameters: [FunctionKind] = []
    for letter in letters {
      switch letter {
      case "?", "[":
        guard shape == .one else { throw fail("'?' and '[' cannot be combined") }
        shape = letter == "?" ? .nullable : .list
      case ">":
        guard !hasResult, shape == .one else { throw fail("'>' stands once, before the result") }
        hasResult = true
        parameters = kinds
        kinds = []
      default:
        guard let scalar = FunctionKind.Scalar(rawValue: letter) else { throw fail("there is no type '\(letter)'") }
        kinds.append(FunctionKind(scalar, shape))
        shape = .one
      }
    }
    guard hasResult, kinds.count == 1, shape == .one else { throw fail("one type must stand after '>', the result's") }
    guard parameters.count <= Self.maximumParameters else {
      throw fail("more than \(Self.maximumParameters) parameters")
    }
    self.init(parameters, result: kinds[0])
  }

  /// The letters.
  public var description: String { parameters.map(\.letters).joined() + ">" + result.letters }
}
