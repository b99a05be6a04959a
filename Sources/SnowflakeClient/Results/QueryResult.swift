/// A column of a result.
public struct ResultColumn: Sendable, Equatable {
  /// The name as the account gives it.
  public var name: String
  /// The type in the account's spelling, lower case: `fixed`, `real`, `text`, `boolean`, `date`, `time`,
  /// `timestamp_ltz`, `timestamp_ntz`, `timestamp_tz`, `binary`, `variant`, `object`, `array` …
  public var type: String
  /// Whether the column may hold NULL.
  public var isNullable: Bool
  /// Digits in all, for numbers.
  public var precision: Int?
  /// Digits after the point, for numbers; fraction digits of a second, for times.
  public var scale: Int?
  /// The longest text in characters.
  public var length: Int?

  /// A column from its parts.
  public init(
    name: String, type: String, isNullable: Bool = true, precision: Int? = nil, scale: Int? = nil, length: Int? = nil
  ) {
    self.name = name
    self.type = type
    self.isNullable = isNullable
    self.precision = precision
    self.scale = scale
    self.length = length
  }
}

/// Rows that arrived together. The cells share one block of bytes and become strings when they are asked for.
public struct ResultBatch: Sendable {
  private let bytes: [UInt8]
  private let cells: [JSONRows.Cell]
  private let width: Int
  /// The number of rows.
  public let rowCount: Int

  init(bytes: [UInt8], rows: JSONRows) {
    self.bytes = bytes
    cells = rows.cells
    rowCount = rows.rowCount
    width = rows.width ?? 0
  }

  var columnCount: Int { width }

  /// The cell's text as the account sent it; nil for NULL. Both indices must be in range.
  public subscript(row: Int, column: Int) -> String? {
    precondition(row >= 0 && row < rowCount && column >= 0 && column < width, "no such cell")
    let cell = cells[row * width + column]
    guard cell.length >= 0 else { return nil }
    return String(decoding: bytes[Int(cell.offset)..<Int(cell.offset) + Int(cell.length)], as: UTF8.self)
  }
}

/// The answer to one statement: its rows as text, and what the account said about the statement.
///
/// Values stay in the account's own encoding (numbers as decimal text of any length, times as seconds since the epoch,
/// truth values of SELECT as `1` and `0`), so nothing is lost.
public struct QueryResult: Sendable {
  /// The columns, in order.
  public let columns: [ResultColumn]
  /// The rows in order, grouped as they arrived.
  public let batches: [ResultBatch]
  /// The number of rows.
  public let rowCount: Int
  /// The account's id for the statement.
  public let queryID: String
  /// The kind of statement by Snowflake's numbering (0x1000 SELECT, 0x3000 DML, 0x4000 session, 0x6000 DDL).
  public let statementTypeID: Int?
  /// The session's role after the statement.
  public let finalRole: String?
  /// The session's database after the statement.
  public let finalDatabase: String?
  /// The session's schema after the statement.
  public let finalSchema: String?
  /// The session's warehouse after the statement.
  public let finalWarehouse: String?
  /// The ids of the results of each statement, when several were sent together.
  public let childQueryIDs: [String]
  /// What the statement cost on the wire.
  public internal(set) var cost: StatementCost

  private let starts: [Int]

  init(columns: [ResultColumn], batches: [ResultBatch], details: StatementDetails, cost: StatementCost) {
    self.columns = columns
    self.batches = batches.filter { $0.rowCount > 0 }
    var total = 0
    var starts: [Int] = []
    for batch in self.batches {
      starts.append(total)
      total += batch.rowCount
    }
    self.starts = starts
    rowCount = total
    queryID = details.queryID ?? ""
    statementTypeID = details.statementTypeID
    finalRole = details.finalRole
    finalDatabase = details.finalDatabase
    finalSchema = details.finalSchema
    finalWarehouse = details.finalWarehouse
    childQueryIDs = details.resultIDs
    self.cost = cost
  }

  /// The cell's text; nil for NULL. Both indices must be in range.
  public subscript(row: Int, column: Int) -> String? {
    precondition(row >= 0 && row < rowCount, "no such row")
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high + 1) / 2
      if starts[middle] <= row { low = middle } else { high = middle - 1 }
    }
    return batches[low][row - starts[low], column]
  }

  /// The cell's text in the column of that name; nil for NULL and when there is no such column.
  public subscript(row: Int, column: String) -> String? { index(of: column).flatMap { self[row, $0] } }

  /// Where a column stands; its name is compared exactly first, then without regard to case.
  public func index(of column: String) -> Int? {
    if let exact = columns.firstIndex(where: { $0.name == column }) { return exact }
    let wanted = column.lowercased()
    return columns.firstIndex { $0.name.lowercased() == wanted }
  }

  /// A whole row. The index must be in range.
  public func row(_ index: Int) -> [String?] { columns.indices.map { self[index, $0] } }
}

/// What a statement cost on the wire.
public struct StatementCost: Sendable, Equatable {
  /// HTTP requests, retries, polls and chunks included; renewals of the session are not.
  public var roundTrips: Int
  /// How often a request had to be sent again.
  public var retries: Int
  /// From the first byte sent to the last row read.
  public var duration: Duration

  /// A cost from its parts.
  public init(roundTrips: Int = 0, retries: Int = 0, duration: Duration = .zero) {
    self.roundTrips = roundTrips
    self.retries = retries
    self.duration = duration
  }
}
