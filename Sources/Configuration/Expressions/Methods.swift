import SnowmakerModel

/// What can be called on a value with a dot: Python's methods, as far as configurations use them.
extension Evaluator {
  static let textMethods = [
    "capitalize", "count", "endswith", "find", "format", "isalnum", "isalpha", "isdigit", "islower", "isupper", "join",
    "ljust", "lower", "lstrip", "partition", "removeprefix", "removesuffix", "replace", "rfind", "rjust", "rsplit",
    "rstrip", "split", "splitlines", "startswith", "strip", "swapcase", "title", "upper", "zfill",
  ]
  static let listMethods = ["count", "index"]
  static let mapMethods = ["get", "items", "keys", "values"]

  static func methods(of value: Value) -> [String] {
    switch value {
    case .string: textMethods
    case .list: listMethods
    case .object: mapMethods
    default: []
    }
  }

  mutating func method(_ name: String, of value: Value, _ arguments: Values, _ offset: Int) throws(ExpressionError)
    -> Value
  {
    for argument in arguments.positional { _ = try plain(argument, offset) }
    switch value {
    case .string(let text):
      try charge(1 + text.utf8.count / 64, offset)
      if let result = try textMethod(name, text, arguments, offset) { return result }
    case .list(let list):
      if let result = try listMethod(name, list, arguments, offset) { return result }
    case .object(let fields):
      if let result = try mapMethod(name, value, fields, arguments, offset) { return result }
    case .null: throw .undefined("none has no method '\(name)'", offset)
    default: break
    }
    let known = Self.methods(of: value)
    throw .evaluation(
      "a \(value.kindName) has no method '\(name)'", offset,
      detail: Spelling.closest(to: name, in: known).map { "did you mean '\($0)'?" }
        ?? (known.isEmpty ? "" : "it has \(known.joined(separator: ", "))"))
  }

