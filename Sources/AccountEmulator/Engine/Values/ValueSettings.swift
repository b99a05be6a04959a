/// What of a session's parameters values and their texts depend on.
struct ValueSettings: Sendable {
  /// TIMEZONE.
  var zoneName = "America/Los_Angeles"
  /// TIMESTAMP_TYPE_MAPPING: what TIMESTAMP stands for.
  var mapping = ResultColumn.ResultType.timestamp_ntz
  /// How each type is written.
  var output: [ResultColumn.ResultType: MomentFormat] = [:]
  /// How each type is read; nil: AUTO.
  var timestampInput, dateInput, timeInput: MomentFormat?
  /// BINARY_INPUT_FORMAT and BINARY_OUTPUT_FORMAT.
  var binaryInput = "HEX"
  var binaryOutput = "HEX"
  /// JSON_INDENT: blanks by which results indent semi-structured values; 0: on one line.
  var indent = 2

  /// With the values of parameters by their names.
  init(_ parameter: (String) -> String) {
    zoneName = parameter("TIMEZONE")
    mapping = ResultColumn.ResultType(rawValue: parameter("TIMESTAMP_TYPE_MAPPING").lowercased()) ?? .timestamp_ntz
    let timestamp = parameter("TIMESTAMP_OUTPUT_FORMAT")
    func format(_ name: String) -> MomentFormat {
      let own = parameter(name)
      return MomentFormat(own.isEmpty ? timestamp : own)
    }
    output = [
      .timestamp_ltz: format("TIMESTAMP_LTZ_OUTPUT_FORMAT"), .timestamp_ntz: format("TIMESTAMP_NTZ_OUTPUT_FORMAT"),
      .timestamp_tz: format("TIMESTAMP_TZ_OUTPUT_FORMAT"), .date: MomentFormat(parameter("DATE_OUTPUT_FORMAT")),
      .time: MomentFormat(parameter("TIME_OUTPUT_FORMAT")),
    ]
    func input(_ name: String) -> MomentFormat? { Self.input(parameter(name)) }
    timestampInput = input("TIMESTAMP_INPUT_FORMAT")
    dateInput = input("DATE_INPUT_FORMAT")
    timeInput = input("TIME_INPUT_FORMAT")
    binaryInput = parameter("BINARY_INPUT_FORMAT").uppercased()
    binaryOutput = parameter("BINARY_OUTPUT_FORMAT").uppercased()
    indent = Int(parameter("JSON_INDENT")) ?? 2
  }

  /// What a format says; nil for AUTO.
  static func input(_ format: String) -> MomentFormat? {
    format.isEmpty || format.uppercased() == "AUTO" ? nil : MomentFormat(format)
  }

  /// The rules of the session's zone. Throws when the machine has no rules for it.
  func zone() throws(StatementFailure) -> TimeZoneRules { try Self.zone(zoneName) }

  /// The rules of a zone. Throws for one that there is none of.
  static func zone(_ name: String) throws(StatementFailure) -> TimeZoneRules {
    guard let rules = TimeZoneRules.named(name) else {
      throw StatementFailure(
        code: "100294", sqlState: "22023",
        message: "Unknown timezone: '\(name)' (zones are those of /usr/share/zoneinfo on the emulator's machine)")
    }
    return rules
  }

  /// A type as it is written, TIMESTAMP being what the session says.
  func type(_ written: String) throws(StatementFailure) -> String {
    guard DataTypes.name(written) == "TIMESTAMP" else { return try DataTypes.canonical(written) }
    return try DataTypes.canonical(mapping.rawValue.uppercased() + written.drop { $0 != "(" })
  }
}

/// What a clock shows, and how many seconds it is ahead of UTC; nil: it is a clock of no place.
struct ClockTime {
  var local: Moment
  var offset: Int?
}

