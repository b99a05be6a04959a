import Testing

@testable import AccountEmulator

/// Values as the wire carries them; Tests/Interop has them as Snowflake's drivers see them.
@Suite struct ValueTests {
  private func cells(_ list: String, _ settings: String...) throws -> [String?] {
    let account = try TestAccount()
    for setting in settings { try account.run("ALTER SESSION SET " + setting) }
    return try account.run("SELECT " + list).rows[0]
  }

  @Test(arguments: [
    ("'1969-12-31 23:59:59.25'::TIMESTAMP_NTZ", "-0.750000000"),
    ("'1969-12-31 23:59:58.5'::TIMESTAMP_NTZ(1)", "-1.5"), ("'1969-12-31 23:59:59.999'::TIMESTAMP_NTZ(0)", "-1"),
    ("'2026-11-21 00:00:00.123456789 +01:00'::TIMESTAMP_TZ", "1795215600.123456789 1500"),
    ("'2026-11-21 00:00:00.1 -09:30'::TIMESTAMP_TZ(2)", "1795253400.10 870"),
    ("'1500-02-28'::DATE", "-171606"), ("'23:59:59.5'::TIME(0)", "86399"), ("1.005::NUMBER(38,2)", "1.01"),
    ("-0.5::NUMBER(5,0)", "-1"), ("0.4::INT", "0"), ("-0.04::NUMBER(3,1)", "0.0"), ("1.0::FLOAT", "1"),
    ("1e3", "1000"), ("2.5e-1", "0.25"), ("SUM(1.5)", "1.5"), ("AVG(1)", "1.000000"), ("'1.10' + 1", "2.10"),
    ("1 / 3 * 3", "0.999999"), ("ROUND(1234.567, -2)", "1200"), ("FLOOR(-1.5)", "-2"), ("CEIL(-1.5)", "-1"),
    ("TRUNC(-1.59, 1)", "-1.5"), ("ABS(-1.50)", "1.50"), ("CASE WHEN TRUE THEN 1 ELSE 2.50 END", "1.00"),
    ("COALESCE(NULL, 1.5, 2.25)", "1.50"),
  ])
  func cellsOfEachType(_ expression: String, _ cell: String) throws {
    #expect(try cells(expression) == [cell], Comment(rawValue: expression))
  }

  @Test func columnsOfSetsAndValuesTakeAllRows() throws {
    let account = try TestAccount()
    let union = try account.run("SELECT 1 AS N UNION ALL SELECT 2.25 UNION ALL SELECT '3.5'")
    #expect(union.rows == [["1.00"], ["2.25"], ["3.50"]])
    #expect(union.columns[0].scale == 2)
    let values = try account.run("SELECT * FROM VALUES (1, '2026-01-01'::TIMESTAMP_NTZ(3)), (2.5, NULL)")
    #expect(values.rows == [["1.0", "1767225600.000"], ["2.5", nil]])
    #expect(values.columns.map(\.scale) == [1, 3])
    let dates = try account.run("SELECT '2026-01-01'::DATE UNION ALL SELECT '2026-01-01 12:00:00'::TIMESTAMP_NTZ(0)")
    #expect(dates.rows == [["1767225600"], ["1767268800"]])
    #expect(dates.columns[0].type == .timestamp_ntz)
    #expect(account.failure("SELECT 1 UNION ALL SELECT 'x'")?.code == "100038")
  }

