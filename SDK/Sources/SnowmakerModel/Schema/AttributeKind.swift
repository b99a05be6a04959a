import Glibc  // links libm, which rounding needs in unoptimised builds

/// What values an attribute takes, and how the many spellings of one value become its canonical form.
///
/// Canonical forms: identifiers, names and references are their SQL text (`RAW`, `RAW.SALES`, `"my db"`);
/// enumerations one of the listed spellings; booleans, integers and text themselves; sets sorted and unique.
public indirect enum AttributeKind: Hashable, Sendable {
  case boolean
  case integer(minimum: Int64? = nil, maximum: Int64? = nil)
  /// A decimal number; canonical as text, so that no digit is lost.
  case number
  case text
  /// One of a few words; case, and `-` or `_` or spaces in between, do not matter (`X-Small` is `XSMALL`).
  /// `aliases` are further spellings that mean one of the values.
  case enumeration(_ values: [String], aliases: [String: String] = [:])
  case identifier
  /// A dotted name that refers to nothing snowmaker knows.
  case name
  /// The name of a resource of one of these types.
  case reference([String])
  /// The name of an object whose type another attribute gives, as SQL spells it (`WAREHOUSE`).
  case objectReference(typeAttribute: String)
  /// A list whose order matters.
  case list(AttributeKind)
  /// A list whose order and repetitions do not matter.
  case set(AttributeKind)
  /// Text keys to values; the order of keys does not matter. `keys` is the kind of the keys: text, or names that may be
  /// references (tags).
  case map(AttributeKind, keys: AttributeKind = .text)
  /// A map with known keys.
  case record([AttributeSchema])
  /// SQL text (a body, a query, a condition): compared by tokens, not by layout.
  case sql
  /// Anything; compared as it is.
  case any
}

// MARK: - Normalising

extension AttributeKind {
  /// Why a value does not fit a kind.
  public struct Mismatch: Error, Hashable, Sendable {
    /// What is wrong, as a sentence without a full stop.
    public var message: String
    /// The place inside the value: list indices and map keys; empty for the value itself.
    public var path: [String]
    /// A value that was probably meant, nil when none is close.
    public var suggestion: String?

    /// A mismatch at `path` inside the value; an empty path means the value itself.
    public init(_ message: String, path: [String] = [], suggestion: String? = nil) {
      self.message = message
      self.path = path
      self.suggestion = suggestion
    }

    func under(_ step: String) -> Mismatch { Mismatch(message, path: [step] + path, suggestion: suggestion) }
  }

  /// The canonical form of `value`; null and unknown stay what they are, and so do secret references.
  ///
  /// Throws when the value does not fit the kind.
  public func normalize(_ value: Value) throws(Mismatch) -> Value {
    switch value {
    case .null, .unknown: return value
    case .object where value.isSecret: return value
    default: break
    }
    switch self {
    case .boolean: return .bool(try boolean(value))
    case .integer(let minimum, let maximum): return try integer(value, minimum, maximum)
    case .number: return try decimal(value)
    case .text: return .string(try scalarText(value))
    case .enumeration(let values, let aliases): return try word(value, values, aliases)
    case .identifier:
      let text = try scalarText(value)
      do throws(Identifier.Failure) { return .string(try Identifier(parsing: text).sql) } catch {
        throw Mismatch(error.description)
      }
    case .name, .reference, .objectReference:
      let text = try scalarText(value)
      do throws(Identifier.Failure) { return .string(try QualifiedName(parsing: text).sql) } catch {
        throw Mismatch(error.description)
      }
    case .list(let kind): return .list(try elements(value, kind))
    case .set(let kind): return .list(Self.sortedUnique(try elements(value, kind)))
    case .map(let kind, let keys): return .object(try entries(value, kind, keys))
    case .record(let attributes): return try record(value, attributes)
    case .sql: return .string(try scalarText(value))
    case .any: return value
    }
  }

  private func boolean(_ value: Value) throws(Mismatch) -> Bool {
    switch value {
    case .bool(let flag): return flag
    case .string(let text):
      switch text.lowercased() {
      case "true": return true
      case "false": return false
      default: break
      }
    default: break
    }
    throw Mismatch("expected true or false, found \(Self.show(value))")
  }

  private func integer(_ value: Value, _ minimum: Int64?, _ maximum: Int64?) throws(Mismatch) -> Value {
    let number: Int64
    switch value {
    case .int(let int): number = int
    case .string(let text):
      guard let int = Int64(text) else { throw Mismatch("expected a whole number, found \(Self.show(value))") }
      number = int
    case .double(let double):
      guard let int = Int64(exactly: double) else {
        throw Mismatch("expected a whole number, found \(Self.show(value))")
      }
      number = int
    default: throw Mismatch("expected a whole number, found \(Self.show(value))")
    }
    if let minimum, number < minimum { throw Mismatch("must be at least \(minimum), found \(number)") }
    if let maximum, number > maximum { throw Mismatch("must be at most \(maximum), found \(number)") }
    return .int(number)
  }

