import SnowmakerSDK

extension Function {
  /// `cidr_normalise(network)`.
  static let cidrNormalise = Function(
    "cidr_normalise",
    doc: "A network as it is usually written: host bits cleared, with its prefix, IPv6 by RFC 5952.",
    parameters: [.init("network", .text, doc: "A network or an address.")], result: .text,
    examples: [
      .init("10.1.2.3/8", yields: "10.0.0.0/8"), .init("192.0.2.7", yields: "192.0.2.7/32"),
      .init("2001:DB8:0:0:1::/80", yields: "2001:db8:0:0:1::/80"),
    ],
    calling: { network, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in try Network(network, of: "network").text }
    } as @convention(c) (FunctionText, FunctionReply.Sink) -> Int32)
}
