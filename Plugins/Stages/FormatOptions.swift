import SnowmakerSDK

/// The options of file formats: on a file format as attributes, in a stage's `file_format` as keys.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-file-format>.
enum FormatOptions {
  /// The formats, and the options that each takes.
  static let byType: [String: [String]] = [
    "CSV": [
      "compression", "record_delimiter", "field_delimiter", "multi_line", "file_extension", "parse_header",
      "skip_header", "skip_blank_lines", "date_format", "time_format", "timestamp_format", "binary_format", "escape",
      "escape_unenclosed_field", "trim_space", "field_optionally_enclosed_by", "null_if",
      "error_on_column_count_mismatch", "replace_invalid_characters", "empty_field_as_null", "skip_byte_order_mark",
      "encoding",
    ],
    "JSON": [
      "compression", "date_format", "time_format", "timestamp_format", "binary_format", "trim_space", "multi_line",
      "null_if", "file_extension", "enable_octal", "allow_duplicate", "strip_outer_array", "strip_null_values",
      "replace_invalid_characters", "ignore_utf8_errors", "skip_byte_order_mark",
    ],
    "AVRO": ["compression", "trim_space", "replace_invalid_characters", "null_if"],
    "ORC": ["trim_space", "replace_invalid_characters", "null_if"],
    "PARQUET": [
      "compression", "snappy_compression", "binary_as_text", "use_logical_type", "trim_space",
      "use_vectorized_scanner", "replace_invalid_characters", "null_if",
    ],
    "XML": [
      "compression", "ignore_utf8_errors", "preserve_space", "strip_outer_element", "disable_snowflake_data",
      "disable_auto_convert", "replace_invalid_characters", "skip_byte_order_mark",
    ],
  ]

  static let type = AttributeSchema(
    "type", .enumeration(["CSV", "JSON", "AVRO", "ORC", "PARQUET", "XML"]), property: "TYPE", column: "type",
    doc: "What the files are.")

  /// All options. A file format has no UNSET: null sets Snowflake's default.
  static let attributes: [AttributeSchema] = [
    option(
      "compression",
      .enumeration([
        "AUTO", "GZIP", "BZ2", "BROTLI", "ZSTD", "DEFLATE", "RAW_DEFLATE", "LZO", "SNAPPY", "NONE",
      ]), "How the files are compressed.", default: "AUTO"),
    text("record_delimiter", "What ends a record.", default: "\n").bareWords("NONE"),
    text("field_delimiter", "What separates fields.", default: ",").bareWords("NONE"),
    flag("multi_line", "Whether a quoted field may hold line ends.", default: true),
    text("file_extension", "The extension of unloaded files.", default: nil).bareWords("NONE").unset(.set("NONE")),
    flag("parse_header", "Whether the first record names the columns.", default: false),
    option("skip_header", .integer(minimum: 0), "Lines to skip at the top.", default: 0),
    flag("skip_blank_lines", "Whether blank lines are skipped.", default: false),
    text("date_format", "How dates are written.", default: "AUTO").bareWords("AUTO"),
    text("time_format", "How times are written.", default: "AUTO").bareWords("AUTO"),
    text("timestamp_format", "How timestamps are written.", default: "AUTO").bareWords("AUTO"),
    option(
      "binary_format", .enumeration(["HEX", "BASE64", "UTF8"]), "How binary values are written.", default: "HEX"),
    text("escape", "The escape character of enclosed fields.", default: "NONE").bareWords("NONE"),
    text("escape_unenclosed_field", "The escape character of fields that are not enclosed.", default: "\\")
      .bareWords("NONE"),
    flag("trim_space", "Whether white space around fields is dropped.", default: false),
    text("field_optionally_enclosed_by", "The character that encloses strings.", default: "NONE").bareWords("NONE"),
    option("null_if", .list(.text), "Strings that mean NULL.", default: ["\\N"]),
    flag("error_on_column_count_mismatch", "Whether a wrong number of columns is an error.", default: true),
    flag("replace_invalid_characters", "Whether invalid UTF-8 is replaced.", default: false),
    flag("empty_field_as_null", "Whether an empty field is NULL.", default: true),
    flag("skip_byte_order_mark", "Whether a byte order mark is skipped.", default: true),
    option("encoding", .enumeration(encodings), "The character set of the files.", default: "UTF8").rendered(.quoted),
    flag("enable_octal", "Whether octal numbers are read.", default: false),
    flag("allow_duplicate", "Whether duplicate keys are allowed; the last one wins.", default: false),
    flag("strip_outer_array", "Whether the outer brackets are dropped.", default: false),
    flag("strip_null_values", "Whether null members are dropped.", default: false),
    flag("ignore_utf8_errors", "Whether invalid UTF-8 is ignored.", default: false),
    // DESCRIBE does not show it: what was applied last is compared.
    AttributeSchema(
      "snappy_compression", .boolean, property: "SNAPPY_COMPRESSION",
      doc: "Whether unloaded files are compressed with Snappy. The account does not show it."
    ).defaults(to: true).unset(.set(true)),
    flag("binary_as_text", "Whether columns without a logical type are text.", default: true),
    flag("use_logical_type", "Whether Parquet logical types are used.", default: false),
    flag("use_vectorized_scanner", "Whether the vectorized scanner is used.", default: false),
    flag("preserve_space", "Whether white space in elements is kept.", default: false),
    flag("strip_outer_element", "Whether the outer element is dropped.", default: false),
    flag("disable_snowflake_data", "Whether Snowflake semi-structured tags are ignored.", default: false),
    flag("disable_auto_convert", "Whether numbers and booleans stay text.", default: false),
  ]

