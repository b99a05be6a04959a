import SnowmakerModel

/// Window functions: the rows are partitioned and ordered, and each function has a value for each row.
extension StatementRun {
  /// The values of window functions, by row and then in the order of the functions.
  func windows(_ functions: [WindowFunction], _ rows: [QueryRow]) throws(StatementFailure) -> [[Evaluated]] {
    var columns: [[Evaluated]] = []
    for function in functions { columns.append(try values(function, rows)) }
    return rows.indices.map { row in columns.map { $0[row] } }
  }

  private func values(_ window: WindowFunction, _ rows: [QueryRow]) throws(StatementFailure) -> [Evaluated] {
    var partitions: [[String?]: [Int]] = [:]
    for (index, row) in rows.enumerated() {
      var key: [String?] = []
      for expression in window.partition { key.append(try evaluate(expression, row).text) }
      partitions[key, default: []].append(index)
    }
    var result = Array(repeating: Evaluated.null, count: rows.count)
    for members in partitions.values {
      let partition = try Partition(members, rows, window.order, in: self)
      let values = try values(window, partition, rows)
      for (place, index) in partition.members.enumerated() { result[index] = values[place] }
    }
    return result
  }

  /// The rows of one partition in order.
  private struct Partition {
    /// Places in the result.
    var members: [Int]
    /// For each row the number of its first and last equal in the order.
    var peers: [Range<Int>]

    init(
      _ members: [Int], _ rows: [QueryRow], _ order: [OrderKey], in run: StatementRun
    ) throws(StatementFailure) {
      var keyed: [(keys: [Evaluated], index: Int)] = []
      for index in members {
        var keys: [Evaluated] = []
        for key in order { keys.append(try run.evaluate(key.expression, rows[index])) }
        keyed.append((keys, index))
      }
      if !order.isEmpty {
        keyed.sort { left, right in
          if StatementRun.precedes(left.keys, right.keys, order) { return true }
          return !StatementRun.precedes(right.keys, left.keys, order) && left.index < right.index
        }
      }
      self.members = keyed.map(\.index)
      peers = []
      var start = 0
      for place in 1...max(1, keyed.count) {
        if place < keyed.count, !StatementRun.precedes(keyed[start].keys, keyed[place].keys, order) { continue }
        for _ in start..<min(place, keyed.count) { peers.append(start..<place) }
        start = place
      }
    }
  }

  private func values(
    _ window: WindowFunction, _ partition: Partition, _ rows: [QueryRow]
  ) throws(StatementFailure) -> [Evaluated] {
    let count = partition.members.count
    func whole(_ number: Int) -> Evaluated { Evaluated(text: String(number), type: .fixed) }
    func real(_ number: Double) -> Evaluated { Evaluated(text: String(number), type: .real) }
    func row(_ place: Int) -> QueryRow { rows[partition.members[place]] }
    if case .aggregate(let aggregate) = window.function {
      return try running(aggregate, window, partition, partition.members.map { rows[$0] })
    }
    var result: [Evaluated] = []
    result.reserveCapacity(count)
    var dense = 0
    for place in 0..<count {
      let peers = partition.peers[place]
      switch window.function {
      case .rank(let name):
        if place == peers.lowerBound { dense += 1 }
        switch name {
        case "ROW_NUMBER": result.append(whole(place + 1))
        case "RANK": result.append(whole(peers.lowerBound + 1))
        case "DENSE_RANK": result.append(whole(dense))
        case "CUME_DIST": result.append(real(Double(peers.upperBound) / Double(count)))
        default: result.append(real(count > 1 ? Double(peers.lowerBound) / Double(count - 1) : 0))
        }
      case .tile(let expression):
        guard let tiles = try evaluate(expression, row(place)).text.flatMap({ Int($0) }), tiles > 0 else {
          throw .invalidIdentifier("NTILE")
        }
        // The first tiles are one larger where the rows do not divide.
        let (size, larger) = (count / tiles, count % tiles)
        let inLarger = larger * (size + 1)
        result.append(whole(place < inLarger ? place / (size + 1) + 1 : larger + (place - inLarger) / max(1, size) + 1))
      case .neighbour(let value, let isNext, let distance, let otherwise):
        var steps = 1
        if let distance {
          guard let number = try evaluate(distance, row(place)).text.flatMap({ Int($0) }), abs(number) <= 1_000_000
          else { throw .invalidIdentifier(isNext ? "LEAD" : "LAG") }
          steps = number
        }
        let other = isNext ? place + steps : place - steps
        if (0..<count).contains(other) {
          result.append(try evaluate(value, row(other)))
        } else if let otherwise {
          result.append(try evaluate(otherwise, row(place)))
        } else {
          result.append(.null)
        }
      case .value(let value, let wanted):
        let frame = Self.frame(window, place, peers, count)
        guard let wanted else {
          result.append(frame.isEmpty ? .null : try evaluate(value, row(frame.upperBound - 1)))
          continue
        }
        guard let number = try evaluate(wanted, row(place)).text.flatMap({ Int($0) }), number > 0 else {
          throw .invalidIdentifier("NTH_VALUE")
        }
        result.append(number <= frame.count ? try evaluate(value, row(frame.lowerBound + number - 1)) : .null)
      case .aggregate: break
      }
    }
    return result
  }

