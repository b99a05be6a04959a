import SnowmakerModel

/// A name as a statement writes it: one to four parts.
struct ObjectName {
  var parts: [Identifier]
  var start: Int

  var sql: String { parts.map(\.sql).joined(separator: ".") }
}

/// The value of a property as a statement writes it.
indirect enum Literal {
  /// An unquoted word, as written.
  case word(String)
  /// A quoted or dotted name.
  case name([Identifier])
  case string(String)
  case number(String)
  case list([Literal])
  /// `(A = 1 B = 2)`.
  case properties([Property])
}

/// `NAME = value`.
struct Property {
  /// In capitals.
  var name: String
  var value: Literal
  var start: Int
}

/// Where SHOW looks, where ON ALL and ON FUTURE reach.
enum Scope {
  case account
  /// nil: the current one.
  case database(ObjectName?)
  case schema(ObjectName?)
  /// `IN x.y` without a word for what it is.
  case unnamed(ObjectName)
}

/// What a SHOW lists of what there is.
struct ShowFilter {
  var isTerse = false
  /// HISTORY: what was dropped and can be restored too.
  var isHistory = false
  var like: String?
  var startsWith: String?
  var limit: Int?
  var from: String?
  var scope: Scope?
  /// ON: only what is attached to the user, or, without one, to the account.
  var holder: PolicyHolder?
}

/// What a policy is attached to.
enum PolicyHolder {
  case account
  case user(ObjectName)
}

/// Who receives a grant.
enum Grantee {
  case role(ObjectName)
  case databaseRole(ObjectName)
  case user(ObjectName)
  case share(ObjectName)

  var name: ObjectName {
    switch self {
    case .role(let name), .databaseRole(let name), .user(let name), .share(let name): name
    }
  }
}

/// What privileges are granted on.
enum GrantTarget {
  case account
  case object(type: String, name: ObjectName)
  /// The type of an object that is named without one.
  static let tableOrView = "TABLE OR VIEW"
  case all(type: String, scope: Scope)
  case future(type: String, scope: Scope)
}

/// GRANT and REVOKE of privileges.
struct PrivilegeStatement {
  var isGrant: Bool
  /// Empty for ALL PRIVILEGES.
  var privileges: [String]
  var target: GrantTarget
  var grantee: Grantee
  /// GRANT INHERITED: the scope itself holds the privilege.
  var isInherited = false
  var withGrantOption = false
  var grantOptionOnly = false
  var cascade = false
  var restrict = false
}

/// What GRANT OWNERSHIP does with the grants there are.
enum CurrentGrants { case refuse, copy, revoke }

/// What SHOW GRANTS asks.
enum GrantsQuestion {
  case toRole(Grantee)
  /// TO … INCLUDE HIERARCHY: also what the roles hold that the grantee has.
  case throughRoles(Grantee)
  case ofRole(Grantee)
  case onAccount
  case on(type: String, name: ObjectName)
  case futureIn(Scope)
  case futureTo(Grantee)
  case futureThroughRoles(Grantee)
  /// SHOW INHERITED GRANTS IN a scope; nil for the account.
  case inheritedIn(Scope)
  case inheritedTo(Grantee)
  /// Without anything: what the current user has.
  case own
}

/// A column of a table or view, its type and constraints as written.
struct ColumnDefinition {
  var name: Identifier
  var type: String
  /// The name of the type as the statement has it.
  var writtenType: String?
  var isNullable = true
  var defaultValue: String?
  var comment: String?
  var identity: ColumnIdentity?
  /// Keys that are written with the column.
  var constraints: [TableConstraint] = []
}

struct CreateStatement {
  var kind: ObjectKind
  var name: ObjectName
  var orReplace = false
  var ifNotExists = false
  var copyGrants = false
  /// Attributes set by words (TRANSIENT, WITH MANAGED ACCESS).
  var modifiers: [Emulation.Modifier] = []
  var properties: [Property] = []
  var tags: [(name: ObjectName, value: String?)] = []
  var columns: [ColumnDefinition] = []
  /// Keys that are written beside the columns.
  var constraints: [TableConstraint] = []
  /// CREATE TABLE … LIKE: the table whose columns and keys the new one has.
  var pattern: ObjectName?
  /// What follows AS.
  var body: String?
  var orAlter = false
  var isTemporary = false
  /// The object to copy.
  var source: ObjectName?
  /// How far back the object to copy is looked at.
  var moment: CloneMoment?
  /// INCLUDE INTERNAL STAGES of a clone.
  var includesInternalStages = false
  /// Where a database comes from.
  var origin: DatabaseOrigin?
  /// `(A NUMBER, B VARCHAR)` of a function or procedure, as written.
  var signature: String?
}

/// What ALTER TABLE does to columns.
enum ColumnChange {
  case add(ColumnDefinition, ifNotExists: Bool)
  case drop(Identifier, ifExists: Bool)
  case rename(Identifier, to: Identifier)
  case type(Identifier, String)
  case nullable(Identifier, Bool)
  case defaultValue(Identifier, String?)
  case comment(Identifier, String?)
  case addConstraint(TableConstraint)
  case dropConstraint(ConstraintChoice, restrict: Bool)
  case renameConstraint(Identifier, to: Identifier)
}

