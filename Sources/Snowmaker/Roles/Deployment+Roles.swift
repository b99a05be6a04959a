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

  /// The most times that the account is asked about roles: each answer may bring up a role above or beneath.
  private static let maximumRounds = 16

  /// Asks which roles the login can take, what the roles that matter hold, and whatever else decides which role runs a
  /// statement. What reading the account has told is not asked again.
  func learnRoles(_ draft: inout PlanDraft, _ inquiry: inout RoleInquiry) async throws(Diagnostic) {
    do throws(StatementError) {
      var first: Set<RoleQuestion>
      var assumable: [String]?
      if let single = connection.facts.isSingleRole ? connection.facts.role.map({ Identifier(exact: $0).sql }) : nil {
        // The user may have more roles; this login bears one. What it inherits counts.
        assumable = [single]
        first = single == "ACCOUNTADMIN" || single == "ORGADMIN" ? [] : [.grantsTo(SQLObject("ROLE", single))]
      } else {
        assumable = try await inquiry.availableRoles()
        // Without what they hold, SYSADMIN would not be known to inherit the owner of an object.
        var roles = Set(draft.plan.steps.map(\.role) + ["SYSADMIN"]).intersection(Set(assumable ?? []))
        roles.formUnion([workspace.configuration.target.deployRole].compactMap(\.self))
        // What holds nothing yet need not be asked about: the role to deploy as may be one that is created here.
        let made = draft.plan.steps.flatMap(\.statement.effects).compactMap { effect in
          if case .created(let object) = effect, object.type == "ROLE" { object.name } else { nil }
        }
        first = Set(
          roles.subtracting(["ACCOUNTADMIN", "ORGADMIN", "PUBLIC"] + made).map { .grantsTo(SQLObject("ROLE", $0)) })
      }
      let known = try await inquiry.ask(first)
      if let (question, why) = known.knowledge.refused.min(by: { $0.key < $1.key }) {
        throw StatementError(.failed, message: "\(question.sql) failed: \(why)")
      }
      draft.learn(assumableRoles: assumable, facts: known.facts, knowledge: known.knowledge, cost: inquiry.takeCost())
      for _ in 0..<Self.maximumRounds where !draft.questions.isEmpty {
        let more = try await inquiry.ask(draft.questions)
        draft.learn(assumableRoles: nil, facts: more.facts, knowledge: more.knowledge, cost: inquiry.takeCost())
      }
    } catch {
      throw .error("the login's roles cannot be read: \(error)", code: "read-failed")
    }
  }

  /// The environment variable that says how many rows SHOW answers at most, where that is not Snowflake's 10,000.
  static let rowLimitVariable = "SNOWMAKER_SHOW_ROWS"

  private static func statedRowLimit() throws(Diagnostic) -> Int? {
    guard let text = ProcessEnvironment.variables[rowLimitVariable], !text.isEmpty else { return nil }
    guard let limit = Int(text), limit > 1 else {
      throw .error(
        "\(rowLimitVariable) is '\(text)'; it takes a whole number of at least 2, the rows that SHOW answers at most",
        code: "environment")
    }
    return limit
  }

  /// Who reads, and whether that role sees everything: absence may only be concluded from what it does not see if so.
  func readSettings(_ inquiry: inout RoleInquiry) async throws(Diagnostic) -> ReadSettings {
    var settings = ReadSettings(
      role: connection.readRole, actualRole: connection.facts.role.map { Identifier(exact: $0).sql })
    // A login that is bound to one role reads as that alone.
    let single = connection.facts.isSingleRole ? settings.actualRole : nil
    if let limit = try Self.statedRowLimit() { settings.rowLimit = limit }
    guard let role = connection.readRole ?? single, settings.blindness != nil else { return settings }
    do throws(StatementError) {
      let question = RoleQuestion.grantsTo(SQLObject("ROLE", role))
      let known = try await inquiry.ask([question], as: role)
      if let why = known.knowledge.refused[question] { throw StatementError(.failed, message: why) }
      settings.seesEverything = known.facts.contains { effect in
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
}
