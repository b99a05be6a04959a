public import SnowmakerModel

/// Reads a type as its schema's read groups say.
///
/// Round 0 sends the bulk statements (one for the account, or one per database in use). Further rounds split a bulk
/// answer that was cut at the row limit, and send per-object statements for the objects that exist and declare (or
/// have in the ledger) an attribute of that group.
public struct SchemaReader<T: ObjectType>: Sendable {
  private let type: T
  let schema: TypeSchema

  /// A reader for one type.
  public init(_ type: T) {
    self.type = type
    schema = type.schema
  }

  /// Answers one round. Throws when an answer lacks the columns that name the objects.
  public func read(_ request: ReadRequest) throws(Diagnostic) -> ReadReply {
    if request.round == 0 {
      let queries = bulkQueries(request)
      if queries.isEmpty { return ReadReply() }
      return ReadReply(queries: queries, state: State(queries: queries.map { ($0.sql, nil) }).value)
    }
    var state = State(request.state)
    var queries: [ReadQuery] = []
    var again: [(ReadQuery, State.Sent)] = []
    let wanted = Set(request.wanted.map(\.identity))
    for (result, sent) in zip(request.results, state.sent) {
      if let object = sent.object {
        if !sent.tags.isEmpty, let split = splitTags(result, sent) {
          again += split
        } else {
          try takeObject(result, sent, object: object, into: &state)
        }
      } else {
        try takeBulk(result, request: request, wanted: wanted, into: &state, next: &queries)
      }
    }
    state.sent = queries.map { State.Sent(sql: $0.sql, group: "", object: nil) }
    for (query, sent) in again {
      queries.append(query)
      state.sent.append(sent)
    }
    if queries.isEmpty, !state.askedObjects {
      state.askedObjects = true
      for (query, sent) in objectQueries(request, state) {
        queries.append(query)
        state.sent.append(sent)
      }
    }
    guard queries.isEmpty else { return ReadReply(queries: queries, state: state.value) }
    return ReadReply(observed: state.observed, partial: state.partial, unseen: state.unseen)
  }

  // MARK: - Asking

  private func bulkQueries(_ request: ReadRequest) -> [ReadQuery] {
    var queries: [ReadQuery] = []
    for group in schema.reads {
      switch group.per {
      case .account: queries.append(ReadQuery(group.statement, costClass: group.costClass))
      case .database:
        var seen: Set<String> = []
        for wanted in request.wanted {
          guard let database = wanted.identity.first, seen.insert(database).inserted else { continue }
          queries.append(ReadQuery(group.statement.replacing("{name}", with: database), costClass: group.costClass))
        }
      case .object: break
      }
    }
    return queries
  }

  private func objectQueries(_ request: ReadRequest, _ state: State) -> [(ReadQuery, State.Sent)] {
    let groups = schema.reads.filter { $0.per == .object }
    guard !groups.isEmpty else { return [] }
    var places: [[String]: Int] = [:]
    for (index, observation) in state.observed.enumerated() { places[observation.identity] = index }
    let groupOf = Dictionary(schema.attributes.map { ($0.name, $0.group) }, uniquingKeysWith: { first, _ in first })
    let hasBulk = schema.reads.contains { $0.per != .object }
    var queries: [(ReadQuery, State.Sent)] = []
    for wanted in request.wanted {
      let place = places[wanted.identity]
      guard place != nil || !hasBulk else { continue }
      let needed = Set(wanted.attributes.compactMap { groupOf[$0] })
      for group in groups where needed.contains(group.name) || !hasBulk {
        if group.shape == .tags {
          let tags = tags(of: wanted)
          if !tags.isEmpty { queries.append(tagQuery(group, tags, of: wanted.identity)) }
          continue
        }
        let sql = group.statement.replacing("{name}", with: wanted.identity.joined(separator: "."))
        queries.append(
          (
            ReadQuery(sql, costClass: group.costClass, rowLimit: nil),
            State.Sent(sql: sql, group: group.name, object: wanted.identity)
          ))
      }
    }
    return queries
  }

  // MARK: - Taking answers

  private func bulkGroup(of sql: String) -> ReadGroup? {
    // A split statement differs from its group's only in the scope, which comes last.
    schema.reads.first { group in
      guard group.per != .object else { return false }
      let head = group.statement.split(separator: " IN ").first.map(String.init) ?? group.statement
      return sql == group.statement || sql.hasPrefix(head)
    }
  }

