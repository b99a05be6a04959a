import SnowmakerModel

/// Conversions between types, as `::`, CAST and TO_VARCHAR, TO_NUMBER … do them.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/data-type-conversion>.
extension Evaluated {
  /// The value as a type, written with its arguments (`NUMBER(10,2)`). Throws 100038 for what is no number, 100035 and its
  /// like for what is no time.
  func cast(to written: String, _ settings: ValueSettings) throws(StatementFailure) -> Evaluated {
    guard let canonical = try? settings.type(written) else { throw .unsupported("a cast to \(written)") }
    return try cast(to: DataTypes.column("", canonical), settings)
  }

  /// The value as a column takes it.
  func cast(to target: ResultColumn, _ settings: ValueSettings) throws(StatementFailure) -> Evaluated {
    if type == .variant || type == .object || type == .array, target.type != .text {
      // Out of a VARIANT comes what is in it.
      switch (target.type, document) {
      case (.variant, _), (.object, .object), (.array, .list): return Evaluated(text: text, type: target.type)
      case (_, .null): return Evaluated(nil, of: target)
      case (_, .bool(let flag)): return try Evaluated.boolean(flag).cast(to: target, settings)
      default: return try Evaluated(text: text.map(SemiStructured.text)).cast(to: target, settings)
      }
    }
    guard let text else { return Evaluated(nil, of: target) }
    switch target.type {
    case .fixed: return try fixed(text, target)
    case .real:
      if type == .boolean || isMoment || type == .time || type == .binary { throw Self.refused(self, target) }
      guard let number = Double(text.trimmed.lowercased()) else { throw Arithmetic.notNumeric(text) }
      return Evaluated(text: Arithmetic.text(number), type: .real)
    case .boolean: return try truth(text, target)
    case .timestamp_ltz, .timestamp_ntz, .timestamp_tz, .date:
      if type == .time || type == .boolean || type == .binary { throw Self.refused(self, target) }
      return try settings.clock(self, for: target.type).map { (time) throws(StatementFailure) in
        try settings.value(time, target.type, scale: target.scale ?? 9)
      } ?? Evaluated(nil, of: target)
    case .time:
      if type == .date || type == .boolean || type == .binary { throw Self.refused(self, target) }
      return try settings.clock(self, for: .time).map { (time) throws(StatementFailure) in
        try settings.value(time, .time, scale: target.scale ?? 9)
      } ?? Evaluated(nil, of: target)
    case .variant: return SemiStructured.variant(try inDocument(settings))
    case .object: return try SemiStructured.call("TO_OBJECT", [self], settings) ?? .null
    case .array: return try SemiStructured.call("TO_ARRAY", [try inDocument(settings)], settings) ?? .null
    case .text: return try asText(settings)
    case .binary:
      if type == .binary { return self }
      return try Self.binary(text, settings.binaryInput)
    }
  }

  private func fixed(_ text: String, _ target: ResultColumn) throws(StatementFailure) -> Evaluated {
    if type == .boolean { return try Evaluated(text: text, type: .fixed).fixed(text, target) }
    if isMoment || type == .time || type == .binary { throw Self.refused(self, target) }
    let scale = target.scale ?? 0
    guard let number = FixedNumber(text) else {
      guard let value = Double(text.trimmed.lowercased()) else { throw Arithmetic.notNumeric(text) }
      throw Arithmetic.outOfRange(value.isNaN ? "NaN" : text)
    }
    guard let rounded = number.rounded(to: scale), rounded.unscaled == 0 || rounded.digits <= target.precision ?? 38
    else { throw Arithmetic.outOfRange(text) }
    return Evaluated(text: rounded.text, type: .fixed, scale: scale, precision: target.precision)
  }

  private func truth(_ text: String, _ target: ResultColumn) throws(StatementFailure) -> Evaluated {
    switch type {
    case .boolean: return self
    case .fixed, .real: return .boolean(Double(text) != 0)
    case .text:
      switch text.trimmed.lowercased() {
      case "true", "t", "yes", "y", "on", "1": return .boolean(true)
      case "false", "f", "no", "n", "off", "0": return .boolean(false)
      default:
        throw StatementFailure(
          code: "100037", sqlState: "22018", message: "Boolean value '\(text)' is not recognized")
      }
    default: throw Self.refused(self, target)
    }
  }

  /// Code and text as users report them.
  private static func refused(_ value: Evaluated, _ target: ResultColumn) -> StatementFailure {
    StatementFailure(
      code: "002023", sqlState: "22000",
      message: "SQL compilation error:\nInvalid argument types for function 'CAST': "
        + "(\(DataTypes.canonical(of: value.column))) to \(DataTypes.canonical(of: target))")
  }

  /// Bytes out of a text, as HEX, BASE64 or UTF8 (UTF-8).
  static func binary(_ text: String, _ format: String) throws(StatementFailure) -> Evaluated {
    switch format.uppercased() {
    case "UTF8", "UTF-8": return Evaluated(text: hex(Array(text.utf8)), type: .binary)
    case "HEX":
      guard text.utf8.count.isMultiple(of: 2), text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
        throw StatementFailure(
          code: "100115", sqlState: "22000",
          message: "The following string is not a legal hex-encoded value: '\(text)'")
      }
      return Evaluated(text: text.uppercased(), type: .binary)
    default: throw .unsupported("the binary format '\(format)'")
    }
  }

  /// A text out of bytes, as HEX or UTF8.
  static func text(ofBinary hex: String, _ format: String) throws(StatementFailure) -> String {
    switch format.uppercased() {
    case "HEX": return hex
    case "UTF8", "UTF-8":
      let digits = Array(hex.utf8)
      let bytes = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
        UInt8(String(decoding: digits[$0...$0 + 1], as: UTF8.self), radix: 16)
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw StatementFailure(code: "100144", sqlState: "22000", message: "Invalid UTF8 detected in string '\(hex)'")
      }
      return text
    default: throw .unsupported("the binary format '\(format)'")
    }
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
  }

  /// The value as VARCHAR.
  func asText(_ settings: ValueSettings) throws(StatementFailure) -> Evaluated {
    switch type {
    case .boolean: return Evaluated(text: text.map { $0 == "1" ? "true" : "false" })
    case .date, .time, .timestamp_ltz, .timestamp_ntz, .timestamp_tz: return Evaluated(text: try settings.text(self))
    case .variant, .object, .array: return Evaluated(text: text.map(SemiStructured.text))
    case .binary:
      return Evaluated(
        text: try text.map { (hex) throws(StatementFailure) in try Self.text(ofBinary: hex, settings.binaryOutput) })
    default: return Evaluated(text: text)
    }
  }

  /// As a member of a semi-structured value: dates, times and bytes are texts there.
  func inDocument(_ settings: ValueSettings) throws(StatementFailure) -> Evaluated {
    isMoment || type == .time || type == .binary ? try asText(settings) : self
  }
}

extension String {
  /// Without blanks at its ends.
  fileprivate var trimmed: Substring {
    var result = drop(while: \.isWhitespace)
    while result.last?.isWhitespace == true { result.removeLast() }
    return result
  }
}
