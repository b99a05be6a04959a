/// A number with its noun, for messages: "1 second", "5 seconds"; `many` where the plural is no `s` more.
public func counted(_ number: some BinaryInteger, _ one: String, _ many: String? = nil) -> String {
  "\(number) \(number == 1 ? one : many ?? one + "s")"
}
