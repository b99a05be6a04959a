/// The bytes of a document while they are written: into memory that was given, and into memory of its own once that is
/// too small.
///
/// ```
///  0            count       capacity
///  | written …  | room …    |
/// ```
struct CBORWriter: ~Copyable {
  private var base: UnsafeMutableRawPointer
  private(set) var count = 0
  private var capacity: Int
  private var isOwn = false

  /// Writes into `memory` first, which must live as long as the writer.
  init(into memory: UnsafeMutableRawBufferPointer) {
    guard let base = memory.baseAddress else { preconditionFailure("no memory to write into") }
    self.base = base
    capacity = memory.count
  }

  deinit { if isOwn { base.deallocate() } }

  /// What was written; valid until the next writing and the end of the writer.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  @inline(__always) mutating func append(_ byte: UInt8) {
    if count == capacity { grow(by: 1) }
    base.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
    count &+= 1
  }

  @inline(__always) mutating func append(contentsOf bytes: UnsafeRawBufferPointer) {
    guard let from = bytes.baseAddress else { return }
    if capacity &- count < bytes.count { grow(by: bytes.count) }
    (base + count).copyMemory(from: from, byteCount: bytes.count)
    count &+= bytes.count
  }

  @inline(never) private mutating func grow(by more: Int) {
    capacity = max(capacity * 2, count + more + 512)
    let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: base, byteCount: count)
    if isOwn { base.deallocate() }
    isOwn = true
    base = larger
  }
}