  /// The options that a text names, as the keys of a record.
  static let record: [AttributeSchema] =
    [
      AttributeSchema(
        "format_name", .reference(["file_format"]), property: "FORMAT_NAME", doc: "A file format to use by name."
      ).rendered(.quoted).edge(.uses, onTargetDrop: .keepsName), type,
    ] + attributes

  private static let encodings = [
    "BIG5", "EUCJP", "EUCKR", "GB18030", "IBM420", "IBM424", "ISO2022CN", "ISO2022JP", "ISO2022KR", "ISO88591",
    "ISO88592", "ISO88595", "ISO88596", "ISO88597", "ISO88598", "ISO88599", "ISO885915", "KOI8R", "SHIFTJIS", "UTF8",
    "UTF16", "UTF16BE", "UTF16LE", "UTF32", "UTF32BE", "UTF32LE", "WINDOWS1250", "WINDOWS1251", "WINDOWS1252",
    "WINDOWS1253", "WINDOWS1254", "WINDOWS1255", "WINDOWS1256",
  ]

  private static func option(
    _ name: String, _ kind: AttributeKind, _ doc: String, default value: Value
  ) -> AttributeSchema {
    AttributeSchema(name, kind, property: name.uppercased(), doc: doc)
      .read(by: "describe").defaults(to: value).unset(.set(value))
  }

  private static func flag(_ name: String, _ doc: String, default value: Bool) -> AttributeSchema {
    option(name, .boolean, doc, default: .bool(value))
  }

  private static func text(_ name: String, _ doc: String, default value: String?) -> AttributeSchema {
    var attribute = AttributeSchema(name, .text, property: name.uppercased(), doc: doc).read(by: "describe")
    if let value { attribute = attribute.defaults(to: .string(value)).unset(.set(.string(value))) }
    return attribute
  }

  /// The errors of options that the format does not take.
  static func misplaced(_ names: [String], type: String?, path: [String] = []) -> [Diagnostic] {
    guard let type, let taken = byType[type] else { return [] }
    let options = Set(attributes.map(\.name))
    return names.filter { options.contains($0) && !taken.contains($0) }.map { name in
      .error(
        "file format \(type) does not take '\(name)'",
        detail: "It takes \(taken.sorted().joined(separator: ", ")).", path: path + [name], code: "invalid-combination")
    }
  }

  /// The strings that mean NULL, as DESCRIBE prints them: `[\\N, a'b]`, without quotes, so that a comma and a space within one,
  /// and an empty one alone, cannot be told. Quoted ones, as JSON writes them, are taken as such.
  static func shownNullIf(_ text: String?) -> Value {
    guard let text, !text.isEmpty, text != "null" else { return [] }
    if text.hasPrefix("[\""), case .list(let items)? = try? JSON.decode(Array(text.utf8)) {
      return .list(items.map { $0.string.map(Value.string) ?? $0 })
    }
    let inner = text.hasPrefix("[") && text.hasSuffix("]") ? text.dropFirst().dropLast() : text[...]
    if inner.isEmpty { return [] }
    return .list(inner.split(separator: ", ", omittingEmptySubsequences: false).map { .string(unescaped(String($0))) })
  }

  /// What was observed, as it was declared where the account prints both alike.
  static func settled(_ observed: Value, _ declared: Value) -> Value {
    func printed(_ value: Value) -> String { value.strings.joined(separator: ", ") }
    guard case .list = observed, case .list = declared, printed(observed) == printed(declared) else { return observed }
    return declared
  }

  /// Control characters as DESCRIBE prints them (`\n`), back to themselves.
  static func unescaped(_ text: String) -> String {
    guard text.utf8.contains(UInt8(ascii: "\\")) else { return text }
    var result = ""
    var escaped = false
    for character in text.unicodeScalars {
      if escaped {
        escaped = false
        switch character {
        case "n": result += "\n"
        case "r": result += "\r"
        case "t": result += "\t"
        case "\\": result += "\\"
        default:
          result += "\\"
          result.unicodeScalars.append(character)
        }
      } else if character == "\\" {
        escaped = true
      } else {
        result.unicodeScalars.append(character)
      }
    }
    return escaped ? result + "\\" : result
  }
}
