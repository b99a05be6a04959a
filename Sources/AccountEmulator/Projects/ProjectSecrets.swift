import SnowmakerModel

/// The secrets that ENVIRONMENT gave, which no answer, artifact or failure shows.
struct ProjectSecrets {
  private var values: [String] = []

  init(_ values: [String]) {
    // The longest first: one may be part of another.
    self.values = values.filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
  }

  /// The text with `***` for each secret.
  func covered(_ text: String) -> String { values.reduce(text) { $0.replacing($1, with: "***") } }

  func covered(_ document: Value) -> Value {
    if values.isEmpty { return document }
    switch document {
    case .string(let text): return .string(covered(text))
    case .list(let items): return .list(items.map(covered))
    case .object(let fields): return .object(fields.map { .init(covered($0.key), covered($0.value)) })
    default: return document
    }
  }

  func covered(_ failure: StatementFailure) -> StatementFailure {
    var copy = failure
    copy.message = covered(failure.message)
    return copy
  }
}
