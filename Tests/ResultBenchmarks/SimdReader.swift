#if SNOWMAKER_SIMDJSON
  import CSimdJSON

  /// simdjson and the cells it found.
  final class SimdReader {
    private let reader: OpaquePointer
    private let cells: UnsafeMutableBufferPointer<csimdjson_cell>

    init(cells count: Int) throws {
      guard let made = csimdjson_new() else { throw RowReading.Failure(description: "simdjson gives no reader") }
      reader = made
      cells = .allocate(capacity: count)
    }

    deinit {
      csimdjson_free(reader)
      cells.deallocate()
    }

    func read(_ padded: [UInt8], _ size: Int) throws -> Int {
      var found = 0
      var rows = 0
      let status = padded.withUnsafeBytes { bytes in
        csimdjson_rows(
          reader, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), size, bytes.count, cells.baseAddress,
          cells.count, &found, &rows)
      }
      guard status == 0 else { throw RowReading.Failure(description: "simdjson cannot read the rows") }
      return rows
    }

    subscript(_ index: Int) -> String? {
      let cell = cells[index]
      return cell.bytes.map { String(decoding: UnsafeRawBufferPointer(start: $0, count: cell.size), as: UTF8.self) }
    }
  }
#endif
