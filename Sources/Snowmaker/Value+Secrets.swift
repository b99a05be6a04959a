import SnowmakerModel

extension Value {
  /// The ids of all secret references in the value.
  var secretIDs: [String] {
    if let id = secretID { return [id] }
    switch self {
    case .list(let elements): return elements.flatMap(\.secretIDs)
    case .object(let fields): return fields.flatMap(\.value.secretIDs)
    default: return []
    }
  }
}
