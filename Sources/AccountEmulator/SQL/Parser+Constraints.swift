import SnowmakerModel

/// PRIMARY KEY, UNIQUE and FOREIGN KEY of tables; CHECK is read and not kept.
///
/// Source: <https://docs.snowflake.com/en/sql-reference/sql/create-table-constraint>.
extension Parser {
  /// Whether a constraint comes next where a column could.
  func isConstraint(ahead offset: Int = 0) -> Bool {
    ["CONSTRAINT", "PRIMARY", "UNIQUE", "FOREIGN", "CHECK"].contains { isWord($0, ahead: offset) }
  }

  /// A constraint beside the columns; nil for CHECK.
  mutating func tableConstraint() throws(StatementFailure) -> TableConstraint? {
    let name = accept("CONSTRAINT") ? try identifier() : nil
    if accept("CHECK") {
      try skipParentheses()
      return nil
    }
    var constraint: TableConstraint
    if accept("PRIMARY KEY") {
      constraint = TableConstraint(kind: .primaryKey, name: name, columns: try columnNames())
    } else if accept("UNIQUE") {
      constraint = TableConstraint(kind: .unique, name: name, columns: try columnNames())
    } else {
      try expect("FOREIGN KEY")
      constraint = TableConstraint(kind: .foreignKey, name: name, columns: try columnNames())
      constraint.references = try reference()
    }
    try properties(of: &constraint)
    if accept("COMMENT") { constraint.comment = try text() }
    return constraint
  }

  /// A constraint within a column's definition; nil when it is none that is kept.
  mutating func columnConstraint(on column: Identifier) throws(StatementFailure) -> TableConstraint? {
    let name = accept("CONSTRAINT") ? try identifier() : nil
    var constraint: TableConstraint
    if accept("PRIMARY KEY") {
      constraint = TableConstraint(kind: .primaryKey, name: name, columns: [column])
    } else if accept("UNIQUE") {
      constraint = TableConstraint(kind: .unique, name: name, columns: [column])
    } else if accept("FOREIGN KEY") || isWord("REFERENCES") {
      constraint = TableConstraint(kind: .foreignKey, name: name, columns: [column])
      constraint.references = try reference()
    } else {
      return nil  // CONSTRAINT x NOT NULL, CHECK (…)
    }
    try properties(of: &constraint)
    return constraint
  }

  /// What follows ADD, DROP or RENAME of a constraint in ALTER TABLE; nil when none does.
  mutating func constraintChange() throws(StatementFailure) -> ColumnChange? {
    if accept("RENAME CONSTRAINT") {
      let old = try identifier()
      try expect("TO")
      return .renameConstraint(old, to: try identifier())
    }
    if isWord("ADD"), isConstraint(ahead: 1) {
      advance()
      guard let constraint = try tableConstraint() else { throw .unsupported("ALTER TABLE … ADD CHECK") }
      return .addConstraint(constraint)
    }
    guard isWord("DROP"), isConstraint(ahead: 1) else { return nil }
    advance()
    let choice: ConstraintChoice
    if accept("CONSTRAINT") {
      choice = .named(try identifier())
    } else if accept("PRIMARY KEY") {
      choice = .primaryKey
    } else if accept("UNIQUE") {
      choice = .over(.unique, try columnNames())
    } else {
      try expect("FOREIGN KEY")
      choice = .over(.foreignKey, try columnNames())
    }
    let restrict = accept("RESTRICT")
    if !restrict { _ = accept("CASCADE") }
    return .dropConstraint(choice, restrict: restrict)
  }

  /// `SHOW PRIMARY KEYS IN …`, after the words for the keys.
  mutating func keyPlace() throws(StatementFailure) -> ColumnPlace {
    guard accept("IN") else { return .scope(nil) }
    for word in ["ACCOUNT", "DATABASE", "SCHEMA"] where isWord(word) { return .scope(try scopeAfterIn()) }
    _ = accept("TABLE")
    return .object(type: "TABLE", name: try name())
  }

  private mutating func reference() throws(StatementFailure) -> (table: ObjectName, columns: [Identifier]) {
    try expect("REFERENCES")
    let table = try name()
    return (table, isSymbol("(") ? try columnNames() : [])
  }

  private mutating func columnNames() throws(StatementFailure) -> [Identifier] {
    try expectSymbol("(")
    var names: [Identifier] = []
    repeat { names.append(try identifier()) } while acceptSymbol(",")
    try expectSymbol(")")
    return names
  }

  private mutating func properties(of constraint: inout TableConstraint) throws(StatementFailure) {
    let ignored = [
      "MATCH FULL", "MATCH PARTIAL", "MATCH SIMPLE", "NOT ENFORCED", "ENFORCED", "NOT DEFERRABLE", "INITIALLY DEFERRED",
      "INITIALLY IMMEDIATE", "ENABLE", "DISABLE", "VALIDATE", "NOVALIDATE",
    ]
    while true {
      if accept("ON UPDATE") {
        constraint.updateRule = try rule()
      } else if accept("ON DELETE") {
        constraint.deleteRule = try rule()
      } else if accept("DEFERRABLE") {
        constraint.isDeferrable = true
      } else if accept("RELY") {
        constraint.isRelied = true
      } else if accept("NORELY") {
        constraint.isRelied = false
      } else {
        var found = false
        for words in ignored where !found { found = accept(words) }
        if !found { return }
      }
    }
  }

  private mutating func rule() throws(StatementFailure) -> String {
    for words in ["CASCADE", "SET NULL", "SET DEFAULT", "RESTRICT", "NO ACTION"] where accept(words) { return words }
    throw unexpected()
  }
}
