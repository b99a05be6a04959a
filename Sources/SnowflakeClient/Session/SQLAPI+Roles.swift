extension SQLAPI {
  /// Whether the login bears no other role than the one it has. The API has no USE ROLE; what a token is restricted to is
  /// asked by a statement as a role that every user has, where the same statement as the login's own role has worked
  /// before. Throws when nobody can say.
  func bindsToOneRole(_ place: Place) async throws(ClientError) -> Bool {
    var other = place
    other.role = "PUBLIC"
    if place.role == "PUBLIC" {
      guard let another = try await availableRoles(place).first(where: { $0 != "PUBLIC" }) else { return false }
      other.role = another
    }
    do throws(ClientError) {
      let (answer, bytes, _) = try await run(Session.apiGreeting, StatementOptions(), RequestID.make(), other)
      // An account that takes the wish and goes on as the old role has refused it too.
      return Self.firstText(answer, bytes) != other.role
    } catch {
      switch error {
      case .loginFailed, .sql: return true
      default: throw error
      }
    }
  }

  private func availableRoles(_ place: Place) async throws(ClientError) -> [String] {
    let sql = "SELECT CURRENT_AVAILABLE_ROLES()"
    let (answer, bytes, _) = try await run(sql, StatementOptions(), RequestID.make(), place)
    var list = Array((Self.firstText(answer, bytes) ?? "").utf8)
    guard let value = try? JSONReader.read(&list, { (reader) throws(JSONError) in try reader.value() }),
      case .array(let names) = value
    else { return [] }
    return names.compactMap(\.text)
  }

  private static func firstText(_ answer: StatementAnswer, _ bytes: [UInt8]) -> String? {
    let batch = ResultBatch(bytes: bytes, rows: answer.rows)
    return batch.rowCount > 0 && batch.columnCount > 0 ? batch[0, 0] : nil
  }
}
