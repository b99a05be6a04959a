/// Cuts what is asked of a plugin into batches: small enough for the allocator, large enough to make calls cheap.
public enum Batches {
  /// How many items a batch has when nothing is said: measured, larger ones are slower.
  public static let size = 256

  /// The items in batches of at most `size`, in order.
  public static func split<Item>(_ items: [Item], size: Int = Self.size) -> [[Item]] {
    stride(from: 0, to: items.count, by: size).map { Array(items[$0..<min($0 + size, items.count)]) }
  }

  /// The items in batches of about `size`; items of one group are always in one batch, however large that gets, and
  /// stay in order within it. Items whose group is nil belong to none.
  public static func split<Item, Group: Hashable>(
    _ items: [Item], size: Int = Self.size, groupedBy group: (Item) -> Group?
  ) -> [[Item]] {
    var units: [[Item]] = []
    var unitOfGroup: [Group: Int] = [:]
    for item in items {
      if let group = group(item) {
        if let unit = unitOfGroup[group] {
          units[unit].append(item)
          continue
        }
        unitOfGroup[group] = units.count
      }
      units.append([item])
    }
    var batches: [[Item]] = []
    for unit in units {
      if let last = batches.indices.last, batches[last].count + unit.count <= size {
        batches[last] += unit
      } else {
        batches.append(unit)
      }
    }
    return batches
  }
}
