import Testing

@testable import SnowmakerModel

/// Decoders must take any bytes: an answer or an error, never a crash, and what they accept they can write again.
@Suite struct FuzzTests {
  private static let rounds = 100_000

  private static let sample: Value = [
    "name": "RAW", "size": 4, "ratio": .double(0.25), "tags": ["a", .unknown, nil, true],
    "nested": ["text": "é \" \\ 🎿", "more": [[], [:], -70_000]], "a rather long key for the cache": 1,
  ]

  /// Bytes from `alphabet`, or the sample with a few bytes changed, cut or repeated.
  private static func input(_ generator: inout SeededGenerator, sample: [UInt8], alphabet: [UInt8]) -> [UInt8] {
    if Bool.random(using: &generator) {
      let count = Int.random(in: 0...24, using: &generator)
      return (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    }
    var bytes = sample
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let at = Int.random(in: 0..<bytes.count, using: &generator)
      switch Int.random(in: 0..<3, using: &generator) {
      case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
      case 1: bytes.insert(bytes[at], at: at)
      default: if bytes.count > 1 { bytes.remove(at: at) }
      }
    }
    return bytes
  }

  @Test func cborTakesAnyBytes() throws {
    var generator = SeededGenerator(seed: 1)
    let sample = CBOR.encode(Self.sample)
    var accepted = 0
    for _ in 0..<Self.rounds {
      let bytes = Self.input(&generator, sample: sample, alphabet: Array(0...255))
      guard let value = try? CBOR.decode(bytes) else { continue }
      accepted += 1
      #expect(CBOR.encode(try CBOR.decode(CBOR.encode(value))) == CBOR.encode(value))
    }
    #expect(accepted > 1000)
  }

  @Test func jsonTakesAnyBytes() throws {
    var generator = SeededGenerator(seed: 2)
    let sample = JSON.encode(Self.sample)
    let alphabet = Array("{}[]\",:\\u0019eE+-.truefalsn \n$ké".utf8) + [0x00, 0xff, 0xc3]
    var accepted = 0
    for _ in 0..<Self.rounds {
      let bytes = Self.input(&generator, sample: sample, alphabet: alphabet)
      guard let value = try? JSON.decode(bytes) else { continue }
      accepted += 1
      #expect(try JSON.decode(JSON.encode(value)) == value)
    }
    #expect(accepted > 1000)
  }
}
