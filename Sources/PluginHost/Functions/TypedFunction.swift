import CFFI
import CHostSupport
import CSnowmaker
import Glibc
import SnowmakerModel

/// A function of a plugin's table, prepared once and called through libffi without documents.
///
/// The arguments of a call lie in one block of the stack, in this order, each aligned to 8 bytes:
///
/// ```
/// addresses of the arguments | arguments, 16 bytes each | pointers, elements of lists, bytes of texts
/// ```
///
/// Unchecked: the pointers are to memory that lives until the process ends and never changes.
final class TypedFunction: @unchecked Sendable {
  let schema: FunctionSchema
  private let kinds: [FunctionKind]
  private let address: @convention(c) () -> Void
  private let cif: UnsafeMutablePointer<ffi_cif>
  /// How many values go over, a list being two, and the reply.
  private let slots: Int
  private let serial: Lock?
  private let label: CrashLabel
  /// What a crash is reported as; lives until the process ends.
  private let doing: UnsafePointer<CChar>?

  /// Prepares calls; nil when libffi refuses the types. `serial` is held during calls of plugins that want no overlap.
  init?(
    _ schema: FunctionSchema, _ address: @escaping @convention(c) () -> Void, label: CrashLabel, serial: Lock?
  ) {
    self.schema = schema
    self.address = address
    self.label = label
    self.serial = serial
    kinds = schema.parameters.map(\.kind)
    slots = kinds.reduce(1) { $0 + ($1.shape == .list ? 2 : 1) }
    doing = UnsafePointer(strdup("the function \(schema.name)"))
    let types = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: slots)
    var at = 0
    for kind in kinds {
      for type in Self.types(of: kind) {
        types[at] = type
        at += 1
      }
    }
    types[at] = cffi_pointer()
    cif = .allocate(capacity: 1)
    cif.initialize(to: ffi_cif())
    guard cffi_prepare(cif, UInt32(slots), types) == 1 else { return nil }
  }

  private static func types(of kind: FunctionKind) -> [UnsafeMutablePointer<ffi_type>?] {
    switch kind.shape {
    case .nullable: return [cffi_pointer()]
    case .list: return [cffi_pointer(), cffi_sint64()]
    case .one:
      switch kind.scalar {
      case .integer: return [cffi_sint64()]
      case .float: return [cffi_double()]
      case .boolean: return [cffi_uint8()]
      case .text: return [bytesType]
      }
    }
  }

  /// `snowmaker_bytes_v1`: a pointer and a size. Made once, never freed and never changed after libffi has laid it out.
  nonisolated(unsafe) private static let bytesType: UnsafeMutablePointer<ffi_type> = {
    let elements = UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>.allocate(capacity: 3)
    elements[0] = cffi_pointer()
    elements[1] = cffi_sint64()
    elements[2] = nil
    let type = UnsafeMutablePointer<ffi_type>.allocate(capacity: 1)
    type.initialize(to: ffi_type(size: 0, alignment: 0, type: UInt16(FFI_TYPE_STRUCT), elements: elements))
    return type
  }()

  /// Calls the function with arguments that `FunctionArguments` has checked. Throws when it has no result.
  func call(_ arguments: [Value]) throws(FunctionCallError) -> Value {
    var sink = FunctionSink()
    let status = withUnsafeMutablePointer(to: &sink) { sink in
      var reply = FunctionSink.reply(sink)
      return withUnsafeMutablePointer(to: &reply) { call(arguments, $0) }
    }
    switch Int(status) {
    case SNOWMAKER_OK:
      if let problem = sink.problem { throw FunctionCallError("the plugin's answer makes no sense: \(problem)") }
      return try sink.result(as: schema.result)
    case SNOWMAKER_FAILED: throw FunctionCallError(sink.diagnostics, of: schema)
    case SNOWMAKER_PANIC:
      throw FunctionCallError("the plugin found a bug of its own", detail: sink.diagnostics.first?.summary ?? "")
    default: throw FunctionCallError("the plugin answered with status \(status)")
    }
  }

  private func call(_ arguments: [Value], _ reply: UnsafeMutablePointer<snowmaker_reply_v1>) -> snowmaker_status {
    let room =
      FunctionFrame.fixedRoom(slots: slots, count: kinds.count)
      + zip(arguments, kinds).reduce(0) { $0 + Self.room($1.0, $1.1) }
    return withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { block in
      guard let base = block.baseAddress else { return snowmaker_status(SNOWMAKER_MALFORMED) }
      var frame = FunctionFrame(base, slots: slots, count: kinds.count)
      for (index, kind) in kinds.enumerated() { frame.place(arguments[index], kind) }
      frame.place(reply)
      let before = label.enter(doing)
      defer { CrashLabel.leave(before) }
      serial?.lock()
      defer { serial?.unlock() }
      return cffi_call(cif, address, frame.addresses)
    }
  }

  /// The bytes that an argument needs beside its slot.
  private static func room(_ value: Value, _ kind: FunctionKind) -> Int {
    switch value {
    case .string(let text): (text.utf8.count + 7) & ~7
    case .list(let elements): elements.reduce(0) { $0 + 16 + room($1, kind) }
    default: 0
    }
  }
}

/// The arguments of one call, in memory that was made for them.
private struct FunctionFrame {
  let addresses: UnsafeMutablePointer<UnsafeMutableRawPointer?>
  private var used = 0
  private var slot: UnsafeMutableRawPointer
  private var free: UnsafeMutableRawPointer

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
      free += (elements.count * size + 7) & ~7
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
      free += (count + 7) & ~7
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

extension FunctionCallError {
  /// What a function's diagnostics say; the first one counts, and its path names the parameter.
  init(_ diagnostics: [Diagnostic], of schema: FunctionSchema) {
    guard let first = diagnostics.first else {
      self.init("failed, without saying why")
      return
    }
    let index = first.path.first.flatMap { name in
      schema.parameters.firstIndex { $0.name == name }
        ?? Int(name).flatMap { schema.parameters.indices.contains($0) ? $0 : nil }
    }
    self.init(first.summary, detail: first.detail, argument: index)
  }
}
