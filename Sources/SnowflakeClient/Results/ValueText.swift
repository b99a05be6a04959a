import Glibc

extension ResultColumn {
  /// A cell as people read it: dates and times by the calendar, truth values as `true` and `false`, everything else as
  /// the account sent it; nil for NULL.
  public func display(_ text: String?) -> String? {
    guard let text else { return nil }
    switch value(text) {
    case .boolean(let value): return value ? "true" : "false"
    case .date(let days): return Calendar.date(days)
    case .time(let nanoseconds): return Calendar.time(nanoseconds, digits: scale ?? 9)
    case .timestamp(let point): return Calendar.text(point, digits: scale ?? 9)
    default: return text
    }
  }
}

/// Dates of the proleptic Gregorian calendar.
enum Calendar {
  /// `2026-11-21`.
  static func date(_ days: Int) -> String {
    // A server may send any number; one beyond the calendar stays a number.
    var (moment, overflows) = days.multipliedReportingOverflow(by: 86_400)
    var parts = tm()
    guard !overflows, gmtime_r(&moment, &parts) != nil else { return "\(days)" }
    let (year, month, day) = (Int(parts.tm_year) + 1900, Int(parts.tm_mon) + 1, Int(parts.tm_mday))
    return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
  }

  /// `04:05:06.789`, with as many digits of a second.
  static func time(_ nanoseconds: Int, digits: Int) -> String {
    let seconds = nanoseconds / 1_000_000_000
    let whole = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
    guard digits > 0 else { return whole }
    return "\(whole).\(padded(nanoseconds % 1_000_000_000, 9).prefix(min(9, digits)))"
  }

  /// `2026-11-21 04:05:06.789 +0100`; without an offset when it has none.
  static func text(_ point: Timestamp, digits: Int) -> String {
    let (local, overflows) = point.seconds.addingReportingOverflow((point.offset ?? 0) * 60)
    guard !overflows else { return "\(point.seconds)" }
    let days = local / 86_400 - (local % 86_400 < 0 ? 1 : 0)
    let clock = time((local &- days &* 86_400) * 1_000_000_000 + point.nanoseconds, digits: digits)
    guard let offset = point.offset else { return "\(date(days)) \(clock)" }
    let minutes = abs(offset)
    return "\(date(days)) \(clock) \(offset < 0 ? "-" : "+")\(padded(minutes / 60, 2))\(padded(minutes % 60, 2))"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let text = String(abs(value))
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
