import SnowflakeClient
import SnowmakerModel

/// Answers as the client reads them.
struct ClientAnswerTarget: FuzzTarget {
  static let batchSize = 20_000

  private let mutation = ValueMutation(texts: [
    "data", "rowset", "rowtype", "name", "", "a\"b\\c", "é\u{1}", "\u{10ffff}",
  ])
  private(set) var accepted = 0

  private static let answers: [Value] = [
    [
      "data": [
        "rowtype": [["name": "A", "type": "text", "nullable": true, "length": 16, "precision": nil, "scale": nil]],
        "rowset": [["a"], [nil]], "total": 2, "queryId": "01a", "finalRoleName": "R",
        "chunks": [["url": "http://x/y", "rowCount": 3, "compressedSize": 1, "uncompressedSize": 2]],
      ], "code": nil, "message": nil, "success": true, "headers": nil,
    ],
    [["a", "b", nil], ["", "é", "\u{1}\"\\"]], [["1.5", "1e400", "-0"]], [], [[]],
    ["data": ["token": "t", "masterToken": "m", "parameters": [["name": "A", "value": true]]], "success": true],
  ]

  mutating func begin(batch: Int) {}
  mutating func end() -> String? { nil }

  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String? {
    var bytes = JSON.encode(mutation.change(numbers.one(of: Self.answers), &numbers))
    // A chunk is rows without the brackets around them.
    if numbers.oneIn(3), bytes.count > 2 { bytes = Array(bytes[1..<(bytes.count - 1)]) }
    if numbers.oneIn(2) { ByteMutation.damage(&bytes, &numbers) }
    note(bytes)
    let (taken, problem) = JSONProbe.read(bytes)
    if taken > 0 { accepted += 1 }
    return problem
  }
}
