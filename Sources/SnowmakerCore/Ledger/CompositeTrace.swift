import SnowmakerModel

/// What the ledger remembers of a composite that stood for a resource at the last apply.
struct CompositeTrace: Hashable, Sendable {
  var address: Address
  /// The keyed digest of what its plugin made the resource of.
  var digest: String
}

extension LedgerEntry {
  /// Kept among the declared values under a key that no attribute has.
  static let compositesKey = "$composites"

  /// The composites that stood for the resource, outermost first.
  var composites: [CompositeTrace] {
    get {
      (declared[Self.compositesKey]?.list ?? []).map {
        CompositeTrace(
          address: Address($0["type"].string ?? "", $0["identity"].strings), digest: $0["digest"].string ?? "")
      }
    }
    set {
      declared[Self.compositesKey] =
        newValue.isEmpty
        ? nil
        : .list(
          newValue.map {
            [
              "type": .string($0.address.type), "identity": .list($0.address.identity.map(Value.string)),
              "digest": .string($0.digest),
            ]
          })
    }
  }
}
