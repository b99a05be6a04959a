import AccountModel
import SnowmakerModel

/// One statement being executed: who asks, in which session, and the account it works on. Lives under the engine's lock.
final class StatementRun {
  let world: World
  let session: EngineSession
  let queryID: String
  let bindings: [String: StatementBinding]
  /// What to answer although the statement took effect (a grant that was only partially executed).
  var failureAfterwards: StatementFailure?
  var showLimit = AccountEngine.ShowLimit.cut
  /// The rows that SHOW answers at most.
  var maximumRows = AccountEngine.standardShowRows
  /// Only the columns are asked for: functions that change something do not.
  var isDescribeOnly = false
  /// No row of what is selected from can reach the answer: `LIMIT 0`, `WHERE FALSE`.
  var isWithoutRows = false
  /// What the query at hand can name.
  var scope = QueryScope()
  /// How many expressions are being looked at, each for the one before.
  var openExpressions = 0
  /// How many names of the SELECT list are being worked out, within each other, and how often that was begun since the
  /// outermost.
  var openNames = 0
  var usesOfNames = 0
  private var heldRoles: Set<RoleReference>?
  /// Parameters of the session that count for this statement only.
  var parameters: [String: String] = [:]
  /// What of the session's parameters values depend on.
  private(set) lazy var values = ValueSettings { [self] in sessionParameter($0) }

  init(world: World, session: EngineSession, queryID: String, bindings: [String: StatementBinding]) {
    self.world = world
    self.session = session
    self.queryID = queryID
    self.bindings = bindings
  }

  var registry: KindRegistry { world.registry }
  var account: Account { world.account }
  var context: SessionContext { world.sessions[session.id] ?? SessionContext(user: session.current.user) }

  /// The current role; PUBLIC when there is none.
  var role: RoleReference { .account(session.current.role ?? "PUBLIC") }

  /// Every role whose privileges count: the current one, the secondary ones, and all they inherit.
  var held: Set<RoleReference> {
    if let heldRoles { return heldRoles }
    var roles = account.rolesHeld(by: role)
    let context = context
    let secondary =
      context.allSecondaryRoles ? account.roles(grantedToUser: context.user).keys.map(\.self) : context.secondaryRoles
    for role in secondary where !roles.contains(role) { roles.formUnion(account.rolesHeld(by: role)) }
    // What the user holds itself counts with all secondary roles only.
    if context.allSecondaryRoles { roles.insert(.user(context.user)) }
    heldRoles = roles
    return roles
  }

  // MARK: Privileges

  func holds(_ privilege: String, on object: Securable) -> Bool { account.holds(held, privilege, on: object) }

  /// Whether the object exists for the current roles: some privilege on it and on what contains it.
  func sees(_ object: Securable) -> Bool {
    if account.managesGrants(held) { return true }
    if object.type != "DATABASE", isImported(object) {
      // IMPORTED PRIVILEGES on the database cover all that is in it.
      var outermost = object
      while let outer = outermost.container { outermost = outer }
      return sees(outermost)
    }
    guard account.sees(held, object) || isPublicSchema(object) else { return false }
    var container = object.container
    while let outer = container {
      guard account.sees(held, outer) || isPublicSchema(outer) else { return false }
      container = outer.container
    }
    return true
  }

  /// INFORMATION_SCHEMA is open to whoever sees the database.
  private func isPublicSchema(_ object: Securable) -> Bool {
    object.type == "SCHEMA" && object.name.hasSuffix(".INFORMATION_SCHEMA")
  }

  /// Throws 003001 unless one of the roles has one of the privileges on the object (ownership always suffices).
  func require(_ privileges: [String], on object: Securable) throws(StatementFailure) {
    for privilege in privileges where holds(privilege, on: object) { return }
    if account.owns(held, object) { return }
    throw denied(object)
  }

  func denied(_ object: Securable) -> StatementFailure {
    object.type == "ACCOUNT"
      ? .denied("account", world.settings.locator)
      : .denied(object.type.lowercased(), shown(object.name))
  }

