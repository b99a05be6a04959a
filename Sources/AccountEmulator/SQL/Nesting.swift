/// How deep a place in a statement lies, and how deep the tree of what was read there is. Both are bounded, so that no
/// statement runs out the stack of what reads it, of what evaluates it, or of what lets go of it.
struct Nesting {
  /// What is counted; its name is the error's.
  enum Construct: String {
    /// Also parentheses around joins.
    case queries
    /// Whatever holds an expression within another: parentheses, CASE, NOT, signs, calls, constants.
    case conditions
    /// Around the values of properties.
    case parentheses
  }

  private var queries = 0
  private var conditions = 0
  private var parentheses = 0
  /// How deep the tree read so far within the construct at hand is at most: `a + b + c` is three deep without any
  /// nesting.
  private var height = 0

  private static let highest = 1_000

  /// Whether no further expression can be in the one at hand.
  var isFull: Bool { conditions >= 64 }

  /// Counts one more of a construct; false when there are as many as may be.
  mutating func enter(_ construct: Construct) -> Bool {
    height = 0
    switch construct {
    case .queries:
      queries += 1
      return queries <= 16
    case .conditions:
      conditions += 1
      return conditions <= 64
    case .parentheses:
      parentheses += 1
      return parentheses <= 32
    }
  }

  /// Back to what was around the construct, which has the highest tree of those read within it.
  mutating func leave(to outside: Nesting) {
    let height = height
    self = outside
    self.height = max(outside.height, height + 1)
  }

  /// Counts one more operator that has on its left whatever was read before, `weight` times where each takes more of
  /// the stack; false when there are too many.
  mutating func link(_ weight: Int) -> Bool {
    height += weight
    return height <= Self.highest
  }
}
