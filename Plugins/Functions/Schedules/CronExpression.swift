import SnowmakerSDK

/// A schedule as Snowflake's `USING CRON` takes it: minute, hour, day of month, month, day of week.
///
/// Source: "CREATE TASK", docs.snowflake.com/en/sql-reference/sql/create-task, at `USING CRON` (looked up on 2026-11-21):
/// - The fields and their bounds, names of months and weekdays, `*`; lists and ranges by its examples `0 6,18` and `MON-FRI`.
/// - `L` is the last day of the month; `5L` as a weekday is the last Friday of the month.
/// - `4/3` as a month is April, July and October, each year anew.
/// - When a day of the month and a day of the week are given, either will do: `0 0 10-20 * TUE,THU`.
///
/// The class `snowflake.core.task.Cron` of Snowflake's Python API is described in the same words and no others (looked up on
/// 2026-11-21): "a subset of standard cron utility syntax".
///
/// Unverified, as other crons do it because neither says: `L` alone as a weekday, which both allow, is Saturday; `FRIL` is
/// `5L`; a range may have a step; `*/2` counts as a day that is given; a range does not go round (`FRI-MON`).
struct CronExpression {
  private let minutes: Set<Int>
  private let hours: Set<Int>
  private let daysOfMonth: Set<Int>
  private let lastDayOfMonth: Bool
  private let months: Set<Int>
  private let daysOfWeek: Set<Int>
  private let lastDaysOfWeek: Set<Int>
  private let anyDayOfMonth: Bool
  private let anyDayOfWeek: Bool
  /// The expression with single spaces and upper-case names.
  let text: String

  private static let monthNames = [
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
  ]
  private static let dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

  /// Reads an expression. Throws which field is wrong and how, as the argument for `parameter`.
  init(_ text: String, of parameter: String) throws(FunctionFailure) {
    let fields = text.uppercased().split { $0 == " " || $0 == "\t" }
    guard fields.count == 5 else {
      throw FunctionFailure(
        "'\(text)' has \(counted(fields.count, "field")), and a schedule has 5",
        detail: "minute, hour, day of month, month, day of week, as in 0 9 * * MON-FRI", of: parameter)
    }
    let minute = try CronField(fields[0], "minute", 0...59, of: parameter)
    let hour = try CronField(fields[1], "hour", 0...23, of: parameter)
    let day = try CronField(fields[2], "day of month", 1...31, takesLast: true, of: parameter)
    let month = try CronField(fields[3], "month", 1...12, names: Self.monthNames, of: parameter)
    let weekday = try CronField(
      fields[4], "day of week", 0...6, names: Self.dayNames, takesLastOf: true, of: parameter)
    (minutes, hours, daysOfMonth, months, daysOfWeek) = (
      minute.values, hour.values, day.values, month.values, weekday.values
    )
    lastDayOfMonth = day.isLast
    lastDaysOfWeek = weekday.lastOf
    anyDayOfMonth = fields[2] == "*"
    anyDayOfWeek = fields[4] == "*"
    self.text = fields.joined(separator: " ")
    guard anyDayOfWeek == false || lastDayOfMonth || hasDayInItsMonths else {
      throw FunctionFailure("'\(text)' never runs: none of its months has such a day", of: parameter)
    }
  }

  /// Whether a month has a day of the month that is meant, in leap years at least.
  private var hasDayInItsMonths: Bool {
    months.contains { month in daysOfMonth.contains { $0 <= CivilTime.daysIn(2024, month) } }
  }

  /// Up to `count` runs after a time in UTC: in UTC too, each with its offset. Local times that a change of the clock
  /// skips have no run, those that it repeats have two.
  ///
  /// Source: the same page: in America/Los_Angeles `0 1 * * *` runs twice on the day on which daylight saving time ends,
  /// `0 2 * * *` does not run on the day on which it begins.
  func runs(after time: Int, in zone: TimeZoneFile, count: Int) -> [(at: Int, offset: Int)] {
    var runs: [(at: Int, offset: Int)] = []
    var at = Self.wholeMinute(time + 1)
    // The rarest schedule, 29 February, is eight years apart around a year such as 2100.
    let end = time + 3_000 * 86_400
    while runs.count < count, at <= end {
      let (offset, until) = zone.offset(at: at)
      // Between two changes the clock runs evenly.
      let local = Self.wholeMinute(at + offset)
      guard let next = self.next(from: local, to: end + offset) else { break }
      let candidate = next - offset
      if let until, candidate >= until {
        at = until
        continue
      }
      if candidate > time { runs.append((candidate, offset)) }
      at = candidate + 60
    }
    return runs
  }

