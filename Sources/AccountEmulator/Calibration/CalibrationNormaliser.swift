/// Takes out of an answer what differs between any two accounts: names of a run, of the account and its user, moments,
/// ids.
public struct CalibrationNormaliser: Sendable {
  /// Texts of this side by what stands for them, longest first.
  private let replaced: [(text: String, with: String)]
  /// Columns whose values say nothing about behaviour.
  private static let volatile: Set<String> = [
    "created_on", "session_id", "updated_on", "resumed_on", "dropped_on", "last_altered", "id", "uuid", "entity_id",
    "started_on", "last_committed_on", "last_suspended_on", "stale_after", "owner_id", "task_relations",
  ]

  /// A normaliser for one side.
  ///
  /// - Parameter facts: texts of the account by name: `account`, `user`, `role`, `organization`, `region`, `version` …;
  ///   each stands in answers as `<name>`. Texts of fewer than three characters are left alone.
  public init(prefix: String, facts: [String: String]) {
    var replaced = facts.filter { $0.value.count > 2 }.map { (text: $0.value, with: "<\($0.key)>") }
    replaced.append((prefix, "<prefix>"))
    replaced.append((prefix.lowercased(), "<prefix>"))
    // Of two names with one text the same one is taken on both sides.
    self.replaced = replaced.sorted {
      ($1.text.count, $0.text, $0.with) < ($0.text.count, $1.text, $1.with)
    }
  }

  /// The answer without what is this account's own.
  public func normalise(_ answer: CalibrationAnswer) -> CalibrationAnswer {
    switch answer {
    case .rows(var rows):
      rows.columns = rows.columns.map { .init(name: normalise($0.name), type: $0.type) }
      rows.cells = rows.cells.map { row in
        zip(row, rows.columns).map { cell, column -> String? in
          guard let cell else { return nil }
          if column.type.hasPrefix("timestamp") || Self.volatile.contains(column.name.lowercased()) {
            return cell.isEmpty ? "" : "<volatile>"
          }
          return normalise(cell)
        }
      }
      return .rows(rows)
    case .failure(var failure):
      failure.message = normalise(failure.message)
      return .failure(failure)
    case .unknown: return answer
    }
  }

  /// A text with the names of this side replaced where they stand as words, and ids of queries.
  func normalise(_ text: String) -> String {
    var bytes = Array(text.utf8)
    for (name, token) in replaced { Self.replace(Array(name.utf8), with: Array(token.utf8), in: &bytes) }
    Self.replaceIDs(in: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  /// The prefix is followed by the rest of a name, other names by something that is none.
  private static func replace(_ name: [UInt8], with token: [UInt8], in bytes: inout [UInt8]) {
    let isPrefix = token.elementsEqual("<prefix>".utf8)
    guard !name.isEmpty, bytes.count >= name.count else { return }
    var out: [UInt8] = []
    var at = 0
    while at < bytes.count {
      let end = at + name.count
      if end <= bytes.count, bytes[at] == name[0], bytes[at..<end].elementsEqual(name),
        at == 0 || !isWord(bytes[at - 1]),
        isPrefix || end == bytes.count || !isWord(bytes[end]) && bytes[end] != UInt8(ascii: "_")
      {
        out += token
        at = end
      } else {
        out.append(bytes[at])
        at += 1
      }
    }
    bytes = out
  }

  /// UUIDs, as query ids are, become `<id>`.
  private static func replaceIDs(in bytes: inout [UInt8]) {
    guard bytes.count >= 36 else { return }
    var out: [UInt8] = []
    var at = 0
    while at < bytes.count {
      if at + 36 <= bytes.count, isID(bytes[at..<(at + 36)]) {
        out += Array("<id>".utf8)
        at += 36
      } else {
        out.append(bytes[at])
        at += 1
      }
    }
    bytes = out
  }

  private static func isID(_ bytes: ArraySlice<UInt8>) -> Bool {
    for (offset, byte) in bytes.enumerated() {
      if [8, 13, 18, 23].contains(offset) {
        if byte != UInt8(ascii: "-") { return false }
      } else {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
          UInt8(ascii: "A")...UInt8(ascii: "F"):
          break
        default: return false
        }
      }
    }
    return true
  }
}
