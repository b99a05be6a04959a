/// Large results in parts: the first rows come with the answer, the others are fetched by address, compressed.
struct WireChunks: Sendable {
  /// The header that a client must send for a part, as the answer tells it to.
  static let header = "x-emulator-chunk"

  /// Where this server is reached, as the client wrote it.
  var host: String
  /// `http` or `https`.
  var scheme = "http"
  /// What the header must hold.
  var secret: String
  /// Rows per part; also those that come with the answer.
  var size: Int

  /// Rows of part `number`, counted from 0; empty when there is none.
  func rows(_ number: Int, of result: StatementResult) -> ArraySlice<[String?]> {
    let (offset, overflows) = size.multipliedReportingOverflow(by: number + 1)
    guard number >= 0, !overflows, offset < result.rows.count else { return [] }
    return result.rows[offset..<min(result.rows.count, offset + size)]
  }

  /// The bytes of rows without the brackets around them, as parts carry them.
  static func encode(_ rows: ArraySlice<[String?]>) -> [UInt8] {
    var writer = WireJSONWriter(capacity: rows.count * 64)
    writer.rows(rows)
    return Array(writer.bytes.dropFirst().dropLast())
  }

  /// Writes "chunks" and "chunkHeaders".
  func write(_ result: StatementResult, queryID: String, to writer: inout WireJSONWriter) {
    writer.listField("chunks") { writer in
      var number = 0
      while true {
        let part = rows(number, of: result)
        if part.isEmpty { return }
        let bytes = Self.encode(part)
        writer.object { writer in
          writer.field("url", "\(scheme)://\(host)/chunks/\(queryID)/\(number)")
          writer.field("rowCount", part.count)
          writer.field("uncompressedSize", bytes.count)
          writer.field("compressedSize", WireGzip.compress(bytes)?.count ?? bytes.count)
        }
        number += 1
      }
    }
    writer.objectField("chunkHeaders") { $0.field("x-emulator-chunk", secret) }
  }
}

extension WireService {
  /// The parts of a result for a client, nil when it is small enough to come whole.
  func chunks(_ result: StatementResult, for request: HTTPRequest) -> WireChunks? {
    guard let size = options.chunkRows, size > 0, result.rows.count > size, let host = request.host else { return nil }
    return WireChunks(host: host, scheme: request.scheme, secret: chunkSecret, size: size)
  }

  /// GET /chunks/{query id}/{number}: no session, as with the presigned addresses of the service.
  func chunk(_ request: HTTPRequest, queryID: String, number: String) -> HTTPReply {
    guard request.chunkSecret == chunkSecret else {
      return WireEnvelope.failure(
        code: "390403", message: "The chunkHeaders of the result were not sent.", status: 403)
    }
    guard let size = options.chunkRows, let number = Int(number), (0..<1_000_000_000).contains(number),
      case .succeeded(let outcome) = queries.find(id: queryID)?.outcome
    else { return WireEnvelope.failure(code: "390404", message: "No such chunk.", status: 404) }
    let rows = WireChunks(host: "", secret: "", size: size).rows(number, of: outcome.result)
    guard !rows.isEmpty else { return WireEnvelope.failure(code: "390404", message: "No such chunk.", status: 404) }
    let bytes = WireChunks.encode(rows)
    guard let packed = WireGzip.compress(bytes) else { return HTTPReply(body: bytes) }
    return HTTPReply(body: packed, isCompressed: true)
  }
}
