import AccountModel
import SnowmakerModel

/// The views of INFORMATION_SCHEMA and SNOWFLAKE.ACCOUNT_USAGE that tools read, and the table functions.
///
/// INFORMATION_SCHEMA is of this moment and lists what the roles see; ACCOUNT_USAGE lists everything, as it was
/// `accountUsageLag` ago: what came later is left out, and what was dropped or revoked says when.
struct SystemViews {
  let run: StatementRun

  /// A view by name. Throws 002003 when there is none, 0A000 for a table: the emulator keeps no data.
  func view(_ name: ObjectName) throws(StatementFailure) -> VirtualTable {
    let full = try run.resolve(name, level: .schema, for: "SELECT")
    let parts = ((try? QualifiedName(parsing: full))?.parts ?? name.parts).map(\.name)
    guard parts.count == 3 else { throw .missing("Object", name.sql) }
    let (database, schema, view) = (parts[0], parts[1], parts[2])
    let databaseName = Identifier(exact: database).sql
    guard run.world.exists("DATABASE", databaseName), run.sees(.database(databaseName)) else {
      throw .missing("Database", database)
    }
    if schema == "INFORMATION_SCHEMA" || database == "SNOWFLAKE" && schema == "ACCOUNT_USAGE" {
      let isUsage = schema == "ACCOUNT_USAGE"
      if let table = try table(view, database: databaseName, isUsage: isUsage) {
        return isUsage ? table : completed(view, ViewColumns.arranged(view, table))
      }
      guard ViewNames.known.contains(view) else { throw .missing("Object", full) }
      throw .unsupported("SELECT … FROM \(full)")
    }
    for kind in run.registry.all where kind.schema.namespace == "table" {
      if let object = run.world.object(kind.sqlName, full), run.sees(kind, object) {
        try run.require(["SELECT"], on: Securable(type: kind.sqlName, name: full))
        // Where no row is asked for, the columns can be told.
        if run.isDescribeOnly || run.isWithoutRows, let table = run.described(object) { return table }
        throw .unsupported("SELECT … FROM \(full): the account emulator keeps no table data")
      }
    }
    throw .missing("Object", full)
  }

  private func table(_ view: String, database: String, isUsage: Bool) throws(StatementFailure) -> VirtualTable? {
    switch view {
    case "QUERY_HISTORY" where isUsage:
      let latest = latest
      return run.world.history.table(limit: StatementHistory.kept) { $0.end <= latest }
    case "GRANTS_TO_ROLES" where isUsage: return grantsToRoles()
    case "GRANTS_TO_USERS" where isUsage: return grantsToUsers()
    case "OBJECT_PRIVILEGES": return objectPrivileges(in: isUsage ? nil : database, only: nil)
    case "TABLE_PRIVILEGES" where !isUsage: return objectPrivileges(in: database, only: ["TABLE", "VIEW"])
    case "APPLICABLE_ROLES" where !isUsage: return applicableRoles()
    case "ENABLED_ROLES" where !isUsage:
      return texts(
        ["ROLE_NAME", "ROLE_OWNER"],
        run.held.filter { $0.kind == .account }.sorted().map { [run.shown($0.name), owner(of: $0.securable)] })
    case "INFORMATION_SCHEMA_CATALOG_NAME" where !isUsage: return texts(["CATALOG_NAME"], [[run.shown(database)]])
    case "COLUMNS": return columns(in: isUsage ? nil : database)
    case "TABLES": return tables(in: isUsage ? nil : database, isUsage)
    case "TABLE_CONSTRAINTS" where !isUsage: return tableConstraints(in: database)
    case "REFERENTIAL_CONSTRAINTS" where !isUsage: return referentialConstraints(in: database)
    default: break
    }
    guard let layout = ViewLayout.all[view], isUsage ? layout.inAccountUsage : layout.inInformationSchema,
      let kind = run.registry.kind(layout.kind)
    else {
      guard let empty = ViewLayout.empty[view] else { return nil }
      return texts(empty.split(separator: " ").map(String.init), [])
    }
    let objects = objects(kind, in: isUsage ? nil : database, isUsage)
    var table = VirtualTable(
      columns: layout.columns.map { ResultColumn(name: $0.name, type: $0.type) },
      rows: objects.map { object in layout.columns.map { cell($0.source, object, kind) } })
    guard isUsage else { return table }
    let name = ViewLayout.deletedColumn(view)
    table.columns.append(ResultColumn(name: name, type: .timestamp_ltz))
    for row in table.rows.indices { table.rows[row].append(nil) }
    table.rows += departed(kind).map { departed in
      layout.columns.map { column in
        column.source == "owner"
          ? departed.owner.map { run.shown($0.name) } : cell(column.source, departed.object, kind)
      } + [deletion(departed.deletedOn)]
    }
    return table
  }

