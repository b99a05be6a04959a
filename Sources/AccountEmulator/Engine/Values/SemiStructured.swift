import SnowmakerModel

/// Objects, arrays and variants as they are kept in a row: compact JSON, the keys of objects in alphabetical order, so
/// that equal ones are equal texts.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/data-types-semistructured>; the order of keys is assumed.
enum SemiStructured {
  /// A function over semi-structured values; nil when there is none of that name here.
  static func call(
    _ name: String, _ given: [Evaluated], _ settings: ValueSettings
  ) throws(StatementFailure) -> Evaluated? {
    if name == "TRY_CAST", given.count == 2 {
      let target = try settings.type(given[1].text ?? "")
      return (try? given[0].cast(to: target, settings)) ?? Evaluated(nil, of: DataTypes.column("", target))
    }
    guard Self.names.contains(name) else { return nil }
    var values: [Evaluated] = []
    for value in given { values.append(try value.inDocument(settings)) }
    switch name {
    case "OBJECT_CONSTRUCT", "OBJECT_CONSTRUCT_KEEP_NULL": return try object(values, keepsNull: name.hasSuffix("NULL"))
    case "ARRAY_CONSTRUCT", "ARRAY_CONSTRUCT_COMPACT":
      let isCompact = name == "ARRAY_CONSTRUCT_COMPACT"
      if !isCompact, values.contains(where: { $0.text == nil }) {
        throw .unsupported("NULL in an array (undefined)")
      }
      return evaluated(.list(values.filter { $0.text != nil }.map(\.document)), .array)
    case "TO_VARIANT": return values.first.map(variant)
    case "TO_OBJECT", "TO_ARRAY":
      guard let value = values.first, value.text != nil else { return values.first }
      let isObject = name == "TO_OBJECT"
      switch value.document {
      case .object(let fields):
        return evaluated(isObject ? .object(fields) : .list([.object(fields)]), isObject ? .object : .array)
      case .list(let items) where !isObject: return evaluated(.list(items), .array)
      case let other where !isObject: return evaluated(.list([other]), .array)
      default:
        throw StatementFailure(
          code: "100071", sqlState: "22000", message: "Failed to cast variant value \(value.text ?? "") to OBJECT")
      }
    case "PARSE_JSON", "TRY_PARSE_JSON":
      guard let text = values.first?.text else { return Evaluated(text: nil, type: .variant) }
      if text.allSatisfy(\.isWhitespace) { return Evaluated(text: nil, type: .variant) }
      if let value = parse(text) { return evaluated(value, .variant) }
      if name == "TRY_PARSE_JSON" { return Evaluated(text: nil, type: .variant) }
      throw StatementFailure(code: "100069", sqlState: "22P02", message: "Error parsing JSON: \(text)")
    case "TO_JSON": return Evaluated(text: values.first.flatMap { $0.text == nil ? nil : JSON.string($0.document) })
    case "ARRAY_SIZE":
      guard case .list(let items)? = values.first?.document else { return Evaluated(text: nil, type: .fixed) }
      return Evaluated(text: String(items.count), type: .fixed)
    case "OBJECT_KEYS":
      guard case .object(let fields)? = values.first?.document else { return Evaluated(text: nil, type: .array) }
      return evaluated(.list(fields.map { .string($0.key) }), .array)
    default: return nil
    }
  }

  private static let names: Set<String> = [
    "OBJECT_CONSTRUCT", "OBJECT_CONSTRUCT_KEEP_NULL", "ARRAY_CONSTRUCT", "ARRAY_CONSTRUCT_COMPACT", "TO_VARIANT",
    "TO_OBJECT", "TO_ARRAY", "PARSE_JSON", "TRY_PARSE_JSON", "TO_JSON", "ARRAY_SIZE", "OBJECT_KEYS",
  ]

  /// Entries without a key are left out, and those without a value unless they are kept.
  private static func object(_ values: [Evaluated], keepsNull: Bool) throws(StatementFailure) -> Evaluated {
    guard values.count.isMultiple(of: 2) else {
      throw StatementFailure(
        code: "000938", sqlState: "22023",
        message: "SQL compilation error:\nnot enough arguments for function [OBJECT_CONSTRUCT]")
    }
    var fields: [String: Value] = [:]
    for index in stride(from: 0, to: values.count, by: 2) {
      guard let key = values[index].text, keepsNull || values[index + 1].text != nil else { continue }
      guard fields.updateValue(values[index + 1].document, forKey: key) == nil else {
        throw StatementFailure(code: "100103", sqlState: "22000", message: "Duplicate field key '\(key)'")
      }
    }
    return evaluated(.object(fields.map { .init($0.key, $0.value) }), .object)
  }

  /// A value as a VARIANT: what is semi-structured stays, text becomes a JSON string.
  static func variant(_ value: Evaluated) -> Evaluated {
    value.text == nil ? Evaluated(text: nil, type: .variant) : evaluated(value.document, .variant)
  }

  /// The JSON document in a text, its keys in order; nil when there is none.
  static func parse(_ text: String) -> Value? { (try? JSON.decode(Array(text.utf8))).map(ordered) }

  /// What a semi-structured value is as text: a JSON string without its quotes, everything else as JSON.
  static func text(_ json: String) -> String {
    if case .string(let text)? = parse(json) { return text }
    return json
  }

  /// A document as results show it: indented by so many blanks, on one line when there are none.
  ///
  /// Source: <https://docs.snowflake.com/en/sql-reference/parameters#json-indent>.
  static func shown(_ json: String, indent: Int) -> String {
    guard indent > 0, json.first == "{" || json.first == "[", let value = parse(json) else { return json }
    var result = ""
    write(value, indent, 0, to: &result)
    return result
  }

  private static func write(_ value: Value, _ indent: Int, _ depth: Int, to result: inout String) {
    let margin = "\n" + String(repeating: " ", count: indent * (depth + 1))
    switch value {
    case .object(let fields) where !fields.isEmpty:
      result += "{"
      for (index, field) in fields.enumerated() {
        result += (index > 0 ? "," : "") + margin + JSON.string(.string(field.key)) + ": "
        write(field.value, indent, depth + 1, to: &result)
      }
      result += margin.dropLast(indent) + "}"
    case .list(let items) where !items.isEmpty:
      result += "["
      for (index, item) in items.enumerated() {
        result += (index > 0 ? "," : "") + margin
        write(item, indent, depth + 1, to: &result)
      }
      result += margin.dropLast(indent) + "]"
    default: result += JSON.string(value)
    }
  }

  private static func evaluated(_ value: Value, _ type: ResultColumn.ResultType) -> Evaluated {
    Evaluated(text: JSON.string(ordered(value)), type: type)
  }

  private static func ordered(_ value: Value) -> Value {
    switch value {
    case .object(let fields):
      .object(fields.map { .init($0.key, ordered($0.value)) }.sorted { $0.key < $1.key })
    case .list(let items): .list(items.map(ordered))
    default: value
    }
  }
}