  /// A name as messages show it: its last part, without quotes.
  func shown(_ name: String) -> String {
    guard name.utf8.contains(UInt8(ascii: "\"")) || name.utf8.contains(Ascii.dot) else { return name }
    return (try? QualifiedName(parsing: name))?.last.name ?? name
  }

  // MARK: Names

  /// The full canonical name of an object of a level, completed by the session's database and schema.
  func resolve(
    _ name: ObjectName, level: ObjectKind.Level, for action: String
  ) throws(StatementFailure) -> String {
    let current = session.current
    switch (level, name.parts.count) {
    case (.account, 1), (.database, 2), (.schema, 3): return name.sql
    case (.database, 1):
      guard let database = current.database else { throw .noDatabase(action) }
      return database + "." + name.sql
    case (.schema, 1):
      guard let database = current.database else { throw .noDatabase(action) }
      guard let schema = current.schema else { throw .noSchema(action) }
      return database + "." + schema + "." + name.sql
    case (.schema, 2):
      guard let database = current.database else { throw .noDatabase(action) }
      return database + "." + name.sql
    default:
      throw StatementFailure(
        code: "001003", sqlState: "42000", message: "SQL compilation error:\nsyntax error: unexpected '\(name.sql)'.")
    }
  }

  func level(of type: String) -> ObjectKind.Level {
    registry.kind(type)?.level ?? (["ROLE", "USER", "DATABASE"].contains(type) ? .account : .schema)
  }

  /// The object of that name. Throws 002003 when it is not there or not to be seen.
  func find(_ kind: ObjectKind, _ name: ObjectName, for action: String) throws(StatementFailure) -> StoredObject {
    let full = try resolve(name, level: kind.level, for: action)
    guard let object = world.object(kind.sqlName, full), sees(kind, object) else {
      throw .missing(kind.displayName, name.parts.count > 1 ? name.sql : name.parts[0].name)
    }
    return object
  }

  /// Roles and users are known to everybody, everything else to whom it is granted.
  func sees(_ kind: ObjectKind, _ object: StoredObject) -> Bool {
    kind.sqlName == "ROLE" || kind.sqlName == "USER" || sees(Securable(type: kind.sqlName, name: object.name))
  }

  /// The database or schema an object is to be created in. Throws 002003 when it is not there or not to be seen.
  func requireContainer(of full: String) throws(StatementFailure) -> Securable? {
    guard let container = Securable(type: "", name: full).container else { return nil }
    if let outer = container.container, !world.exists(outer.type, outer.name) || !sees(outer) {
      throw .missing("Database", shown(outer.name))
    }
    guard world.exists(container.type, container.name), sees(container) else {
      throw .missing(container.type == "DATABASE" ? "Database" : "Schema", container.name)
    }
    return container
  }

  // MARK: Roles and users

  /// The role a grant names. Throws 002003 when it does not exist.
  func roleReference(_ grantee: Grantee) throws(StatementFailure) -> RoleReference {
    let role: RoleReference
    switch grantee {
    case .role(let name): role = .account(name.sql)
    case .databaseRole(let name): role = .database(try resolve(name, level: .database, for: "GRANT"))
    case .share(let name): role = .share(name.sql)
    case .user(let name): role = .user(name.sql)
    }
    guard account.exists(role) else {
      throw .missing(role.typeName.prefix(1) + role.typeName.dropFirst().lowercased(), shown(role.name))
    }
    return role
  }

  func requireUser(_ name: ObjectName) throws(StatementFailure) -> String {
    guard world.exists("USER", name.sql) else { throw .missing("User", name.parts[0].name) }
    return name.sql
  }

  // MARK: Answers

  static func status(_ text: String, _ type: Int = 0x6000) -> StatementResult {
    StatementResult(columns: [ResultColumn(name: "status")], rows: [[text]], statementTypeID: type)
  }
  static let done = status("Statement executed successfully.")

  /// A moment as the wire writes it: seconds with a fraction of nine digits.
  static func timestamp(_ milliseconds: Int64) -> String { Moment(milliseconds: milliseconds).wire() }
}