  private func takeBulk(
    _ result: ReadResult, request: ReadRequest, wanted: Set<[String]>, into state: inout State,
    next queries: inout [ReadQuery]
  ) throws(Diagnostic) {
    guard let group = bulkGroup(of: result.sql) else {
      throw Diagnostic.error("\(schema.type): no read group sent '\(result.sql)'", code: "provider-bug")
    }
    let scope = scope(of: result.sql, group)
    if let failure = result.failure, !result.isCut {
      let reason = "\(result.sql) failed: \(failure.message) (\(failure.code))"
      if let scope {
        // A database that does not exist has nothing in it.
        if !failure.isMissingOrForbidden { miss(scope, reason, request, &state) }
      } else {
        state.partial = reason
      }
      return
    }
    let (base, isPage) = Self.base(of: result.sql)
    var isCutForGood = false
    if result.isCut {
      let split = isPage ? [] : splits(result.sql, request)
      if !split.isEmpty {
        queries += split.map { ReadQuery($0, costClass: group.costClass) }
        return
      }
      if let next = try nextPage(result, base, group, request) {
        queries.append(next)
      } else {
        isCutForGood = true
      }
    }
    // What came before the cut has been seen, so it is kept before the rest is called unseen.
    defer {
      if isCutForGood {
        let reason = "\(result.sql) was cut at its row limit"
        if let scope { miss(scope, reason, request, &state) } else { state.partial = reason }
      }
    }
    if result.isCut, result.failure != nil { return }
    // The rows that a page has in common with the one before.
    let known = isPage ? Set(state.observed.map(\.identity)) : []
    try decode(
      RowSet(result), group: group, scope: scope, request: request, wanted: wanted, skipping: known, into: &state)
  }

  /// A statement without what makes it a page of a longer answer.
  private static func base(of sql: String) -> (sql: String, isPage: Bool) {
    guard let range = sql.ranges(of: " LIMIT \(pageSize)").last else { return (sql, false) }
    let rest = sql[range.upperBound...]
    guard rest.isEmpty || rest.hasPrefix(" FROM '") else { return (sql, false) }
    return (String(sql[..<range.lowerBound]), true)
  }

  /// The database that a statement of a group was sent for; nil for one that is about the whole account.
  private func scope(of sql: String, _ group: ReadGroup) -> String? {
    guard group.per == .database, let place = group.statement.firstRange(of: "{name}") else { return nil }
    let sql = Self.base(of: sql).sql
    let rest = group.statement.distance(from: place.upperBound, to: group.statement.endIndex)
    return String(
      sql.dropFirst(group.statement.distance(from: group.statement.startIndex, to: place.lowerBound))
        .dropLast(rest))
  }

  /// Of what was not seen in a database nothing can be said.
  private func miss(_ database: String, _ reason: String, _ request: ReadRequest, _ state: inout State) {
    let seen = Set(state.observed.map(\.identity))
    state.unseen += request.wanted.map(\.identity).filter { $0.first == database && !seen.contains($0) }
      .map { .init(identity: $0, reason: reason) }
  }

  /// The page after a full one, where names are unique but for overloads: in the account, in a database for what lies in it
  /// directly, in a schema. It begins before the last name of the full page: of objects that share it, some may be missing.
  /// Without rows (the account refused to answer more than 10,000 instead of cutting, error 090153) it is the first page.
  /// Nil when paging gets nowhere, and when there are more pages than there may be rounds.
  private func nextPage(
    _ result: ReadResult, _ base: String, _ group: ReadGroup, _ request: ReadRequest
  ) throws(Diagnostic) -> ReadQuery? {
    guard request.round + 2 < ReadRequest.maximumRounds, canPage(base, group),
      let column = group.keyColumns.last(where: { !$0.isEmpty })
    else { return nil }
    let sql: String
    if result.failure != nil {
      sql = "\(base) LIMIT \(Self.pageSize)"
    } else {
      guard let name = RowSet(result).index(of: column), let last = result.rows.last?[name].string,
        let before = result.rows.last(where: { $0[name].string != last })?[name].string
      else { return nil }
      sql = "\(base) LIMIT \(Self.pageSize) FROM \(SQLLiteral.quote(before))"
    }
    return result.sql == sql ? nil : ReadQuery(sql, costClass: group.costClass, rowLimit: Self.pageSize)
  }

  /// Whether the rows of a statement are sorted by name alone.
  private func canPage(_ sql: String, _ group: ReadGroup) -> Bool {
    switch schema.containers.count {
    case 0: group.per == .account && group.keyColumns.count == 1
    case 1: group.per == .database || sql.contains(" IN DATABASE ")
    default: sql.contains(" IN SCHEMA ")
    }
  }

  /// The rows that SHOW answers at most.
  private static var pageSize: Int { 10_000 }

  /// The statements that read the same in smaller scopes: account → databases in use → schemas in use.
  private func splits(_ sql: String, _ request: ReadRequest) -> [String] {
    let containers = schema.containers.count
    var seen: Set<String> = []
    func scoped(_ head: Substring, _ scope: String, depth: Int) -> [String] {
      request.wanted.compactMap { wanted in
        guard wanted.identity.count > depth else { return nil }
        let name = wanted.identity[...depth].joined(separator: ".")
        let sql = "\(head) IN \(scope) \(name)"
        return seen.insert(sql).inserted ? sql : nil
      }
    }
    if sql.hasSuffix(" IN ACCOUNT"), containers >= 1 { return scoped(sql.dropLast(11), "DATABASE", depth: 0) }
    if let range = sql.ranges(of: " IN DATABASE ").last, containers >= 2 {
      let database = sql[range.upperBound...]
      return scoped(sql[..<range.lowerBound], "SCHEMA", depth: 1).filter { $0.contains(" \(database).") }
    }
    return []
  }

