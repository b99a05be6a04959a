import SnowmakerSDK

extension Function {
  /// `cidr_host_count(network)`.
  static let cidrHostCount = Function(
    "cidr_host_count",
    doc: "How many hosts a network has room for: in IPv4 without the network's and the broadcast address, in IPv6 all.",
    parameters: [.init("network", .text, doc: "As in 10.0.0.0/8 or 2001:db8::/96.")], result: .integer,
    examples: [
      .init("10.0.0.0/24", yields: 254), .init("10.0.0.0/31", yields: 2), .init("192.0.2.7", yields: 1),
      .init("2001:db8::/112", yields: 65536),
    ],
    calling: { network, reply in
      FunctionReply.answer(reply) { () throws(FunctionFailure) in
        let parsed = try Network(network, of: "network")
        guard let count = parsed.hostCount else {
          throw FunctionFailure("\(parsed.text) has more hosts than a number of 64 bits can say", of: "network")
        }
        return count
      }
    } as @convention(c) (FunctionText, FunctionReply.Sink) -> Int32)
}
