import AccountEmulator
import SnowmakerModel

/// Requests to every route, beneath the sockets. Whatever is asked, the answer is a well-formed envelope of its route.
struct HTTPTarget: FuzzTarget {
  static let batchSize = 2_000

  private let sql = TextMutation(SQLCorpus.statements, extra: SQLCorpus.words)
  private let values = ValueMutation(texts: HTTPCorpus.texts)
  private var stage: FuzzStage?
  private(set) var accepted = 0

  mutating func begin(batch: Int) throws {
    stage = try FuzzStage()
  }

  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String? {
    guard let stage else { return "the batch was not begun" }
    var (kind, request) = HTTPCorpus.request(stage, sql, &numbers)
    damage(&request, &numbers)
    note(Self.shown(request))
    let reply = kind == .control ? stage.control.answerControl(request) : stage.main.answer(request)
    if reply.status == 200 { accepted += 1 }
    return HTTPAnswers.problem(of: reply, to: request, kind)
  }

  mutating func end() -> String? {
    defer { stage = nil }
    stage?.stop()
    return nil
  }

  private func damage(_ request: inout WireProbe.Request, _ numbers: inout Numbers) {
    if !request.body.isEmpty, let value = try? JSON.decode(request.body), !numbers.oneIn(4) {
      request.body = JSON.encode(values.change(value, &numbers))
    }
    if numbers.oneIn(5) { ByteMutation.damage(&request.body, &numbers) }
    switch numbers.below(24) {
    case 0:
      request.body = WireProbe.compress(request.body)
      request.contentEncoding = "gzip"
    case 1: request.contentEncoding = numbers.one(of: ["gzip", "br", "deflate", "identity", "", "GZIP"])
    case 2:
      request.body = WireProbe.compress(request.body)
      ByteMutation.damage(&request.body, &numbers)
      request.contentEncoding = "gzip"
    case 3: request.method = numbers.one(of: ["GET", "POST", "PUT", "DELETE", "HEAD", "PATCH", ""])
    case 4:
      var path = Array(request.path.utf8)
      ByteMutation.damage(&path, &numbers)
      request.path = String(decoding: path, as: UTF8.self)
    case 5:
      var parts = request.path.split(separator: "/").map(String.init)
      parts.insert(numbers.one(of: HTTPCorpus.texts), at: numbers.below(parts.count + 1))
      request.path = "/" + parts.joined(separator: "/")
    case 6: request.arguments[numbers.one(of: HTTPCorpus.arguments)] = numbers.one(of: HTTPCorpus.texts)
    case 7: request.authorization = numbers.one(of: HTTPCorpus.authorizations)
    case 8: request.userAgent = numbers.one(of: [nil, "", "PythonConnector/5.2.0", "PythonConnector/x", "curl"])
    case 9: request.host = numbers.one(of: [nil, "", "127.0.0.1:1", "é", "\""])
    default: break
    }
  }

  /// The request as a text, for reports.
  static func shown(_ request: WireProbe.Request) -> [UInt8] {
    let arguments = request.arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let head =
      "\(request.method) \(request.path)?\(arguments.joined(separator: "&")) auth=\(request.authorization ?? "-") "
      + "encoding=\(request.contentEncoding ?? "-") agent=\(request.userAgent ?? "-") host=\(request.host ?? "-")\n"
    return Array(head.utf8) + request.body
  }
}

/// An emulated account with what its routes need: tokens, a statement that is done, an address of a file.
final class FuzzStage {
  let main: WireProbe
  /// Its faults are set and never befall anyone.
  let control: WireProbe
  let tokens: (session: String, master: String)
  private(set) var queryID = "01"
  private(set) var address = "/stage-files/x/y/z"

  init() throws {
    let account = try FuzzAccount()
    var options = EmulatorServer.Options()
    options.inProgressAfter = .milliseconds(1)
    options.chunkRows = 3
    options.bodyLimit = 1 << 20
    main = WireProbe(engine: account.engine, options: options)
    control = WireProbe(engine: try FuzzAccount().engine, options: options)
    tokens = main.open(account.session)
    var request = WireProbe.Request(
      "POST", "/queries/v1/query-request", body: Array(#"{"sqlText": "PUT file:///tmp/a.csv @~"}"#.utf8))
    request.authorization = "Snowflake Token=\"\(tokens.session)\""
    request.userAgent = "PythonConnector/5.2.0"
    request.host = "127.0.0.1:1"
    let put = try JSON.decode(main.answer(request).body)["data"]
    queryID = put["queryId"].string ?? queryID
    if let url = put["stageInfo"]["presignedUrl"].string, let start = url.firstRange(of: "/stage-files") {
      address = String(url[start.lowerBound...].prefix { $0 != "?" })
    }
  }

  func stop() {
    main.stop()
    control.stop()
  }
}
