import Glibc
public import SnowmakerModel

/// Finds the values of secrets. It keeps none: each is looked up when a statement is about to be sent.
///
/// An id is `env:NAME` (an environment variable), `file:PATH` (a file's text, without one line break at its end) or
/// `literal:KEY` (a value that stood in the configuration of this very run).
public struct SecretResolver: Sendable {
  private let literals: [String: String]
  /// Where relative paths start.
  let directory: String
  private let environment: @Sendable (String) -> String?

  /// The longest secret in bytes.
  public static let maximumSize = 1 << 20

  /// A resolver.
  /// - Parameters:
  ///   - literals: the values of `literal:KEY`, by KEY.
  ///   - directory: where relative paths of `file:PATH` start.
  ///   - environment: where `env:NAME` is looked up; the process's environment unless told.
  public init(
    literals: [String: String] = [:], directory: String = ".",
    environment: @escaping @Sendable (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) {
    self.literals = literals
    self.directory = directory
    self.environment = environment
  }

  /// Looks every secret up and forgets it again. Throws an error that names all that cannot be had.
  public func check(_ ids: some Sequence<String>) throws(Diagnostic) {
    var problems: [String] = []
    var seen: Set<String> = []
    for id in ids where seen.insert(id).inserted {
      do throws(Diagnostic) { _ = try value(of: id) } catch { problems.append(error.summary) }
    }
    guard !problems.isEmpty else { return }
    throw .error(
      problems.count == 1
        ? problems[0] : "\(problems.count) secrets cannot be had: " + problems.joined(separator: "; "),
      detail: "Nothing was sent. Provide the secrets and run the command again.", code: "missing-secret")
  }

  /// The secret's text. Throws when it is not there, is empty, or is no text; the error names only the id.
  public func value(of id: String) throws(Diagnostic) -> String {
    let text: String
    if let name = id.suffix(after: "env:") {
      guard let found = environment(name) else {
        throw Self.missing("the environment variable \(name) of a secret is not set", "Set \(name).")
      }
      text = found
    } else if let path = id.suffix(after: "file:") {
      text = try file(path)
    } else if let key = id.suffix(after: "literal:") {
      guard let found = literals[key] else {
        throw Self.missing(
          "a secret that stands in the configuration itself is not at hand here",
          "A saved plan holds no secrets: write it as !secret env:NAME or !secret file:PATH, then it is looked up "
            + "when the plan is applied.")
      }
      text = found
    } else if let found = literals[id] {
      text = found  // the value of a sensitive variable
    } else {
      throw Self.missing("the secret '\(id)' is of no known kind", "Write it as env:NAME or file:PATH.")
    }
    guard !text.isEmpty else { throw Self.missing("the secret \(shown(id)) is empty", "Give it a value.") }
    return text
  }

  /// The SQL to send, secrets quoted in place, and the values that must not be seen. Throws as `value(of:)` does.
  func fill(_ sql: SQLText) throws(Diagnostic) -> (sql: String, secrets: [String]) {
    var text = ""
    var secrets: [String] = []
    for segment in sql.segments {
      switch segment {
      case .text(let part): text += part
      case .secret(let id):
        let value = try value(of: id)
        secrets.append(value)
        text += SQLLiteral.quote(value)
      }
    }
    return (text, secrets)
  }

  /// What to send or apply, secrets in place, and the values that must not be seen. Throws as `value(of:)` does.
  func fill(
    _ statement: Statement
  ) throws(Diagnostic) -> (sql: String, operation: Value?, secrets: [String]) {
    guard let operation = statement.operation else {
      let filled = try fill(statement.sql)
      return (filled.sql, nil, filled.secrets)
    }
    var values: [String] = []
    for id in Self.ids(in: operation) { values.append(try value(of: id)) }
    return ("", try resolve(operation), values)
  }

  /// The ids of all secrets in a document.
  static func ids(in value: Value) -> [String] {
    if let id = value.secretID { return [id] }
    switch value {
    case .list(let elements): return elements.flatMap(ids)
    case .object(let fields): return fields.flatMap { ids(in: $0.value) }
    default: return []
    }
  }

  /// The text with every secret in it covered: the account's messages may quote the SQL they are about.
  static func cover(_ secrets: [String], in text: String) -> String {
    var text = text
    for secret in secrets.sorted(by: { $0.utf8.count > $1.utf8.count }) {
      for spelling in Set([secret, String(SQLLiteral.quote(secret).dropFirst().dropLast())]) {
        text = text.replacing(spelling, with: "‹secret›")
      }
    }
    return text
  }

  /// The value with every secret reference in it replaced by the secret. Throws as `value(of:)` does.
  func resolve(_ value: Value) throws(Diagnostic) -> Value {
    if let id = value.secretID { return .string(try self.value(of: id)) }
    switch value {
    case .list(let elements):
      var result: [Value] = []
      for element in elements { result.append(try resolve(element)) }
      return .list(result)
    case .object(let fields):
      var result: [Value.Field] = []
      for field in fields { result.append(.init(field.key, try resolve(field.value))) }
      return .object(result)
    default: return value
    }
  }

  private func file(_ path: String) throws(Diagnostic) -> String {
    let full = path.hasPrefix("/") ? path : directory + "/" + path
    let bytes: [UInt8]
    do throws(FileError) { bytes = try Files.read(full, limit: Self.maximumSize) } catch {
      throw Self.missing(
        "the file \(path) of a secret cannot be read: \(error.reason)", "Check the path and its rights.")
    }
    var text = bytes[...]
    if text.last == 0x0a { text.removeLast() }
    if text.last == 0x0d { text.removeLast() }
    guard !text.contains(0), let string = String(validating: text, as: UTF8.self) else {
      throw Self.missing("the file \(path) of a secret is not UTF-8 text", "Secrets are text; encode binary ones.")
    }
    return string
  }

  private func shown(_ id: String) -> String { id.hasPrefix("literal:") ? "in the configuration" : id }

  private static func missing(_ summary: String, _ detail: String) -> Diagnostic {
    .error(summary, detail: detail, code: "missing-secret")
  }
}

extension String {
  /// What follows `prefix`, nil when the text does not start with it.
  func suffix(after prefix: String) -> String? {
    hasPrefix(prefix) ? String(utf8.dropFirst(prefix.utf8.count)) : nil
  }
}
