import Glibc

/// Texts as C takes a list of them: pointers, ended by a null.
struct CStrings: ~Copyable {
  private let pointers: UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>

  init(_ texts: [String]) {
    pointers = .allocate(capacity: texts.count + 1)
    for (index, text) in texts.enumerated() { pointers.initializeElement(at: index, to: strdup(text)) }
    pointers.initializeElement(at: texts.count, to: nil)
  }

  deinit {
    for pointer in pointers { free(pointer) }
    pointers.deallocate()
  }

  /// Runs `body` with the pointers, which are valid during that.
  borrowing func withPointers<Result>(
    _ body: (UnsafeMutableBufferPointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result { body(pointers) }
}
