/// One number out of a date or time: DATE_PART, EXTRACT, YEAR and its like.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/functions-date-time>, with WEEK_START and WEEK_OF_YEAR_POLICY 0.
enum MomentPart {
  private static let others: [String: String] = [
    "DAYOFWEEK": "DAYOFWEEK WEEKDAY DOW DW", "DAYOFWEEKISO": "DAYOFWEEKISO DAYOFWEEK_ISO WEEKDAY_ISO DOW_ISO DW_ISO",
    "DAYOFYEAR": "DAYOFYEAR YEARDAY DOY DY",
    "WEEKISO": "WEEKISO WEEK_ISO WEEKOFYEARISO WEEKOFYEAR_ISO",
    "YEAROFWEEK": "YEAROFWEEK YEAROFWEEKISO", "EPOCH_SECOND": "EPOCH_SECOND EPOCH EPOCH_SECONDS",
    "EPOCH_MILLISECOND": "EPOCH_MILLISECOND EPOCH_MILLISECONDS",
    "EPOCH_MICROSECOND": "EPOCH_MICROSECOND EPOCH_MICROSECONDS",
    "EPOCH_NANOSECOND": "EPOCH_NANOSECOND EPOCH_NANOSECONDS", "TIMEZONE_HOUR": "TIMEZONE_HOUR TZH",
    "TIMEZONE_MINUTE": "TIMEZONE_MINUTE TZM",
  ]
  private static let byName: [String: String] = {
    var result: [String: String] = [:]
    for (part, names) in others { for name in names.split(separator: " ") { result[String(name)] = part } }
    return result
  }()

  /// Whether a name is one of a part.
  static func isPart(_ name: String) -> Bool { MomentUnit(named: name) != nil || byName[name.uppercased()] != nil }

  /// The part. Throws for a name of none.
  static func value(
    _ name: String, of value: Evaluated, _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated {
    let unit = MomentUnit(named: name)
    let other = byName[name.uppercased()]
    guard unit != nil || other != nil else { throw MomentFunctions.unknownUnit(name) }
    guard let time = try settings.clock(value, for: MomentFunctions.kind(value)) else {
      return Evaluated(text: nil, type: .fixed)
    }
    let local = time.local
    if let unit { return Evaluated(text: String(part(unit, local)), type: .fixed) }
    let offset = time.offset ?? 0
    let total = local.advanced(by: -offset).total
    let number: Int128
    switch other {
    case "DAYOFWEEK": number = Int128((local.weekday + 1) % 7)
    case "DAYOFWEEKISO": number = Int128(local.weekday + 1)
    case "DAYOFYEAR": number = Int128(local.day - Moment.days(year: local.date.year, month: 1, day: 1) + 1)
    case "WEEKISO": number = Int128(week(local).number)
    case "YEAROFWEEK": number = Int128(week(local).year)
    case "TIMEZONE_HOUR": number = Int128(offset / 3600)
    case "TIMEZONE_MINUTE": number = Int128(offset / 60 % 60)
    case "EPOCH_SECOND": number = divided(total, 1_000_000_000)
    case "EPOCH_MILLISECOND": number = divided(total, 1_000_000)
    case "EPOCH_MICROSECOND": number = divided(total, 1000)
    default: number = total
    }
    return Evaluated(text: String(number), type: .fixed)
  }

  private static func divided(_ value: Int128, _ unit: Int128) -> Int128 {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: unit)
    return rest < 0 ? quotient - 1 : quotient
  }

  private static func part(_ unit: MomentUnit, _ local: Moment) -> Int {
    let date = local.date
    switch unit {
    case .year: return date.year
    case .quarter: return (date.month - 1) / 3 + 1
    case .month: return date.month
    case .week: return week(local).number
    case .day: return date.day
    case .hour: return local.secondOfDay / 3600
    case .minute: return local.secondOfDay / 60 % 60
    case .second: return local.secondOfDay % 60
    case .millisecond: return local.nanoseconds / 1_000_000
    case .microsecond: return local.nanoseconds / 1000
    case .nanosecond: return local.nanoseconds
    }
  }

  /// The week by ISO 8601 and the year it belongs to: that of its Thursday.
  private static func week(_ local: Moment) -> (year: Int, number: Int) {
    let thursday = local.day - local.weekday + 3
    let year = Moment.date(thursday).year
    return (year, (thursday - Moment.days(year: year, month: 1, day: 1)) / 7 + 1)
  }
}