  /// What was dropped of a kind, as far as ACCOUNT_USAGE knows of it yet.
  private func departed(_ kind: ObjectKind) -> [Departed.Object] {
    run.world.departed.objects.filter { $0.object.kind == kind.sqlName && $0.object.createdOn <= latest }
  }

  private var latest: Int64 { run.world.now() - run.world.accountUsageLag }

  /// When something ended; nil when that is not known yet.
  private func deletion(_ time: Int64) -> String? { time <= latest ? StatementRun.timestamp(time) : nil }

  // MARK: Objects

  func objects(_ kind: ObjectKind, in database: String?, _ isUsage: Bool) -> [StoredObject] {
    var result = run.world.objects(kind.sqlName)
    if let database, kind.level != .account {
      result = result.filter { $0.name.hasPrefix(database + ".") }
    }
    if isUsage {
      let latest = latest
      result = result.filter { $0.createdOn <= latest }
    } else {
      result = result.filter { run.sees(kind, $0) }
    }
    return result.sorted { $0.name < $1.name }
  }

  /// `'text'` is itself, `?attribute` is YES or NO, `@parameter` its effective value, anything else a fact or an attribute.
  private func cell(_ source: String, _ object: StoredObject, _ kind: ObjectKind) -> String? {
    guard let first = source.first else { return nil }
    switch first {
    case "'": return String(source.dropFirst().dropLast())
    case "?": return object.attributes[String(source.dropFirst())] == .bool(true) ? "YES" : "NO"
    case "@": return run.effectiveParameter(String(source.dropFirst()), of: object, kind).value
    default: break
    }
    if let value = object.attributes[source] { return ShowColumn.text(value) }
    // What identifies an object is said by its name.
    if kind.schema.attribute(source) != nil, !kind.schema.identity.contains(where: { $0.attribute == source }) {
      return nil
    }
    return run.fact(source, of: object, kind)
  }

  private func tables(in database: String?, _ isUsage: Bool) -> VirtualTable {
    var rows: [[String?]] = []
    for (type, called) in [("TABLE", "BASE TABLE"), ("VIEW", "VIEW")] {
      guard let kind = run.registry.kind(type) else { continue }
      func add(_ object: StoredObject, _ owner: String?, _ deleted: String?) {
        let parts = object.parts.map(\.name)
        let time = StatementRun.timestamp(object.createdOn)
        rows.append([
          parts[0], parts[1], parts[2], owner, called, object.text("kind") == "TRANSIENT" ? "YES" : "NO", nil,
          type == "TABLE" ? "0" : nil, type == "TABLE" ? "0" : nil, time, time, object.text("comment"), deleted,
        ])
      }
      for object in objects(kind, in: database, isUsage) {
        add(object, owner(of: Securable(type: type, name: object.name)), nil)
      }
      guard isUsage else { continue }
      for old in departed(kind) { add(old.object, old.owner.map { run.shown($0.name) }, deletion(old.deletedOn)) }
    }
    let names = [
      "TABLE_CATALOG", "TABLE_SCHEMA", "TABLE_NAME", "TABLE_OWNER", "TABLE_TYPE", "IS_TRANSIENT", "CLUSTERING_KEY",
      "ROW_COUNT", "BYTES", "CREATED", "LAST_ALTERED", "COMMENT",
    ]
    var table = texts(names + (isUsage ? ["DELETED"] : []), isUsage ? rows : rows.map { Array($0.dropLast()) })
    for index in [7, 8] { table.columns[index].type = .fixed }
    for index in isUsage ? [9, 10, 12] : [9, 10] { table.columns[index].type = .timestamp_ltz }
    return table
  }

  // MARK: Grants

