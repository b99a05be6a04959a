import Glibc

/// The environment variables of this process.
public enum ProcessEnvironment {
  /// All variables by name, as they are now. Of a name that is there twice the last counts; entries without `=` are left out.
  public static var variables: [String: String] {
    var found: [String: String] = [:]
    var cursor = environ
    while let entry = cursor.pointee {
      let text = String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        found[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      cursor += 1
    }
    return found
  }
}
