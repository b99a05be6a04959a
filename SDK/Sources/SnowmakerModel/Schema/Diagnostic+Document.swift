extension Diagnostic: DocumentCodable {
  /// `{"severity", "summary", "detail", "path", "code", "address", "position"}`; only the summary is always there, and
  /// the severity is `error` when it is left out.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("severity", severity, unless: .error)
    builder.set("summary", Value.string(summary))
    builder.set(text: "detail", detail)
    builder.set("path", path)
    builder.set(text: "code", code)
    builder.set("address", address)
    builder.set("position", position)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let what = "diagnostic"
    try document.requireObject(what)
    self.init(
      try document.choice("severity", in: what) ?? .error, try document.require("summary", in: what),
      detail: try document.text("detail", in: what) ?? "", path: try document.texts("path", in: what) ?? [],
      code: try document.text("code", in: what) ?? "")
    if let value = document.find("address"), value != .null { address = try Address(document: value) }
    if let value = document.find("position"), value != .null { position = try SourcePosition(document: value) }
  }
}

extension Address: DocumentCodable {
  /// `{"type", "identity"}`.
  public var document: Value {
    ["type": .string(type), "identity": .list(identity.map(Value.string))]
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    try document.requireObject("address")
    guard let identity = try document.texts("identity", in: "address") else {
      throw DocumentError("address", "'identity' is missing")
    }
    self.init(try document.require("type", in: "address"), identity)
  }
}

extension SourcePosition: DocumentCodable {
  /// `{"file", "line", "column"}`.
  public var document: Value {
    ["file": .string(file), "line": .int(Int64(line)), "column": .int(Int64(column))]
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let what = "position"
    try document.requireObject(what)
    let file = try document.require("file", in: what)
    guard let line = try document.integer("line", in: what), let column = try document.integer("column", in: what)
    else {
      throw DocumentError(what, "'line' and 'column' are required")
    }
    self.init(file: file, line: Int(line), column: Int(column))
  }
}
