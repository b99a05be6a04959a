import SnowmakerModel

/// Conversions between types, as `::`, CAST and TO_VARCHAR, TO_NUMBER … do them.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/data-type-conversion>.
extension Evaluated {
  /// The value as a type, written with its arguments (`NUMBER(10,2)`). Throws 100038 for what is no number.
  func cast(to written: String) throws(StatementFailure) -> Evaluated {
    guard let canonical = try? DataTypes.canonical(written) else { throw .unsupported("a cast to \(written)") }
    let target = DataTypes.column("", canonical)
    if type == .variant || type == .object || type == .array, target.type != .text {
      // Out of a VARIANT comes what is in it.
      switch (target.type, document) {
      case (.variant, _), (.object, .object), (.array, .list): return Evaluated(text: text, type: target.type)
      case (_, .null): return Evaluated(text: nil, type: target.type)
      case (_, .bool(let flag)): return try Evaluated.boolean(flag).cast(to: canonical)
      default: return try Evaluated(text: text.map(SemiStructured.text)).cast(to: canonical)
      }
    }
    switch target.type {
    case .fixed:
      guard let text else { return Evaluated(text: nil, type: .fixed) }
      guard let number = Self.rounded(text, to: target.scale ?? 0) else { throw Arithmetic.notNumeric(text) }
      return Evaluated(text: number, type: .fixed)
    case .real:
      if let text, Double(text) == nil { throw Arithmetic.notNumeric(text) }
      return Evaluated(text: text, type: .real)
    case .boolean: return text == nil ? .null : .boolean(isTrue || text == "1")
    case .timestamp_ltz, .timestamp_ntz, .timestamp_tz: return Moments.seconds(self).map(Moments.timestamp) ?? .null
    case .date:
      return Moments.seconds(self).map { Evaluated(text: String(Int(($0 / 86_400).rounded(.down))), type: .date) }
        ?? .null
    case .variant: return SemiStructured.variant(self)
    case .object: return try SemiStructured.call("TO_OBJECT", [self]) ?? .null
    case .array: return try SemiStructured.call("TO_ARRAY", [self]) ?? .null
    case .text: return asText
    case .time:
      guard let text, type != .time else { return Evaluated(text: text, type: .time) }
      guard
        let seconds = isMoment
          ? Moments.seconds(self).map({ $0 - ($0 / 86_400).rounded(.down) * 86_400 })
          : Moments.parse("1970-01-01 " + text)
      else {
        throw StatementFailure(code: "100108", sqlState: "22007", message: "Time '\(text)' is not recognized")
      }
      return Evaluated(text: StatementRun.timestamp(Int64((seconds * 1000).rounded())), type: .time)
    case .binary:
      guard let text, type != .binary else { return Evaluated(text: text, type: .binary) }
      guard text.utf8.count.isMultiple(of: 2), text.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }) else {
        throw StatementFailure(
          code: "100115", sqlState: "22000",
          message: "The following string is not a legal hex-encoded value: '\(text)'")
      }
      return Evaluated(text: text.uppercased(), type: .binary)
    }
  }

  /// The value as VARCHAR.
  var asText: Evaluated {
    switch type {
    case .boolean: return Evaluated(text: text.map { $0 == "1" ? "true" : "false" })
    case .date: return Evaluated(text: Moments.seconds(self).map { String(Moments.text($0).prefix(10)) })
    case .timestamp_ltz, .timestamp_ntz, .timestamp_tz: return Evaluated(text: Moments.seconds(self).map(Moments.text))
    case .variant, .object, .array: return Evaluated(text: text.map(SemiStructured.text))
    case .time:
      // HH24:MI:SS, as TIME_OUTPUT_FORMAT is at first.
      return Evaluated(text: text.flatMap { Double($0) }.map { String(Moments.text($0).dropFirst(11).prefix(8)) })
    default: return Evaluated(text: text)
    }
  }

  /// A number in decimal notation with so many digits after the point, half away from zero; nil for what is no number.
  static func rounded(_ text: String, to scale: Int) -> String? {
    let trimmed = text.trimmed
    let isNegative = trimmed.hasPrefix("-")
    let digits = isNegative || trimmed.hasPrefix("+") ? trimmed.dropFirst() : trimmed
    let parts = digits.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    let isPlain = parts.allSatisfy { $0.utf8.allSatisfy(Ascii.isDigit) } && !digits.isEmpty && digits != "."
    guard isPlain else {
      guard let value = Double(String(trimmed)), value.isFinite else { return nil }
      return Int64(exactly: value.rounded(.toNearestOrAwayFromZero)).map(String.init) ?? String(value)
    }
    var whole = Array(parts[0].utf8)
    var fraction = parts.count > 1 ? Array(parts[1].utf8) : []
    let roundsUp = fraction.count > scale && fraction[scale] >= UInt8(ascii: "5")
    fraction = Array(fraction.prefix(scale))
    var all = whole + fraction
    if roundsUp {
      var index = all.count - 1
      while index >= 0, all[index] == UInt8(ascii: "9") {
        all[index] = UInt8(ascii: "0")
        index -= 1
      }
      if index >= 0 { all[index] += 1 } else { all.insert(UInt8(ascii: "1"), at: 0) }
    }
    whole = Array(all.dropLast(fraction.count))
    fraction = Array(all.suffix(fraction.count))
    fraction += Array(repeating: UInt8(ascii: "0"), count: parts.count > 1 ? scale - fraction.count : 0)
    let lead = whole.drop { $0 == UInt8(ascii: "0") }
    var result = lead.isEmpty ? "0" : String(decoding: lead, as: UTF8.self)
    if !fraction.isEmpty { result += "." + String(decoding: fraction, as: UTF8.self) }
    let isZero = all.allSatisfy { $0 == UInt8(ascii: "0") }
    return isNegative && !isZero ? "-" + result : result
  }
}

extension String {
  /// Without blanks at its ends.
  fileprivate var trimmed: Substring {
    var result = drop(while: \.isWhitespace)
    while result.last?.isWhitespace == true { result = result.dropLast() }
    return result
  }
}