  private func decode(
    _ rows: RowSet, group: ReadGroup, scope: String?, request: ReadRequest, wanted: Set<[String]>,
    skipping known: Set<[String]>, into state: inout State
  ) throws(Diagnostic) {
    var keys: [Int] = []
    let place = scope.flatMap { _ in group.keyColumns.firstIndex(of: "") }
    for column in group.keyColumns where !column.isEmpty {
      guard let index = rows.index(of: column) else {
        throw Diagnostic.error(
          "\(group.costClass) answered no column '\(column)'",
          detail: "It is needed to name each \(schema.type). Columns: \(rows.columns.joined(separator: ", ")).",
          code: "missing-column")
      }
      keys.append(index)
    }
    let columns: [(AttributeSchema, Int)] = schema.attributes.compactMap { attribute in
      guard attribute.group == group.name, let column = attribute.column, let index = rows.index(of: column) else {
        return nil
      }
      return (attribute, index)
    }
    let owner = rows.index(of: "owner")
    let ownerType = rows.index(of: "owner_role_type")
    let created = rows.index(of: "created_on")
    for (number, row) in rows.rows.enumerated() {
      var identity: [String] = []
      identity.reserveCapacity(keys.count)
      for key in keys { identity.append(Identifier(exact: row[key].string ?? "").sql) }
      if let place, let scope { identity.insert(scope, at: place) }
      guard request.wantsAll || wanted.contains(identity), !known.contains(identity) else { continue }
      var fields: [Value.Field] = []
      fields.reserveCapacity(columns.count)
      for (attribute, index) in columns {
        fields.append(.init(attribute.name, attribute.observed(row[index].string)))
      }
      var observation = Observation(
        identity: identity, attributes: .object(fields),
        owner: owner.flatMap { row[$0].string }.flatMap { $0.isEmpty ? nil : Identifier(exact: $0).sql },
        ownerType: ownerType.flatMap { row[$0].string }, createdOn: created.flatMap { row[$0].string })
      if type.observe(&observation, group: group, rows: rows.row(number)) { state.observed.append(observation) }
    }
  }

  private func takeObject(
    _ result: ReadResult, _ sent: State.Sent, object: [String], into state: inout State
  ) throws(Diagnostic) {
    let name = sent.group
    guard let group = schema.reads.first(where: { $0.name == name }) else {
      throw Diagnostic.error("\(schema.type): no read group '\(name)'", code: "provider-bug")
    }
    if let failure = result.failure, sent.tags.isEmpty || !Self.isOfMissingTag(failure) {
      let hasBulk = schema.reads.contains { $0.per != .object }
      if hasBulk || !failure.isMissingOrForbidden {
        state.unseen.append(
          .init(identity: object, reason: "\(result.sql) failed: \(failure.message) (\(failure.code))"))
      }
      return
    }
    var place = state.place(of: object)
    if place == nil {
      state.observed.append(Observation(identity: object))
      place = state.observed.count - 1
    }
    guard let place else { return }
    let rows = RowSet(result)
    var fields = state.observed[place].attributes.fields
    for attribute in schema.attributes where attribute.group == name {
      var value: Value?
      if group.shape == .tags {
        value = tagValues(sent.tags, rows, before: fields.first { $0.key == attribute.name }?.value)
      } else if let column = attribute.column {
        value = self.value(of: attribute, column, group: group, rows)
      }
      guard let value else { continue }
      fields.removeAll { $0.key == attribute.name }
      fields.append(.init(attribute.name, value))
    }
    state.observed[place].attributes = .object(fields)
    if !type.observe(&state.observed[place], group: group, rows: rows) {
      state.observed.remove(at: place)
      state.forgetPlaces()
    }
  }

  /// What one object's answer says of an attribute; nil when it says nothing.
  private func value(of attribute: AttributeSchema, _ column: String, group: ReadGroup, _ rows: RowSet) -> Value? {
    switch group.shape {
    case .rows, .row:
      guard let index = rows.index(of: column), let row = rows.rows.first else { return nil }
      return attribute.observed(row[index].string)
    case .properties:
      guard let keys = rows.index(of: "property") ?? rows.index(of: "name"),
        rows.rows.contains(where: { $0[keys].string?.uppercased() == column.uppercased() })
      else { return nil }
      return attribute.observed(rows.property(column))
    case .parameters:
      guard let key = rows.index(of: "key"), let value = rows.index(of: "value"), let level = rows.index(of: "level"),
        let row = rows.rows.first(where: { $0[key].string?.uppercased() == column.uppercased() })
      else { return nil }
      guard row[level].string?.uppercased() == schema.sqlName else { return .null }
      return attribute.observed(row[value].string)
    case .tags: return nil
    }
  }
}
