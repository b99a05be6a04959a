import Glibc

/// What is fuzzed. Inputs come in batches: each starts from nothing, so that a finding can be had again by its batch.
protocol FuzzTarget {
  /// How many inputs make a batch.
  static var batchSize: Int { get }
  /// Starts a batch.
  mutating func begin(batch: Int) throws
  /// Makes the next input and tries it, telling `note` before; gives what is wrong with the outcome, nil when all is well.
  mutating func tryOne(_ numbers: inout Numbers, note: ([UInt8]) -> Void) -> String?
  /// Ends a batch; gives what is wrong with what is left.
  mutating func end() -> String?
  /// How many inputs were taken as valid: a fuzzer whose inputs are all refused at the door tests the door.
  var accepted: Int { get }
}

/// One run over many inputs.
struct Campaign {
  var inputs: Int
  var seed: UInt64
  var from: Int
  var recorder: Recorder
  private static let mostFindings = 20
  private static let slow: Int64 = 2_000_000_000

  /// Runs it; gives the number of findings.
  func run<Target: FuzzTarget>(_ name: String, _ target: Target) throws -> Int {
    var target = target
    var findings = 0
    var done = 0
    var slowest: Int64 = 0
    let start = Self.clock(CLOCK_MONOTONIC)
    let first = from / Target.batchSize
    var batch = first
    func report(_ index: Int, _ problem: String, _ bytes: [UInt8]) {
      findings += 1
      say("FINDING in \(name), seed \(seed), input \(index): \(problem)\n  \(Self.shown(bytes))")
      say("  again: Fuzz \(name) --seed \(seed) --from \(batch * Target.batchSize) --inputs \(Target.batchSize)")
    }
    while done < inputs, findings < Self.mostFindings {
      // A batch that hangs ends the process, and the recorder tells which input it was.
      alarm(600)
      try target.begin(batch: batch)
      var numbers = Numbers(seed: seed &* 0x9e37_79b9 &+ UInt64(batch) &* 0x1_0000_0001)
      for offset in 0..<Target.batchSize where done < inputs {
        let index = batch * Target.batchSize + offset
        var last: [UInt8] = []
        let before = Self.clock(CLOCK_PROCESS_CPUTIME_ID)
        let problem = target.tryOne(&numbers) { bytes in
          recorder.note(index, bytes)
          last = bytes
        }
        let took = Self.clock(CLOCK_PROCESS_CPUTIME_ID) - before
        slowest = max(slowest, took)
        if let problem { report(index, problem, last) }
        if took > Self.slow { report(index, "took \(took / 1_000_000) ms of processor time", last) }
        done += 1
      }
      if let problem = target.end() { report(batch * Target.batchSize, "at the end of the batch: \(problem)", []) }
      batch += 1
      if batch % max(1, 200_000 / Target.batchSize) == 0 {
        say("\(name): \(done) inputs, \(target.accepted) accepted, \(findings) findings, \(Self.seconds(start)) s")
      }
    }
    alarm(0)
    let cpu = Self.clock(CLOCK_PROCESS_CPUTIME_ID) / 1_000_000_000
    say(
      "\(name): seed \(seed), inputs \(first * Target.batchSize) to \(first * Target.batchSize + done - 1), "
        + "\(target.accepted) accepted, \(findings) findings, \(Self.seconds(start)) s elapsed, \(cpu) s of processor "
        + "time, slowest input \(slowest / 1000) µs")
    return findings
  }

  /// Bytes as a text that shows every one of them.
  static func shown(_ bytes: [UInt8]) -> String {
    var out = ""
    for byte in bytes.prefix(4000) {
      switch byte {
      case 0x5c: out += "\\\\"
      case 0x20..<0x7f: out.unicodeScalars.append(UnicodeScalar(byte))
      default: out += "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
    }
    return bytes.count > 4000 ? out + " … (\(bytes.count) bytes)" : out
  }

  private static func seconds(_ start: Int64) -> Int64 { (clock(CLOCK_MONOTONIC) - start) / 1_000_000_000 }

  private static func clock(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