  /// An aggregate over the frame of each row; over groups, one of the groups' own aggregates.
  private func running(
    _ aggregate: Expression, _ window: WindowFunction, _ partition: Partition, _ rows: [QueryRow]
  ) throws(StatementFailure) -> [Evaluated] {
    var name = "COUNT"
    var isDistinct = false
    var arguments: [Expression] = []
    var values = Array(repeating: Evaluated(text: "1", type: .fixed), count: rows.count)
    if case .aggregate(let called, let distinct, let given, _) = aggregate {
      (name, isDistinct, arguments) = (called, distinct, given)
      for (place, row) in rows.enumerated() { values[place] = try evaluate(given[0], row) }
    }
    // What a frame that has grown comes to follows from what it came to before.
    let grows = !isDistinct && ["COUNT", "SUM", "MIN", "MAX"].contains(name)
    var result: [Evaluated] = []
    result.reserveCapacity(rows.count)
    var last = 0..<0
    for place in rows.indices {
      let frame = Self.frame(window, place, partition.peers[place], rows.count)
      defer { last = frame }
      if place > 0, frame == last {
        result.append(result[place - 1])
      } else if place > 0, grows, frame.lowerBound == last.lowerBound, frame.upperBound > last.upperBound {
        let before = result[place - 1]
        let new = values[last.upperBound..<frame.upperBound].filter { $0.text != nil }
        if name == "COUNT" {
          result.append(Evaluated(text: String((Int(before.text ?? "") ?? 0) + new.count), type: .fixed))
        } else {
          result.append(try combine(name, (before.text == nil ? [] : [before]) + new, arguments, rows[place]))
        }
      } else {
        var seen: Set<String> = []
        let members = values[frame].filter { value in
          value.text.map { !isDistinct || seen.insert($0).inserted } ?? false
        }
        result.append(try combine(name, Array(members), arguments, rows[place]))
      }
    }
    return result
  }

  private static func frame(
    _ window: WindowFunction, _ place: Int, _ peers: Range<Int>, _ count: Int
  ) -> Range<Int> {
    switch window.frame {
    case .whole: return 0..<count
    case .standard: return window.order.isEmpty ? 0..<count : 0..<peers.upperBound
    case .rowsToHere: return 0..<place + 1
    case .rows(let from, let to):
      let first = from.map { min(count, max(0, place.addingReportingOverflow($0).partialValue)) } ?? 0
      let last = to.map { min(count, max(0, place.addingReportingOverflow($0).partialValue + 1)) } ?? count
      return first..<max(first, last)
    }
  }
}
