extension Manifest: DocumentCodable {
  /// `{"name", "version", "protocol", "sdk", "doc", "types", "functions", "checks", "requires"}`; name, version and
  /// protocol are always there.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("name", Value.string(name))
    builder.set("version", Value.string(version))
    builder.set("protocol", Value.string(protocolVersion))
    builder.set(text: "sdk", sdk)
    builder.set(text: "doc", doc)
    builder.set("types", types)
    builder.set("functions", functions)
    builder.set(flag: "checks", checks)
    builder.set("requires", requires)
    return builder.document
  }

  /// Reads what `document` writes. Throws when a required key is missing or a value has the wrong kind.
  public init(document: Value) throws(DocumentError) {
    let what = "manifest"
    try document.requireObject(what)
    let protocolVersion = try document.require("protocol", in: what)
    self.init(
      name: try document.require("name", in: what), version: try document.require("version", in: what),
      sdk: try document.text("sdk", in: what) ?? "", doc: try document.text("doc", in: what) ?? "",
      types: try document.documents("types", in: what) ?? [],
      functions: try document.documents("functions", in: what) ?? [], checks: try document.flag("checks", in: what))
    self.protocolVersion = protocolVersion
    requires = try document.texts("requires", in: what) ?? []
  }
}
