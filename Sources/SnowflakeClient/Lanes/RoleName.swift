/// A role's name as the account stores it.
struct RoleName: Hashable, Sendable {
  let text: String

  /// From an identifier as SQL has it: quoted is exact, unquoted is upper case.
  init(sql: String) {
    if sql.count >= 2, sql.hasPrefix("\""), sql.hasSuffix("\"") {
      var out = ""
      var isQuote = false
      for character in sql.dropFirst().dropLast() {
        if character == "\"", !isQuote {
          isQuote = true
          continue
        }
        isQuote = false
        out.append(character)
      }
      text = out
    } else {
      text = sql.uppercased()
    }
  }

  /// From what the account says the current role is: exact, at times quoted.
  init(reported: String) {
    let isQuoted = reported.count >= 2 && reported.hasPrefix("\"") && reported.hasSuffix("\"")
    text = isQuoted ? RoleName(sql: reported).text : reported
  }

  /// As a quoted identifier.
  var quoted: String {
    var out = "\""
    for character in text {
      if character == "\"" { out.append("\"") }
      out.append(character)
    }
    return out + "\""
  }
}
