/// How text is set off: with ANSI colours, or not at all.
public struct Style: Sendable, Hashable {
  /// Whether escape sequences are written.
  public var hasColor: Bool

  /// A style with or without colours.
  public init(hasColor: Bool) { self.hasColor = hasColor }

  /// No escape sequences.
  public static let plain = Style(hasColor: false)
  /// ANSI colours.
  public static let ansi = Style(hasColor: true)

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func red(_ text: String) -> String { wrap(text, "31") }
  func green(_ text: String) -> String { wrap(text, "32") }
  func yellow(_ text: String) -> String { wrap(text, "33") }
  func cyan(_ text: String) -> String { wrap(text, "36") }

  /// The text in the colour of an action.
  func paint(_ text: String, _ action: PlanAction) -> String {
    switch action {
    case .create: green(text)
    case .update, .rename: yellow(text)
    case .drop, .replace: red(text)
    case .adopt, .release: cyan(text)
    case .none, .unknown: dim(text)
    }
  }

  private func wrap(_ text: String, _ code: String) -> String {
    hasColor && !text.isEmpty ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
  }
}

extension PlanAction {
  /// The sign before a resource in the plan's tree.
  public var symbol: String {
    switch self {
    case .none: " "
    case .adopt: "="
    case .create: "+"
    case .update: "~"
    case .replace: "-/+"
    case .rename: ">"
    case .drop: "-"
    case .release: "<"
    case .unknown: "?"
    }
  }

  /// As the summary says it: "3 to create".
  var summaryWord: String {
    switch self {
    case .none: "unchanged"
    case .adopt: "to adopt"
    case .create: "to create"
    case .update: "to update"
    case .replace: "to replace"
    case .rename: "to rename"
    case .drop: "to drop"
    case .release: "to release"
    case .unknown: "unknown"
    }
  }
}