enum AlterAction {
  case set([Property], modifiers: [Emulation.Modifier])
  case unset([String])
  case rename(ObjectName)
  case add([Property])
  case remove([Property])
  case suspend
  case resume(ifSuspended: Bool)
  case managedAccess(Bool)
  case swap(ObjectName)
  case columns([ColumnChange])
  /// SET and UNSET of tags: their names and values, nil for UNSET.
  case tags([(name: ObjectName, value: String?)])
  /// SET and UNSET of a policy of a kind (`PASSWORD POLICY`): its name, nil for UNSET.
  case policy(String, ObjectName?, force: Bool)
  case replication(ReplicationChange)
}

indirect enum Expression {
  case null
  case boolean(Bool)
  case string(String)
  case number(String)
  case variable(String)
  case placeholder(String)
  case call(String, [Expression])
  /// A column of the row at hand; the part before the last names its table.
  case column([Identifier])
  /// `=`, `<>`, `<`, `<=`, `>`, `>=`, `AND`, `OR`, `||`, `+`, `-`, `*`, `/`, `%`.
  case binary(String, Expression, Expression)
  case not(Expression)
  case isNull(Expression)
  case isOneOf(Expression, [Expression])
  /// `x IN (SELECT …)`, `EXISTS (SELECT …)`, `(SELECT …)`.
  case isIn(Expression, SelectQuery)
  case exists(SelectQuery)
  case scalar(SelectQuery)
  /// CASE; without an operand each WHEN is a condition.
  case either(Expression?, [(when: Expression, then: Expression)], otherwise: Expression?)
  case like(Expression, Expression, ignoresCase: Bool)
  case cast(Expression, String)
  /// `COUNT(*)`
  case countAll
  /// A function that makes one value of the rows of a group.
  case aggregate(String, distinct: Bool, [Expression], within: [OrderKey])
  /// The column at a place, from 0: what `*` stands for.
  case position(Int)
  /// A function of other rows than its own.
  case window(WindowFunction)
  /// The value of the query's window function at a place, from 0.
  case windowValue(Int)
}

enum UseTarget {
  case role(ObjectName)
  case secondaryRoles(all: Bool, [ObjectName])
  case warehouse(ObjectName)
  case database(ObjectName)
  case schema(ObjectName)
  /// `USE x`.
  case unnamed(ObjectName)
}

enum ParameterTarget {
  case session, account
  case object(type: String, name: ObjectName)
}

indirect enum Statement {
  case create(CreateStatement)
  case alter(ObjectKind, ObjectName, ifExists: Bool, AlterAction)
  case alterAccount(AlterAction)
  case alterSession(AlterAction)
  case drop(ObjectKind, ObjectName, ifExists: Bool, restrict: Bool)
  case undrop(ObjectKind, ObjectName)
  case comment(ObjectKind, ObjectName, ifExists: Bool, String)
  case show(ObjectKind, ShowFilter)
  case showObjects(ShowFilter)
  case showParameters(like: String?, ParameterTarget)
  case showVariables(like: String?)
  case showGrants(GrantsQuestion, limit: Int?)
  case describe(ObjectKind, ObjectName)
  case privileges(PrivilegeStatement)
  case ownership(GrantTarget, Grantee, CurrentGrants)
  case revokeFutureOwnership(PrivilegeStatement)
  case grantRole([Grantee], to: Grantee)
  case revokeRole([Grantee], from: Grantee)
  case use(UseTarget)
  case setVariables([(String, Expression)])
  case unsetVariables([String])
  /// Programmatic access tokens of a user; nil: the current one.
  case accessTokens(ObjectName?, AccessTokenAction)
  case query(SelectQuery)
  /// `SHOW … ->> SELECT … FROM $1`: each reads those before it.
  case flow([Statement])
  case transaction(TransactionAction)
  case showTransactions
  case showColumns(like: String?, ColumnPlace)
  case showIntegrations(ShowFilter)
  /// SHOW INDEXES, which only hybrid tables have.
  case showIndexes(like: String?, ColumnPlace)
  case showKeys(TableConstraint.Kind, ColumnPlace)
  case showAccounts(like: String?, history: Bool)
  case showOrganizationAccounts(like: String?)
  case showRegions(like: String?)
  case showReplicationDatabases(like: String?, primary: ObjectName?)
  case executeProject(ProjectExecution)
  /// SHOW DEPLOYMENTS IN DCM PROJECT.
  case showDeployments(ObjectName, limit: Int?)
  /// ALTER DCM PROJECT … DROP DEPLOYMENT.
  case dropDeployment(of: ObjectName, String, ifExists: Bool)
}

/// BEGIN, COMMIT and ROLLBACK.
enum TransactionAction {
  case begin(name: String?)
  case commit
  case rollback
}

/// Where SHOW COLUMNS looks.
enum ColumnPlace {
  case object(type: String, name: ObjectName)
  case scope(Scope?)
}
