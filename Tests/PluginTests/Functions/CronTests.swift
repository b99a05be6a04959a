import SnowmakerSDK
import Testing

@testable import Functions

@Suite struct CronTests {
  private func runs(_ expression: String, _ zone: String, after: String, _ count: Int = 3) throws -> [String] {
    let schedule = try CronExpression(expression, of: "expression")
    let zone = try TimeZoneFile(named: zone, of: "time_zone")
    return schedule.runs(after: try CivilTime.instant(after, of: "after"), in: zone, count: count).map { run in
      CivilTime(seconds: run.at + run.offset).text(offset: run.offset)
    }
  }

  private func problem(_ expression: String) -> String? {
    do throws(FunctionFailure) {
      _ = try CronExpression(expression, of: "expression")
      return nil
    } catch {
      return error.message
    }
  }

  // MARK: - Fields

  @Test(arguments: [
    ("* * * * *", ["2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z", "2026-01-01T00:03:00Z"]),
    ("*/15 * * * *", ["2026-01-01T00:15:00Z", "2026-01-01T00:30:00Z", "2026-01-01T00:45:00Z"]),
    ("5/20 3 * * *", ["2026-01-01T03:05:00Z", "2026-01-01T03:25:00Z", "2026-01-01T03:45:00Z"]),
    ("0 10-14/2 * * *", ["2026-01-01T10:00:00Z", "2026-01-01T12:00:00Z", "2026-01-01T14:00:00Z"]),
    ("0 0 * * MON", ["2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z", "2026-01-19T00:00:00Z"]),
    ("30 8 1,15 * *", ["2026-01-01T08:30:00Z", "2026-01-15T08:30:00Z", "2026-02-01T08:30:00Z"]),
    ("0 0 L * *", ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"]),
    ("0 0 15,L 2 *", ["2026-02-15T00:00:00Z", "2026-02-28T00:00:00Z", "2027-02-15T00:00:00Z"]),
    ("0 0 * * 5L", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]),
    ("0 0 * * friL", ["2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z", "2026-03-27T00:00:00Z"]),
    ("0 0 * * L", ["2026-01-03T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-17T00:00:00Z"]),
    ("0 0 1 4/3 *", ["2026-04-01T00:00:00Z", "2026-07-01T00:00:00Z", "2026-10-01T00:00:00Z"]),
    ("0 0 29 2 *", ["2028-02-29T00:00:00Z", "2032-02-29T00:00:00Z"]),
    ("0 0 10-11 * TUE", ["2026-01-06T00:00:00Z", "2026-01-10T00:00:00Z", "2026-01-11T00:00:00Z"]),
    ("59 23 31 DEC *", ["2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z", "2028-12-31T23:59:00Z"]),
    ("0 0 * JAN-FEB SUN,SAT", ["2026-01-03T00:00:00Z", "2026-01-04T00:00:00Z", "2026-01-10T00:00:00Z"]),
  ]) func runsByTheFields(expression: String, expected: [String]) throws {
    #expect(try runs(expression, "UTC", after: "2026-01-01T00:00:00Z").prefix(expected.count) == expected[...])
  }

