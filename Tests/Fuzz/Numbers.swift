import SnowmakerModel

/// Random numbers that are the same for the same seed.
typealias Numbers = SeededGenerator

extension SeededGenerator {
  /// A number from 0 to `count` - 1; 0 when `count` is 0.
  mutating func below(_ count: Int) -> Int { count <= 1 ? 0 : Int(next() % UInt64(count)) }

  /// True once in `count` times.
  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// One of the elements, which must not be empty.
  mutating func one<T>(of elements: [T]) -> T { elements[below(elements.count)] }
}