  private func grantsToRoles() -> VirtualTable {
    let latest = latest
    var rows: [[String?]] = []
    func add(_ grant: PrivilegeGrant, deletedOn: Int64? = nil) {
      guard grant.createdOn <= latest else { return }
      let parts = grant.on == .account ? [] : ((try? QualifiedName(parsing: grant.on.name))?.parts ?? []).map(\.name)
      let time = StatementRun.timestamp(grant.createdOn)
      rows.append([
        time, time, grant.privilege, String(grant.on.type.map { $0 == " " ? "_" : $0 }),
        grant.on == .account ? run.world.settings.name : parts.last, parts.count > 1 ? parts[0] : nil,
        parts.count > 2 ? parts[1] : nil, grant.to.kind == .account ? "ROLE" : "DATABASE_ROLE",
        run.shown(grant.to.name), grant.withGrantOption ? "1" : "0", grant.grantedBy.map { run.shown($0.name) },
        deletedOn.flatMap(deletion), "0", nil, nil, nil,
      ])
    }
    for role in run.account.roles.sorted() where role.kind != .share {
      for grant in run.account.grants(to: role).sorted(by: { ($0.on, $0.privilege) < ($1.on, $1.privilege) }) {
        add(grant)
      }
      for object in run.account.objects(ownedBy: role).sorted() {
        let created = run.world.object(object.type, object.name)?.createdOn ?? 0
        add(
          PrivilegeGrant(
            privilege: "OWNERSHIP", on: object, to: role, withGrantOption: true, grantedBy: role, createdOn: created))
      }
      for (child, grant) in run.account.roles(grantedTo: role).sorted(by: { $0.key < $1.key }) {
        add(
          PrivilegeGrant(
            privilege: "USAGE", on: child.securable, to: role, grantedBy: grant.grantedBy, createdOn: grant.createdOn))
      }
    }
    for old in run.world.departed.grants where [.account, .database].contains(old.grant.to.kind) {
      add(old.grant, deletedOn: old.deletedOn)
    }
    for old in run.world.departed.roles {
      guard let parent = old.grant.toRole else { continue }
      add(
        PrivilegeGrant(
          privilege: "USAGE", on: old.grant.role.securable, to: parent, grantedBy: old.grant.grantedBy,
          createdOn: old.grant.createdOn), deletedOn: old.deletedOn)
    }
    var table = texts(
      [
        "CREATED_ON", "MODIFIED_ON", "PRIVILEGE", "GRANTED_ON", "NAME", "TABLE_CATALOG", "TABLE_SCHEMA", "GRANTED_TO",
        "GRANTEE_NAME", "GRANT_OPTION", "GRANTED_BY", "DELETED_ON", "IS_INHERITED", "INHERITED_FROM",
        "INHERITED_FROM_DATABASE", "INHERITED_FROM_SCHEMA",
      ], rows)
    for index in [0, 1, 11] { table.columns[index].type = .timestamp_ltz }
    for index in [9, 12] { table.columns[index].type = .boolean }
    return table
  }

  private func grantsToUsers() -> VirtualTable {
    let latest = latest
    var rows: [[String?]] = []
    for old in run.world.departed.roles {
      guard let user = old.grant.toUser, old.grant.createdOn <= latest else { continue }
      rows.append([
        StatementRun.timestamp(old.grant.createdOn), deletion(old.deletedOn), run.shown(old.grant.role.name), "USER",
        run.shown(user), old.grant.grantedBy.map { run.shown($0.name) },
      ])
    }
    for user in run.account.users.sorted() {
      for (role, grant) in run.account.roles(grantedToUser: user).sorted(by: { $0.key < $1.key })
      where grant.createdOn <= latest {
        rows.append([
          StatementRun.timestamp(grant.createdOn), nil, run.shown(role.name), "USER", run.shown(user),
          grant.grantedBy.map { run.shown($0.name) },
        ])
      }
    }
    var table = texts(["CREATED_ON", "DELETED_ON", "ROLE", "GRANTED_TO", "GRANTEE_NAME", "GRANTED_BY"], rows)
    for index in [0, 1] { table.columns[index].type = .timestamp_ltz }
    return table
  }

  private func objectPrivileges(in database: String?, only types: Set<String>?) -> VirtualTable {
    var rows: [[String?]] = []
    for kind in run.registry.all where types?.contains(kind.sqlName) ?? true {
      for object in objects(kind, in: database, database == nil) {
        let securable = Securable(type: kind.sqlName, name: object.name)
        let parts = object.parts.map(\.name)
        for grant in run.account.grants(on: securable).sorted(by: { ($0.to, $0.privilege) < ($1.to, $1.privilege) }) {
          rows.append([
            grant.grantedBy.map { run.shown($0.name) }, run.shown(grant.to.name),
            grant.to.typeName, parts.count > 1 ? parts[0] : nil,
            parts.count > 2 ? parts[1] : nil, parts.last, kind.sqlName, grant.privilege,
            grant.withGrantOption ? "YES" : "NO", StatementRun.timestamp(grant.createdOn),
          ])
        }
      }
    }
    var table = texts(
      [
        "GRANTOR", "GRANTEE", "GRANTED_TO", "OBJECT_CATALOG", "OBJECT_SCHEMA", "OBJECT_NAME", "OBJECT_TYPE",
        "PRIVILEGE_TYPE",
        "IS_GRANTABLE", "CREATED",
      ], rows)
    table.columns[9].type = .timestamp_ltz
    if types != nil {
      for (index, name) in [(3, "TABLE_CATALOG"), (4, "TABLE_SCHEMA"), (5, "TABLE_NAME")] {
        table.columns[index].name = name
      }
    }
    return table
  }