extension ValueSettings {
  /// What a value of a date or time shows. Throws for a text that says no time, and for a value that is none.
  func clock(_ value: Evaluated, for target: ResultColumn.ResultType) throws(StatementFailure) -> ClockTime? {
    guard let text = value.text else { return nil }
    switch value.type {
    case .date: return Int(text).map { ClockTime(local: Moment(seconds: $0 * 86_400)) }
    case .time, .timestamp_ntz: return Moment(wire: text).map { ClockTime(local: $0) }
    case .timestamp_ltz:
      guard let moment = Moment(wire: text) else { return nil }
      let offset = try zone().offset(at: moment.seconds)
      return ClockTime(local: moment.advanced(by: offset), offset: offset)
    case .timestamp_tz:
      guard let moment = Moment(wire: text) else { return nil }
      let minutes = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 1440
      let offset = (minutes - 1440) * 60
      return ClockTime(local: moment.advanced(by: offset), offset: offset)
    case .fixed, .real: return try epoch(value, scale: 0)
    case .text: return try read(text, for: target, nil)
    default: throw Self.unrecognised(text, target)
    }
  }

  /// What so many seconds (milliseconds, … by the scale) since 1970 are.
  func epoch(_ value: Evaluated, scale: Int) throws(StatementFailure) -> ClockTime? {
    guard let text = value.text else { return nil }
    guard let number = FixedNumber(text), (0...9).contains(scale),
      let shifted = FixedNumber(unscaled: number.unscaled, scale: number.scale + scale).rounded(to: 9),
      let moment = Moment(nanosecondsSince1970: shifted.unscaled), Moment.years.contains(moment.date.year)
    else { throw Self.unrecognised(text, .timestamp_ntz) }
    return ClockTime(local: moment, offset: 0)
  }

  /// Reads a text in a format (nil: the session's, or AUTO).
  func read(
    _ text: String, for target: ResultColumn.ResultType, _ format: String?
  ) throws(StatementFailure) -> ClockTime {
    let session = target == .date ? dateInput : target == .time ? timeInput : timestampInput
    if let given = format.map({ Self.input($0) }) ?? session {
      guard let read = given.read(text) else {
        if let format {
          throw StatementFailure(
            code: "100096", sqlState: "22007",
            message: "Can't parse '\(text)' as \(Self.word(target).lowercased()) with format '\(format)'")
        }
        throw Self.unrecognised(text, target)
      }
      return ClockTime(local: read.local, offset: read.offset)
    }
    if target == .time {
      guard let time = AutomaticFormats.time(text) else { throw Self.unrecognised(text, target) }
      return ClockTime(local: time)
    }
    guard let read = AutomaticFormats.moment(text) else { throw Self.unrecognised(text, target) }
    return ClockTime(local: read.local, offset: read.offset)
  }

  private static func word(_ type: ResultColumn.ResultType) -> String {
    type == .date ? "Date" : type == .time ? "Time" : "Timestamp"
  }

  static func unrecognised(_ text: String, _ type: ResultColumn.ResultType) -> StatementFailure {
    StatementFailure(
      code: type == .date ? "100040" : type == .time ? "100108" : "100035", sqlState: "22007",
      message: "\(word(type)) '\(text)' is not recognized")
  }

  /// A value of a type that shows this. Without an offset a clock is taken to be one of the session's zone.
  func value(
    _ time: ClockTime, _ type: ResultColumn.ResultType, scale: Int = 9
  ) throws(StatementFailure) -> Evaluated {
    let local = time.local.cut(to: scale)
    switch type {
    case .date: return Evaluated(text: String(local.day), type: .date)
    case .time:
      let moment = Moment(seconds: local.secondOfDay, nanoseconds: local.nanoseconds)
      return Evaluated(text: moment.wire(), type: .time, scale: scale)
    case .timestamp_ntz: return Evaluated(text: local.wire(), type: type, scale: scale)
    default:
      let offset = try offset(of: time)
      let text = local.advanced(by: -offset).wire()
      return Evaluated(
        text: type == .timestamp_tz ? "\(text) \(offset / 60 + 1440)" : text, type: type, scale: scale)
    }
  }

  /// How many seconds a clock is ahead of UTC; one of no place is taken to be in the session's zone.
  func offset(of time: ClockTime) throws(StatementFailure) -> Int {
    if let offset = time.offset { return offset }
    return try zone().offset(showing: time.local.seconds)
  }

  /// A date, time or timestamp as text, in a format or as the session writes it.
  func text(_ value: Evaluated, format: String? = nil) throws(StatementFailure) -> String? {
    guard let clock = try clock(value, for: value.type) else { return nil }
    let format = format.flatMap(Self.input) ?? output[value.type]
    return format?.write(clock.local, offset: clock.offset ?? 0)
  }
}
