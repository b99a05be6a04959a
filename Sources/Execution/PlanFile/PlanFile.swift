public import SnowmakerModel

/// A plan on disk: magic, format version, length, SHA-256 of what follows, and the plan's document as CBOR (definite
/// lengths, shortest heads, keys in the order in which a plan writes them: equal plans have equal bytes).
///
/// The digest tells damage, not forgery: who can write the file can write what is applied, so it is readable and
/// writable by its owner only.
public enum PlanFile {
  /// The version of the envelope and the document that this snowmaker writes and reads.
  public static let version: UInt32 = 1
  /// The largest file that is read, in bytes.
  public static let maximumSize = 512 << 20

  private static let magic = Array("SNOWMAKER PLAN\r\n".utf8)
  private static let headSize = magic.count + 4 + 8 + 32

  /// Writes a plan's document, whole or not at all, readable by its owner only. Returns the digest (SHA-256, hex) that
  /// names the plan. Throws when the file cannot be written.
  @discardableResult
  public static func write(document: Value, to path: String) throws(Diagnostic) -> String {
    let payload = CBOR.encode(document)
    let digest = try Crypto.sha256Bytes(payload)
    var bytes = magic
    bytes.reserveCapacity(headSize + payload.count)
    append(UInt64(version), size: 4, to: &bytes)
    append(UInt64(payload.count), size: 8, to: &bytes)
    bytes += digest
    bytes += payload
    do throws(FileError) { try Files.replace(path, with: bytes) } catch {
      throw .error(
        "the plan file \(path) cannot be written: \(error.reason)", detail: "Check the folder and its rights.",
        code: "plan-file-unwritable")
    }
    return Crypto.hex(digest)
  }

  /// A plan's document and its digest. Throws when the file cannot be read, is no plan, was written by another
  /// version, or was changed or cut since it was written.
  public static func read(_ path: String) throws(Diagnostic) -> (document: Value, digest: String) {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try Files.read(path, limit: maximumSize) } catch {
      throw .error(
        "the plan file \(path) cannot be read: \(error.reason)", detail: "Make one with `snowmaker plan --out FILE`.",
        code: "plan-file-unreadable")
    }
    guard bytes.starts(with: magic) else {
      throw .error(
        "\(path) is no plan file", detail: "Make one with `snowmaker plan --out FILE`.", code: "plan-file-foreign")
    }
    guard bytes.count >= headSize else { throw damaged(path, "it ends too early") }
    let found = number(bytes[magic.count..<(magic.count + 4)])
    guard found == UInt64(version) else {
      throw .error(
        "the plan file \(path) has format \(found), this snowmaker reads format \(version)",
        detail: "Apply it with the snowmaker that made it, or make a new plan.", code: "plan-file-version")
    }
    let length = number(bytes[(magic.count + 4)..<(magic.count + 12)])
    let payload = Array(bytes[headSize...])
    guard length == UInt64(payload.count) else {
      throw damaged(path, "it should hold \(length) bytes of plan and holds \(payload.count)")
    }
    let digest = try Crypto.sha256Bytes(payload)
    guard digest.elementsEqual(bytes[(headSize - 32)..<headSize]) else {
      throw damaged(path, "its content does not have the digest written in it")
    }
    do throws(CBOR.Failure) { return (try CBOR.decode(payload), Crypto.hex(digest)) } catch {
      throw damaged(path, "its content is no document: \(error)")
    }
  }

  private static func damaged(_ path: String, _ reason: String) -> Diagnostic {
    .error(
      "the plan file \(path) is damaged: \(reason)", detail: "Nothing was applied. Make a new plan.",
      code: "plan-file-damaged")
  }

  private static func append(_ number: UInt64, size: Int, to bytes: inout [UInt8]) {
    for place in (0..<size).reversed() { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(8 * place))) }
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
