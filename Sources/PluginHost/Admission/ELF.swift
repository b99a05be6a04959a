/// What the host must know of a shared library before it loads it, read with every bound checked: the loader itself
/// trusts a file, and dies of SIGBUS on a truncated one.
///
/// ```
///  0        64                                                       size
///  | header | program headers | segments … | sections … | section headers |
///             must all lie inside the file    "snowmaker_abi": magic 8, ABI 4, Swift runtime 4
/// ```
struct ELF {
  /// The note in the section `snowmaker_abi`.
  struct Note: Hashable {
    var abi: UInt32
    var swiftRuntime: UInt32
  }

  /// The bytes of a file, a piece at a time.
  struct Source {
    let size: UInt64
    /// Reads exactly `count` bytes at `offset`; only asked for ranges inside the file.
    let read: (_ offset: UInt64, _ count: Int) throws(PluginRefusal.Reason) -> [UInt8]
  }

  /// Nil when there is no such section.
  private(set) var note: Note?
  /// The libraries it needs (DT_NEEDED).
  private(set) var needed: [String] = []

  private var sections: [Section] = []
  private var noteSection: Int?
  private let source: Source

  /// Reads and checks everything but the symbols. Throws the reason why the file must not be loaded.
  init(_ source: Source) throws(PluginRefusal.Reason) {
    self.source = source
    let header = try Self.checkedHeader(source)
    let isProgram = try checkSegments(header)
    try readSections(header)
    try readNote()
    let flags = try readDynamic()
    if isProgram || flags & Self.positionIndependentProgram != 0 { throw .program }
  }

  /// The names of the symbols it defines and exports: global or weak, and not hidden.
  func exportedSymbols() throws(PluginRefusal.Reason) -> [String] {
    guard let table = sections.first(where: { $0.type == Self.dynamicSymbols }), table.link < sections.count else {
      return []
    }
    let strings = try bytes(of: sections[table.link], "the symbols' names")
    let symbols = try bytes(of: table, "the symbols")
    var names: [String] = []
    for at in stride(from: 0, to: symbols.count - 23, by: 24) where symbols.uint16(at + 6) != 0 {
      let (binding, visibility) = (symbols[at + 4] >> 4, symbols[at + 5] & 3)
      guard binding != 0, visibility == 0 || visibility == 3 else { continue }
      if let name = strings.text(at: Int(symbols.uint32(at))), !name.isEmpty { names.append(name) }
    }
    return names
  }
}

// MARK: - Parts

extension ELF {
  private struct Header {
    var segments: Table
    var sections: Table
    var sectionNames: Int
  }

  private struct Table {
    var offset: UInt64
    var entrySize: Int
    var count: Int
  }

  private struct Section {
    var name: Int
    var type: UInt32
    var offset: UInt64
    var size: UInt64
    var link: Int
  }

  private static let loadable: UInt32 = 1
  private static let interpreter: UInt32 = 3
  private static let noBits: UInt32 = 8
  private static let dynamic: UInt32 = 6
  private static let dynamicSymbols: UInt32 = 11
  private static let sharedObject: UInt16 = 3
  private static let positionIndependentProgram: UInt64 = 0x0800_0000
  /// Far beyond any table of a real library; a larger one is not worth reading.
  private static let largestTable: UInt64 = 64 << 20

  private static func checkedHeader(_ source: Source) throws(PluginRefusal.Reason) -> Header {
    let start = try source.read(0, Int(min(source.size, 64)))
    guard start.count >= 4, Array(start[..<4]) == [0x7f, 0x45, 0x4c, 0x46] else { throw .notELF }
    guard start.count == 64 else { throw .truncated(part: "the ELF header", end: 64, size: source.size) }
    guard start[4] == 2 else { throw start[4] == 1 ? .wrongClass(bits: 32) : .damaged("unknown ELF class \(start[4])") }
    guard start[5] == 1 else { throw start[5] == 2 ? .bigEndian : .damaged("unknown byte order \(start[5])") }
    guard start.uint16(18) == hostMachine else { throw .wrongMachine(start.uint16(18)) }
    guard start.uint16(16) == sharedObject else { throw .notShared(type: start.uint16(16)) }
    return Header(
      segments: Table(
        offset: start.uint64(32), entrySize: Int(start.uint16(54)), count: Int(start.uint16(56))),
      sections: Table(
        offset: start.uint64(40), entrySize: Int(start.uint16(58)), count: Int(start.uint16(60))),
      sectionNames: Int(start.uint16(62)))
  }

  /// Whether it asks for an interpreter, as programs do.
  private func checkSegments(_ header: Header) throws(PluginRefusal.Reason) -> Bool {
    guard header.segments.count > 0 else { throw .damaged("it has no segments") }
    let table = try bytes(of: header.segments, entrySize: 56, "the segment table")
    var isProgram = false
    for index in 0..<header.segments.count {
      let at = index * 56
      try check(table.uint64(at + 8), table.uint64(at + 32), "segment \(index)")
      if table.uint32(at) == Self.interpreter { isProgram = true }
      if table.uint32(at) == Self.loadable, table.uint64(at + 40) < table.uint64(at + 32) {
        throw .damaged("segment \(index) is larger in the file than in memory")
      }
    }
    return isProgram
  }

