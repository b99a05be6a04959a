import Execution
import SnowflakeClient
import SnowmakerCore
import SnowmakerModel

extension Deployment {
  /// A login that is bound to one role deploys as that, so that another `deploy_role` cannot be meant. Throws then.
  static func checkDeployRole(_ wanted: String?, _ facts: LoginFacts) throws(Diagnostic) {
    guard facts.isSingleRole, let wanted, let own = facts.role.map({ Identifier(exact: $0).sql }), wanted != own else {
      return
    }
    throw .error(
      "the target's deploy_role is \(wanted), and the login is restricted to \(own)",
      detail: "Set deploy_role to \(own) or leave it out; or connect with a token that is restricted to \(wanted) "
        + "(ROLE_RESTRICTION = '\(wanted)'; OAuth: the scope session:role:\(wanted)), or to no role.",
      code: "deploy-role")
  }

  /// Asks which roles the login can take, and what the roles that matter hold.
  func learnRoles(_ draft: inout PlanDraft) async throws(Diagnostic) {
    let clock = ContinuousClock()
    let start = clock.now
    var cost = ReadCost()
    var assumable: [String]?
    var facts: [AccountEffect] = []
    let single = connection.facts.isSingleRole ? connection.facts.role.map { Identifier(exact: $0).sql } : nil
    do throws(StatementError) {
      if let single {
        // The user may have more roles; this login bears one. What it inherits counts.
        facts = try await grants(of: single, &cost)
        cost.seconds = (clock.now - start) / .seconds(1)
        return draft.learn(assumableRoles: [single], facts: facts, cost: cost)
      }
      let answer = try await ask("SELECT CURRENT_AVAILABLE_ROLES()", as: "SELECT CURRENT_AVAILABLE_ROLES", &cost)
      if let text = answer.rows.first?.first?.string, case .list(let roles)? = try? JSON.decode(Array(text.utf8)) {
        assumable = roles.compactMap(\.string).map { Identifier(exact: $0).sql }
      }
      // Without what they hold, SYSADMIN would not be known to inherit the owner of an object.
      var roles = Set(draft.plan.steps.map(\.role) + ["SYSADMIN"]).intersection(Set(assumable ?? []))
      roles.formUnion([workspace.configuration.target.deployRole].compactMap(\.self))
      for role in roles.subtracting(["ACCOUNTADMIN", "ORGADMIN"]).sorted() {
        let grants = try await ask("SHOW GRANTS TO ROLE \(role)", as: "SHOW GRANTS TO ROLE", &cost)
        facts += GrantFacts.effects(grants, role: role)
      }
    } catch {
      throw .error("the login's roles cannot be read: \(error)", code: "read-failed")
    }
    cost.seconds = (clock.now - start) / .seconds(1)
    draft.learn(assumableRoles: assumable, facts: facts, cost: cost)
  }

  /// What a role and the roles that it inherits hold. ACCOUNTADMIN and ORGADMIN are known to the account model.
  private func grants(of role: String, _ cost: inout ReadCost) async throws(StatementError) -> [AccountEffect] {
    var facts: [AccountEffect] = []
    var asked: Set = ["ACCOUNTADMIN", "ORGADMIN"]
    var waiting = [role]
    while let next = waiting.popLast() {
      guard asked.insert(next).inserted else { continue }
      let answer = try await ask("SHOW GRANTS TO ROLE \(next)", as: "SHOW GRANTS TO ROLE", &cost)
      let effects = GrantFacts.effects(answer, role: next)
      facts += effects
      for case .roleGranted(let inherited, _) in effects where inherited.type == "ROLE" {
        waiting.append(inherited.name)
      }
    }
    return facts
  }

  /// Who reads, and whether that role sees everything: absence may only be concluded from what it does not see if so.
  func readSettings(_ cost: inout ReadCost) async throws(Diagnostic) -> ReadSettings {
    var settings = ReadSettings(
      role: connection.readRole, actualRole: connection.facts.role.map { Identifier(exact: $0).sql })
    // A login that is bound to one role reads as that alone.
    let single = connection.facts.isSingleRole ? settings.actualRole : nil
    guard let role = connection.readRole ?? single, settings.blindness != nil else { return settings }
    do throws(StatementError) {
      let grants = try await ask("SHOW GRANTS TO ROLE \(role)", as: "SHOW GRANTS TO ROLE", &cost, role: role)
      settings.seesEverything = GrantFacts.effects(grants, role: role).contains { effect in
        switch effect {
        // MANAGE GRANTS lets a role see every object; both roles hold it.
        case .granted("MANAGE GRANTS", .account, _, _): true
        case .roleGranted(let inherited, _): ReadSettings.allSeeing.contains(inherited.name)
        default: false
        }
      }
    } catch {
      throw .error(
        "the account cannot be read as \(role), the read_role of the target: \(error)",
        detail: connection.facts.isSingleRole
          ? "The login is restricted to \(settings.actualRole ?? "one role"): leave read_role out, or use another token."
          : "The user must have the role: GRANT ROLE \(role) TO USER …", code: "read-role")
    }
    return settings
  }

  private func ask(
    _ sql: String, as costClass: String, _ cost: inout ReadCost, role: String? = nil
  ) async throws(StatementError) -> StatementAnswer {
    let answer = try await runner.run(sql, role: role, purpose: .read(costClass))
    cost.statements[costClass, default: 0] += 1
    cost.roundTrips += answer.roundTrips
    return answer
  }
}

/// SHOW GRANTS TO ROLE as facts for choosing roles.
enum GrantFacts {
  static func effects(_ answer: StatementAnswer, role: String) -> [AccountEffect] {
    func column(_ name: String) -> Int? { answer.columns.firstIndex(of: name) }
    guard let privilege = column("privilege"), let on = column("granted_on"), let name = column("name") else {
      return []
    }
    let grantOption = column("grant_option")
    let grantee = SQLObject("ROLE", role)
    return answer.rows.compactMap { row in
      guard let word = row[privilege].string, let type = row[on].string, let text = row[name].string else {
        return nil
      }
      let kind = type.uppercased().replacing("_", with: " ")
      let canonical = (try? QualifiedName(parsing: text).sql) ?? Identifier(exact: text).sql
      let object = kind == "ACCOUNT" ? SQLObject.account : SQLObject(kind, canonical)
      switch (word, kind) {
      case ("OWNERSHIP", _): return .owned(object, by: grantee)
      case ("USAGE", "ROLE"), ("USAGE", "DATABASE ROLE"): return .roleGranted(object, to: grantee)
      default:
        let option = grantOption.flatMap { row[$0].string } == "true"
        return .granted(word, on: object, to: grantee, withGrantOption: option)
      }
    }
  }
}
