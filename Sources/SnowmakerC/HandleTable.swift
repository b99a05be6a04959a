import Synchronization

/// What C callers hold. A handle is a number dressed up as a pointer and never used twice, so that one that was released
/// is found out instead of leading anywhere.
enum HandleTable {
  private struct Live: Sendable {
    var next: UInt = 0x1000
    var objects: [UInt: any AnyObject & Sendable] = [:]
  }

  private static let live = Mutex(Live())

  /// A handle for the object, which lives until `remove`.
  static func add(_ object: any AnyObject & Sendable) -> OpaquePointer? {
    let number = live.withLock { live in
      live.next += 16
      live.objects[live.next] = object
      return live.next
    }
    return OpaquePointer(bitPattern: number)
  }

  /// The object of a handle; nil when it was released, is of another kind, or never was a handle.
  static func object<T: AnyObject & Sendable>(_ handle: OpaquePointer?, _ type: T.Type = T.self) -> T? {
    guard let handle else { return nil }
    return live.withLock { $0.objects[UInt(bitPattern: handle)] } as? T
  }

  /// Lets go of the object of a handle, and returns it.
  static func remove<T: AnyObject & Sendable>(_ handle: OpaquePointer?, _ type: T.Type = T.self) -> T? {
    guard let handle else { return nil }
    return live.withLock { live in
      guard let object = live.objects[UInt(bitPattern: handle)] as? T else { return nil }
      live.objects[UInt(bitPattern: handle)] = nil
      return object
    }
  }
}