  private func applicableRoles() -> VirtualTable {
    var rows: [[String?]] = []
    let user = run.context.user
    for role in run.account.roles(grantedToUser: user).keys.sorted() {
      rows.append([run.shown(user), run.shown(role.name), owner(of: role.securable), "NO"])
    }
    for parent in run.held.sorted() {
      for child in run.account.roles(grantedTo: parent).keys.sorted() {
        rows.append([run.shown(parent.name), run.shown(child.name), owner(of: child.securable), "NO"])
      }
    }
    return texts(["GRANTEE", "ROLE_NAME", "ROLE_OWNER", "IS_GRANTABLE"], rows)
  }

  private func owner(of object: Securable) -> String? { run.account.owner(of: object).map { run.shown($0.name) } }

  private func texts(_ names: [String], _ rows: [[String?]]) -> VirtualTable {
    VirtualTable(columns: names.map { ResultColumn(name: $0) }, rows: rows)
  }

  // MARK: Table functions

  /// A table function. Throws 002140 for one that the emulator does not know.
  func function(_ name: String, _ arguments: [String: String]) throws(StatementFailure) -> VirtualTable {
    switch name {
    case "POLICY_REFERENCES":
      return texts(
        [
          "POLICY_DB", "POLICY_SCHEMA", "POLICY_NAME", "POLICY_KIND", "REF_DATABASE_NAME", "REF_SCHEMA_NAME",
          "REF_ENTITY_NAME", "REF_ENTITY_DOMAIN", "REF_COLUMN_NAME", "REF_ARG_COLUMN_NAMES", "TAG_DATABASE",
          "TAG_SCHEMA", "TAG_NAME", "POLICY_STATUS",
        ], policyReferences(arguments))
    case "TAG_REFERENCES", "TAG_REFERENCES_ALL_COLUMNS":
      return texts(
        [
          "TAG_DATABASE", "TAG_SCHEMA", "TAG_NAME", "TAG_VALUE", "APPLY_METHOD", "LEVEL", "OBJECT_DATABASE",
          "OBJECT_SCHEMA", "OBJECT_NAME", "DOMAIN", "COLUMN_NAME",
        ], [])
    case "QUERY_HISTORY", "QUERY_HISTORY_BY_SESSION", "QUERY_HISTORY_BY_USER":
      let limit = arguments["RESULT_LIMIT"].flatMap { Int($0) } ?? 100
      let seesAll = run.account.managesGrants(run.held)
      let user = arguments["USER_NAME"] ?? (name == "QUERY_HISTORY_BY_USER" ? run.shown(run.context.user) : nil)
      let session = arguments["SESSION_ID"] ?? (name == "QUERY_HISTORY_BY_SESSION" ? String(run.session.id) : nil)
      return run.world.history.table(limit: max(1, min(limit, 10_000))) { entry in
        (seesAll || entry.user == run.context.user) && (user == nil || run.shown(entry.user) == user)
          && (session == nil || String(entry.session) == session)
      }
    case "TASK_HISTORY", "COPY_HISTORY", "LOGIN_HISTORY":
      throw .unsupported("TABLE(\(name)(…))")
    default:
      throw StatementFailure(
        code: "002140", sqlState: "42601", message: "SQL compilation error:\nUnknown table function \(name)")
    }
  }

  /// Network policies and where they are set: on the account and on users. Other policies are attached to nothing here.
  private func policyReferences(_ arguments: [String: String]) -> [[String?]] {
    func row(_ policy: String, _ entity: String, _ domain: String) -> [String?] {
      [
        nil, nil, run.shown(policy), "NETWORK_POLICY", nil, nil, entity, domain, nil, nil, nil, nil, nil, "ACTIVE",
      ]
    }
    var rows: [[String?]] = []
    if let policy = run.accountParameter("NETWORK_POLICY"), !policy.isEmpty {
      rows.append(row(policy, run.world.settings.name, "ACCOUNT"))
    }
    for user in run.world.objects("USER").sorted(by: { $0.name < $1.name }) {
      guard let policy = user.text("network_policy") ?? user.text("NETWORK_POLICY"), !policy.isEmpty else { continue }
      rows.append(row(policy, user.plainName, "USER"))
    }
    if let wanted = arguments["POLICY_NAME"] { rows = rows.filter { $0[2] == run.shown(wanted.uppercased()) } }
    if let entity = arguments["REF_ENTITY_NAME"] {
      let domain = arguments["REF_ENTITY_DOMAIN"]?.uppercased()
      rows = rows.filter { $0[6] == run.shown(entity.uppercased()) && (domain == nil || $0[7] == domain) }
    }
    return rows
  }
}
