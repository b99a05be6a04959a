import SnowmakerModel

/// Grants in the resource API: `/roles/{r}/grants`, `/users/{u}/grants`, `/databases/{d}/database-roles/{r}/grants`, with
/// `grants:revoke`, `grants-of`, `grants-on`, `future-grants` and `future-grants:revoke`.
struct ResourceGrants: Sendable {
  /// Why a body is no grant.
  struct Refusal: Error {
    var message: String
  }

  /// `ROLE R`.
  private let grantee: String
  private let verb: String

  /// The grants that the rest of a path, after `/api/v2`, leads to; nil when it leads elsewhere.
  init?(_ rest: [String]) {
    guard let verb = rest.last, verb.hasPrefix("grants") || verb.hasPrefix("future-grants") else { return nil }
    switch (rest.count, rest[0]) {
    case (3, "roles"): grantee = "ROLE " + ResourceCollection.identifier(rest[1])
    case (3, "users"): grantee = "USER " + ResourceCollection.identifier(rest[1])
    case (5, "databases") where rest[2] == "database-roles":
      grantee = "DATABASE ROLE " + [rest[1], rest[3]].map(ResourceCollection.identifier).joined(separator: ".")
    default: return nil
    }
    self.verb = verb
  }

  /// The statement of a request, and whether it lists grants (nil: it lists nothing); nil when there is no such request.
  func statement(_ method: String, _ body: Value, mode: String?) -> (Result<String, Refusal>, listsGrants: Bool?)? {
    switch (method, verb) {
    case ("GET", "grants"): return (.success("SHOW GRANTS TO \(grantee)"), true)
    case ("GET", "grants-of"): return (.success("SHOW GRANTS OF \(grantee)"), false)
    case ("GET", "grants-on"): return (.success("SHOW GRANTS ON \(grantee)"), true)
    case ("GET", "future-grants"): return (.success("SHOW FUTURE GRANTS TO \(grantee)"), false)
    case ("POST", "grants"), ("POST", "grants:revoke"), ("POST", "future-grants"), ("POST", "future-grants:revoke"):
      do throws(Refusal) { return (.success(try change(body, mode: mode)), nil) } catch {
        return (.failure(error), nil)
      }
    default: return nil
    }
  }

  private func change(_ body: Value, mode: String?) throws(Refusal) -> String {
    let revokes = verb.hasSuffix(":revoke")
    let isFuture = verb.hasPrefix("future")
    guard let type = body["securable_type"].string else { throw Refusal(message: "The body has no securable_type.") }
    let kind = String(type.uppercased().map { $0 == "-" || $0 == "_" ? " " : $0 })
    let privileges = body["privileges"].list.compactMap(\.string)
    guard !kind.isEmpty, (privileges + [kind]).allSatisfy({ $0.allSatisfy { $0.isLetter || $0 == " " } }) else {
      throw Refusal(message: "No privileges or no type of object.")
    }
    var sql = revokes ? "REVOKE " : "GRANT "
    let securable = Self.name(body["securable"], ["database", "schema", "name"])
    if kind == "ROLE" || kind == "DATABASE ROLE" {
      sql += "\(kind) \(securable)"
    } else {
      if revokes, body["grant_option"].bool == true { sql += "GRANT OPTION FOR " }
      sql += (privileges.isEmpty ? "ALL PRIVILEGES" : privileges.joined(separator: ", ")) + " ON "
      let scope = body["containing_scope"]
      if isFuture || body["securable"]["name"].string == nil && !scope.isNull {
        // Grants on what will be in a container, or on all that is in it.
        let place = Self.name(scope, ["database", "schema"])
        guard !place.isEmpty else { throw Refusal(message: "The body has no containing_scope.") }
        let level = scope["schema"].string == nil ? "DATABASE" : "SCHEMA"
        sql += "\(isFuture ? "FUTURE" : "ALL") \(Self.plural(kind)) IN \(level) \(place)"
      } else {
        sql += kind == "ACCOUNT" ? kind : "\(kind) \(securable)"
      }
    }
    sql += " \(revokes ? "FROM" : "TO") \(grantee)"
    if !revokes, body["grant_option"].bool == true { sql += " WITH GRANT OPTION" }
    switch mode?.lowercased() {
    case "cascade" where revokes: sql += " CASCADE"
    case "restrict" where revokes: sql += " RESTRICT"
    default: break
    }
    return sql
  }

  private static func name(_ value: Value, _ keys: [String]) -> String {
    keys.compactMap { value[$0].string }.map(ResourceCollection.identifier).joined(separator: ".")
  }

  private static func plural(_ kind: String) -> String {
    kind.hasSuffix("Y") ? kind.dropLast() + "IES" : kind + "S"
  }
}
