import Glibc
import SnowmakerModel

/// Functions of numbers.
enum NumberFunctions {
  /// What a function comes to; nil when there is none of that name here.
  static func call(
    _ name: String, _ values: [Evaluated], _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated? {
    switch name {
    case "TO_NUMBER", "TO_DECIMAL", "TO_NUMERIC": return try number(values, settings)
    case "TRY_TO_NUMBER", "TRY_TO_DECIMAL", "TRY_TO_NUMERIC":
      do throws(StatementFailure) { return try number(values, settings) } catch {
        guard error.code == "100038" || error.code == "100039" else { throw error }
        return Evaluated(text: nil, type: .fixed)
      }
    case "TO_DOUBLE", "TRY_TO_DOUBLE":
      guard let value = values.first else { return nil }
      do throws(StatementFailure) { return try value.cast(to: "FLOAT", settings) } catch {
        guard name == "TRY_TO_DOUBLE", error.code == "100038" else { throw error }
        return Evaluated(text: nil, type: .real)
      }
    case "ABS", "SIGN", "ROUND", "FLOOR", "CEIL", "TRUNC", "TRUNCATE":
      guard let first = values.first, values.count <= 2 else { return nil }
      return try rounded(name, first, values.count > 1 ? values[1] : nil)
    case "MOD": return values.count == 2 ? try Arithmetic.apply("%", values[0], values[1]) : nil
    default: return nil
    }
  }

  /// `TO_NUMBER(x, precision, scale)`.
  private static func number(_ values: [Evaluated], _ settings: ValueSettings) throws(StatementFailure) -> Evaluated {
    let sizes = values.dropFirst().compactMap(\.text)
    guard let value = values.first, sizes.count <= 2, sizes.allSatisfy({ Int($0) != nil }) else {
      throw .unsupported("TO_NUMBER with a format")
    }
    return try value.cast(to: sizes.isEmpty ? "NUMBER" : "NUMBER(\(sizes.joined(separator: ",")))", settings)
  }

  private static func rounded(
    _ name: String, _ value: Evaluated, _ places: Evaluated?
  ) throws(StatementFailure) -> Evaluated {
    let isReal = value.type == .real
    guard let text = value.text else { return Evaluated(text: nil, type: isReal ? .real : .fixed) }
    var wanted = 0
    if let places {
      guard let written = places.text else { return Evaluated(text: nil, type: isReal ? .real : .fixed) }
      guard let number = Int(written), (-38...38).contains(number) else { throw Arithmetic.notNumeric(written) }
      wanted = number
    }
    let rule: FloatingPointRoundingRule =
      switch name {
      case "ROUND": .toNearestOrAwayFromZero
      case "FLOOR": .down
      case "CEIL": .up
      default: .towardZero
      }
    guard !isReal, let number = FixedNumber(text) else {
      guard let number = Double(text) else { throw Arithmetic.notNumeric(text) }
      if name == "SIGN" { return .whole(number == 0 ? 0 : number < 0 ? -1 : 1) }
      if name == "ABS" { return Evaluated(text: Arithmetic.text(abs(number)), type: .real) }
      let unit = pow(10, Double(wanted))
      return Evaluated(text: Arithmetic.text((number * unit).rounded(rule) / unit), type: .real)
    }
    switch name {
    case "ABS":
      let absolute = FixedNumber(unscaled: Int128(number.unscaled.magnitude), scale: number.scale)
      return Evaluated(text: absolute.text, type: .fixed, scale: number.scale, precision: value.precision)
    case "SIGN": return .whole(Int(number.unscaled.signum()))
    default:
      let scale = min(max(0, wanted), number.scale)
      guard wanted < 0 else {
        guard let result = number.rounded(to: scale, rule) else { throw Arithmetic.outOfRange(text) }
        return .number(result)
      }
      // Digits before the point: as if the point stood further to the left.
      let shifted = FixedNumber(unscaled: number.unscaled, scale: number.scale - wanted)
      guard shifted.scale <= 38, let result = shifted.rounded(to: 0, rule) else { return .whole(0) }
      return .number(FixedNumber(unscaled: result.unscaled * FixedNumber.power(-wanted), scale: 0))
    }
  }
}
