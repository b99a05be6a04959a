import SnowmakerModel

/// Damage to documents by their structure: values exchanged, left out, doubled, wrapped, of another kind.
struct ValueMutation {
  /// Texts to put in places.
  let texts: [String]

  private static let scalars: [Value] = [
    .null, .unknown, true, false, 0, 1, -1, .int(.max), .int(.min), .double(0.5), .double(1e300), .double(-0.0),
    .double(.infinity), "", "x", "null", "true", "-1", "99999999999999999999", "\u{0}", "é\u{301}", "a.b", "\"a\".B",
    [], [:], [nil], [""], ["": nil], ["$unknown": true], ["secret": "x"], .string(String(repeating: "a", count: 3000)),
  ]

  /// The document with one to three places changed.
  func change(_ value: Value, _ numbers: inout Numbers) -> Value {
    var value = value
    for _ in 0...numbers.below(3) { value = changeOne(value, &numbers, depth: 0) }
    return value
  }

  private func changeOne(_ value: Value, _ numbers: inout Numbers, depth: Int) -> Value {
    switch value {
    case .list(var elements) where !elements.isEmpty && !(depth > 0 && numbers.oneIn(5)):
      let at = numbers.below(elements.count)
      switch numbers.below(10) {
      case 0: elements.remove(at: at)
      case 1: elements.insert(elements[at], at: at)
      case 2: elements.append(fresh(&numbers))
      case 3: elements.swapAt(at, numbers.below(elements.count))
      default: elements[at] = changeOne(elements[at], &numbers, depth: depth + 1)
      }
      return .list(elements)
    case .object(var fields) where !fields.isEmpty && !(depth > 0 && numbers.oneIn(5)):
      let at = numbers.below(fields.count)
      switch numbers.below(10) {
      case 0: fields.remove(at: at)
      case 1: fields.insert(fields[at], at: numbers.below(fields.count))
      case 2: fields.append(.init(numbers.one(of: texts), fresh(&numbers)))
      case 3: fields[at].key = numbers.one(of: texts)
      default: fields[at].value = changeOne(fields[at].value, &numbers, depth: depth + 1)
      }
      return .object(fields)
    default:
      switch numbers.below(6) {
      case 0: return [value]
      case 1: return .object([.init(numbers.one(of: texts), value)])
      case 2: return numbers.oneIn(200) ? deep(value, numbers.below(3000)) : .string(numbers.one(of: texts))
      default: return fresh(&numbers)
      }
    }
  }

  private func fresh(_ numbers: inout Numbers) -> Value {
    switch numbers.below(4) {
    case 0: .string(numbers.one(of: texts))
    case 1: .int(Int64(bitPattern: numbers.next() >> UInt64(numbers.below(64))))
    default: numbers.one(of: Self.scalars)
    }
  }

  private func deep(_ value: Value, _ levels: Int) -> Value {
    var value = value
    for _ in 0..<min(levels, 200) { value = [value] }
    return value
  }
}
