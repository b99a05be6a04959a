import SnowmakerModel

/// DESCRIBE FILE FORMAT tells the options that the format's type has, in their order.
///
/// Source: what published clients look for by type; see docs/emulator.md.
struct FileFormatBehavior: KindBehavior {
  /// By type. `NAME=value` for what no provider has an attribute for.
  static let options: [String: [String]] = [
    "CSV":
      "TYPE RECORD_DELIMITER FIELD_DELIMITER FILE_EXTENSION SKIP_HEADER PARSE_HEADER DATE_FORMAT TIME_FORMAT "
      + "TIMESTAMP_FORMAT BINARY_FORMAT ESCAPE ESCAPE_UNENCLOSED_FIELD TRIM_SPACE FIELD_OPTIONALLY_ENCLOSED_BY NULL_IF "
      + "COMPRESSION ERROR_ON_COLUMN_COUNT_MISMATCH VALIDATE_UTF8=true SKIP_BLANK_LINES REPLACE_INVALID_CHARACTERS "
      + "EMPTY_FIELD_AS_NULL SKIP_BYTE_ORDER_MARK ENCODING MULTI_LINE",
    "JSON":
      "TYPE COMPRESSION DATE_FORMAT TIME_FORMAT TIMESTAMP_FORMAT BINARY_FORMAT TRIM_SPACE MULTI_LINE NULL_IF "
      + "FILE_EXTENSION ENABLE_OCTAL ALLOW_DUPLICATE STRIP_OUTER_ARRAY STRIP_NULL_VALUES REPLACE_INVALID_CHARACTERS "
      + "IGNORE_UTF8_ERRORS SKIP_BYTE_ORDER_MARK",
    "AVRO": "TYPE COMPRESSION TRIM_SPACE REPLACE_INVALID_CHARACTERS NULL_IF",
    "ORC": "TYPE TRIM_SPACE REPLACE_INVALID_CHARACTERS NULL_IF",
    "PARQUET":
      "TYPE COMPRESSION BINARY_AS_TEXT USE_LOGICAL_TYPE TRIM_SPACE USE_VECTORIZED_SCANNER REPLACE_INVALID_CHARACTERS "
      + "NULL_IF",
    "XML":
      "TYPE COMPRESSION IGNORE_UTF8_ERRORS PRESERVE_SPACE STRIP_OUTER_ELEMENT DISABLE_SNOWFLAKE_DATA "
      + "DISABLE_AUTO_CONVERT REPLACE_INVALID_CHARACTERS SKIP_BYTE_ORDER_MARK",
  ].mapValues { $0.split(separator: " ").map(String.init) }

  /// Whether a format of a type has an option.
  static func has(_ option: String, type: String) -> Bool {
    options[type]?.contains { $0.prefix { $0 != "=" } == option } ?? true
  }

  func describe(_ object: StoredObject, in run: StatementRun) -> StatementResult? {
    guard let kind = run.registry.kind(object.kind) else { return nil }
    let type = object.text("type") ?? "CSV"
    let names = ["property", "property_type", "property_value", "property_default"]
    let rows = (Self.options[type] ?? []).map { option -> [String?] in
      let halves = option.split(separator: "=").map(String.init)
      if halves.count == 2 { return [halves[0], "Boolean", halves[1], halves[1]] }
      guard let attribute = kind.schema.attributes.first(where: { $0.property?.uppercased() == option }) else {
        return [option, "String", "", ""]
      }
      var row = PropertyRow(
        parent: "", name: option, attribute: attribute,
        value: object.attributes[attribute.name] ?? attribute.defaultValue)
      if option == "TYPE" { row.defaultText = "CSV" }
      return names.map(row.cell)
    }
    return StatementResult(columns: names.map { ResultColumn(name: $0) }, rows: rows, statementTypeID: 0x4500)
  }
}
