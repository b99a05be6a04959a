import SnowmakerSDK

extension Function {
  /// `name_template(template, parts)`.
  static let nameTemplate = Function(
    "name_template",
    doc:
      "A name that needs no quotes, from a template and parts: {1} is the first part. Upper case; every character that a "
      + "plain name cannot have becomes '_'; at most 255 characters.",
    parameters: [
      .init("template", .text, doc: "Text with {1}, {2} and so on in it."),
      .init("parts", .list(.text), doc: "What is put in their places."),
    ], result: .text,
    examples: [
      .init("{1}_{2}_WH", ["prod", "data eng"], yields: "PROD_DATA_ENG_WH"),
      .init("{2}_{1}", ["a", "b"], yields: "B_A"),
    ],
    calling: { template, parts, count, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        try PlainName(template: template.string, parts: parts.strings(count)).text
      }
    } as @convention(c) (FunctionText, UnsafePointer<FunctionText>?, Int, FunctionReply.Sink) -> Int32)
}

/// A name that needs no quotes.
struct PlainName {
  let text: String

  init(template: String, parts: [String]) throws(FunctionFailure) {
    var filled = ""
    var used = Set<Int>()
    var rest = template[...]
    while let brace = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      filled += rest[..<brace]
      guard rest[brace] == "{", let end = rest[brace...].firstIndex(of: "}"),
        let number = Int(rest[rest.index(after: brace)..<end]), number > 0
      else { throw FunctionFailure("'\(template)' has braces that are not {1}, {2} …", of: "template") }
      guard number <= parts.count else {
        let count = parts.count == 1 ? "is 1 part" : "are \(parts.count) parts"
        throw FunctionFailure("'\(template)' has {\(number)}, and there \(count)", of: "template")
      }
      guard !parts[number - 1].isEmpty else { throw FunctionFailure("part {\(number)} is empty", of: "parts") }
      filled += parts[number - 1]
      used.insert(number)
      rest = rest[rest.index(after: end)...]
    }
    filled += rest
    if let unused = parts.indices.first(where: { !used.contains($0 + 1) }) {
      throw FunctionFailure("'\(template)' leaves out part {\(unused + 1)}, '\(parts[unused])'", of: "parts")
    }
    text = try Self.plain(filled)
  }

  private static func plain(_ name: String) throws(FunctionFailure) -> String {
    let scalars = name.uppercased().unicodeScalars.map { scalar in
      ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar) || scalar == "_" || scalar == "$" ? scalar : "_"
    }
    guard let first = scalars.first else { throw FunctionFailure("the name is empty", of: "template") }
    guard ("A"..."Z").contains(first) || first == "_" else {
      throw FunctionFailure("'\(name)' begins with '\(first)', and a plain name with a letter or '_'", of: "template")
    }
    guard scalars.count <= Identifier.maximumLength else {
      throw FunctionFailure(
        "the name has \(scalars.count) characters, and at most \(Identifier.maximumLength) are allowed", of: "parts")
    }
    return String(String.UnicodeScalarView(scalars))
  }
}
