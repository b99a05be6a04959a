import SnowmakerSDK

/// What a grant is on, as configuration writes it.
enum GrantTarget: Hashable {
  case account
  case object(type: String, name: String)
  case routine(type: String, Routine)
  /// A kind of objects in a scope.
  case collection(Collection, type: String, scope: Scope)

  /// Which objects of a scope.
  enum Collection: String {
    case all = "ALL"
    case future = "FUTURE"
    case inherited = "INHERITED"
  }

  /// Where.
  enum Scope: Hashable {
    case account
    case container(type: String, name: String)
  }

  /// The type that the privilege belongs to: that of the objects, not that of the scope.
  var objectType: String {
    switch self {
    case .account: "ACCOUNT"
    case .object(let type, _), .routine(let type, _), .collection(_, let type, _): type
    }
  }

  /// Why a text names no target.
  struct Failure: Error {
    var message: String
    var suggestion: String?
  }

  /// The target of `on:`: `ACCOUNT`, `warehouse loading`, `FUTURE TABLES IN SCHEMA raw.sales`, `ALL STAGES IN DATABASE raw`.
  ///
  /// Throws when the text names none.
  init(parsing text: String) throws(Failure) {
    var words = text.split { $0.isWhitespace }[...]
    guard let first = words.first else { throw Failure(message: "'on' must not be empty") }
    if first.uppercased() == "ACCOUNT" && words.count == 1 {
      self = .account
      return
    }
    if let collection = Collection(rawValue: first.uppercased()) {
      words.removeFirst()
      guard let type = Self.takeType(&words) else { throw Self.unknownType(words.first ?? "", in: text) }
      if words.first?.uppercased() == "IN" { words.removeFirst() }
      self = .collection(collection, type: type, scope: try Self.scope(words, collection, of: text))
      return
    }
    guard let type = Self.takeType(&words) else { throw Self.unknownType(first, in: text) }
    guard !words.isEmpty else {
      throw Failure(message: "'\(text)' names no object: write its name after \(type)")
    }
    try self.init(type: type, name: Self.rest(words, of: text))
  }

  /// The object of a known type: `on_warehouse: loading`.
  ///
  /// Throws when a function's or procedure's name has no argument types.
  init(type: String, name: String) throws(Failure) {
    guard ObjectTypes.routines.contains(type) else {
      self = .object(type: type, name: name)
      return
    }
    guard let routine = Routine(written: name) else {
      throw Failure(
        message: "a \(type) is named with the types of its arguments: '\(name)(NUMBER, VARCHAR)' or '\(name)()'")
    }
    self = .routine(type: type, routine)
  }

  /// The target of a key: `on_warehouse`, `on_account`, `on_all_tables_in_schema`, `on_future_schemas_in_database`.
  ///
  /// Throws when the key names no type.
  init(key: String, value: String) throws(Failure) {
    let words = Words.upper(key.dropFirst(3)).split(separator: " ")[...]
    if words == ["ACCOUNT"] {
      self = .account
      return
    }
    if words.count > 2, Collection(rawValue: String(words[0])) != nil {
      try self.init(parsing: words.joined(separator: " ") + (words.last == "ACCOUNT" ? "" : " \(value)"))
      return
    }
    guard let type = ObjectTypes.type(words.joined(separator: " ")) else {
      throw Failure(
        message: "'\(key)' names no object type",
        suggestion: ObjectTypes.suggestion(for: words.joined(separator: " ")).map {
          "on_\($0.lowercased().replacing(" ", with: "_"))"
        })
    }
    try self.init(type: type, name: value)
  }

  /// Takes the longest run of words that is a type, singular or plural.
  private static func takeType(_ words: inout ArraySlice<Substring>) -> String? {
    for count in stride(from: min(4, words.count), through: 1, by: -1) {
      if let type = ObjectTypes.type(words.prefix(count).joined(separator: " ")) {
        words.removeFirst(count)
        return type
      }
    }
    return nil
  }

  private static func scope(
    _ words: ArraySlice<Substring>, _ collection: Collection, of text: String
  ) throws(Failure) -> Scope {
    guard let first = words.first else {
      throw Failure(message: "'\(text)' has no scope: write IN DATABASE <name> or IN SCHEMA <database>.<schema>")
    }
    let type = first.uppercased()
    if type == "ACCOUNT", words.count == 1 {
      guard collection == .inherited else {
        throw Failure(
          message: "\(collection.rawValue) grants reach one database or one schema, not the account",
          suggestion: "INHERITED")
      }
      return .account
    }
    guard type == "DATABASE" || type == "SCHEMA" else {
      throw Failure(
        message: "'\(first)' is no scope of '\(text)': it is DATABASE or SCHEMA",
        suggestion: Spelling.closest(to: type, in: ["DATABASE", "SCHEMA"]))
    }
    guard words.count > 1 else { throw Failure(message: "'\(text)' does not name the \(type.lowercased())") }
    return .container(type: type, name: rest(words.dropFirst(), of: text))
  }

  /// The text from the first of `words` on, as it was written (names in quotes may hold spaces).
  private static func rest(_ words: ArraySlice<Substring>, of text: String) -> String {
    guard let start = words.first?.startIndex, let end = words.last?.endIndex else { return "" }
    return String(text[start..<end])
  }

  private static func unknownType(_ word: some StringProtocol, in text: String) -> Failure {
    Failure(
      message:
        "'\(text)' names no object type; write for example 'WAREHOUSE loading' or 'FUTURE TABLES IN SCHEMA raw.sales'",
      suggestion: ObjectTypes.suggestion(for: word))
  }
}
