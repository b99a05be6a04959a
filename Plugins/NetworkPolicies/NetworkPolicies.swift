// NetworkPolicies
