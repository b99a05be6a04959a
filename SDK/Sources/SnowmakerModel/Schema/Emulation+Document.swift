extension Emulation: DocumentCodable {
  /// `{"show_columns", "describe_shape", "describe_columns", "extra_properties", "modifiers", "parameters"}`; all but
  /// the first have defaults.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("show_columns", Value.list(showColumns.map(\.document)))
    builder.set("describe_shape", describeShape?.rawValue)
    builder.set("describe_columns", describeColumns)
    builder.set("extra_properties", extraProperties)
    builder.set("modifiers", modifiers)
    builder.set("parameters", map: parameters)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let what = "emulation"
    try document.requireObject(what)
    self.init(
      showColumns: try document.documents("show_columns", in: what) ?? [],
      describeShape: try document.choice("describe_shape", in: what),
      describeColumns: try document.documents("describe_columns", in: what) ?? [],
      extraProperties: try document.texts("extra_properties", in: what) ?? [],
      modifiers: try document.documents("modifiers", in: what) ?? [],
      parameters: try document.textMap("parameters", in: what))
  }
}

extension Emulation.Modifier: DocumentCodable {
  /// `{"word", "attribute", "value"}`.
  public var document: Value { ["word": .string(word), "attribute": .string(attribute), "value": value] }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let word = try document.require("word", in: "modifier")
    guard let value = document.find("value") else { throw DocumentError("modifier '\(word)'", "'value' is missing") }
    self.init(word, sets: try document.require("attribute", in: "modifier '\(word)'"), to: value)
  }
}

extension EmulatedColumn: DocumentCodable {
  /// `{"name", "attribute" | "fact" | "constant", "echo"}`; a constant may be null.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("name", Value.string(name))
    switch source {
    case .attribute(let attribute): builder.set("attribute", Value.string(attribute))
    case .fact(let fact): builder.set("fact", Value.string(fact))
    case .constant(let text): builder.set("constant", text.map(Value.string) ?? .null)
    }
    builder.set("echo", map: echo)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    try document.requireObject("emulated column")
    let name = try document.require("name", in: "emulated column")
    let what = "emulated column '\(name)'"
    let source: Source
    if let attribute = try document.text("attribute", in: what) {
      source = .attribute(attribute)
    } else if let fact = try document.text("fact", in: what) {
      source = .fact(fact)
    } else if document.find("constant") != nil {
      source = .constant(try document.text("constant", in: what))
    } else {
      throw DocumentError(what, "one of 'attribute', 'fact' and 'constant' must say where its value comes from")
    }
    self.init(name, source, echo: try document.textMap("echo", in: what))
  }
}
