extension ReadGroup: DocumentCodable {
  /// `{"name", "statement", "per", "shape", "key_columns", "cost_class"}`; the last two have defaults.
  public var document: Value {
    let standard = ReadGroup(name, statement, per: per, shape: shape)
    var builder = DocumentBuilder()
    builder.set("name", Value.string(name))
    builder.set("statement", Value.string(statement))
    builder.set("per", Value.string(per.rawValue))
    builder.set("shape", Value.string(shape.rawValue))
    if keyColumns != standard.keyColumns { builder.set("key_columns", Value.list(keyColumns.map(Value.string))) }
    if costClass != standard.costClass { builder.set("cost_class", Value.string(costClass)) }
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    try document.requireObject("read group")
    let name = try document.require("name", in: "read group")
    let what = "read group '\(name)'"
    guard let per = try document.choice("per", as: Per.self, in: what) else {
      throw DocumentError(what, "'per' is missing")
    }
    guard let shape = try document.choice("shape", as: Shape.self, in: what) else {
      throw DocumentError(what, "'shape' is missing")
    }
    self.init(name, try document.require("statement", in: what), per: per, shape: shape)
    keyColumns = try document.texts("key_columns", in: what) ?? keyColumns
    costClass = try document.text("cost_class", in: what) ?? costClass
  }
}
