public import SnowmakerModel

/// The spellings of addresses that people meet, and what each means: `warehouse.LOADING` as messages and `ledger list`
/// print it, `grant USAGE WAREHOUSE LOADING → LOADER` as plans do, `schema.raw.sales` or `schemas.raw.sales` as
/// configuration has it.
///
/// Case matters only in quotes, and what stands between the parts does not matter: a dot, a colon, a space, brackets or an
/// arrow.
public struct AddressText: Sendable {
  private let text: PlanText

  /// The spellings of resources of `types`.
  public init(_ types: [String: TypeSchema]) { text = PlanText(types) }

  /// Those of `addresses` that `text` means, in their order; more than one only where a spelling is not unique.
  public func addresses(meant text: String, among addresses: [Address]) -> [Address] {
    let words = words(of: text)
    return addresses.filter { self.words(of: $0.description) == words || self.words(of: title($0)) == words }
  }

  /// The address closest to a misspelt one, or one of the name alone; nil when there is none.
  public func suggestion(for text: String, among addresses: [Address]) -> Address? {
    let words = words(of: text)
    let name = words.map { $0.uppercased() }
    let named = addresses.first { address in
      self.words(of: address.description).dropFirst().suffix(name.count).map { $0.uppercased() } == name
    }
    if let named { return named }
    let wanted = words.joined(separator: " ")
    var spellings: [String: Address] = [:]
    for address in addresses.reversed() {
      spellings[self.words(of: title(address)).joined(separator: " ")] = address
      spellings[self.words(of: address.description).joined(separator: " ")] = address
    }
    return Spelling.closest(to: wanted, in: spellings.keys.sorted()).flatMap { spellings[$0] }
  }

  private func title(_ address: Address) -> String { text.title(address) }

  /// The type, singular, and the parts of the name.
  private func words(of text: String) -> [String] {
    var words: [String] = []
    var word = ""
    var isQuoted = false
    func finish() {
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    for character in text.replacing("->", with: " ") {
      switch character {
      case "\"":
        isQuoted.toggle()
        word.append(character)
      case _ where isQuoted: word.append(character)
      case ".", ":", " ", "[", "]", "→", "\t": finish()
      default: word += character.uppercased()
      }
    }
    finish()
    guard let first = words.first?.lowercased() else { return [] }
    words[0] = self.text.types[first] == nil ? singular(first) ?? first : first
    return words
  }

  private func singular(_ plural: String) -> String? {
    text.types.schemas.values.first { $0.plural == plural }?.type
  }
}
