import SnowmakerModel

/// Settles what can only be seen with everything declared: duplicates and `depends_on`.
struct Finishing {
  let types: TypeIndex
  let reporter: Reporter

  /// The declarations without repetitions, and where each address is.
  func unique(_ declarations: [Declaration]) -> (declarations: [Declaration], index: [Address: Int]) {
    var result: [Declaration] = []
    result.reserveCapacity(declarations.count)
    var index: [Address: Int] = [:]
    index.reserveCapacity(declarations.count)
    var shared: [Address: Int] = [:]
    for declaration in declarations {
      let schema = types.byType[declaration.address.type]?.schema
      let namespace = schema?.namespace ?? declaration.address.type
      let isShared = namespace != declaration.address.type
      let key = isShared ? Address(namespace, declaration.address.identity) : declaration.address
      if let before = index[declaration.address] ?? shared[key] {
        let first = result[before]
        if schema?.mergesDuplicates ?? false, first.address == declaration.address,
          first.attributes == declaration.attributes
        {
          result[before].dependsOn += declaration.dependsOn
          continue
        }
        report(declaration, first)
        continue
      }
      index[declaration.address] = result.count
      // A type that gives the namespace its name meets the others there.
      shared[key] = result.count
      result.append(declaration)
    }
    warnOfLookalikes(result)
    return (result, index)
  }

  private func report(_ second: Declaration, _ first: Declaration) {
    let what = second.address.type == first.address.type ? "" : " (as \(first.address))"
    let where_ =
      first.position == second.position
      ? "\(first.origin) and \(second.origin) make the same resource"
      : "first at \(first.position)" + (first.origin.isEmpty ? "" : ", \(first.origin)")
    let detail =
      first.address.type == second.address.type && first.attributes != second.attributes
        && types.byType[second.address.type]?.schema.mergesDuplicates ?? false
      ? where_ + ", with other attributes" : where_
    reporter.report(
      .error(
        "\(second.address) is declared twice\(what)", detail: detail, code: "duplicate", address: second.address,
        position: second.position))
  }

  /// Names that differ only by case are two objects, but hardly ever meant so.
  private func warnOfLookalikes(_ declarations: [Declaration]) {
    func isQuoted(_ declaration: Declaration) -> Bool {
      declaration.address.identity.contains { $0.utf8.first == UInt8(ascii: "\"") }
    }
    guard declarations.contains(where: isQuoted) else { return }
    var folded: [Address: Int] = [:]
    for (position, declaration) in declarations.enumerated() {
      let namespace = types.byType[declaration.address.type]?.schema.namespace ?? declaration.address.type
      let key = Address(
        namespace, declaration.address.identity.map { $0.uppercased().filter { $0 != "\"" } })
      guard let before = folded.updateValue(position, forKey: key) else { continue }
      guard isQuoted(declaration) || isQuoted(declarations[before]) else { continue }
      reporter.warn(
        "\(declaration.address) and \(declarations[before].address) differ only by case or quotes",
        detail: "they are two objects; the other is at \(declarations[before].position)", code: "lookalike",
        at: declaration.position)
    }
  }

  /// The addresses that `depends_on` names.
  func dependency(_ text: String, _ position: SourcePosition) -> Address? {
    let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard let type = types.byType[parts[0]] else {
      let plural = types.type(parts[0])?.schema.type
      reporter.error(
        "depends_on: there is no type '\(parts[0])'",
        detail: plural.map { "did you mean '\($0)'?" } ?? reporter.hint(parts[0], types.byType.keys.sorted()),
        code: "unknown-type", at: position)
      return nil
    }
    guard parts.count == 2 else {
      reporter.error("depends_on takes TYPE.NAME, found '\(text)'", code: "depends-on", at: position)
      return nil
    }
    let count = type.schema.identity.count
    do throws(Identifier.Failure) {
      return Address(type.schema.type, try QualifiedName(parsing: parts[1], parts: count...count).parts.map(\.sql))
    } catch {
      reporter.error("depends_on: \(error.description)", code: "name", at: position)
      return nil
    }
  }

  /// Reports dependencies on what is not declared.
  func checkDependencies(_ declarations: [Declaration], _ index: [Address: Int]) {
    for declaration in declarations {
      for address in declaration.dependsOn where index[address] == nil {
        let candidates = index.keys.filter { $0.type == address.type }.map(\.description).sorted()
        reporter.error(
          "depends_on: \(address) is not declared", detail: reporter.hint(address.description, candidates),
          code: "dangling-dependency", at: declaration.position(of: ["depends_on"]))
      }
    }
  }
}