  private func decimal(_ value: Value) throws(Mismatch) -> Value {
    switch value {
    case .int(let int): return .string(String(int))
    case .double(let double): return .string(double == double.rounded() ? String(Int64(double)) : String(double))
    case .string(let text) where Double(text) != nil: return .string(text)
    default: throw Mismatch("expected a number, found \(Self.show(value))")
    }
  }

  private func scalarText(_ value: Value) throws(Mismatch) -> String {
    switch value {
    case .string(let text): return text
    case .int(let number): return String(number)
    case .double(let number): return String(number)
    case .bool(let flag): return flag ? "true" : "false"
    default: throw Mismatch("expected text, found \(Self.show(value))")
    }
  }

  private func word(_ value: Value, _ values: [String], _ aliases: [String: String]) throws(Mismatch) -> Value {
    let text = try scalarText(value)
    if values.contains(text) { return .string(text) }
    let folded = Self.fold(text)
    for candidate in values where Self.fold(candidate) == folded { return .string(candidate) }
    for (alias, target) in aliases where Self.fold(alias) == folded { return .string(target) }
    let suggestion = Spelling.closest(to: text.uppercased(), in: values)
    throw Mismatch(
      "'\(text)' is not one of \(values.joined(separator: ", "))", suggestion: suggestion)
  }

  private func elements(_ value: Value, _ kind: AttributeKind) throws(Mismatch) -> [Value] {
    let items: [Value]
    if case .list(let list) = value { items = list } else { items = [value] }  // a single value is a list of one
    var result: [Value] = []
    result.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      do throws(Mismatch) { result.append(try kind.normalize(item)) } catch { throw error.under(String(index)) }
    }
    return result
  }

  private func entries(
    _ value: Value, _ kind: AttributeKind, _ keys: AttributeKind
  ) throws(Mismatch) -> [Value.Field] {
    guard case .object(let fields) = value else { throw Mismatch("expected a map, found \(value.kindName)") }
    var result: [Value.Field] = []
    var seen: Set<String> = []
    for field in fields {
      do throws(Mismatch) {
        let key = try keys.normalize(.string(field.key)).string ?? field.key
        guard seen.insert(key).inserted else { throw Mismatch("'\(key)' stands here twice") }
        result.append(.init(key, try kind.normalize(field.value)))
      } catch {
        throw error.under(field.key)
      }
    }
    return result.sorted { $0.key < $1.key }
  }

  private func record(_ value: Value, _ attributes: [AttributeSchema]) throws(Mismatch) -> Value {
    guard case .object(let fields) = value else { throw Mismatch("expected a map, found \(value.kindName)") }
    var result: [Value.Field] = []
    for field in fields {
      guard let attribute = attributes.first(where: { $0.answers(to: field.key) }) else {
        throw Mismatch(
          "unknown key '\(field.key)'", path: [field.key],
          suggestion: Spelling.closest(to: field.key, in: attributes.map(\.name)))
      }
      do throws(Mismatch) { result.append(.init(attribute.name, try attribute.kind.normalize(field.value))) } catch {
        throw error.under(field.key)
      }
    }
    for attribute in attributes where attribute.isRequired && !result.contains(where: { $0.key == attribute.name }) {
      throw Mismatch("'\(attribute.name)' is required")
    }
    return .object(result.sorted { $0.key < $1.key })
  }

  private static func sortedUnique(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }.sorted { show($0) < show($1) }
  }

  /// Upper case, without the `-`, `_` and spaces that spellings differ in.
  private static func fold(_ text: String) -> String {
    String(decoding: text.uppercased().utf8.filter { $0 != 0x2d && $0 != 0x5f && $0 != 0x20 }, as: UTF8.self)
  }

  /// A value as an error message shows it, cut to a readable length.
  public static func show(_ value: Value) -> String {
    switch value {
    case .string(let text): text.count > 60 ? "'\(text.prefix(57))…'" : "'\(text)'"
    case .int(let number): String(number)
    case .double(let number): String(number)
    case .bool(let flag): flag ? "true" : "false"
    default: value.kindName
    }
  }
}

// MARK: - Comparing

extension AttributeKind {
  /// Whether two canonical values mean the same.
  public func equal(_ left: Value, _ right: Value) -> Bool {
    if left == right { return true }
    switch self {
    case .sql:
      guard case .string(let a) = left, case .string(let b) = right else { return false }
      return SQLTokens.equal(a, b)
    case .number:
      guard let a = left.string.flatMap(Double.init), let b = right.string.flatMap(Double.init) else { return false }
      return a == b
    default: return false
    }
  }
}
