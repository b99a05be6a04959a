import Execution
import SnowmakerCore
import SnowmakerModel

/// Asks the account about roles, each thing once in a run, whoever wants to know it.
struct RoleInquiry: Sendable {
  /// The answers so far, by statement; reading the account gives some and takes some.
  var answers: [String: ReadResult] = [:]
  private let runner: LaneRunner
  private var cost = ReadCost()

  /// An inquiry that has asked nothing yet.
  init(_ runner: LaneRunner) { self.runner = runner }

  /// Whether the statement is one that is asked here, so that its answer is worth keeping.
  static func isAboutRoles(_ sql: String) -> Bool {
    ["SHOW GRANTS TO ROLE ", "SHOW GRANTS TO DATABASE ROLE "].contains(where: sql.hasPrefix)
  }

  /// What asking cost since this was last called.
  mutating func takeCost() -> ReadCost {
    defer { cost = ReadCost() }
    return cost
  }

  /// What is known once the questions are answered.
  struct Answers {
    var facts: [AccountEffect] = []
    var knowledge = RoleKnowledge()
  }

  /// Asks what has not been asked yet, side by side; `role` is who asks, nil for the login. Throws when the account
  /// cannot be reached; what it refuses is among the answers.
  mutating func ask(_ questions: Set<RoleQuestion>, as role: String? = nil) async throws(StatementError) -> Answers {
    let clock = ContinuousClock()
    let start = clock.now
    defer { cost.seconds += (clock.now - start) / .seconds(1) }
    let questions = questions.sorted()
    let open = questions.filter { answers[$0.sql] == nil }
    let runner = runner
    let results = await withTaskGroup(of: (RoleQuestion, Result<StatementAnswer, StatementError>).self) { group in
      for question in open { group.addTask { (question, await Self.answer(to: question, as: role, runner)) } }
      var results: [(RoleQuestion, Result<StatementAnswer, StatementError>)] = []
      for await result in group { results.append(result) }
      return results
    }
    for (question, result) in results {
      cost.statements[question.costClass, default: 0] += 1
      switch result {
      case .success(let answer):
        cost.roundTrips += answer.roundTrips
        answers[question.sql] = ReadResult(sql: question.sql, columns: answer.columns, rows: answer.rows)
      case .failure(let error) where error.kind == .failed:
        cost.roundTrips += 1
        answers[question.sql] = ReadResult(
          sql: question.sql, failure: .init(code: error.code, message: error.message))
      case .failure(let error): throw error
      }
    }
    var known = Answers()
    for question in questions {
      guard let answer = answers[question.sql] else { continue }
      if let failure = answer.failure {
        known.knowledge.refused[question] = "\(failure.code): \(failure.message)"
      } else {
        known.knowledge.answered.insert(question)
        known.facts += GrantFacts.effects(answer, of: question)
      }
    }
    return known
  }

  /// The roles that the login can make current, canonical; nil when the account's answer cannot be understood.
  mutating func availableRoles() async throws(StatementError) -> [String]? {
    let answer = try await runner.run(
      "SELECT CURRENT_AVAILABLE_ROLES()", role: nil, purpose: .read("SELECT CURRENT_AVAILABLE_ROLES"))
    cost.statements["SELECT CURRENT_AVAILABLE_ROLES", default: 0] += 1
    cost.roundTrips += answer.roundTrips
    guard let text = answer.rows.first?.first?.string, case .list(let roles)? = try? JSON.decode(Array(text.utf8))
    else { return nil }
    return roles.compactMap(\.string).map { Identifier(exact: $0).sql }
  }

  private static func answer(
    to question: RoleQuestion, as role: String?, _ runner: LaneRunner
  ) async -> Result<StatementAnswer, StatementError> {
    do throws(StatementError) {
      return .success(try await runner.run(question.sql, role: role, purpose: .read(question.costClass)))
    } catch {
      return .failure(error)
    }
  }
}