  private mutating func textMethod(_ name: String, _ text: String, _ arguments: Values, _ offset: Int)
    throws(ExpressionError) -> Value?
  {
    func argument(_ index: Int) throws(ExpressionError) -> String {
      guard let value = arguments.value(index) else { throw .evaluation("\(name)() needs a text", offset) }
      guard case .string(let text) = value else {
        throw .evaluation("\(name)() needs a text, found \(value.kindName)", offset)
      }
      return text
    }
    func optional(_ index: Int) throws(ExpressionError) -> String? {
      guard let value = arguments.value(index), value != .null else { return nil }
      return try argument(index)
    }
    func number(_ index: Int, _ name: String = "") throws(ExpressionError) -> Int? {
      guard let value = arguments.value(index, name) else { return nil }
      guard case .int(let number) = value else {
        throw .evaluation("\(name)() needs a whole number, found \(value.kindName)", offset)
      }
      return Int(clamping: number)
    }
    func all(_ check: (Character) -> Bool) -> Value { .bool(!text.isEmpty && text.allSatisfy(check)) }
    switch name {
    case "upper": return .string(text.uppercased())
    case "lower": return .string(text.lowercased())
    case "title": return .string(Text.title(text))
    case "capitalize": return .string(Text.capitalized(text))
    case "swapcase":
      return .string(text.map { $0.isUppercase ? $0.lowercased() : $0.uppercased() }.joined())
    case "strip": return .string(Text.strip(text, try optional(0)))
    case "lstrip": return .string(Text.strip(text, try optional(0), end: false))
    case "rstrip": return .string(Text.strip(text, try optional(0), start: false))
    case "split", "rsplit":
      let limit = try number(1, "maxsplit").map { $0 < 0 ? .max : $0 } ?? .max
      guard let separator = try optional(0) else { return list(Text.words(text)) }
      guard !separator.isEmpty else { throw .evaluation("the separator must not be empty", offset) }
      let pieces = Text.split(text, at: separator, limit: name == "split" ? limit : .max)
      guard name == "rsplit", limit < pieces.count - 1 else { return list(pieces) }
      let head = pieces.dropLast(limit).joined(separator: separator)
      return list([head] + pieces.suffix(limit))
    case "splitlines": return list(text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init))
    case "partition":
      let separator = try argument(0)
      let pieces = Text.split(text, at: separator, limit: separator.isEmpty ? 0 : 1)
      return list(pieces.count == 2 ? [pieces[0], separator, pieces[1]] : [text, "", ""])
    case "replace":
      let (old, new) = (try argument(0), try argument(1))
      let limit = try number(2).map { $0 < 0 ? .max : $0 } ?? .max
      let hits = old.isEmpty ? 0 : min(limit, Text.split(text, at: old).count - 1)
      try checkSize(
        text.utf8.count + Int(clamping: hits.multipliedReportingOverflow(by: new.utf8.count).partialValue), offset)
      return .string(Text.replace(old, with: new, in: text, limit: limit))
    case "startswith": return .bool(try affixes(arguments, name, offset).contains { text.utf8.starts(with: $0.utf8) })
    case "endswith":
      return .bool(
        try affixes(arguments, name, offset).contains { text.utf8.reversed().starts(with: $0.utf8.reversed()) })
    case "removeprefix":
      let prefix = try argument(0)
      return .string(text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text)
    case "removesuffix":
      let suffix = try argument(0)
      return .string(text.hasSuffix(suffix) ? String(text.dropLast(suffix.count)) : text)
    case "join":
      guard case .list(let elements) = arguments.value(0) ?? .null else {
        throw .evaluation("join() needs a list", offset)
      }
      return .string(try joined(elements, by: text, offset))
    case "count":
      let part = try argument(0)
      return .int(part.isEmpty ? Int64(text.unicodeScalars.count + 1) : Int64(Text.split(text, at: part).count - 1))
    case "find":
      guard let hit = Text.find(try argument(0), in: text) else { return .int(-1) }
      return .int(Int64(text.unicodeScalars.distance(from: text.startIndex, to: hit)))
    case "rfind":
      let pieces = Text.split(text, at: try argument(0))
      guard pieces.count > 1, let last = pieces.last else { return .int(-1) }
      let tail = last.unicodeScalars.count + (try argument(0)).unicodeScalars.count
      return .int(Int64(text.unicodeScalars.count - tail))
    case "zfill":
      let signed = text.hasPrefix("-") || text.hasPrefix("+")
      let body = signed ? String(text.dropFirst()) : text
      let fill = try padding(text, try number(0) ?? 0, "0", offset)
      return .string((signed ? String(text.prefix(1)) : "") + fill + body)
    case "ljust": return .string(text + (try padding(text, try number(0) ?? 0, try optional(1) ?? " ", offset)))
    case "rjust": return .string(try padding(text, try number(0) ?? 0, try optional(1) ?? " ", offset) + text)
    case "isdigit": return all { $0.isASCII && $0.isNumber }
    case "isalpha": return all(\.isLetter)
    case "isalnum": return all { $0.isLetter || $0.isNumber }
    case "isupper": return .bool(text == text.uppercased() && text != text.lowercased())
    case "islower": return .bool(text == text.lowercased() && text != text.uppercased())
    case "format": return .string(try format(text, arguments, offset))
    default: return nil
    }
  }

  private func list(_ texts: [String]) -> Value { .list(texts.map(Value.string)) }

  private func affixes(_ arguments: Values, _ name: String, _ offset: Int) throws(ExpressionError) -> [String] {
    switch arguments.value(0) ?? .null {
    case .string(let text): return [text]
    case .list(let list): return list.compactMap(\.string)
    default: throw .evaluation("\(name)() needs a text or a list of texts", offset)
    }
  }

  private func padding(_ text: String, _ width: Int, _ fill: String, _ offset: Int) throws(ExpressionError) -> String {
    guard fill.count == 1 else { throw .evaluation("the fill must be one character", offset) }
    let missing = max(0, width - text.unicodeScalars.count)
    try checkSize(missing, offset)
    return String(repeating: fill, count: missing)
  }

  /// The elements as one text.
  mutating func joined(_ elements: [Value], by separator: String, _ offset: Int) throws(ExpressionError) -> String {
    try charge(elements.count, offset)
    var result = ""
    for (index, element) in elements.enumerated() {
      if index > 0 { result += separator }
      result += try text(element, offset)
      try checkSize(result.utf8.count, offset)
    }
    return result
  }

  /// `'{} of {name}'.format(1, name=2)`: positions, numbers and names, without format specifications.
  private func format(_ template: String, _ arguments: Values, _ offset: Int) throws(ExpressionError) -> String {
    var result = ""
    var next = 0
    var rest = template[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      result += rest[..<brace]
      let after = rest.index(after: brace)
      if after < rest.endIndex, rest[after] == rest[brace] {
        result.append(rest[brace])
        rest = rest[rest.index(after: after)...]
        continue
      }
      guard rest[brace] == "{", let close = rest[after...].firstIndex(of: "}") else {
        throw .evaluation("format(): a single '\(rest[brace])' in the text", offset)
      }
      let name = rest[after..<close]
      let value: Value?
      if name.isEmpty {
        value = arguments.value(next)
        next += 1
      } else if let number = Int(name), number >= 0 {
        value = arguments.value(number)
      } else {
        value = arguments.named.first { $0.name == name }?.value
      }
      guard let value else { throw .evaluation("format(): there is no argument for '{\(name)}'", offset) }
      result += try text(value, offset)
      try checkSize(result.utf8.count, offset)
      rest = rest[rest.index(after: close)...]
    }
    return result + rest
  }

  private mutating func listMethod(_ name: String, _ list: [Value], _ arguments: Values, _ offset: Int)
    throws(ExpressionError) -> Value?
  {
    guard Self.listMethods.contains(name) else { return nil }
    guard let item = arguments.value(0) else { throw .evaluation("\(name)() needs a value", offset) }
    try charge(list.count, offset)
    if name == "count" { return .int(Int64(list.count { Self.equal($0, item) })) }
    guard let index = list.firstIndex(where: { Self.equal($0, item) }) else {
      throw .evaluation("the value is not in the list", offset)
    }
    return .int(Int64(index))
  }

  private mutating func mapMethod(
    _ name: String, _ map: Value, _ fields: [Value.Field], _ arguments: Values, _ offset: Int
  ) throws(ExpressionError) -> Value? {
    try charge(1 + fields.count / 8, offset)
    switch name {
    case "get":
      guard let key = arguments.value(0) else { throw .evaluation("get() takes a key", offset) }
      return map.find(try text(key, offset)) ?? arguments.value(1, "default") ?? .null
    case "keys": return .list(fields.map { .string($0.key) })
    case "values": return .list(fields.map(\.value))
    case "items": return .list(fields.map { .list([.string($0.key), $0.value]) })
    default: return nil
    }
  }

  // MARK: - Functions

  mutating func function(_ name: String, _ arguments: Values, _ offset: Int) throws(ExpressionError) -> Value {
    switch name {
    case "range":
      var bounds: [Int64] = []
      for value in arguments.positional {
        guard case .int(let number) = value else {
          throw .evaluation("range() takes whole numbers, found \(value.kindName)", offset)
        }
        bounds.append(number)
      }
      guard (1...3).contains(bounds.count) else { throw .evaluation("range() takes one to three numbers", offset) }
      let (from, to) = bounds.count == 1 ? (0, bounds[0]) : (bounds[0], bounds[1])
      let step = bounds.count == 3 ? bounds[2] : 1
      guard step != 0 else { throw .evaluation("the step of range() must not be 0", offset) }
      let count = step > 0 ? (Double(to) - Double(from)) / Double(step) : (Double(from) - Double(to)) / -Double(step)
      try charge(Int(max(0, min(count, Double(Self.maximumSteps) + 1))), offset)
      return .list(stride(from: from, to: to, by: Int(step)).map(Value.int))
    case "dict":
      return .object(arguments.named.filter { $0.name != "$secret" }.map { .init($0.name, $0.value) })
    default:
      let near = Spelling.closest(to: name, in: ["range", "dict"])
      let filter = Self.filterNames.contains(name) ? "write it as a filter: value | \(name)" : nil
      throw .evaluation(
        "there is no function '\(name)'", offset,
        detail: filter ?? providedHint(name) ?? near.map { "did you mean '\($0)'?" } ?? "there are range and dict")
    }
  }
}
