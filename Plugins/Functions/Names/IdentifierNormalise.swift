import SnowmakerSDK

extension Function {
  /// `identifier_normalise(name)`.
  static let identifierNormalise = Function(
    "identifier_normalise",
    doc: "A name as Snowflake stores it: unquoted parts upper case, quoted ones exact. Parts are joined by dots, and "
      + "quoted only where they must be.",
    parameters: [.init("name", .text, doc: "A name as written in SQL, with or without its containers.")], result: .text,
    examples: [
      .init("analytics", yields: "ANALYTICS"), .init("raw.\"My Table\"", yields: "RAW.\"My Table\""),
      .init("\"ORDERS\"", yields: "ORDERS"),
    ],
    calling: { name, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        do throws(Identifier.Failure) { return try QualifiedName(parsing: name.string).sql } catch {
          throw FunctionFailure(error.description, of: "name")
        }
      }
    } as @convention(c) (FunctionText, FunctionReply.Sink) -> Int32)
}
