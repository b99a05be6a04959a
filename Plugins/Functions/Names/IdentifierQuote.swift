import SnowmakerSDK

extension Function {
  /// `identifier_quote(name)`.
  static let identifierQuote = Function(
    "identifier_quote",
    doc: "A name in double quotes, so that Snowflake takes exactly these characters: case, spaces and dots included.",
    parameters: [.init("name", .text, doc: "The characters of one name.")], result: .text,
    examples: [
      .init("My Table", yields: "\"My Table\""), .init("say \"hi\"", yields: "\"say \"\"hi\"\"\""),
    ],
    calling: { name, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        let name = name.string
        guard (1...Identifier.maximumLength).contains(name.unicodeScalars.count) else {
          throw FunctionFailure("a name has 1 to \(Identifier.maximumLength) characters", of: "name")
        }
        return Identifier(exact: name).quoted
      }
    } as @convention(c) (FunctionText, FunctionReply.Sink) -> Int32)
}
