import SnowmakerModel

/// Reading the tags of one object: a statement with a column for each tag that is declared.
extension SchemaReader {
  /// The tags to ask for. What only the ledger knows of need not be read: it comes off in any case.
  func tags(of wanted: ReadRequest.Wanted) -> [String] {
    let attributes = schema.attributes.filter { attribute in
      schema.reads.contains { $0.name == attribute.group && $0.shape == .tags }
    }
    return attributes.flatMap { wanted.declared?[$0.name].fields.map(\.key) ?? [] }
  }

  /// The statement that asks for these tags of an object.
  func tagQuery(_ group: ReadGroup, _ tags: [String], of identity: [String]) -> (ReadQuery, State.Sent) {
    let select = "SELECT "
    let name = SQLLiteral.quote(identity.joined(separator: "."))
    let expression = group.statement.hasPrefix(select) ? group.statement.dropFirst(select.count) : group.statement[...]
    let columns = tags.map { tag in
      expression.replacing("{tag}", with: SQLLiteral.quote(tag)).replacing("{name}", with: name)
    }
    let sql = select + columns.joined(separator: ", ")
    return (
      ReadQuery(sql, costClass: group.costClass, rowLimit: nil),
      State.Sent(sql: sql, group: group.name, object: identity, tags: tags)
    )
  }

  /// The same question tag by tag, when one of several tags does not exist; nil when the answer stands.
  func splitTags(_ result: ReadResult, _ sent: State.Sent) -> [(ReadQuery, State.Sent)]? {
    guard let failure = result.failure, Self.isOfMissingTag(failure), sent.tags.count > 1, let object = sent.object,
      let group = schema.reads.first(where: { $0.name == sent.group })
    else { return nil }
    return sent.tags.map { tagQuery(group, [$0], of: object) }
  }

  /// Whether a failure says that the tag, not the object, is not there. A tag that this plan creates is not there yet,
  /// and what nobody can see is set on nothing.
  static func isOfMissingTag(_ failure: ReadResult.Failure) -> Bool {
    failure.isMissingOrForbidden && failure.message.lowercased().contains("tag ")
  }

  /// The values of the tags that were asked for, beside those already read; null where the object has none.
  func tagValues(_ tags: [String], _ rows: RowSet, before: Value?) -> Value {
    var fields = before?.fields ?? []
    for (column, tag) in tags.enumerated() {
      let cells = rows.rows.first ?? []
      fields.removeAll { $0.key == tag }
      fields.append(.init(tag, column < cells.count ? cells[column] : .null))
    }
    return .object(fields.sorted { $0.key < $1.key })
  }
}
