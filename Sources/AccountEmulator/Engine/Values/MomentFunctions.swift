import SnowmakerModel

/// Functions of dates and times.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/functions-date-time>.
enum MomentFunctions {
  /// Functions whose first argument is the name of a unit, as a word or as a text.
  static let takeUnits: Set<String> = [
    "DATEADD", "TIMEADD", "TIMESTAMPADD", "DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF", "DATE_PART", "EXTRACT", "DATE_TRUNC",
  ]

  /// What a function comes to; nil when there is none of that name here.
  static func call(
    _ name: String, _ values: [Evaluated], _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated? {
    switch name {
    case "DATEADD", "TIMEADD", "TIMESTAMPADD":
      let unit = try unit(name, values, 3)
      return try add(unit, values[1], to: values[2], settings)
    case "ADD_MONTHS":
      try require(name, values, 2...2)
      let later = try add(.month, values[1], to: values[0], settings)
      // The last day of a month stays one.
      guard let day = try clock(values[0], settings)?.local, let found = try clock(later, settings)?.local,
        day.date.day == Moment.length(day.date.month, of: day.date.year)
      else { return later }
      let missing = Moment.length(found.date.month, of: found.date.year) - found.date.day
      return try add(.day, .whole(missing), to: later, settings)
    case "DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF":
      let unit = try unit(name, values, 3)
      guard let from = try settings.clock(values[1], for: kind(values[1])),
        let to = try settings.clock(values[2], for: kind(values[2]))
      else { return Evaluated(text: nil, type: .fixed) }
      return Evaluated(text: String(unit.difference(from.local, to.local)), type: .fixed)
    case "DATE_TRUNC", "TRUNC":
      guard values.count == 2 else { return nil }
      // TRUNC(moment, unit); TRUNC of numbers is another function.
      let isTrunc = name == "TRUNC"
      if isTrunc, !values[0].isMoment { return nil }
      return try truncated(isTrunc ? values[0] : values[1], isTrunc ? values[1] : values[0], settings)
    case "LAST_DAY":
      try require(name, values, 1...2)
      let unit = try values.count > 1 ? self.unit(of: values[1]) : .month
      guard let time = try clock(values[0], settings) else { return Evaluated(text: nil, type: .date) }
      guard let next = unit.add(1, to: unit.start(of: time.local)) else { throw unknown(name, values) }
      return Evaluated(text: String(next.day - 1), type: .date)
    case "DATE_PART", "EXTRACT":
      try require(name, values, 2...2)
      return try MomentPart.value(values[0].text ?? "", of: values[1], settings)
    case "YEAR", "MONTH", "DAY", "DAYOFMONTH", "HOUR", "MINUTE", "SECOND", "QUARTER", "WEEK", "WEEKOFYEAR", "WEEKISO",
      "DAYOFWEEK", "DAYOFWEEKISO", "DAYOFYEAR", "YEAROFWEEK", "YEAROFWEEKISO":
      try require(name, values, 1...1)
      return try MomentPart.value(name, of: values[0], settings)
    case "MONTHNAME", "DAYNAME":
      try require(name, values, 1...1)
      guard let time = try clock(values[0], settings) else { return .null }
      return Evaluated(text: MomentFormat(name == "MONTHNAME" ? "MON" : "DY").write(time.local))
    case "CONVERT_TIMEZONE": return try converted(values, settings)
    case "DATE_FROM_PARTS", "DATEFROMPARTS": return try fromParts(name, values, 3...3, .date, settings)
    case "TIME_FROM_PARTS", "TIMEFROMPARTS": return try fromParts(name, values, 3...4, .time, settings)
    case "TIMESTAMP_FROM_PARTS", "TIMESTAMPFROMPARTS":
      return try fromParts(name, values, 6...7, settings.mapping, settings)
    case "TIMESTAMP_NTZ_FROM_PARTS": return try fromParts(name, values, 6...7, .timestamp_ntz, settings)
    case "TIMESTAMP_LTZ_FROM_PARTS": return try fromParts(name, values, 6...7, .timestamp_ltz, settings)
    default:
      guard let target = target(name, settings) else { return nil }
      try require(name, values, 1...2)
      guard name.hasPrefix("TRY_") else { return try read(values, target, settings) }
      do throws(StatementFailure) { return try read(values, target, settings) } catch {
        return Evaluated(text: nil, type: target)
      }
    }
  }

  // MARK: Conversions

  private static func target(_ name: String, _ settings: ValueSettings) -> ResultColumn.ResultType? {
    switch name.hasPrefix("TRY_") ? name.dropFirst(4) : name[...] {
    case "TO_TIMESTAMP": settings.mapping
    case "TO_TIMESTAMP_NTZ": .timestamp_ntz
    case "TO_TIMESTAMP_LTZ": .timestamp_ltz
    case "TO_TIMESTAMP_TZ": .timestamp_tz
    case "TO_DATE", "DATE": .date
    case "TO_TIME", "TIME": .time
    default: nil
    }
  }

  /// `TO_…(value [, format or scale])`
  private static func read(
    _ values: [Evaluated], _ target: ResultColumn.ResultType, _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated {
    guard let text = values[0].text else { return Evaluated(text: nil, type: target) }
    guard values.count == 2, let second = values[1].text else {
      return try values[0].cast(to: ResultColumn(name: "", type: target), settings)
    }
    if values[0].type == .fixed || values[0].type == .real, let scale = Int(second) {
      guard let time = try settings.epoch(values[0], scale: scale) else { return Evaluated(text: nil, type: target) }
      return try settings.value(time, target)
    }
    guard values[0].type == .text else { return try read([values[0]], target, settings) }
    return try settings.value(settings.read(text, for: target, second), target)
  }

  /// `CONVERT_TIMEZONE([source,] target, timestamp)`: with a source, what clocks there and then show in the target.
  private static func converted(_ values: [Evaluated], _ settings: ValueSettings) throws(StatementFailure) -> Evaluated
  {
    try require("CONVERT_TIMEZONE", values, 2...3)
    let type: ResultColumn.ResultType = values.count == 3 ? .timestamp_ntz : .timestamp_tz
    guard let last = values.last, !values.contains(where: { $0.text == nil }),
      var time = try settings.clock(last, for: type)
    else { return Evaluated(text: nil, type: type) }
    let target = try ValueSettings.zone(values[values.count - 2].text ?? "")
    if values.count == 3 {
      time.offset = try ValueSettings.zone(values[0].text ?? "").offset(showing: time.local.seconds)
    }
    let offset = try settings.offset(of: time)
    let instant = time.local.advanced(by: -offset)
    let shown = target.offset(at: instant.seconds)
    return try settings.value(
      ClockTime(local: instant.advanced(by: shown), offset: shown), type, scale: last.scale ?? 9)
  }

  private static func fromParts(
    _ name: String, _ values: [Evaluated], _ counts: ClosedRange<Int>, _ type: ResultColumn.ResultType,
    _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated {
    try require(name, values, counts)
    var numbers: [Int] = []
    for value in values {
      guard let text = value.text else { return Evaluated(text: nil, type: type) }
      guard let number = FixedNumber(text)?.rounded(to: 0).flatMap({ Int(exactly: $0.unscaled) }),
        number.magnitude < 1_000_000_000_000
      else { throw Arithmetic.notNumeric(text) }
      numbers.append(number)
    }
    // What goes beyond a unit counts in the next: month 14 is February of the next year.
    if type == .time { numbers = [1970, 1, 1] + numbers }
    guard Moment.years.contains(numbers[0]) else { throw Arithmetic.outOfRange(values[0].text ?? "") }
    let days = Moment(seconds: Moment.days(year: numbers[0], month: 1, day: 1) * 86_400)
    guard let month = MomentUnit.month.add(numbers[1] - 1, to: days),
      var moment = MomentUnit.day.add(numbers[2] - 1, to: month)
    else { throw Arithmetic.outOfRange(values[0].text ?? "") }
    for (unit, number) in zip([MomentUnit.hour, .minute, .second, .nanosecond], numbers.dropFirst(3)) {
      guard let next = unit.add(number, to: moment) else { throw Arithmetic.outOfRange(String(number)) }
      moment = next
    }
    return try settings.value(ClockTime(local: moment), type)
  }

  // MARK: Counting

  private static func add(
    _ unit: MomentUnit, _ count: Evaluated, to value: Evaluated, _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated {
    var type = kind(value)
    if type == .date, !unit.isOfDates { type = .timestamp_ntz }
    let isBelowSeconds = [.millisecond, .microsecond, .nanosecond].contains(unit)
    let scale = isBelowSeconds ? 9 : value.scale ?? 9
    guard let text = count.text, let time = try settings.clock(value, for: type) else {
      return Evaluated(text: nil, type: type, scale: type == .date ? nil : scale)
    }
    guard let number = FixedNumber(text)?.rounded(to: 0).flatMap({ Int(exactly: $0.unscaled) }) else {
      throw Arithmetic.notNumeric(text)
    }
    // An hour later is an hour later even when clocks are changed between; a day later shows the same time.
    if type == .timestamp_ltz, !unit.isOfDates {
      let instant = time.local.advanced(by: -(time.offset ?? 0))
      guard let later = unit.add(number, to: instant) else { throw outOfCalendar(unit, text) }
      return Evaluated(text: later.cut(to: scale).wire(), type: type, scale: scale)
    }
    guard let later = unit.add(number, to: time.local) else { throw outOfCalendar(unit, text) }
    let offset = type == .timestamp_ltz ? nil : time.offset
    return try settings.value(ClockTime(local: later, offset: offset), type, scale: scale)
  }

  private static func outOfCalendar(_ unit: MomentUnit, _ count: String) -> StatementFailure {
    StatementFailure(
      code: "100039", sqlState: "22003", message: "Date/time value out of range: \(count) \(unit.rawValue)")
  }

  private static func truncated(
    _ value: Evaluated, _ unit: Evaluated, _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated {
    // DATE_TRUNC takes its arguments in either order.
    guard MomentUnit(named: unit.text ?? "") != nil || value.text == nil || MomentUnit(named: value.text ?? "") == nil
    else { return try truncated(unit, value, settings) }
    let unit = try self.unit(of: unit)
    let type = kind(value)
    let scale = value.scale ?? 9
    guard let time = try settings.clock(value, for: type) else {
      return Evaluated(text: nil, type: type, scale: type == .date ? nil : scale)
    }
    if type == .date, !unit.isOfDates { return value }
    let offset = type == .timestamp_ltz && unit.isOfDates ? nil : time.offset
    return try settings.value(ClockTime(local: unit.start(of: time.local), offset: offset), type, scale: scale)
  }

  // MARK: Arguments

  /// What a value is read as: a text is a timestamp.
  static func kind(_ value: Evaluated) -> ResultColumn.ResultType {
    value.isMoment || value.type == .time ? value.type : .timestamp_ntz
  }

  private static func clock(_ value: Evaluated, _ settings: ValueSettings) throws(StatementFailure) -> ClockTime? {
    try settings.clock(value, for: kind(value))
  }

  private static func unit(of value: Evaluated) throws(StatementFailure) -> MomentUnit {
    guard let unit = MomentUnit(named: value.text ?? "") else { throw unknownUnit(value.text ?? "NULL") }
    return unit
  }

  static func unknownUnit(_ text: String) -> StatementFailure {
    StatementFailure(
      code: "001073", sqlState: "42601",
      message: "SQL compilation error:\n'\(text)' is not a valid date/time component.")
  }

  private static func unit(
    _ name: String, _ values: [Evaluated], _ count: Int
  ) throws(StatementFailure) -> MomentUnit {
    try require(name, values, count...count)
    return try unit(of: values[0])
  }

  private static func require(
    _ name: String, _ values: [Evaluated], _ counts: ClosedRange<Int>
  ) throws(StatementFailure) {
    guard counts.contains(values.count) else { throw unknown(name, values) }
  }

  private static func unknown(_ name: String, _ values: [Evaluated]) -> StatementFailure {
    StatementFailure(
      code: "000939", sqlState: "22023",
      message: "SQL compilation error:\nwrong number of arguments for function [\(name)]: \(values.count)")
  }
}
