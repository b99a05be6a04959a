import SnowmakerModel

/// Which plugin brings which type, and which key of configuration means which type: every one has one owner.
struct TypeClaims {
  private var owners: [String: PluginFile] = [:]
  private var takers: [Key: (file: PluginFile, type: String)] = [:]

  /// A key that configuration writes a type under: at the top, or in a resource of another type.
  private struct Key: Hashable {
    var parent: String?
    var key: String
  }

  /// Takes in what a plugin brings. Throws when another one already brings it.
  mutating func add(_ manifest: Manifest, of file: PluginFile) throws(PluginRefusal) {
    var keys: [Key: (file: PluginFile, type: String)] = [:]
    for type in manifest.types {
      if let owner = owners[type.type] {
        throw PluginRefusal(file, .typeTaken(type: type.type, by: owner.name, at: owner.path))
      }
      for key in Self.keys(of: type) {
        if let taker = takers[key] ?? keys[key] {
          throw PluginRefusal(
            file,
            .keyTaken(
              key: key.parent.map { "\(key.key)' inside '\($0)" } ?? key.key, type: type.type, by: taker.file.name,
              at: taker.file.path, otherType: taker.type))
        }
        keys[key] = (file, type.type)
      }
    }
    for type in manifest.types { owners[type.type] = file }
    takers.merge(keys) { first, _ in first }
  }

  private static func keys(of type: TypeSchema) -> Set<Key> {
    Set(
      type.forms.map { form in
        switch form {
        case .plural(let key), .pairs(let key, _, _): Key(parent: nil, key: key)
        case .nested(let parent, let key, _): Key(parent: parent, key: key)
        }
      })
  }
}
