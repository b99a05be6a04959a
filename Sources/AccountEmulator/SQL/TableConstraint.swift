import SnowmakerModel

/// A key of a table as a statement writes it.
struct TableConstraint {
  enum Kind: String {
    case primaryKey = "PRIMARY KEY"
    case unique = "UNIQUE"
    case foreignKey = "FOREIGN KEY"
  }

  var kind: Kind
  /// nil: the account makes one up.
  var name: Identifier?
  var columns: [Identifier] = []
  /// What a foreign key points at; without columns, at the primary key.
  var references: (table: ObjectName, columns: [Identifier])?
  var updateRule = "NO ACTION"
  var deleteRule = "NO ACTION"
  var isDeferrable = false
  var isRelied = false
  var comment: String?
}

/// The constraint that ALTER TABLE … DROP means.
enum ConstraintChoice {
  case named(Identifier)
  case primaryKey
  case over(TableConstraint.Kind, [Identifier])
}
