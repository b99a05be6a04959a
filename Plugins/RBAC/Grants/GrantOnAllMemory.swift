import SnowmakerSDK

/// What the ledger remembers of a grant ON ALL: the objects that snowmaker itself granted the privilege on. What had it
/// before, or got it from somebody else since, is not in here, and stays when the grant is removed.
struct GrantOnAllMemory {
  /// Existing objects that it was granted on.
  var granted: Set<String> = []
  /// Objects that came into being in the same apply. Where a FUTURE grant of the same is declared, that one gave it.
  var created: Set<String> = []
  /// Objects that had the privilege already, and received the grant option.
  var options: Set<String> = []

  init() {}

  /// What `document` wrote, or, as earlier versions did, a list of names. Nil when the ledger says nothing.
  init?(_ item: PlanItem) {
    guard let document = item.remembered.find("$memory") else { return nil }
    if case .list = document {
      granted = Set(document.strings)
    } else {
      granted = Set(document["granted"].strings)
      created = Set(document["created"].strings)
      options = Set(document["options"].strings)
    }
  }

  var document: Value {
    var builder = DocumentBuilder()
    builder.set("granted", granted.sorted())
    builder.set("created", created.sorted())
    builder.set("options", options.sorted())
    return builder.document
  }

  /// The objects that it takes away from, given whether a FUTURE grant of the same stays.
  func taken(futureStays: Bool) -> Set<String> { futureStays ? granted : granted.union(created) }
}
