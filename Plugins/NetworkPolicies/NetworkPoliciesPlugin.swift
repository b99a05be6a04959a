import CSnowmaker
import SnowmakerSDK

/// Who may connect from where.
struct NetworkPoliciesPlugin: Plugin {
  static let name = "network-policies"
  static let version = "0.1.0"
  static let doc = "Network policies, network rules, and where policies are active."
  let types: [any ObjectType] = [NetworkPolicy(), NetworkRule(), NetworkPolicyActivation()]
  var check: (@Sendable (CheckRequest) -> [Diagnostic])? { LockOutGuard.check }
}

/// The host's way in.
@c(snowmaker_network_policies_entry)
public func entry(_ host: UnsafePointer<snowmaker_peer_v1>?) -> UnsafePointer<snowmaker_peer_v1>? {
  NetworkPoliciesPlugin.open(host)
}
