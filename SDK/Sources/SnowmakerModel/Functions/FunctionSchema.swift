/// A function that a plugin offers to configuration, as it describes it.
public struct FunctionSchema: Hashable, Sendable {
  /// One parameter.
  public struct Parameter: Hashable, Sendable {
    /// Its name, for calls with names and for errors.
    public var name: String
    /// Its type. One that takes null and has only such ones after it can be left out of a call.
    public var kind: FunctionKind
    /// What it is, in a sentence; may be empty.
    public var doc: String

    /// A parameter.
    public init(_ name: String, _ kind: FunctionKind, doc: String = "") {
      self.name = name
      self.kind = kind
      self.doc = doc
    }
  }

  /// A call and its result, for the documentation; tests run them.
  public struct Example: Hashable, Sendable {
    /// The arguments, in order.
    public var arguments: [Value]
    /// What the call yields.
    public var result: Value

    /// A call with `arguments` that yields `result`.
    public init(_ arguments: Value..., yields result: Value) {
      self.arguments = arguments
      self.result = result
    }

    /// A call with a list of arguments.
    public init(arguments: [Value], result: Value) {
      self.arguments = arguments
      self.result = result
    }
  }

  /// The name in configuration, after `provider::`.
  public var name: String
  /// What it yields, in a sentence or a paragraph; may be empty.
  public var doc: String
  /// Its parameters, in order.
  public var parameters: [Parameter]
  /// The type of its result.
  public var result: FunctionKind
  /// Whether the same arguments always yield the same result; then the host calls it once for them.
  public var isPure: Bool
  /// Calls and their results; may be empty.
  public var examples: [Example]

  /// A function.
  public init(
    _ name: String, doc: String = "", parameters: [Parameter], result: FunctionKind, isPure: Bool = true,
    examples: [Example] = []
  ) {
    self.name = name
    self.doc = doc
    self.parameters = parameters
    self.result = result
    self.isPure = isPure
    self.examples = examples
  }

  /// Its types, as letters.
  public var signature: FunctionSignature { FunctionSignature(parameters.map(\.kind), result: result) }

  /// How many arguments a call must have; the parameters after these take null and may be left out.
  public var requiredCount: Int { (parameters.lastIndex { !$0.kind.isNullable } ?? -1) + 1 }

  /// The head as a person writes it: `host_count(network: text) -> integer`.
  public var heading: String {
    "\(name)(\(parameters.map { "\($0.name): \($0.kind)" }.joined(separator: ", "))) -> \(result)"
  }
}

extension FunctionSchema: DocumentCodable {
  /// `{"name", "signature", "parameters": [{"name", "doc"}], "doc", "impure", "examples": [{"arguments", "result"}]}`.
  public var document: Value {
    var builder = DocumentBuilder()
    builder.set("name", Value.string(name))
    builder.set("signature", Value.string(signature.description))
    if !parameters.isEmpty {
      builder.set(
        "parameters",
        Value.list(
          parameters.map { parameter in
            var builder = DocumentBuilder()
            builder.set("name", Value.string(parameter.name))
            builder.set(text: "doc", parameter.doc)
            return builder.document
          }))
    }
    builder.set(text: "doc", doc)
    builder.set(flag: "impure", !isPure)
    if !examples.isEmpty {
      builder.set(
        "examples", Value.list(examples.map { ["arguments": .list($0.arguments), "result": $0.result] }))
    }
    return builder.document
  }

  /// Reads what `document` writes. Parameters without an entry are called `argument1`, `argument2` … Throws when the
  /// name or the signature is missing or cannot be read.
  public init(document: Value) throws(DocumentError) {
    let what = "function"
    try document.requireObject(what)
    let name = try document.require("name", in: what)
    let signature = try FunctionSignature(letters: document.require("signature", in: what))
    let described = document["parameters"].list
    guard described.count <= signature.parameters.count else {
      throw DocumentError(
        "function '\(name)'",
        "it names \(described.count) parameters and its signature '\(signature)' has \(signature.parameters.count)")
    }
    var parameters: [Parameter] = []
    for (index, kind) in signature.parameters.enumerated() {
      let entry: Value = index < described.count ? described[index] : [:]
      parameters.append(
        Parameter(entry["name"].string ?? "argument\(index + 1)", kind, doc: entry["doc"].string ?? ""))
    }
    self.init(
      name, doc: try document.text("doc", in: what) ?? "", parameters: parameters, result: signature.result,
      isPure: try !document.flag("impure", in: what),
      examples: document["examples"].list.map { Example(arguments: $0["arguments"].list, result: $0["result"]) })
  }
}
