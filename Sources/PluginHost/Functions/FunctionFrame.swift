import CSnowmaker
import SnowmakerModel

/// The arguments of one call of a typed function, in one block of the stack, in this order, each aligned to 8 bytes:
///
/// ```
/// addresses of the arguments | arguments, 16 bytes each | pointers, elements of lists, bytes of texts
/// ```
struct FunctionFrame {
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private var used = 0
  private var slot: UnsafeMutableRawPointer
  private var free: UnsafeMutableRawPointer

  /// The bytes of the largest element of a list, which a text is.
  static let largestElement = 16
  /// So many bytes, up to where the next value may begin.
  static func aligned(_ count: Int) -> Int { (count + 7) & ~7 }

  /// The bytes for everything but elements and texts: every value that goes over may be a pointer, kept in eight more.
  static func fixedRoom(slots: Int, count: Int) -> Int { slots * 8 + count * 16 + slots * 8 }

  init(_ base: UnsafeMutableRawPointer, slots: Int, count: Int) {
    addresses = base.bindMemory(to: UnsafeMutableRawPointer?.self, capacity: slots)
    slot = base + slots * 8
    free = slot + count * 16
  }

  /// The next argument, which is of this kind.
  mutating func place(_ value: Value, _ kind: FunctionKind) {
    let here = slot
    slot += 16
    switch kind.shape {
    case .one:
      store(value, kind.scalar, at: here)
      add(here)
    case .nullable:
      if value.isNull {
        pass(nil)
      } else {
        store(value, kind.scalar, at: here)
        pass(here)
      }
    case .list:
      let elements = value.list
      let size = Self.size(of: kind.scalar)
      let array = free
      free += Self.aligned(elements.count * size)
      for (index, element) in elements.enumerated() { store(element, kind.scalar, at: array + index * size) }
      here.storeBytes(of: elements.isEmpty ? nil : array, as: UnsafeMutableRawPointer?.self)
      (here + 8).storeBytes(of: elements.count, as: Int.self)
      add(here)
      add(here + 8)
    }
  }

  mutating func place(_ reply: UnsafeMutablePointer<snowmaker_reply_v1>) { pass(UnsafeMutableRawPointer(reply)) }

  private mutating func add(_ address: UnsafeMutableRawPointer) {
    addresses[used] = address
    used += 1
  }

  /// Hands over a pointer itself: it needs a place of its own for libffi to read it from.
  private mutating func pass(_ pointer: UnsafeMutableRawPointer?) {
    free.storeBytes(of: pointer, as: UnsafeMutableRawPointer?.self)
    add(free)
    free += 8
  }

  private mutating func store(_ value: Value, _ scalar: FunctionKind.Scalar, at place: UnsafeMutableRawPointer) {
    switch (scalar, value) {
    case (.integer, .int(let number)): place.storeBytes(of: number, as: Int64.self)
    case (.float, .double(let number)): place.storeBytes(of: number, as: Double.self)
    case (.boolean, .bool(let flag)): place.storeBytes(of: flag ? 1 : 0, as: UInt8.self)
    case (.text, .string(var text)):
      let start = free
      let count = text.withUTF8 { bytes in
        if let source = bytes.baseAddress { start.copyMemory(from: source, byteCount: bytes.count) }
        return bytes.count
      }
      free += Self.aligned(count)
      place.storeBytes(
        of: snowmaker_bytes_v1(ptr: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), len: count),
        as: snowmaker_bytes_v1.self)
    default: preconditionFailure("an argument was not checked")
    }
  }

  private static func size(of scalar: FunctionKind.Scalar) -> Int {
    switch scalar {
    case .integer, .float: 8
    case .boolean: 1
    case .text: 16
    }
  }
}
