/// What of a statement's answer is kept in a file: a secret that the account tells once and never again.
///
/// The host writes the first row's value of the column, and a line break, to the file, which only its owner may read. Nothing
/// else of the answer is kept, and the value is in no log, plan, journal or ledger.
public struct KeptAnswer: Hashable, Sendable, DocumentCodable {
  /// The column that holds it, in lower case.
  public var column: String
  /// The file's path; a relative one starts in the project's folder.
  public var file: String

  /// Keeps the value of `column` in `file`.
  public init(column: String, file: String) {
    self.column = column
    self.file = file
  }

  /// Reads it. Throws when a part is not text.
  public init(document: Value) throws(DocumentError) {
    self.init(
      column: try document.require("column", in: "keeps"), file: try document.require("file", in: "keeps"))
  }

  /// `{"column", "file"}`.
  public var document: Value { ["column": .string(column), "file": .string(file)] }
}
