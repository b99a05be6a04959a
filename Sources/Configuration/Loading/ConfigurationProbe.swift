import SnowmakerModel

/// The reading of YAML and of expressions, for fuzzers.
package enum ConfigurationProbe {
  /// Reads a file's bytes; gives what is wrong with a diagnostic, nil when there is none or all are regular.
  package static func yaml(_ bytes: [UInt8]) -> (taken: Bool, problem: String?) {
    let (node, diagnostics) = YAMLReader.read(SourceText(file: "f.yaml", bytes: bytes))
    for diagnostic in diagnostics {
      if diagnostic.summary.isEmpty { return (false, "a diagnostic without a message") }
      if let position = diagnostic.position, position.line < 1 || position.column < 1 {
        return (false, "a diagnostic at line \(position.line), column \(position.column)")
      }
    }
    if node == nil, diagnostics.isEmpty, bytes.contains(where: { $0 > 0x20 && $0 < 0x7f && $0 != 0x23 }) {
      // Only comments, blanks, byte order marks and document marks may be nothing at all.
      let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
      let isEmpty = lines.allSatisfy {
        $0.allSatisfy { $0.isWhitespace || $0 == "\u{feff}" } || $0.contains("#") || $0.contains("---")
      }
      if !isEmpty { return (false, "nothing was read and nothing said") }
    }
    return (node != nil && diagnostics.isEmpty, nil)
  }

  /// Parses a template and evaluates it with `variables`.
  package static func template(_ text: String, variables: [String: Value]) -> (taken: Bool, problem: String?) {
    do throws(ExpressionError) {
      let template = try Template(parsing: text)
      var evaluator = Evaluator(Scope(variables: Variables(variables)))
      _ = try evaluator.evaluate(template)
      return (true, nil)
    } catch {
      if error.message.isEmpty { return (false, "an error without a message") }
      let end = text.utf8.count
      return (false, (0...end).contains(error.offset) ? nil : "an error at byte \(error.offset) of \(end)")
    }
  }
}
