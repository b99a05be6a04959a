public import SnowmakerCore
import SnowmakerModel

/// Finds out what became of statements that were sent and never answered.
///
/// First by comparing: where the fresh plan has nothing to do, the statement has had its effect; where it would send it
/// again and the account shows the old value, it has not. Only where neither can be seen is the account's query history
/// asked, by the run's query tag.
public struct Settlement: Sendable {
  /// What became of a statement.
  public enum Fate: Hashable, Sendable {
    /// The account shows its effect.
    case hadEffect
    /// The account shows that it had none; the plan sends it again, or something else instead.
    case hadNoEffect
    /// Its effect cannot be seen; the query history says that it ran.
    case ran
    /// Its effect cannot be seen; the query history says that it failed, with this error.
    case failed(String)
    /// Its effect cannot be seen; the query history does not know it: it never arrived.
    case neverArrived
    /// The query history says that it is still under way.
    case running
    /// Neither shows anything; the text says why.
    case unknown(String)
  }

  /// A statement and its fate.
  public struct Settled: Hashable, Sendable {
    /// The statement, as the journal has it.
    public var statement: Journal.Statement
    /// What became of it.
    public var fate: Fate
  }

  private let runner: any StatementRunner

  /// A settlement that asks the account through `runner`.
  public init(runner: any StatementRunner) { self.runner = runner }

  /// What became of the run's unanswered statements, given the plan of a fresh read.
  public func settle(_ run: Journal.Run, plan: Plan) async -> [Settled] {
    let resources = Dictionary(plan.resources.map { ($0.address, $0) }, uniquingKeysWith: { first, _ in first })
    var settled: [Settled] = []
    var history: Result<[HistoryRow], StatementError>?
    for statement in run.unsettled {
      if let fate = Self.compare(statement, resources[statement.address], plan) {
        settled.append(Settled(statement: statement, fate: fate))
        continue
      }
      // What a plugin did by itself is in no query history.
      if resources[statement.address]?.steps.contains(where: { plan.steps[$0].statement.operation != nil }) == true {
        let fate = Fate.unknown("its plugin did it, and what it reads does not show the effect")
        settled.append(Settled(statement: statement, fate: fate))
        continue
      }
      if history == nil { history = await rows(of: run.id) }
      settled.append(Settled(statement: statement, fate: Self.fate(of: statement, in: history)))
    }
    return settled
  }

  /// What the fresh plan says; nil when the effect cannot be seen.
  private static func compare(
    _ statement: Journal.Statement, _ resource: PlannedResource?, _ plan: Plan
  ) -> Fate? {
    guard let resource, resource.action.sendsStatements else { return .hadEffect }
    guard resource.steps.contains(where: { plan.steps[$0].statement.sql.description == statement.sql }) else {
      return .hadEffect
    }
    // A creation that is planned again was not there; otherwise one value that can be seen is enough.
    if resource.action == .create || resource.action == .drop || resource.action == .rename { return .hadNoEffect }
    let canBeSeen = resource.attributes.contains { change in
      change.before != .unknown && !change.before.isSecret && !change.after.isSecret
        && change.after != .string("(sensitive)")
    }
    return canBeSeen ? .hadNoEffect : nil
  }

  private struct HistoryRow: Sendable {
    var text: String
    var status: String
    var message: String
  }

  /// Where the text of a statement ends that can be compared: the history shows secrets as asterisks, or as they are.
  private static func fate(of statement: Journal.Statement, in history: Result<[HistoryRow], StatementError>?) -> Fate {
    switch history {
    case .failure(let error)?: return .unknown("the query history cannot be read: \(error)")
    case nil: return .unknown("the query history was not read")
    case .success(let rows)?:
      let head = statement.sql.prefix { $0 != "‹" }
      guard let row = rows.first(where: { $0.text.hasPrefix(head) }) else { return .neverArrived }
      switch row.status {
      case "SUCCESS": return .ran
      case let status where status.hasPrefix("FAIL") || status == "INCIDENT":
        return .failed(row.message.isEmpty ? row.status : row.message)
      default: return .running
      }
    }
  }

  /// The history of the last seven days. It needs a warehouse that is running or starts by itself (unverified: the
  /// documentation says so of the views of INFORMATION_SCHEMA, not of its functions).
  /// Source: <https://docs.snowflake.com/en/sql-reference/functions/query_history>.
  private func rows(of run: String) async -> Result<[HistoryRow], StatementError> {
    let sql =
      "SELECT QUERY_TEXT, EXECUTION_STATUS, ERROR_MESSAGE FROM "
      + "TABLE(SNOWFLAKE.INFORMATION_SCHEMA.QUERY_HISTORY(RESULT_LIMIT => 10000)) WHERE QUERY_TAG LIKE "
      // The tag is snowmaker/VERSION:PROJECT:RUN, and the version may be another now.
      + SQLLiteral.quote("%:\(run)")
    do throws(StatementError) {
      let answer = try await runner.run(sql, role: nil, purpose: .read("SELECT QUERY_HISTORY"))
      return .success(
        answer.rows.filter { $0.count == 3 }.map {
          HistoryRow(text: $0[0].string ?? "", status: $0[1].string ?? "", message: $0[2].string ?? "")
        })
    } catch { return .failure(error) }
  }
}
