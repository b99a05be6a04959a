import SnowmakerModel

/// Functions of their arguments alone.
enum Functions {
  /// What a function comes to; nil when there is no function of that name here.
  static func call(
    _ name: String, _ values: [Evaluated], _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated? {
    if let moment = try MomentFunctions.call(name, values, settings) { return moment }
    if let number = try NumberFunctions.call(name, values, settings) { return number }
    if let value = try SemiStructured.call(name, values, settings) { return value }
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
      guard values.count > 1 else { return try first.asText(settings) }
      guard let format = text(1), let value = first.text else { return .null }
      if first.isMoment || first.type == .time { return plain(try settings.text(first, format: format)) }
      if first.type == .binary { return plain(try Evaluated.text(ofBinary: value, format)) }
      throw .unsupported("\(name) of a \(first.type.rawValue) with a format")
    case "TO_BOOLEAN": return try values.first?.cast(to: "BOOLEAN", settings) ?? .null
    case "TO_BINARY", "HEX_DECODE_BINARY":
      guard let value = text(0), values[0].type != .binary else {
        return Evaluated(text: text(0), type: .binary)
      }
      return try Evaluated.binary(value, text(1) ?? settings.binaryInput)
    case "HEX_ENCODE":
      return try strict { () throws(StatementFailure) in
        values[0].type == .binary ? plain(text(0)) : plain(try Evaluated.binary(text(0) ?? "", "UTF8").text)
      }
    case "TRIM", "LTRIM", "RTRIM":
      return try strict { () throws(StatementFailure) in
        let set = Set(text(1) ?? " ")
        var result = Substring(text(0) ?? "")
        if name != "RTRIM" { result = result.drop { set.contains($0) } }
        while name != "LTRIM", let last = result.last, set.contains(last) { result = result.dropLast() }
        return plain(String(result))
      }
    case "LENGTH", "LEN":
      let perItem = values.first?.type == .binary ? 2 : 1
      return Evaluated(text: text(0).map { String($0.unicodeScalars.count / perItem) }, type: .fixed)
    case "CONCAT": return plain(texts.contains(nil) ? nil : try written(values, settings).joined())
    case "CONCAT_WS":
      return plain(
        texts.contains(nil) ? nil : try written(values, settings).dropFirst().joined(separator: text(0) ?? ""))
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
    default: return nil
    }
  }

  /// The arguments as texts.
  private static func written(
    _ values: [Evaluated], _ settings: ValueSettings
  ) throws(StatementFailure) -> [String] {
    var texts: [String] = []
    for value in values { if let text = try value.asText(settings).text { texts.append(text) } }
    return texts
  }

  private static func split(_ text: String, _ separator: String) -> [String] {
    guard !separator.isEmpty else { return [text] }
    return text.split(separator: separator, omittingEmptySubsequences: false).map(String.init)
  }
}