  private static func wholeMinute(_ seconds: Int) -> Int {
    let rest = ((seconds % 60) + 60) % 60
    return rest == 0 ? seconds : seconds + 60 - rest
  }

  /// The first local time from `start` on that is meant; nil when there is none before `end`.
  private func next(from start: Int, to end: Int) -> Int? {
    let from = CivilTime(seconds: start)
    var days = CivilTime.days(from.year, from.month, from.day)
    var earliest = start - days * 86_400
    while days * 86_400 <= end {
      let (year, month, day) = CivilTime.date(days)
      guard months.contains(month) else {
        days += CivilTime.daysIn(year, month) - day + 1
        earliest = 0
        continue
      }
      if isMeant(days, year, month, day), let time = firstTime(from: earliest) { return days * 86_400 + time }
      days += 1
      earliest = 0
    }
    return nil
  }

  private func firstTime(from earliest: Int) -> Int? {
    for hour in earliest / 3_600..<24 where hours.contains(hour) {
      for minute in 0..<60 where minutes.contains(minute) && hour * 3_600 + minute * 60 >= earliest {
        return hour * 3_600 + minute * 60
      }
    }
    return nil
  }

  private func isMeant(_ days: Int, _ year: Int, _ month: Int, _ day: Int) -> Bool {
    let last = CivilTime.daysIn(year, month)
    let byMonth = daysOfMonth.contains(day) || lastDayOfMonth && day == last
    let weekday = CivilTime.weekday(days)
    let byWeek = daysOfWeek.contains(weekday) || lastDaysOfWeek.contains(weekday) && day > last - 7
    if anyDayOfMonth { return byWeek }
    if anyDayOfWeek { return byMonth }
    return byMonth || byWeek
  }
}

/// One field of a schedule.
private struct CronField {
  var values: Set<Int> = []
  /// `L` as a day of the month.
  var isLast = false
  /// Weekdays whose last one in the month is meant.
  var lastOf: Set<Int> = []

  private let name: String
  private let range: ClosedRange<Int>
  private let names: [String]
  private let parameter: String

  init(
    _ text: Substring, _ name: String, _ range: ClosedRange<Int>, names: [String] = [], takesLast: Bool = false,
    takesLastOf: Bool = false, of parameter: String
  ) throws(FunctionFailure) {
    self.name = name
    self.range = range
    self.names = names
    self.parameter = parameter
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      if takesLast, part == "L" {
        isLast = true
      } else if takesLastOf, part == "L" {
        values.insert(6)
      } else if takesLastOf, part.hasSuffix("L"), part.count > 1 {
        lastOf.insert(try number(part.dropLast(), part))
      } else {
        try add(part)
      }
    }
  }

  private mutating func add(_ part: Substring) throws(FunctionFailure) {
    let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var step = 1
    if halves.count == 2 {
      guard halves[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(halves[1]), number > 0 else {
        throw failure(part, "the step after '/' must be a number from 1 on")
      }
      step = number
    }
    let bounds = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    let from: Int
    let to: Int
    if halves[0] == "*" {
      (from, to) = (range.lowerBound, range.upperBound)
    } else if bounds.count == 2 {
      from = try number(bounds[0], part)
      to = try number(bounds[1], part)
      guard from <= to else { throw failure(part, "a range goes upwards") }
    } else {
      from = try number(bounds[0], part)
      to = halves.count == 2 ? range.upperBound : from
    }
    values.formUnion(stride(from: from, through: to, by: step))
  }

  private func number(_ text: Substring, _ part: Substring) throws(FunctionFailure) -> Int {
    if let index = names.firstIndex(where: { $0 == text }) { return index + range.lowerBound }
    let isNumber = (1...4).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber, let number = Int(text), range.contains(number) else {
      let words = names.isEmpty ? "" : " or \(names[0]) to \(names[names.count - 1])"
      throw failure(part, "it takes \(range.lowerBound) to \(range.upperBound)\(words)")
    }
    return number
  }

  private func failure(_ part: Substring, _ why: String) -> FunctionFailure {
    FunctionFailure("the \(name) '\(part)' makes no sense: \(why)", of: parameter)
  }
}
