import SnowmakerSDK

extension Function {
  /// `cron_schedule(expression, time_zone)`.
  static let cronSchedule = Function(
    "cron_schedule",
    doc: "A task's SCHEDULE, checked: the five fields and the time zone. A mistake is found while the configuration is "
      + "checked, not when the task is created.",
    parameters: [
      .init("expression", .text, doc: "Minute, hour, day of month, month, day of week: 0 9 * * MON-FRI."),
      .init("time_zone", .text, doc: "A zone of the IANA time zone database, as Europe/Berlin."),
    ], result: .text,
    examples: [
      .init("0  9 * * mon-fri", "Europe/Berlin", yields: "USING CRON 0 9 * * MON-FRI Europe/Berlin"),
      .init("0 0 L * *", "UTC", yields: "USING CRON 0 0 L * * UTC"),
    ],
    calling: { expression, zone, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        let schedule = try CronExpression(expression.string, of: "expression")
        let name = zone.string
        _ = try TimeZoneFile(named: name, of: "time_zone")
        return "USING CRON \(schedule.text) \(name)"
      }
    } as @convention(c) (FunctionText, FunctionText, FunctionReply.Sink) -> Int32)
}
