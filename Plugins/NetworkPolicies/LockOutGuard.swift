import SnowmakerSDK

/// Refuses plans that would shut out who deploys them.
enum LockOutGuard {
  /// What DESCRIBE NETWORK POLICY says, as a document that travels in an observation.
  static func content(_ rows: RowSet) -> Value {
    func list(_ name: String) -> Value { .list(ListText.elements(of: rows.property(name) ?? "").map(Value.string)) }
    func rules(_ name: String) -> Value { .list(RuleList.names(rows.property(name)).map(Value.string)) }
    return [
      "allowed_ip_list": list("ALLOWED_IP_LIST"), "blocked_ip_list": list("BLOCKED_IP_LIST"),
      "allowed_network_rule_list": rules("ALLOWED_NETWORK_RULE_LIST"),
      "blocked_network_rule_list": rules("BLOCKED_NETWORK_RULE_LIST"),
    ]
  }

  /// CHECK: policies that this plan activates, or changes while they are active.
  ///
  /// A policy is judged by what it will be: what is declared of it, else what was observed of it (a policy may be declared
  /// in part), else what DESCRIBE said when its activation was read; what a new policy does not declare is empty.
  @Sendable static func check(_ request: CheckRequest) -> [Diagnostic] {
    var policies: [String: CheckedChange] = [:]
    var rules: [String: Value] = [:]
    for checked in request.changes {
      let name = checked.address.identity.joined(separator: ".")
      switch checked.address.type {
      case "network_policy": policies[name] = checked
      case "network_rule":
        if let declared = checked.declared { rules[name] = merged(declared, checked.observed) }
      default: break
      }
    }
    let activations =
      request.changes.filter { $0.declared != nil }
      + request.standing.filter { $0.declared.map { touches($0, policies, rules) } ?? false }
    var diagnostics: [Diagnostic] = []
    for checked in activations where checked.address.type == "network_policy_activation" {
      guard concerns(checked.address.identity, user: request.context.user),
        let policy = checked.declared?["network_policy"].string,
        let address = request.context.clientAddress ?? checked.observed?["client_address"].string
      else { continue }
      let content = content(of: policies[policy], described: checked.observed?["admits"] ?? .null)
      diagnostics += verdict(policy: policy, content: content, rules: rules, address: address).map {
        var diagnostic = $0
        diagnostic.address = checked.address
        return diagnostic
      }
    }
    return diagnostics
  }

  private static let lists = [
    "allowed_ip_list", "blocked_ip_list", "allowed_network_rule_list", "blocked_network_rule_list",
  ]

  /// What a policy will be once the plan has run; a list that nothing is known of is missing.
  private static func content(of change: CheckedChange?, described: Value) -> Value {
    guard let change else { return described }
    let isNew = change.change.action == .create || change.change.action == .replace
    return .object(
      lists.compactMap { list in
        if let value = change.declared?.find(list) { return .init(list, value.isNull ? [] : value) }
        if isNew { return .init(list, []) }
        let known = change.observed?.find(list) ?? described.find(list)
        return known.flatMap { $0 == .unknown ? nil : .init(list, $0) }
      })
  }

  private static func merged(_ declared: Value, _ observed: Value?) -> Value {
    let known = Set(declared.fields.map(\.key))
    return .object(declared.fields + (observed?.fields.filter { !known.contains($0.key) } ?? []))
  }

  /// Whether a standing activation's policy, or a rule that changes, is in the plan.
  private static func touches(_ activation: Value, _ policies: [String: CheckedChange], _ rules: [String: Value])
    -> Bool
  {
    guard let policy = activation["network_policy"].string else { return false }
    return policies[policy] != nil || !rules.isEmpty
  }

  /// Whether an activation touches the one who deploys.
  private static func concerns(_ identity: [String], user: String?) -> Bool {
    identity.first == "ACCOUNT" || (user != nil && identity.last == user)
  }

  /// Blocked wins over allowed; an empty allowed list with no rules admits everyone.
  ///
  /// Source: <https://docs.snowflake.com/en/user-guide/network-policies#interaction-between-allowed-lists-and-blocked-lists>.
  private static func verdict(
    policy: String, content: Value, rules: [String: Value], address: String
  ) -> [Diagnostic] {
    func holds(_ list: String) -> Bool {
      content[list].strings.contains { AddressRange($0)?.contains(address) ?? false }
    }
    func ruleHolds(_ name: String) -> Bool? {
      guard let rule = rules[name] else { return nil }
      guard rule["type"].string == "IPV4" else { return false }
      return rule["value_list"].strings.contains { AddressRange($0)?.contains(address) ?? false }
    }
    func refusal(_ why: String) -> [Diagnostic] {
      [
        .error(
          "activating network policy \(policy) would lock out \(address), the address that is deploying",
          detail: "\(why) Allow the address first, or deploy from one that the policy admits.",
          code: "lock-out")
      ]
    }
    let blockedRules = content["blocked_network_rule_list"].strings
    if holds("blocked_ip_list") { return refusal("It is in BLOCKED_IP_LIST.") }
    if let rule = blockedRules.first(where: { ruleHolds($0) == true }) {
      return refusal("It is in the blocked network rule \(rule).")
    }
    let allowedRules = content["allowed_network_rule_list"].strings
    if let missing = lists.first(where: { content.find($0) == nil }) {
      return [
        .warning(
          "cannot tell whether network policy \(policy) admits \(address), the address that is deploying",
          detail: "Its \(missing) is neither declared nor could it be read. Check it before you apply.",
          code: "lock-out-unknown")
      ]
    }
    if content["allowed_ip_list"].strings.isEmpty, allowedRules.isEmpty { return [] }
    if holds("allowed_ip_list") || allowedRules.contains(where: { ruleHolds($0) == true }) { return [] }
    let unknown = allowedRules.filter { ruleHolds($0) == nil }
    guard unknown.isEmpty else {
      return [
        .warning(
          "cannot tell whether network policy \(policy) admits \(address), the address that is deploying",
          detail: "It depends on the network rule(s) \(unknown.joined(separator: ", ")), which this plan does not "
            + "change and does not read. Check them before you apply.",
          code: "lock-out-unknown")
      ]
    }
    return refusal("It is neither in ALLOWED_IP_LIST nor in an allowed network rule.")
  }
}
