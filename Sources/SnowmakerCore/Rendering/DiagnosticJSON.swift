public import SnowmakerModel

extension Diagnostic {
  /// The diagnostic as a document for programs: `severity`, `summary`, `detail`, `code`, `path`, `address` as one text,
  /// `position {file, line, column}`. What is empty is left out, except for `severity` and `summary`.
  public var view: Value {
    var builder = DocumentBuilder()
    builder.set("severity", severity.rawValue)
    builder.set("summary", summary)
    builder.set(text: "detail", detail)
    builder.set(text: "code", code)
    builder.set("path", path)
    builder.set("address", address?.description)
    if let position { builder.set("position", position.document) }
    return builder.document
  }
}
