/// A number with its noun, for messages: "1 row", "2 rows".
func counted(_ number: some BinaryInteger, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }
