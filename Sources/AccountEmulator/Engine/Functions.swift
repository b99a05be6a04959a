import SnowmakerModel

/// Functions of their arguments alone.
enum Functions {
  /// What a function comes to; nil when there is no function of that name here.
  static func call(_ name: String, _ values: [Evaluated]) throws(StatementFailure) -> Evaluated? {
    if let moment = try moments(name, values) { return moment }
    if let value = try SemiStructured.call(name, values) { return value }
    let texts = values.map(\.text)
    func text(_ index: Int) -> String? { index < texts.count ? texts[index] : nil }
    func number(_ index: Int) -> Int? { text(index).flatMap { Int($0) ?? Double($0).map { Int($0) } } }
    func plain(_ value: String?) -> Evaluated { Evaluated(text: value) }
    /// NULL when one of the arguments is.
    func strict(_ make: () throws(StatementFailure) -> Evaluated) throws(StatementFailure) -> Evaluated {
      texts.contains(nil) ? .null : try make()
    }
    switch name {
    case "COALESCE", "NVL", "IFNULL": return values.first { $0.text != nil } ?? .null
    case "NVL2": return values.count == 3 ? values[0].text != nil ? values[1] : values[2] : .null
    case "NULLIF": return values.count == 2 && values[0].compared(to: values[1]) == 0 ? .null : values.first
    case "IFF": return values.count == 3 ? values[0].isTrue ? values[1] : values[2] : .null
    case "ZEROIFNULL": return text(0) == nil ? Evaluated(text: "0", type: .fixed) : values[0]
    case "EQUAL_NULL": return .boolean(texts.count == 2 && texts[0] == texts[1])
    case "DECODE":
      var index = 1
      while index + 1 < values.count {
        if values[0].text == values[index].text || values[0].compared(to: values[index]) == 0 {
          return values[index + 1]
        }
        index += 2
      }
      return index < values.count ? values[index] : .null
    case "GREATEST", "LEAST":
      return try strict { () throws(StatementFailure) in
        var best = values[0]
        for value in values where value.compared(to: best) == (name == "GREATEST" ? 1 : -1) { best = value }
        return best
      }
    case "TO_VARCHAR", "TO_CHAR":
      guard let first = values.first else { return .null }
      if first.isMoment, let format = text(1) {
        return plain(
          try Moments.seconds(first).map { (seconds) throws(StatementFailure) in
            try Moments.formatted(seconds, format)
          })
      }
      return first.asText
    case "TO_NUMBER", "TO_DECIMAL", "TO_NUMERIC": return try values.first?.cast(to: numberType(texts)) ?? .null
    case "TO_BOOLEAN": return try values.first?.cast(to: "BOOLEAN") ?? .null
    case "TRIM", "LTRIM", "RTRIM":
      return try strict { () throws(StatementFailure) in
        let set = Set(text(1) ?? " ")
        var result = Substring(text(0) ?? "")
        if name != "RTRIM" { result = result.drop { set.contains($0) } }
        while name != "LTRIM", let last = result.last, set.contains(last) { result = result.dropLast() }
        return plain(String(result))
      }
    case "LENGTH", "LEN": return Evaluated(text: text(0).map { String($0.unicodeScalars.count) }, type: .fixed)
    case "CONCAT": return plain(texts.contains(nil) ? nil : texts.compactMap(\.self).joined())
    case "CONCAT_WS":
      return plain(texts.contains(nil) ? nil : texts.dropFirst().compactMap(\.self).joined(separator: text(0) ?? ""))
    case "UPPER": return plain(text(0)?.uppercased())
    case "LOWER": return plain(text(0)?.lowercased())
    case "REPLACE":
      return try strict { () throws(StatementFailure) in
        let old = text(1) ?? ""
        return plain(old.isEmpty ? text(0) : (text(0) ?? "").replacing(old, with: text(2) ?? ""))
      }
    case "SPLIT_PART":
      return try strict { () throws(StatementFailure) in
        let parts = split(text(0) ?? "", text(1) ?? "")
        let wanted = number(2) ?? 1
        let index = wanted < 0 ? parts.count + wanted : max(1, wanted) - 1
        return plain(parts.indices.contains(index) ? parts[index] : "")
      }
    case "SPLIT":
      return try strict { () throws(StatementFailure) in
        let parts = split(text(0) ?? "", text(1) ?? "").map { Value.string($0) }
        return Evaluated(text: JSON.string(.list(parts)), type: .array)
      }
    case "SUBSTR", "SUBSTRING", "LEFT", "RIGHT":
      return try strict { () throws(StatementFailure) in
        let scalars = Array((text(0) ?? "").unicodeScalars)
        var from = number(1) ?? 1
        var count = number(2) ?? scalars.count
        if name == "LEFT" { (from, count) = (1, from) }
        if name == "RIGHT" { (from, count) = (max(1, scalars.count - from + 1), from) }
        if from < 0 { from = scalars.count + from + 1 }
        let start = max(0, max(1, from) - 1)
        var result = String.UnicodeScalarView()
        result.append(contentsOf: scalars.dropFirst(start).prefix(max(0, count)))
        return plain(String(result))
      }
    case "STARTSWITH":
      return try strict { () throws(StatementFailure) in .boolean((text(0) ?? "").hasPrefix(text(1) ?? "")) }
    case "ENDSWITH":
      return try strict { () throws(StatementFailure) in .boolean((text(0) ?? "").hasSuffix(text(1) ?? "")) }
    case "CONTAINS":
      return try strict { () throws(StatementFailure) in .boolean((text(0) ?? "").contains(text(1) ?? "")) }
    case "CHARINDEX", "POSITION":
      return try strict { () throws(StatementFailure) in
        let whole = text(1) ?? ""
        guard let found = whole.ranges(of: text(0) ?? "").first else { return Evaluated(text: "0", type: .fixed) }
        return Evaluated(
          text: String(whole[..<found.lowerBound].unicodeScalars.count + 1), type: .fixed)
      }
    case "ABS":
      return try strict { () throws(StatementFailure) in
        guard let value = Double(text(0) ?? "") else { throw Arithmetic.notNumeric(text(0) ?? "") }
        return Evaluated(text: Arithmetic.text(abs(value)), type: values[0].type)
      }
    case "ROUND", "FLOOR", "CEIL":
      return try strict { () throws(StatementFailure) in
        guard let value = Double(text(0) ?? "") else { throw Arithmetic.notNumeric(text(0) ?? "") }
        var scale = 1.0
        for _ in 0..<max(0, min(15, number(1) ?? 0)) { scale *= 10 }
        let rule: FloatingPointRoundingRule =
          name == "ROUND" ? .toNearestOrAwayFromZero : name == "FLOOR" ? .down : .up
        return Evaluated(text: Arithmetic.text((value * scale).rounded(rule) / scale), type: .fixed)
      }
    default: return nil
    }
  }

  /// `TO_NUMBER(x, precision, scale)`.
  private static func numberType(_ texts: [String?]) throws(StatementFailure) -> String {
    let sizes = texts.dropFirst().compactMap(\.self)
    guard sizes.count <= 2, sizes.allSatisfy({ Int($0) != nil }) else { throw .unsupported("TO_NUMBER with a format") }
    return sizes.isEmpty ? "NUMBER" : "NUMBER(\(sizes.joined(separator: ",")))"
  }

  private static func split(_ text: String, _ separator: String) -> [String] {
    guard !separator.isEmpty else { return [text] }
    return text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }

  private static func moments(_ name: String, _ values: [Evaluated]) throws(StatementFailure) -> Evaluated? {
    func unknown() -> StatementFailure { .invalidIdentifier(values.first?.text ?? name) }
    func seconds(_ index: Int) throws(StatementFailure) -> Double? {
      guard index < values.count, let text = values[index].text else { return nil }
      guard let seconds = Moments.seconds(values[index]) else {
        throw StatementFailure(code: "100035", sqlState: "22007", message: "Timestamp '\(text)' is not recognized")
      }
      return seconds
    }
    switch name {
    case "DATEADD", "TIMEADD", "TIMESTAMPADD":
      guard values.count == 3, let unit = values[0].text?.uppercased(), let count = values[1].text.flatMap({ Int($0) })
      else { throw unknown() }
      guard let from = try seconds(2) else { return .null }
      guard let result = Moments.add(unit, count, to: from) else { throw unknown() }
      return Moments.timestamp(result)
    case "DATEDIFF", "TIMEDIFF", "TIMESTAMPDIFF":
      guard values.count == 3, let unit = values[0].text?.uppercased() else { throw unknown() }
      guard let from = try seconds(1), let to = try seconds(2) else { return Evaluated(text: nil, type: .fixed) }
      guard let result = Moments.difference(unit, from, to) else { throw unknown() }
      return Evaluated(text: String(result), type: .fixed)
    case "TO_TIMESTAMP", "TO_TIMESTAMP_LTZ", "TO_TIMESTAMP_NTZ", "TO_TIMESTAMP_TZ", "TRY_TO_TIMESTAMP":
      guard let value = try seconds(0) else { return .null }
      return Moments.timestamp(value)
    case "CONVERT_TIMEZONE":
      // (target, timestamp) or (source, target, timestamp).
      guard (2...3).contains(values.count) else { throw unknown() }
      for zone in values.dropLast() where zone.text.map({ $0.uppercased() != "UTC" }) ?? false {
        throw .unsupported(
          "CONVERT_TIMEZONE with '\(zone.text ?? "")': the emulator's account is in UTC and knows no other zone")
      }
      return try seconds(values.count - 1).map(Moments.timestamp) ?? .null
    case "TO_DATE", "DATE":
      guard let value = try seconds(0) else { return .null }
      return Evaluated(text: String(Int((value / 86_400).rounded(.down))), type: .date)
    default: return nil
    }
  }
}