  private mutating func readSections(_ header: Header) throws(PluginRefusal.Reason) {
    guard header.sections.count > 0 else { return }
    let table = try bytes(of: header.sections, entrySize: 64, "the section table")
    for index in 0..<header.sections.count {
      let at = index * 64
      let section = Section(
        name: Int(table.uint32(at)), type: table.uint32(at + 4), offset: table.uint64(at + 24),
        size: table.uint64(at + 32), link: Int(table.uint32(at + 40)))
      if section.type != Self.noBits { try check(section.offset, section.size, "section \(index)") }
      sections.append(section)
    }
    guard header.sectionNames < sections.count else { throw .damaged("its sections have no names") }
    let names = try bytes(of: sections[header.sectionNames], "the sections' names")
    noteSection = sections.firstIndex { names.text(at: $0.name) == "snowmaker_abi" }
  }

  private mutating func readNote() throws(PluginRefusal.Reason) {
    guard let noteSection else { return }
    let note = try bytes(of: sections[noteSection], "the section snowmaker_abi")
    guard note.count >= 16, Array(note[..<8]) == Array("SNOWMKR\0".utf8) else {
      throw .damaged("its section snowmaker_abi is not a note")
    }
    self.note = Note(abi: note.uint32(8), swiftRuntime: note.uint32(12))
  }

  /// Reads what it needs; the answer is its DT_FLAGS_1.
  private mutating func readDynamic() throws(PluginRefusal.Reason) -> UInt64 {
    guard let section = sections.first(where: { $0.type == Self.dynamic }), section.link < sections.count else {
      return 0
    }
    let entries = try bytes(of: section, "the dynamic section")
    let strings = try bytes(of: sections[section.link], "the dynamic section's names")
    var flags: UInt64 = 0
    for at in stride(from: 0, to: entries.count - 15, by: 16) {
      switch entries.uint64(at) {
      case 0: return flags
      case 1:
        if let name = strings.text(at: Int(clamping: entries.uint64(at + 8))) { needed.append(name) }
      case 0x6fff_fffb: flags = entries.uint64(at + 8)
      default: break
      }
    }
    return flags
  }

  private func check(_ offset: UInt64, _ count: UInt64, _ part: String) throws(PluginRefusal.Reason) {
    let (end, overflow) = offset.addingReportingOverflow(count)
    guard !overflow else { throw .damaged("\(part) has an impossible size") }
    guard end <= source.size else { throw .truncated(part: part, end: end, size: source.size) }
  }

  private func bytes(of table: Table, entrySize: Int, _ part: String) throws(PluginRefusal.Reason) -> [UInt8] {
    guard table.entrySize == entrySize else { throw .damaged("\(part) has entries of \(table.entrySize) bytes") }
    try check(table.offset, UInt64(table.count * entrySize), part)
    return try source.read(table.offset, table.count * entrySize)
  }

  private func bytes(of section: Section, _ part: String) throws(PluginRefusal.Reason) -> [UInt8] {
    guard section.type != Self.noBits else { return [] }
    guard section.size <= Self.largestTable else { throw .damaged("\(part) take \(section.size) bytes") }
    return try source.read(section.offset, Int(section.size))
  }
}

// MARK: - Names

extension ELF {
  #if arch(x86_64)
    static let hostMachine: UInt16 = 62
  #elseif arch(arm64)
    static let hostMachine: UInt16 = 183
  #else
    #error("Add this machine's ELF number.")
  #endif

  static func machineName(_ machine: UInt16) -> String {
    switch machine {
    case 3: "i386"
    case 40: "arm"
    case 62: "x86_64"
    case 183: "aarch64"
    case 243: "riscv64"
    default: "machine \(machine)"
    }
  }

  static func typeName(_ type: UInt16) -> String {
    switch type {
    case 1: "an object file"
    case 2: "a program"
    case 4: "a core dump"
    default: "unknown"
    }
  }
}

extension [UInt8] {
  fileprivate func uint16(_ at: Int) -> UInt16 { UInt16(self[at]) | UInt16(self[at + 1]) << 8 }
  fileprivate func uint32(_ at: Int) -> UInt32 { UInt32(uint16(at)) | UInt32(uint16(at + 2)) << 16 }
  fileprivate func uint64(_ at: Int) -> UInt64 { UInt64(uint32(at)) | UInt64(uint32(at + 4)) << 32 }

  /// The zero-terminated text at an offset, nil when that is outside.
  fileprivate func text(at offset: Int) -> String? {
    guard indices.contains(offset), let end = self[offset...].firstIndex(of: 0) else { return nil }
    return String(decoding: self[offset..<end], as: UTF8.self)
  }
}
