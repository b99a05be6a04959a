import AccountModel
import SnowmakerModel

extension RoleChooser {
  /// Nothing suffices. When the owner cannot be known, the strongest role is worth a try; otherwise it is an error.
  func fallback(_ statement: Statement) -> Choice {
    var authority = statement.authorities[0]
    if case .all(let parts) = authority { authority = parts[0] }
    let owner = account.owner(of: authority.object.securable)
    let own = [settings.deployRole, settings.singleRole].compactMap(\.self)
    let admins = own.map(RoleReference.account) + [.accountAdmin]
    if case .ownership(let object) = authority, owner == nil, let role = admins.first(where: assumable.contains) {
      return Choice(
        role: role.name,
        reason: object == .account
          ? "only an administrator may change the account" : "the owner of \(object) is not known")
    }
    let unreached = unreached(statement)
    let user = settings.loginUser.map { "user \($0)" } ?? "the login"
    let role = settings.singleRole ?? settings.deployRole ?? settings.loginRole ?? "<role>"
    let grantee =
      settings.singleRole.map { "ROLE \($0)" } ?? settings.loginUser.map { "USER \($0)" } ?? "USER <user>"
    var detail: String
    switch authority {
    case _ where !unreached.isEmpty: detail = Self.shut(unreached[0])
    case .ownership(let object):
      detail =
        owner.map { "\(object) is owned by \($0). Cure: \(Self.join($0, grantee, role));" }
        ?? "The owner of \(object) is not known; a role that owns it is needed."
    case .privilege(let name, let object):
      if let owner, object != .account {
        detail = "\(object) is owned by \(owner). Cure: \(Self.join(owner, grantee, role));"
      } else {
        detail = "Cure: GRANT \(name) ON \(object) TO ROLE \(role);"
      }
    case .granting(let name, let object):
      detail = "Cure: GRANT \(name) ON \(object) TO ROLE \(role) WITH GRANT OPTION;"
    case .grantingRole(let object):
      detail =
        object.role == .accountAdmin || object.role == .orgAdmin
        ? "Only \(object.role == .orgAdmin ? "ACCOUNTADMIN or ORGADMIN" : "ACCOUNTADMIN itself") may grant it. Cure: "
          + "GRANT ROLE ACCOUNTADMIN TO \(grantee);"
        : "Cure: \(owner.map { Self.join($0, grantee, role) } ?? "GRANT MANAGE GRANTS ON ACCOUNT TO ROLE \(role)");"
    case .all: detail = ""
    }
    var need = statement.authorities.map(\.sentence).joined(separator: ", or ")
    let places = Set(unreached.flatMap(\.missing)).sorted()
    if !places.isEmpty {
      need += ", and have some privilege on \(places.map(\.description).joined(separator: " and "))"
    }
    detail += "\nStatement: \(statement.sql)"
    if let single = settings.singleRole {
      return Choice(
        role: single, reason: "the login bears no other role",
        problem: .error(
          "this needs another role than \(single), the only one that the login of \(user) bears: it must \(need)",
          detail: detail.replacing(
            "\nStatement:", with: "\n\(other(statement, than: .account(single)))\nStatement:", maxReplacements: 1),
          code: "no-role"))
    }
    return Choice(
      role: role, reason: "no role suffices",
      problem: .error(
        "no role that \(user) can assume may do this: it must \(need)", detail: detail, code: "no-role"))
  }

  /// What lets a role in that may do what is wanted, but not where it is wanted.
  private static func shut(_ unreached: Unreached) -> String {
    let places = unreached.missing.map(\.description)
    let cures = places.map { "GRANT USAGE ON \($0) TO ROLE \(unreached.role.name);" }
    return "\(unreached.role) could, but has no privilege on \(places.joined(separator: " and ")), where it is done. "
      + "Cure: \(cures.joined(separator: " "))"
  }

  /// The way out that leaves the account's grants as they are: another token.
  private func other(_ statement: Statement, than role: RoleReference) -> String {
    let known: [RoleReference] = [.sysAdmin, .userAdmin, .securityAdmin, .accountAdmin, .orgAdmin]
    let owners = statement.authorities.compactMap { account.owner(of: $0.object.securable) }
      .filter { $0.kind == .account }
    let able = (owners + known).first { candidate in
      candidate != role && statement.authorities.contains { isAllowed(candidate, $0) }
    }
    guard let able else { return "Or connect with a token that is not restricted to \(role.name)." }
    return "Or connect with a token that is restricted to \(able.name) (ROLE_RESTRICTION = '\(able.name)'; OAuth: the "
      + "scope session:role:\(able.name)), or to no role."
  }

  /// What puts the login in possession of a role.
  private static func join(_ owner: RoleReference, _ grantee: String, _ role: String) -> String {
    owner.kind == .account ? "GRANT ROLE \(owner.name) TO \(grantee)" : "GRANT \(owner) TO ROLE \(role)"
  }
}

extension Authority {
  /// The object it is about.
  var object: SQLObject {
    switch self {
    case .ownership(let object), .privilege(_, let object), .granting(_, let object), .grantingRole(let object): object
    case .all(let parts): parts.first?.object ?? .account
    }
  }

  /// As a sentence goes on after "must".
  fileprivate var sentence: String {
    switch self {
    case .ownership(let object): "own \(object)"
    case .privilege(let name, let object): "hold \(name) on \(object == .account ? "the account" : object.description)"
    case .granting(let name, let object): "be able to grant \(name) on \(object)"
    case .grantingRole(let object): "be able to grant \(object)"
    case .all(let parts): parts.map(\.sentence).joined(separator: " and ")
    }
  }
}
