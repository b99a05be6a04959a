/// Which Swift runtime this code was compiled for. Swift has no stable ABI on Linux: a plugin that shares the host's
/// runtime must have been built by the same release of the compiler.
public enum SwiftRuntime {
  // One line per release of the compiler, here and in SnowmakerSDK's note, whose section takes literals only.
  #if compiler(>=6.4)
    /// Major version times 100 plus minor version: 603 for Swift 6.3.
    public static let number: UInt32 = 604
  #else
    /// Major version times 100 plus minor version: 603 for Swift 6.3.
    public static let number: UInt32 = 603
  #endif
}
