import SnowmakerModel

extension Value {
  /// The same value with the keys of all maps in the order in which attribute kinds put them, so that the values of a
  /// plan that was saved and read again equal those that are declared. Equal plans become equal bytes.
  var canonical: Value {
    switch self {
    case .list(let elements): .list(elements.map(\.canonical))
    case .object(let fields):
      .object(fields.map { Field($0.key, $0.value.canonical) }.sorted { $0.key < $1.key })
    default: self
    }
  }

  /// Whether it is a reference to a secret, or there is one in it.
  var holdsSecret: Bool {
    switch self {
    case .list(let elements): elements.contains(where: \.holdsSecret)
    case .object(let fields): isSecret || fields.contains(where: \.value.holdsSecret)
    default: isSecret
    }
  }

  /// The number at `key`. Throws when there is none, or it is no index.
  func requireIndex(_ key: String, in what: String) throws(DocumentError) -> Int {
    guard let number = self[key].int, number >= 0, number <= Int64(Int32.max) else {
      throw DocumentError(what, "'\(key)' must be a number from 0 up, found \(self[key].kindName)")
    }
    return Int(number)
  }

  /// The indices of the list at `key`, all smaller than `limit`. Throws when one is not.
  func indices(_ key: String, below limit: Int, in what: String) throws(DocumentError) -> [Int] {
    var result: [Int] = []
    for element in self[key].list {
      guard let number = element.int, number >= 0, number < Int64(limit) else {
        throw DocumentError(what, "'\(key)' must hold numbers from 0 to \(limit - 1)")
      }
      result.append(Int(number))
    }
    return result
  }
}
