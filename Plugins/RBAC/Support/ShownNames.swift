import SnowmakerSDK

/// Names as SHOW prints them: every part as it is stored, in double quotes where Snowflake finds them needed.
enum ShownNames {
  /// The parts of a printed name, exact. Dots inside quotes separate nothing.
  static func parts(_ text: String) -> [String] {
    guard text.utf8.contains(UInt8(ascii: "\"")) else {
      return text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }
    var parts: [String] = []
    var current = String.UnicodeScalarView()
    var quoted = false
    var scalars = text.unicodeScalars[...]
    while let scalar = scalars.popFirst() {
      switch scalar {
      case "\"" where quoted && scalars.first == "\"":
        current.append("\"")
        scalars.removeFirst()
      case "\"": quoted.toggle()
      case "." where !quoted:
        parts.append(String(current))
        current = String.UnicodeScalarView()
      default: current.append(scalar)
      }
    }
    parts.append(String(current))
    return parts
  }

  /// The canonical name of a printed one. What lies in the account directly has one part, whatever dots it contains.
  static func canonical(_ text: String, type: String) -> String {
    if ObjectTypes.inAccount.contains(type) { return identifier(text) }
    return parts(text).map { Identifier(exact: $0).sql }.joined(separator: ".")
  }

  /// The canonical identifier of a printed one.
  static func identifier(_ text: String) -> String {
    guard text.utf8.count > 2, text.hasPrefix("\""), text.hasSuffix("\"") else { return Identifier(exact: text).sql }
    return Identifier(exact: String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")).sql
  }
}

/// A function's or procedure's name and the types of its arguments.
struct Routine: Hashable {
  /// The canonical name without arguments: `RAW.SALES.AREA`.
  var name: String
  /// The canonical types in parentheses: `(NUMBER, VARCHAR)`.
  var arguments: String

  var sql: String { name + arguments }

  init(name: String, arguments: String) {
    self.name = name
    self.arguments = arguments
  }

  /// What a person wrote, `raw.sales.area(int, string)`; nil when there are no parentheses or the name is none.
  init?(written text: String) {
    guard let open = text.firstIndex(of: "("), text.hasSuffix(")"),
      let name = try? QualifiedName(parsing: String(text[..<open]))
    else { return nil }
    self.init(name: name.sql, arguments: Self.canonical(text[text.index(after: open)...].dropLast()))
  }

  /// What SHOW GRANTS prints: `RAW.SALES."AREA(R NUMBER):NUMBER(38,0)"`; nil when it has no parentheses.
  init?(shown text: String) {
    var parts = ShownNames.parts(text)
    guard let last = parts.popLast(), let open = last.firstIndex(of: "("), let close = Self.close(last, from: open)
    else {
      return nil
    }
    parts.append(String(last[..<open]))
    self.init(
      name: parts.map { Identifier(exact: $0).sql }.joined(separator: "."),
      arguments: Self.canonical(last[last.index(after: open)..<close]))
  }

  /// What SHOW FUNCTIONS prints in `arguments`, `AREA(NUMBER) RETURN NUMBER`, in a schema.
  init?(listed text: String, in schema: String) {
    guard let open = text.firstIndex(of: "("), let close = Self.close(text, from: open) else { return nil }
    self.init(
      name: "\(schema).\(Identifier(exact: String(text[..<open])).sql)",
      arguments: Self.canonical(text[text.index(after: open)..<close]))
  }

  private static func close(_ text: String, from open: String.Index) -> String.Index? {
    var depth = 0
    for index in text[open...].indices {
      if text[index] == "(" { depth += 1 }
      if text[index] == ")" {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return nil
  }

  /// `(NUMBER, VARCHAR)` from a list with or without names, sizes and defaults, in any of a type's spellings.
  private static func canonical(_ list: some StringProtocol) -> String {
    var types: [String] = []
    var depth = 0
    var current = ""
    func finish() {
      var words = current.uppercased().split { $0.isWhitespace }
      if let word = words.firstIndex(of: "DEFAULT") { words.removeSubrange(word...) }
      if words.count >= 2, words[words.count - 2] == "DOUBLE", words[words.count - 1] == "PRECISION" {
        words.removeLast()
      }
      if let type = words.last { types.append(synonyms[String(type)] ?? String(type)) }
      current = ""
    }
    for character in list {
      switch character {
      case "(": depth += 1
      case ")": depth -= 1
      case "," where depth == 0: finish()
      case _ where depth > 0: break
      default: current.append(character)
      }
    }
    finish()
    return "(\(types.joined(separator: ", ")))"
  }

  /// Source: <https://docs.snowflake.com/en/sql-reference/intro-summary-data-types>.
  private static let synonyms: [String: String] = [
    "DECIMAL": "NUMBER", "DEC": "NUMBER", "NUMERIC": "NUMBER", "INT": "NUMBER", "INTEGER": "NUMBER", "BIGINT": "NUMBER",
    "SMALLINT": "NUMBER", "TINYINT": "NUMBER", "BYTEINT": "NUMBER", "FLOAT4": "FLOAT", "FLOAT8": "FLOAT",
    "DOUBLE": "FLOAT", "REAL": "FLOAT", "STRING": "VARCHAR", "TEXT": "VARCHAR", "CHAR": "VARCHAR",
    "CHARACTER": "VARCHAR", "NCHAR": "VARCHAR", "NVARCHAR": "VARCHAR", "NVARCHAR2": "VARCHAR", "VARBINARY": "BINARY",
    "BOOL": "BOOLEAN", "DATETIME": "TIMESTAMP_NTZ", "TIMESTAMP": "TIMESTAMP_NTZ", "TIMESTAMPNTZ": "TIMESTAMP_NTZ",
    "TIMESTAMPLTZ": "TIMESTAMP_LTZ", "TIMESTAMPTZ": "TIMESTAMP_TZ",
  ]
}
