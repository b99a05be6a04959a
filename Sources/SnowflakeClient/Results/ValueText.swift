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
    // Counted in eras of 400 years that begin on 1 March, so that the leap day is the last of its year.
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * month + 2) / 5 + 1
    let civilMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
    return "\(padded(year, 4))-\(padded(civilMonth, 2))-\(padded(day, 2))"
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
    let local = point.seconds + (point.offset ?? 0) * 60
    let days = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    let clock = time((local - days * 86_400) * 1_000_000_000 + point.nanoseconds, digits: digits)
    guard let offset = point.offset else { return "\(date(days)) \(clock)" }
    let minutes = abs(offset)
    return "\(date(days)) \(clock) \(offset < 0 ? "-" : "+")\(padded(minutes / 60, 2))\(padded(minutes % 60, 2))"
  }

  private static func padded(_ value: Int, _ width: Int) -> String {
    let text = String(abs(value))
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - text.count)) + text
  }
}