  @Test(arguments: [
    ("0 9 * *", "'0 9 * *' has 4 fields, and a schedule has 5"),
    ("", "'' has 0 fields, and a schedule has 5"),
    ("0 0 9 * * *", "'0 0 9 * * *' has 6 fields, and a schedule has 5"),
    ("60 * * * *", "the minute '60' makes no sense: it takes 0 to 59"),
    ("* 24 * * *", "the hour '24' makes no sense: it takes 0 to 23"),
    ("* * 0 * *", "the day of month '0' makes no sense: it takes 1 to 31"),
    ("* * * 13 *", "the month '13' makes no sense: it takes 1 to 12 or JAN to DEC"),
    ("* * * * 7", "the day of week '7' makes no sense: it takes 0 to 6 or SUN to SAT"),
    ("* * * * MOON", "the day of week 'MOON' makes no sense: it takes 0 to 6 or SUN to SAT"),
    ("5-1 * * * *", "the minute '5-1' makes no sense: a range goes upwards"),
    ("*/0 * * * *", "the minute '*/0' makes no sense: the step after '/' must be a number from 1 on"),
    ("*/x * * * *", "the minute '*/X' makes no sense: the step after '/' must be a number from 1 on"),
    ("1,,2 * * * *", "the minute '' makes no sense: it takes 0 to 59"),
    ("L * * * *", "the minute 'L' makes no sense: it takes 0 to 59"),
    ("+5 * * * *", "the minute '+5' makes no sense: it takes 0 to 59"),
    ("0 0 31 2 *", "'0 0 31 2 *' never runs: none of its months has such a day"),
    ("0 0 31 2,4,6 *", "'0 0 31 2,4,6 *' never runs: none of its months has such a day"),
    ("0 0 31 2 MON", nil), ("0 0 30 2,3 *", nil), ("0 0 29 2 *", nil),
  ]) func saysWhatIsWrong(expression: String, expected: String?) { #expect(problem(expression) == expected) }

  // MARK: - Zones

  @Test func aSkippedTimeHasNoRun() throws {
    // 29 March 2026, 02:00 → 03:00 in Berlin.
    #expect(
      try runs("30 2 * * *", "Europe/Berlin", after: "2026-03-27T12:00:00Z") == [
        "2026-03-28T02:30:00+01:00", "2026-03-30T02:30:00+02:00", "2026-03-31T02:30:00+02:00",
      ])
    #expect(
      try runs("0 * * * *", "Europe/Berlin", after: "2026-03-29T00:30:00Z") == [
        "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00", "2026-03-29T05:00:00+02:00",
      ])
  }

  /// What "CREATE TASK" says of tasks in America/Los_Angeles, and of two kinds of days.
  @Test(
    arguments: [
      (
        "0 1 * * *", "America/Los_Angeles", "2026-10-31T12:00:00Z",
        ["2026-11-01T01:00:00-07:00", "2026-11-01T01:00:00-08:00", "2026-11-02T01:00:00-08:00"]
      ),
      (
        "0 2 * * *", "America/Los_Angeles", "2026-03-06T12:00:00Z",
        ["2026-03-07T02:00:00-08:00", "2026-03-09T02:00:00-07:00", "2026-03-10T02:00:00-07:00"]
      ),
      (
        // Thursday 5, then 10 to 20, then Tuesday 24.
        "0 0 10-20 * TUE,THU", "UTC", "2026-03-04T12:00:00Z",
        ["2026-03-05T00:00:00Z"] + (10...20).map { "2026-03-\($0)T00:00:00Z" } + ["2026-03-24T00:00:00Z"]
      ),
    ] as [(String, String, String, [String])]) func runsAsTheDocumentationSays(
      expression: String, zone: String, after: String, expected: [String]
    ) throws
  {
    #expect(try runs(expression, zone, after: after, expected.count) == expected)
  }

  @Test func aRepeatedTimeRunsTwice() throws {
    // 25 October 2026, 03:00 → 02:00 in Berlin.
    #expect(
      try runs("30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z") == [
        "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-26T02:30:00+01:00",
      ])
    #expect(
      try runs("*/30 1 * * *", "America/New_York", after: "2026-11-01T05:00:00Z", 4) == [
        "2026-11-01T01:30:00-04:00", "2026-11-01T01:00:00-05:00", "2026-11-01T01:30:00-05:00",
        "2026-11-02T01:00:00-05:00",
      ])
  }

  @Test(arguments: [
    // Beyond the file's last transition the rule counts, also in the southern hemisphere.
    ("Europe/Berlin", "2060-07-01T00:00:00Z", "2060-07-01T12:00:00+02:00"),
    ("Europe/Berlin", "2060-01-01T00:00:00Z", "2060-01-01T12:00:00+01:00"),
    ("Australia/Sydney", "2060-01-01T00:00:00Z", "2060-01-01T12:00:00+11:00"),
    ("Australia/Sydney", "2060-07-01T00:00:00Z", "2060-07-01T12:00:00+10:00"),
    ("America/New_York", "2100-07-01T00:00:00Z", "2100-07-01T12:00:00-04:00"),
    ("Asia/Kolkata", "2026-07-01T00:00:00Z", "2026-07-01T12:00:00+05:30"),
    ("Asia/Kathmandu", "2026-07-01T00:00:00Z", "2026-07-01T12:00:00+05:45"),
    ("America/Sao_Paulo", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00-03:00"),
    ("Europe/Dublin", "2026-07-01T00:00:00Z", "2026-07-01T12:00:00+01:00"),
    ("Africa/Casablanca", "2026-07-01T00:00:00Z", "2026-07-01T12:00:00+01:00"),
    ("America/Godthab", "2040-07-01T00:00:00Z", "2040-07-01T12:00:00-01:00"),
    ("Asia/Gaza", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00+02:00"),
    ("Pacific/Chatham", "2026-01-01T00:00:00Z", "2026-01-02T12:00:00+13:45"),
    ("Europe/London", "1970-06-01T00:00:00Z", "1970-06-01T12:00:00+01:00"),
    ("Etc/GMT+5", "2026-01-01T00:00:00Z", "2026-01-01T12:00:00-05:00"),
  ]) func knowsZones(zone: String, after: String, expected: String) throws {
    let found = try runs("0 12 * * *", zone, after: after, 1)
    // Chatham's noon of the first has passed when the year begins in Greenwich.
    #expect(found == [expected] || zone == "Pacific/Chatham" && found == ["2026-01-02T12:00:00+13:45"])
  }

  @Test func changesByTheRuleAreSkippedToo() throws {
    // 31 March 2069 is the last Sunday of the month: 02:00 → 03:00.
    #expect(
      try runs("30 2 * * *", "Europe/Berlin", after: "2069-03-30T12:00:00Z", 2) == [
        "2069-04-01T02:30:00+02:00", "2069-04-02T02:30:00+02:00",
      ])
    #expect(
      try runs("30 2 27 10 *", "Europe/Berlin", after: "2069-10-01T00:00:00Z", 2) == [
        "2069-10-27T02:30:00+02:00", "2069-10-27T02:30:00+01:00",
      ])
  }

  @Test(arguments: ["", "Europe/Berlim", "../etc/passwd", "/etc/passwd", "Europe//Berlin", "Europe", "zone.tab", "a b"])
  func refusesZones(name: String) {
    #expect(throws: FunctionFailure.self) { try TimeZoneFile(named: name, of: "time_zone") }
  }

  @Test func damagedFilesAreRefused() throws {
    #expect(TimeZoneFile([]) == nil)
    #expect(TimeZoneFile(Array("TZif2".utf8)) == nil)
    var header = Array("TZif2".utf8) + [UInt8](repeating: 0, count: 39)
    #expect(TimeZoneFile(header) == nil)  // no second header
    header[20 + 12] = 0xff  // billions of times
    #expect(TimeZoneFile(header) == nil)
  }

  // MARK: - Rules and calendar

  @Test(arguments: [
    ("CET-1CEST,M3.5.0,M10.5.0/3", 3_600, 7_200), ("EST5EDT,M3.2.0,M11.1.0", -18_000, -14_400),
    ("<+0330>-3:30", 12_600, nil), ("UTC0", 0, nil), ("IST-1GMT0,M10.5.0,M3.5.0/1", 3_600, 0),
    ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", -7_200, -3_600), ("XXX3EDT4,J60/0,300", -10_800, -14_400),
  ]) func readsRules(text: String, standard: Int, daylight: Int?) throws {
    let rule = try #require(PosixRule(text))
    #expect(rule.standard == standard)
    #expect(rule.daylight == daylight)
  }

  @Test(arguments: [
    "", "C-1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.6.0,M10.5.0",
    "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3x", "CET-168", "<>-1", "CET-1CEST,J0,J5",
  ]) func refusesRules(text: String) { #expect(PosixRule(text) == nil) }

  @Test func julianDaysNeverCountTheLeapDay() throws {
    let rule = try #require(PosixRule("AAA0BBB,J60/0,J300/0"))
    #expect(rule.transitions(in: 2024)[0].at == CivilTime(2024, 3, 1).seconds)
    #expect(rule.transitions(in: 2025)[0].at == CivilTime(2025, 3, 1).seconds)
    let zeroBased = try #require(PosixRule("AAA0BBB,59/0,300/0"))
    #expect(zeroBased.transitions(in: 2024)[0].at == CivilTime(2024, 2, 29).seconds)
    #expect(zeroBased.transitions(in: 2025)[0].at == CivilTime(2025, 3, 1).seconds)
  }

  @Test func datesAndDaysAreOneToOne() {
    var days = CivilTime.days(1899, 12, 31)
    for year in 1900...2110 {
      for month in 1...12 {
        for day in 1...CivilTime.daysIn(year, month) {
          days += 1
          let date = CivilTime.date(days)
          guard CivilTime.days(year, month, day) == days, date == (year, month, day) else {
            Issue.record("\(year)-\(month)-\(day)")
            return
          }
        }
      }
    }
    #expect(CivilTime.days(1970, 1, 1) == 0)
    #expect(CivilTime.weekday(0) == 4)  // a Thursday
    #expect(CivilTime.weekday(-1) == 3)
    #expect(CivilTime(seconds: -1) == CivilTime(1969, 12, 31, 23, 59, 59))
  }

  @Test(arguments: [
    ("2026-03-29T01:00:00Z", 1_774_746_000), ("2026-03-29T03:00:00+02:00", 1_774_746_000),
    ("2026-03-29 01:00Z", 1_774_746_000), ("1970-01-01T00:00:00-00:30", 1_800),
  ]) func readsPointsInTime(text: String, expected: Int) throws {
    #expect(try CivilTime.instant(text, of: "after") == expected)
  }

  @Test(arguments: [
    "", "2026-03-29", "2026-03-29T01:00:00", "2026-02-30T00:00Z", "2026-13-01T00:00Z", "2026-01-01T24:00Z",
    "2026-01-01T00:60Z", "2026-01-01T00:00Zx", "2026-01-01T00:00+2:00", "2026-01-01T00:00+24:00", "26-01-01T00:00Z",
    "2026-01-01T00:00:0Z", "２０２６-01-01T00:00Z",
  ]) func refusesPointsInTime(text: String) {
    #expect(throws: FunctionFailure.self) { try CivilTime.instant(text, of: "after") }
  }
}
