import SnowflakeClient
import SnowmakerModel

/// Documents as texts short enough for comments, and back.
enum LedgerPacking {
  /// The longest text of one comment, in bytes. Snowflake states no limit for comments of objects; 16,384 characters is
  /// the smallest that is reported for any comment (of columns), and half of that leaves room for escaping.
  static let chunkSize = 8_000
  /// The largest document that is unpacked, in bytes.
  static let maximumSize = 256 << 20

  /// A document as texts, with what tells whether they came back whole.
  struct Packed {
    var texts: [String]
    var size: Int
    var digest: String
    var isCompressed: Bool
  }

  static func pack(_ document: Value) throws(Diagnostic) -> Packed {
    let bytes = CBOR.encode(document)
    let compressed = Gzip.compress(bytes)
    let text = Array(Base64.encode(compressed ?? bytes).utf8)
    let texts = stride(from: 0, to: text.count, by: chunkSize).map {
      String(decoding: text[$0..<min($0 + chunkSize, text.count)], as: UTF8.self)
    }
    return Packed(
      texts: texts, size: bytes.count, digest: try Crypto.sha256(bytes), isCompressed: compressed != nil)
  }

  /// The document. Throws a text that says what is wrong.
  static func unpack(_ packed: Packed) throws(DocumentError) -> Value {
    guard let raw = Base64.decode(packed.texts.joined()) else { throw DocumentError("ledger", "it is no base64") }
    guard packed.size <= maximumSize else { throw DocumentError("ledger", "it says to be \(packed.size) bytes long") }
    guard let bytes = packed.isCompressed ? Gzip.decompress(raw, limit: packed.size) : raw,
      bytes.count == packed.size, (try? Crypto.sha256(bytes)) == packed.digest
    else { throw DocumentError("ledger", "a part of it is missing or was changed") }
    do throws(CBOR.Failure) { return try CBOR.decode(bytes) } catch {
      throw DocumentError("ledger", "\(error)")
    }
  }
}
