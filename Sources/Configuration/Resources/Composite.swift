public import SnowmakerModel

/// A resource that stands for others, as it was handed to EXPAND: what is in the account are those others.
public struct Composite: Hashable, Sendable {
  /// Its type and canonical identity, without the target's prefix.
  public var address: Address
  /// What EXPAND was asked about: the same value makes the same resources as long as the plugin is the same.
  public var written: Value
}

extension Composite {
  /// The composite, nil when its value does not say who it is.
  init?(_ written: WrittenResource, _ type: TypeIndex.Entry) {
    guard type.schema.isComposite, !type.identity.isEmpty, type.identity.count == type.schema.identity.count else {
      return nil
    }
    var identity: [String] = []
    for (part, index) in type.identity.enumerated() {
      let attribute = type.schema.attributes[index]
      let given =
        written.value.string != nil && part == type.ownName
        ? written.value : written.value.fields.first { attribute.answers(to: $0.key) }?.value
      guard let given, let value = try? attribute.normalize(given) else { return nil }
      identity.append(Admission.identityText(value))
    }
    self.init(address: Address(type.schema.type, identity), written: written.value)
  }
}
