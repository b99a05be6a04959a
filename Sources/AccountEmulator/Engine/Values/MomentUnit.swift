/// A unit that dates and times are counted and cut in, by any of its names.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/functions-date-time> (supported date and time parts).
enum MomentUnit: String, CaseIterable {
  case year, quarter, month, week, day, hour, minute, second, millisecond, microsecond, nanosecond

  private static let names: [MomentUnit: String] = [
    .year: "YEAR Y YY YYY YYYY YR YEARS YRS", .quarter: "QUARTER Q QTR QTRS QUARTERS",
    .month: "MONTH MM MON MONS MONTHS", .week: "WEEK W WK WEEKOFYEAR WOY WY WEEKS",
    .day: "DAY D DD DAYS DAYOFMONTH", .hour: "HOUR H HH HR HOURS HRS", .minute: "MINUTE M MI MIN MINUTES MINS",
    .second: "SECOND S SEC SECONDS SECS", .millisecond: "MILLISECOND MS MSEC MILLISECONDS",
    .microsecond: "MICROSECOND US USEC MICROSECONDS",
    .nanosecond: "NANOSECOND NS NSEC NANOSEC NSECOND NANOSECONDS NANOSECS NSECONDS",
  ]
  private static let byName: [String: MomentUnit] = {
    var result: [String: MomentUnit] = [:]
    for (unit, names) in names { for name in names.split(separator: " ") { result[String(name)] = unit } }
    return result
  }()

  /// The unit of a name, in any case; nil for a name of none.
  init?(named name: String) {
    guard let unit = Self.byName[name.uppercased()] else { return nil }
    self = unit
  }

  /// Whether a date has it.
  var isOfDates: Bool { [.year, .quarter, .month, .week, .day].contains(self) }

  /// How many months or nanoseconds it has; days and weeks have both 24 hours each here.
  private var months: Int? { [.year: 12, .quarter: 3, .month: 1][self] }
  private var nanoseconds: Int128 {
    let units: [MomentUnit: Int128] = [
      .week: 604_800_000_000_000, .day: 86_400_000_000_000, .hour: 3_600_000_000_000, .minute: 60_000_000_000,
      .second: 1_000_000_000, .millisecond: 1_000_000, .microsecond: 1000,
    ]
    return units[self] ?? 1
  }

  /// Later by so many of the unit; nil beyond the calendar. A day that the month lacks becomes its last.
  func add(_ count: Int, to moment: Moment) -> Moment? {
    if let months {
      let date = moment.date
      let (added, overflow) = count.multipliedReportingOverflow(by: months)
      guard !overflow, added.magnitude < 2_000_000 else { return nil }
      let month = date.year * 12 + date.month - 1 + added
      let (year, number) = (month.dividedDown(by: 12), month - month.dividedDown(by: 12) * 12 + 1)
      guard Moment.years.contains(year) else { return nil }
      let day = min(date.day, Moment.length(number, of: year))
      return Moment(
        seconds: Moment.days(year: year, month: number, day: day) * 86_400 + moment.secondOfDay,
        nanoseconds: moment.nanoseconds)
    }
    let total = moment.total + Int128(count) * nanoseconds
    guard let result = Moment(nanosecondsSince1970: total), Moment.years.contains(result.date.year) else { return nil }
    return result
  }

  /// How many boundaries of the unit lie between two moments.
  func difference(_ from: Moment, _ to: Moment) -> Int128 {
    if let months {
      func number(_ moment: Moment) -> Int {
        let date = moment.date
        return (date.year * 12 + date.month - 1).dividedDown(by: months)
      }
      return Int128(number(to) - number(from))
    }
    // Weeks begin on Monday; the first of January 1970 was a Thursday.
    let shift: Int128 = self == .week ? 3 * 86_400_000_000_000 : 0
    func number(_ moment: Moment) -> Int128 {
      let (quotient, rest) = (moment.total + shift).quotientAndRemainder(dividingBy: nanoseconds)
      return rest < 0 ? quotient - 1 : quotient
    }
    return number(to) - number(from)
  }

  /// The beginning of the unit that a moment lies in.
  func start(of moment: Moment) -> Moment {
    if let months {
      let date = moment.date
      let month = date.month - 1 - (date.month - 1) % months
      return Moment(seconds: Moment.days(year: date.year, month: month + 1, day: 1) * 86_400)
    }
    let shift: Int128 = self == .week ? 3 * 86_400_000_000_000 : 0
    var rest = (moment.total + shift) % nanoseconds
    if rest < 0 { rest += nanoseconds }
    return Moment(nanosecondsSince1970: moment.total - rest) ?? moment
  }
}

extension Moment {
  /// Nanoseconds since 1970.
  var total: Int128 { Int128(seconds) * 1_000_000_000 + Int128(nanoseconds) }
}
