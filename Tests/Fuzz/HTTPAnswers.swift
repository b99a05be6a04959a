import AccountEmulator
import SnowmakerModel

/// Whether answers have the form of their route.
enum HTTPAnswers {
  /// What is wrong with an answer, nil when nothing is.
  static func problem(
    of reply: WireProbe.Reply, to request: WireProbe.Request, _ kind: HTTPCorpus.Kind
  ) -> String? {
    guard let shape = problem(reply, shape(of: request, kind)) else { return nil }
    return "\(shape), answered \(reply.status): \(String(decoding: reply.body.prefix(500), as: UTF8.self))"
  }

  /// Damaged paths lead elsewhere: the form is that of where the request arrived.
  private static func shape(of request: WireProbe.Request, _ kind: HTTPCorpus.Kind) -> HTTPCorpus.Kind {
    if kind == .control { return .control }
    let parts = request.path.split(separator: "/").map(String.init)
    switch (parts.first, parts.count) {
    case ("api", 3...) where parts[1] == "v2": return parts[2] == "statements" ? .api : .resource
    case ("stage-files", 3...): return .file
    case ("oauth", 2) where parts[1] == "token-request" && request.method == "POST": return .oauth
    case ("chunks", 3) where request.method == "GET": return .chunk
    default: return .session
    }
  }

  private static func problem(_ reply: WireProbe.Reply, _ kind: HTTPCorpus.Kind) -> String? {
    if !(200..<600).contains(reply.status) { return "the status \(reply.status)" }
    if kind == .file {
      let known: Set<UInt32> = [200, 400, 403, 404, 405, 412, 507]
      return known.contains(reply.status) ? nil : "a file's status"
    }
    if kind == .chunk, reply.status == 200 { return nil }
    guard reply.contentType == "application/json" else { return "the content type \(reply.contentType)" }
    let document: Value
    do { document = try JSON.decode(reply.body) } catch { return "no JSON (\(error))" }
    // Bodies that cannot be read are refused before the route is looked at.
    if problem(session: document, reply.status) == nil { return nil }
    switch kind {
    case .session, .chunk: return problem(session: document, reply.status)
    case .api:
      guard case .object = document else { return "no object" }
      if reply.status == 200, document.find("data") != nil { return nil }
      return document["code"].string?.isEmpty == false && document["message"].string != nil ? nil : "no code or message"
    case .resource:
      if reply.status == 200 {
        switch document {
        case .list, .object: return nil
        default: return "neither a list nor an object"
        }
      }
      let keys = ["error_code", "code", "message", "request_id"]
      return keys.allSatisfy { document[$0].string != nil } ? nil : "a failure without its fields"
    case .oauth:
      if reply.status == 200 { return document["access_token"].string == nil ? "no token" : nil }
      return document["error"].string != nil && document["success"] == false ? nil : "no error"
    case .control:
      if reply.status == 200 { return nil }
      return document["error"].string == nil ? "no error" : nil
    case .file: return nil
    }
  }

  /// `{"data", "code", "message", "success", "headers"}`: failures have a code of six digits and a message.
  private static func problem(session document: Value, _ status: UInt32) -> String? {
    for key in ["data", "code", "message", "success", "headers"] where document.find(key) == nil { return "no \(key)" }
    guard let success = document["success"].bool else { return "success is no truth value" }
    if ![200, 403, 404, 413].contains(status) { return "a status drivers may repeat for ever" }
    if success {
      guard status == 200 else { return "a success with HTTP \(status)" }
      let data = document["data"]
      if document["code"].isNull, data.find("rowset") != nil {
        let columns = data["rowtype"].list
        if data["rowset"].list.contains(where: { $0.list.count != columns.count }) { return "ragged rows" }
        let parts = data["chunks"].list.reduce(Int64(data["rowset"].list.count)) { $0 + ($1["rowCount"].int ?? 0) }
        if data["total"].int != parts { return "total is not the number of rows" }
        if data["queryId"].string?.utf8.count != 36 { return "no query id" }
      }
      return nil
    }
    guard let code = document["code"].string, code.utf8.count == 6, code.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return "a failure's code" }
    if code == "000603" { return "an internal error" }
    return document["message"].string?.isEmpty == false ? nil : "a failure without a message"
  }
}
