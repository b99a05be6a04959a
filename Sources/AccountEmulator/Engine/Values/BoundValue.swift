import SnowmakerModel

/// The values that drivers send beside a statement.
///
/// Source: recorded from Snowflake's drivers; <https://docs.snowflake.com/en/developer-guide/sql-api/submitting-requests>.
extension StatementBinding {
  /// The value as an expression of its type. Throws 100132 for one that is not in the form of its type.
  func expression() throws(StatementFailure) -> Expression {
    guard let value = values.first ?? nil else { return .null }
    switch type {
    case "FIXED":
      guard FixedNumber(value) != nil else { throw malformed(value) }
      return value.contains { "eE".contains($0) } ? .cast(.string(value), "NUMBER") : .number(value)
    case "REAL":
      guard Double(value) != nil else { throw malformed(value) }
      return .cast(.string(value), "FLOAT")
    case "BOOLEAN":
      switch value.lowercased() {
      case "true", "1": return .boolean(true)
      case "false", "0": return .boolean(false)
      default: throw malformed(value)
      }
    case "BINARY": return .call("TO_BINARY", [.string(value), .string("HEX")])
    case "DATE":
      // Milliseconds since 1970.
      guard let count = Int64(value), count.magnitude < 1 << 52 else { throw malformed(value) }
      return written("TO_DATE", "YYYY-MM-DD", Moment(milliseconds: count))
    case "TIME": return written("TO_TIME", "HH24:MI:SS.FF9", try moment(value))
    case "TIMESTAMP_NTZ": return written("TO_TIMESTAMP_NTZ", "YYYY-MM-DD HH24:MI:SS.FF9", try moment(value))
    case "TIMESTAMP_LTZ": return written("TO_TIMESTAMP_LTZ", Self.withOffset, try moment(value))
    case "TIMESTAMP_TZ":
      // Nanoseconds since 1970, a blank, minutes east of Greenwich and 1440. The Python connector 5.2.0 sends the first
      // alone, which is taken to be UTC.
      let parts = value.split(separator: " ")
      guard (1...2).contains(parts.count), let minutes = parts.count == 2 ? Int(parts[1]) : 1440,
        (0...2880).contains(minutes)
      else { throw malformed(value) }
      return written("TO_TIMESTAMP_TZ", Self.withOffset, try moment(String(parts[0])), offset: (minutes - 1440) * 60)
    default: return .string(value)
    }
  }

  private static let withOffset = "YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM"

  private func moment(_ value: String) throws(StatementFailure) -> Moment {
    guard let count = Int128(value), let moment = Moment(nanosecondsSince1970: count),
      Moment.years.contains(moment.date.year)
    else { throw malformed(value) }
    return moment
  }

  private func written(_ function: String, _ format: String, _ moment: Moment, offset: Int = 0) -> Expression {
    let text = MomentFormat(format).write(moment.advanced(by: offset), offset: offset)
    return .call(function, [.string(text), .string(format)])
  }

  private func malformed(_ value: String) -> StatementFailure {
    StatementFailure(
      code: "100132", sqlState: "22000", message: "the bound value '\(value.prefix(40))' is no \(type)")
  }
}
