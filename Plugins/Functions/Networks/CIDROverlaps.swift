import SnowmakerSDK

extension Function {
  /// `cidr_overlaps(networks)`.
  static let cidrOverlaps = Function(
    "cidr_overlaps", doc: "Whether any two of the networks have an address in common.",
    parameters: [.init("networks", .list(.text), doc: "Networks or addresses.")], result: .boolean,
    examples: [
      .init(["10.0.0.0/8", "10.1.0.0/16"], yields: true), .init(["10.0.0.0/9", "10.128.0.0/9"], yields: false),
    ],
    calling: { networks, count, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        var parsed: [Network] = []
        for text in networks.texts(count) { parsed.append(try Network(text, of: "networks")) }
        // Sorted by first address, an overlap is always one of neighbours: networks nest or are apart.
        parsed.sort { ($0.family.rawValue, $0.first, $0.prefix) < ($1.family.rawValue, $1.first, $1.prefix) }
        return zip(parsed, parsed.dropFirst()).contains { $0.overlaps($1) }
      }
    } as @convention(c) (UnsafePointer<FunctionText>?, Int, FunctionReply.Sink) -> Int32)
}