  @Test func momentsOfDifferentTypesAreCompared() throws {
    #expect(
      try cells(
        """
        '2026-07-01 12:00:00 -07:00'::TIMESTAMP_TZ = '2026-07-01 19:00:00 +00:00'::TIMESTAMP_LTZ,
        '2026-07-01 12:00:00'::TIMESTAMP_NTZ = '2026-07-01 19:00:00Z'::TIMESTAMP_LTZ,
        '2026-07-01'::DATE = '2026-07-01 12:00:00', '1:00'::TIME IN ('01:00:00', '2:00'),
        '2026-07-01'::DATE = '2026-07-01 00:00:00'::TIMESTAMP_NTZ,
        GREATEST('1969-12-31 23:59:58.5'::TIMESTAMP_NTZ, '1969-12-31 23:59:58.25'::TIMESTAMP_NTZ)
        """)
        == ["1", "1", "1", "1", "1", "-1.500000000"])
  }

  /// Clocks that are put forward and back, by the tables of the zone and by its rule for later years.
  @Test(arguments: [
    ("2026-03-08 01:59:59", 28800), ("2026-03-08 02:30:00", 28800), ("2026-03-08 03:00:00", 25200),
    ("2026-11-01 01:30:00", 25200), ("2026-11-01 02:00:00", 28800), ("2100-03-14 01:59:59", 28800),
    ("2100-03-14 03:00:00", 25200), ("2100-11-07 01:59:59", 25200), ("2100-11-07 02:00:00", 28800),
    ("1960-07-01 00:00:00", 25200), ("1960-12-01 00:00:00", 28800),
  ])
  func clocksOfLosAngeles(_ local: String, _ behind: Int) throws {
    let found = try cells(
      "DATEDIFF(SECOND, '\(local)'::TIMESTAMP_NTZ, CONVERT_TIMEZONE('America/Los_Angeles', 'UTC', "
        + "'\(local)'::TIMESTAMP_NTZ))")
    #expect(found == [String(behind)], Comment(rawValue: local))
  }

  @Test(arguments: [
    ("Pacific/Auckland", "2100-01-01 00:00:00", "+1300"), ("Pacific/Auckland", "2100-07-01 00:00:00", "+1200"),
    ("Europe/Dublin", "2100-07-01 00:00:00", "+0100"), ("Europe/Dublin", "2100-12-01 00:00:00", "+0000"),
    ("Asia/Kathmandu", "2026-01-01 00:00:00", "+0545"), ("America/St_Johns", "2100-07-01 00:00:00", "-0230"),
    ("UTC", "2100-07-01 00:00:00", "+0000"),
  ])
  func offsetsOfZones(_ zone: String, _ moment: String, _ offset: String) throws {
    let text = try cells("'\(moment)'::TIMESTAMP_LTZ::VARCHAR", "TIMEZONE = '\(zone)'")[0]
    #expect(text == "\(moment).000 \(offset)")
  }

  @Test func namesOfZonesReachNoOtherFiles() throws {
    let account = try TestAccount()
    for zone in ["../../../etc/passwd", "/etc/passwd", "", "Europe", "tzdata.zi", "America/Los_Angeles\0"] {
      #expect(TimeZoneRules.named(zone) == nil, Comment(rawValue: zone))
    }
    #expect(account.failure("ALTER SESSION SET TIMEZONE = '../../../etc/passwd'")?.code == "001008")
    #expect(account.failure("SELECT CONVERT_TIMEZONE('Mars', SYSDATE())")?.code == "100294")
  }

  @Test(arguments: [
    ("YYYY-MM-DD HH24:MI:SS.FF9 TZH:TZM", "2026-11-21 03:04:05.678901234 -08:00"),
    ("DD-MON-YY HH12:MI AM", "21-Nov-26 03:04 AM"), ("\"Y\"YYYY MMMM TZH", "Y2026 November -08"),
    ("FF3|FF0|FF", "678||678901234"),
  ])
  func formatsOfMoments(_ format: String, _ text: String) throws {
    let moment = "'2026-11-21 03:04:05.678901234 -08:00'::TIMESTAMP_TZ"
    #expect(try cells("TO_CHAR(\(moment), '\(format)')") == [text])
  }

  /// What is read without a format.
  @Test(arguments: [
    "2026-11-21 15:04:05", "2026-11-21T15:04:05", "2026-11-21 15:04:05.000", "21-NOV-2026 00:00:00",
    "11/21/2026 15:04:05",
    "Sat, 21 Nov 2026 15:04:05", "Sat Nov 21 15:04:05 +0000 2026", "Sat, 21 Nov 2026 03:04:05 PM", "1795273445",
    "1795273445000", "1795273445000000", "1795273445000000000", " 2026-11-21 15:04:05 ", "2026-11-21T15:04:05+02",
  ])
  func textsOfMoments(_ text: String) throws {
    let account = try TestAccount()
    let sql = "SELECT TO_TIMESTAMP_NTZ('\(text)')"
    if text.hasPrefix("21-NOV") {
      #expect(account.failure(sql)?.code == "100035")
    } else {
      #expect(try account.run(sql).rows == [["1795273445.000000000"]], Comment(rawValue: text))
    }
  }

  @Test func numbersBeyondTheirTypes() throws {
    let account = try TestAccount()
    let nines = String(repeating: "9", count: 38)
    #expect(try account.run("SELECT \(nines), -\(nines)").rows == [[nines, "-" + nines]])
    for sql in ["\(nines) + 1", "\(nines) * 10", "100::NUMBER(2,0)", "1e40::NUMBER", "\(nines)::NUMBER(38,1)"] {
      #expect(account.failure("SELECT " + sql)?.code == "100039", Comment(rawValue: sql))
    }
    // More digits than a number has make a floating-point number.
    #expect(try account.run("SELECT \(nines)9").columns[0].type == .real)
  }

  @Test func datesBeyondTheCalendar() throws {
    let account = try TestAccount()
    for sql in [
      "DATEADD(YEAR, 100000, '2026-01-01'::DATE)", "DATEADD(DAY, 9223372036854775807, '2026-01-01'::DATE)",
      "DATEADD(MONTH, 9223372036854775807, '2026-01-01'::DATE)", "TO_TIMESTAMP(9223372036854775807)",
      "'2026-01-01'::DATE + 99999999999", "DATE_FROM_PARTS(2026, 999999999999, 1)", "DATE_FROM_PARTS(99999999, 1, 1)",
      "DATE_FROM_PARTS(999999999999, 1, 1)", "TIMESTAMP_NTZ_FROM_PARTS(-999999999999, 1, 1, 0, 0, 0)",
      "TO_TIMESTAMP(1, 99)", "DATEADD(NANOSECOND, 1e30, SYSDATE())",
    ] {
      #expect(account.failure("SELECT " + sql) != nil, Comment(rawValue: sql))
    }
    #expect(
      try account.run("SELECT DATEDIFF(NANOSECOND, '0001-01-01'::DATE, '9999-12-31'::DATE)").rows
        == [["315537811200000000000"]])
  }

  @Test(arguments: [
    ("TIMESTAMP_NTZ", "x"), ("TIMESTAMP_TZ", "0 1 2"), ("TIMESTAMP_TZ", "0 9999"), ("DATE", "2026-01-01"),
    ("FIXED", "x"), ("REAL", "x"), ("BOOLEAN", "maybe"), ("TIME", ""), ("BINARY", "0"),
    ("TIMESTAMP_LTZ", "99999999999999999999999999999999999999"), ("DATE", "9223372036854775807"),
  ])
  func malformedBindingsAreRefused(_ type: String, _ value: String) throws {
    let account = try TestAccount()
    #expect(throws: StatementFailure.self) {
      try account.engine.execute(
        "SELECT ?", bindings: ["1": StatementBinding(type: type, values: [value])], describeOnly: false, queryID: "02",
        parameters: [:], in: account.session)
    }
  }

  /// Types with digits that they cannot have, in casts and in tables.
  @Test(arguments: [
    "NUMBER(50,60)", "NUMBER(39,0)", "NUMBER(0,0)", "NUMBER(5,6)", "NUMBER(38,38)", "NUMBER(5,-3)",
    "NUMBER(9223372036854775807,9223372036854775807)", "NUMBER(38,99999999999)", "TIMESTAMP_NTZ(10)", "TIME(-1)",
  ])
  func impossibleDigitsAreRefused(_ type: String) throws {
    let account = try TestAccount()
    #expect(account.failure("SELECT 0::\(type)") != nil)
    try account.run("CREATE DATABASE D")
    #expect(account.failure("CREATE TABLE T (A \(type))") != nil)
  }
}
