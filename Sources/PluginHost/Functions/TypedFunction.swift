import CFFI
import CHostSupport
import CSnowmaker
import Glibc
import SnowmakerModel

/// A function of a plugin's table, prepared once and called through libffi without documents.
///
/// Unchecked: the pointers are to memory that lives as long as this object and never changes.
final class TypedFunction: @unchecked Sendable {
  let schema: FunctionSchema
  private let kinds: [FunctionKind]
  private let address: @convention(c) () -> Void
  private let cif: UnsafeMutablePointer<ffi_cif>
  /// The types that `cif` refers to.
  private let types: UnsafeMutablePointer<UnsafeMutablePointer<ffi_type>?>
  /// How many values go over, a list being two, and the reply.
  private let slots: Int
  /// How many arguments a call must have; those after them are null when they are left out.
  private let required: Int
  private let serial: Lock?
  private let label: CrashLabel
  /// What a crash during a call is reported as.
  private let doing: UnsafeMutablePointer<CChar>?

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
    required = schema.requiredCount
    doing = strdup("the function \(schema.name)")
    types = .allocate(capacity: slots)
    cif = .allocate(capacity: 1)
    cif.initialize(to: ffi_cif())
    var at = 0
    for kind in kinds {
      for type in Self.types(of: kind) {
        types[at] = type
        at += 1
      }
    }
    types[at] = cffi_pointer()
    guard cffi_prepare(cif, UInt32(slots), types) == 1 else { return nil }
  }

  deinit {
    cif.deallocate()
    types.deallocate()
    free(doing)
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
    guard let room = room(for: arguments) else { preconditionFailure("the arguments were not checked") }
    return try call(arguments, room: room)
  }

  /// The stack that a call with these arguments takes, in bytes; nil when they are not exactly what the function takes: too
  /// few, too many, unknown, or to be turned into another kind first.
  func room(for arguments: [Value]) -> Int? {
    guard arguments.count >= required, arguments.count <= kinds.count else { return nil }
    var room = FunctionFrame.fixedRoom(slots: slots, count: kinds.count)
    for index in arguments.indices {
      guard let more = FunctionArguments.room(for: arguments[index], as: kinds[index]) else { return nil }
      room += more
    }
    return room
  }

  /// Calls the function with arguments that take this room. Throws when it has no result.
  func call(_ arguments: [Value], room: Int) throws(FunctionCallError) -> Value {
    var sink = FunctionSink()
    let status = withUnsafeMutablePointer(to: &sink) { sink in
      var reply = FunctionSink.reply(sink)
      return withUnsafeMutablePointer(to: &reply) { call(arguments, room, $0) }
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

  private func call(
    _ arguments: [Value], _ room: Int, _ reply: UnsafeMutablePointer<snowmaker_reply_v1>
  ) -> snowmaker_status {
    withUnsafeTemporaryAllocation(byteCount: room, alignment: 16) { block in
      guard let base = block.baseAddress else { return snowmaker_status(SNOWMAKER_MALFORMED) }
      var frame = FunctionFrame(base, slots: slots, count: kinds.count)
      for index in arguments.indices { frame.place(arguments[index], kinds[index]) }
      // What is left out takes null: a pointer, whatever it would point to.
      for index in arguments.count..<kinds.count { frame.place(.null, kinds[index]) }
      frame.place(reply)
      let before = label.enter(UnsafePointer(doing))
      defer { CrashLabel.leave(before) }
      serial?.lock()
      defer { serial?.unlock() }
      return cffi_call(cif, address, frame.addresses)
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
