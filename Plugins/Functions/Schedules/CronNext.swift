import SnowmakerSDK

extension Function {
  /// `cron_next(expression, time_zone, after, count)`.
  static let cronNext = Function(
    "cron_next",
    doc:
      "The next runs of a schedule in a time zone, as Snowflake runs tasks: a local time that the change to daylight "
      + "saving time skips has no run, one that the change back repeats has two.",
    parameters: [
      .init("expression", .text, doc: "Minute, hour, day of month, month, day of week: 0 9 * * MON-FRI."),
      .init("time_zone", .text, doc: "A zone of the IANA time zone database, as Europe/Berlin."),
      .init("after", .text, doc: "Runs after this point in time: 2026-01-01T00:00:00Z."),
      .init("count", .nullable(.integer), doc: "How many, 1 to 1000; 1 by default."),
    ], result: .list(.text),
    examples: [
      .init(
        "0 9 * * MON-FRI", "Europe/Berlin", "2026-03-27T12:00:00Z", 2,
        yields: [
          "2026-03-30T09:00:00+02:00", "2026-03-31T09:00:00+02:00",
        ]),
      .init("30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z", yields: ["2026-03-30T02:30:00+02:00"]),
      .init(
        "30 1 * * *", "America/New_York", "2026-11-01T00:00:00Z", 2,
        yields: [
          "2026-11-01T01:30:00-04:00", "2026-11-01T01:30:00-05:00",
        ]),
    ],
    calling: { expression, zone, after, count, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        let count = count?.pointee ?? 1
        guard (1...1_000).contains(count) else {
          throw FunctionFailure("1 to 1000 runs can be asked for, not \(count)", of: "count")
        }
        let schedule = try CronExpression(expression.string, of: "expression")
        let zone = try TimeZoneFile(named: zone.string, of: "time_zone")
        let after = try CivilTime.instant(after.string, of: "after")
        return schedule.runs(after: after, in: zone, count: Int(count)).map { run in
          CivilTime(seconds: run.at + run.offset).text(offset: run.offset)
        }
      }
    }
      as @convention(c) (FunctionText, FunctionText, FunctionText, UnsafePointer<Int64>?, FunctionReply.Sink) -> Int32)
}
