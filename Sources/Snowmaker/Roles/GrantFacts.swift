import SnowmakerCore
import SnowmakerModel

/// What SHOW GRANTS answers, as facts for choosing roles.
enum GrantFacts {
  /// The facts in an answer to a question; none when columns are missing.
  static func effects(_ answer: ReadResult, of question: RoleQuestion) -> [AccountEffect] {
    switch question {
    case .grantsTo(let role): held(answer) { _ in role }
    case .grantsOn(let object):
      held(answer, on: object) { cells in grantee(cells("granted_to"), cells("grantee_name"), near: object) }
    case .holders(let role): holders(answer, of: role)
    }
  }

  /// - Parameters:
  ///   - object: what everything is held on; nil for what each row says.
  ///   - grantee: who holds what a row is about, from its cells by column.
  private static func held(
    _ answer: ReadResult, on object: SQLObject? = nil, _ grantee: ((String) -> String?) -> SQLObject?
  ) -> [AccountEffect] {
    guard let privilege = answer.column("privilege"), let on = answer.column("granted_on"),
      let name = answer.column("name")
    else { return [] }
    return answer.rows.compactMap { row in
      func cell(_ name: String) -> String? { answer.column(name).flatMap { row[$0].string } }
      guard let word = row[privilege].string, let type = row[on].string, let text = row[name].string,
        let grantee = grantee(cell)
      else { return nil }
      let kind = type.uppercased().replacing("_", with: " ")
      let held = object ?? (kind == "ACCOUNT" ? SQLObject.account : SQLObject(kind, canonical(text)))
      switch (word, kind) {
      case ("OWNERSHIP", _): return .owned(held, by: grantee)
      case ("USAGE", "ROLE"), ("USAGE", "DATABASE ROLE"): return .roleGranted(held, to: grantee)
      default: return .granted(word, on: held, to: grantee, withGrantOption: cell("grant_option") == "true")
      }
    }
  }

  private static func holders(_ answer: ReadResult, of role: SQLObject) -> [AccountEffect] {
    guard let kind = answer.column("granted_to"), let name = answer.column("grantee_name") else { return [] }
    return answer.rows.compactMap { row in
      grantee(row[kind].string, row[name].string, near: role).map { .roleGranted(role, to: $0) }
    }
  }

  /// A grantee; a database role may be shown without its database, which is then the one of what it holds.
  private static func grantee(_ kind: String?, _ name: String?, near object: SQLObject) -> SQLObject? {
    guard let kind, let name else { return nil }
    switch kind.uppercased().replacing("_", with: " ") {
    case "ROLE": return SQLObject("ROLE", Identifier(exact: name).sql)
    case "USER": return SQLObject("USER", Identifier(exact: name).sql)
    case "DATABASE ROLE":
      let parts = (try? QualifiedName(parsing: name))?.parts ?? [Identifier(exact: name)]
      if parts.count > 1 { return SQLObject("DATABASE ROLE", canonical(name)) }
      let database = (try? QualifiedName(parsing: object.name))?.parts.first?.sql ?? object.name
      return SQLObject("DATABASE ROLE", "\(database).\(Identifier(exact: name).sql)")
    default: return nil
    }
  }

  private static func canonical(_ shown: String) -> String {
    (try? QualifiedName(parsing: shown).sql) ?? Identifier(exact: shown).sql
  }
}

extension ReadResult {
  fileprivate func column(_ name: String) -> Int? { columns.firstIndex(of: name) }
}
