import Glibc
import SnowmakerModel

extension WireService {
  /// Runs PUT, GET, LIST or REMOVE. For PUT and GET the answer tells the client what to do; it moves the files itself.
  func run(
    _ file: WireFileStatement, _ job: WireJob
  ) throws(StatementFailure) -> (result: StatementResult, transfer: Value?) {
    let session = job.query.session.engine
    let writes = file.verb == .put || file.verb == .remove
    let stage = try engine.locate(file.stage, writes: writes, in: session)
    let folder = try stages.path(stage)
    switch file.verb {
    case .put: return (Self.nothing(0x7102), try upload(file, stage, folder, job))
    case .get: return (Self.nothing(0x7101), try download(file, stage, folder, job))
    case .list:
      let rows = try matching(file, stage, folder).map { entry -> [String?] in
        let content = WireStages.read(folder + "/" + entry.path) ?? []
        return [stage.shownPrefix + entry.path, String(entry.size), WireStages.md5(content), Self.date(entry.modified)]
      }
      return (
        StatementResult(
          columns: [
            ResultColumn(name: "name"), ResultColumn(name: "size", type: .fixed), ResultColumn(name: "md5"),
            ResultColumn(name: "last_modified"),
          ], rows: rows, statementTypeID: 0x4701), nil
      )
    case .remove:
      let rows = try matching(file, stage, folder).map { entry -> [String?] in
        let removed = unlink(folder + "/" + entry.path) == 0
        return [stage.shownPrefix + entry.path, removed ? "removed" : "failed"]
      }
      return (
        StatementResult(
          columns: [ResultColumn(name: "name"), ResultColumn(name: "result")], rows: rows, statementTypeID: 0x7103),
        nil
      )
    }
  }

  private static func nothing(_ type: Int) -> StatementResult {
    StatementResult(columns: [], rows: [], statementTypeID: type)
  }

  /// The files that a path and a pattern mean.
  private func matching(
    _ file: WireFileStatement, _ stage: LocatedStage, _ folder: String
  ) throws(StatementFailure) -> [WireStages.File] {
    var files = WireStages.files(in: folder).filter { file.path.isEmpty || $0.path.hasPrefix(file.path) }
    if let pattern = file.options["PATTERN"] {
      let regex: Regex<AnyRegexOutput>
      do { regex = try Regex(pattern) } catch {
        throw .invalidValue(pattern, for: "PATTERN", because: "no regular expression")
      }
      files = files.filter { (try? regex.wholeMatch(in: stage.shownPrefix + $0.path)) != nil }
    }
    return files
  }

  private func flag(_ file: WireFileStatement, _ name: String, usually: Bool) -> Bool {
    file.options[name].map { $0.uppercased() == "TRUE" } ?? usually
  }

  private func common(_ file: WireFileStatement, _ info: Value, command: String) -> [Value.Field] {
    [
      .init("command", .string(command)), .init("kind", .null), .init("operation", "Node"), .init("stageInfo", info),
      .init("parallel", .int(file.options["PARALLEL"].flatMap { Int64($0) } ?? 4)),
      .init("clientShowEncryptionParameter", false),
    ]
  }

  /// Where files go: a folder both sides see, or addresses like those of a Google bucket.
  private func info(_ folder: String, _ file: WireFileStatement, _ address: String?) -> Value {
    [
      "locationType": address == nil ? "LOCAL_FS" : "GCS",
      "location": .string(
        address == nil
          ? folder + (file.path.isEmpty ? "" : "/" + file.path) : "stages/" + (file.path.isEmpty ? "" : file.path + "/")
      ),
      "path": .string(file.path), "region": "", "storageAccount": .null, "isClientSideEncrypted": false, "creds": [:],
      "presignedUrl": address.map(Value.string) ?? .null, "endPoint": .null,
    ]
  }

  private func upload(
    _ file: WireFileStatement, _ stage: LocatedStage, _ folder: String, _ job: WireJob
  ) throws(StatementFailure) -> Value {
    let compresses = flag(file, "AUTO_COMPRESS", usually: true)
    var address: String?
    if case .address(let base) = job.fileAccess {
      guard !file.local.contains(where: { $0 == "*" || $0 == "?" }) else {
        throw .unsupported("PUT of several files at once for this client: the emulator gives it one address per file")
      }
      var name = file.local.split(separator: "/").last.map(String.init) ?? "file"
      let packed = [".gz", ".bz2", ".br", ".zst", ".deflate", ".parquet", ".orc"].contains { name.hasSuffix($0) }
      let source = file.options["SOURCE_COMPRESSION"]?.uppercased() ?? "AUTO_DETECT"
      if compresses, source == "NONE" || source == "AUTO_DETECT" && !packed { name += ".gz" }
      address = stages.address(base, stage, (file.path.isEmpty ? "" : file.path + "/") + name)
    } else {
      WireStages.makeFolders(for: file.path + "/x", in: folder)
    }
    let info = info(folder, file, address)
    return .object(
      common(file, info, command: "UPLOAD") + [
        .init("src_locations", [.string(file.local)]), .init("autoCompress", .bool(compresses)),
        .init("overwrite", .bool(flag(file, "OVERWRITE", usually: false))),
        .init("sourceCompression", .string((file.options["SOURCE_COMPRESSION"] ?? "auto_detect").lowercased())),
        .init("threshold", 209_715_200), .init("uploadInfo", info), .init("encryptionMaterial", .null),
      ])
  }

  private func download(
    _ file: WireFileStatement, _ stage: LocatedStage, _ folder: String, _ job: WireJob
  ) throws(StatementFailure) -> Value {
    let files = try matching(file, stage, folder)
    // Names are relative to the folder that is named; a path that is one file names that file.
    let names = files.map { entry -> String in
      guard !file.path.isEmpty, entry.path.hasPrefix(file.path + "/") else { return entry.path }
      return String(entry.path.dropFirst(file.path.count + 1))
    }
    var within = file
    if files.contains(where: { !$0.path.hasPrefix(file.path + "/") }) { within.path = "" }
    var addresses: [Value] = []
    if case .address(let base) = job.fileAccess {
      addresses = files.map { .string(stages.address(base, stage, $0.path)) }
    }
    let info = info(folder, within, addresses.isEmpty ? nil : "")
    return .object(
      common(file, info, command: "DOWNLOAD") + [
        .init("src_locations", .list(names.map(Value.string))), .init("localLocation", .string(file.local)),
        .init("presignedUrls", .list(addresses)), .init("encryptionMaterial", []),
      ])
  }

  /// A moment as LIST writes it: `Mon, 11 Sep 2026 14:30:00 GMT`.
  private static func date(_ seconds: Int) -> String {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return "\(days[Int(parts.tm_wday)]), \(parts.tm_mday) \(months[Int(parts.tm_mon)]) \(1900 + parts.tm_year) "
      + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
  }
}
