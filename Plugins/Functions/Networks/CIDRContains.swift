import SnowmakerSDK

extension Function {
  /// `cidr_contains(network, other)`.
  static let cidrContains = Function(
    "cidr_contains",
    doc: "Whether a network contains an address, or all of another network. Never across IPv4 and IPv6.",
    parameters: [
      .init("network", .text, doc: "As in 10.0.0.0/8 or 2001:db8::/32."),
      .init("other", .text, doc: "An address or a network."),
    ], result: .boolean,
    examples: [
      .init("10.0.0.0/8", "10.20.30.40", yields: true), .init("10.0.0.0/8", "11.0.0.0/24", yields: false),
      .init("2001:db8::/32", "2001:db8:1::/48", yields: true),
    ],
    calling: { network, other, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        try Network(network, of: "network").contains(Network(other, of: "other"))
      }
    } as @convention(c) (FunctionText, FunctionText, FunctionReply.Sink) -> Int32)
}
