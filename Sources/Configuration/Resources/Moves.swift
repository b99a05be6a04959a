import SnowmakerModel

/// A rename of what a composite stands for, as `moved:` says it.
struct Move {
  /// The name before.
  var from: String
  /// The name now: a name, or `TYPE.NAME` where several have that name.
  var to: String
  var position: SourcePosition
}

/// Finds what each element of a composite's `moved:` means among the resources that the composite stands for.
struct Moves {
  let admission: Admission

  /// Marks the renamed ones among `declarations`, all of which one written composite stands for. `composite` is its type.
  func apply(
    _ moves: [Move], of composite: String, to declarations: inout [(sequence: Int, declaration: Declaration)],
    at places: [Int]
  ) {
    var taken: Set<Address> = []
    for move in moves {
      guard let (place, prefix) = find(move, composite, declarations, places) else { continue }
      let declaration = declarations[place].declaration
      guard let type = admission.types.byType[declaration.address.type] else { continue }
      if declaration.renamedFrom != nil, !declaration.renamesOnlyManaged {
        admission.reporter.error(
          "moved: \(declaration.address) is renamed twice", code: "moved", at: move.position)
        continue
      }
      let from = move.from.hasPrefix(prefix) ? String(move.from.dropFirst(prefix.count)) : move.from
      guard let former = admission.former(declaration.address, (from, move.position), type, key: "moved") else {
        continue
      }
      guard taken.insert(former).inserted else {
        admission.reporter.error(
          "moved: \(former) cannot become two resources", code: "moved", at: move.position)
        continue
      }
      declarations[place].declaration.renamedFrom = former
      declarations[place].declaration.renamesOnlyManaged = false
    }
  }

  /// The resource that is called `to` now, and the type with its dot when it was named with its type.
  private func find(
    _ move: Move, _ composite: String, _ declarations: [(sequence: Int, declaration: Declaration)], _ places: [Int]
  ) -> (place: Int, prefix: String)? {
    var found = places.filter { isNamed(move.to, declarations[$0].declaration) }
    var prefix = ""
    if found.isEmpty, let dot = move.to.firstIndex(of: "."), admission.types.byType[String(move.to[..<dot])] != nil {
      let (type, name) = (String(move.to[..<dot]), String(move.to[move.to.index(after: dot)...]))
      prefix = type + "."
      found = places.filter {
        declarations[$0].declaration.address.type == type && isNamed(name, declarations[$0].declaration)
      }
    }
    if found.count == 1 { return (found[0], prefix) }
    let names = found.map { declarations[$0].declaration.address.description }
    if found.isEmpty {
      let known = places.compactMap { place -> String? in
        let declaration = declarations[place].declaration
        return admission.types.byType[declaration.address.type]?.ownName == nil
          ? nil : declaration.address.identity.joined(separator: ".")
      }
      admission.reporter.unknown(
        "moved: the \(composite) stands for nothing called '\(move.to)'", move.to, of: known, code: "moved",
        at: move.position)
    } else {
      admission.reporter.error(
        "moved: '\(move.to)' is several resources", detail: "write one of \(names.joined(separator: ", "))",
        code: "moved", at: move.position)
    }
    return nil
  }

  /// Whether `text` is the resource's name, with or without containers.
  private func isNamed(_ text: String, _ declaration: Declaration) -> Bool {
    let identity = declaration.address.identity
    guard admission.types.byType[declaration.address.type]?.ownName != nil,
      let name = try? QualifiedName(parsing: text, parts: 1...identity.count)
    else { return false }
    return Array(identity.suffix(name.parts.count)) == name.parts.map(\.sql)
  }
}
