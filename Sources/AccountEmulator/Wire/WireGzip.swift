import CMicroHTTPD
import Glibc

/// gzip of whole bodies.
enum WireGzip {
  /// Why a body cannot be expanded.
  enum Failure: Error, Equatable {
    case damaged
    case tooLarge
    case unavailable
  }

  /// The gzip form, nil when it cannot be made (the body is then sent as it is).
  static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    var out: UnsafeMutablePointer<UInt8>?
    var length = 0
    let status = bytes.withUnsafeBufferPointer { cmhd_gzip($0.baseAddress, $0.count, 1, &out, &length) }
    guard status == Int32(CMHD_GZIP_OK.rawValue), let out else { return nil }
    defer { free(out) }
    return Array(UnsafeBufferPointer(start: out, count: length))
  }

  /// The expanded form, at most `limit` bytes.
  static func expand(_ bytes: [UInt8], limit: Int) throws(Failure) -> [UInt8] {
    var out: UnsafeMutablePointer<UInt8>?
    var length = 0
    let status = bytes.withUnsafeBufferPointer { cmhd_gunzip($0.baseAddress, $0.count, limit, &out, &length) }
    switch status {
    case Int32(CMHD_GZIP_OK.rawValue): break
    case Int32(CMHD_GZIP_BAD_DATA.rawValue): throw .damaged
    case Int32(CMHD_GZIP_TOO_LARGE.rawValue): throw .tooLarge
    default: throw .unavailable
    }
    defer { free(out) }
    return Array(UnsafeBufferPointer(start: out, count: length))
  }
}
