import Testing

@testable import SnowmakerModel

@Suite struct SQLLiteralTests {
  @Test func quotesAndBackslashesCannotEndTheLiteral() {
    #expect(SQLLiteral.quote("") == "''")
    #expect(SQLLiteral.quote("it's") == "'it''s'")
    #expect(SQLLiteral.quote("a'b\\c'; DROP x --") == "'a''b\\\\c''; DROP x --'")
    #expect(SQLLiteral.quote("\\'") == "'\\\\'''")
  }

  @Test func lineEndsAreEscapeSequencesEvenWhenTheyAreOneCharacter() {
    // CR LF is one Swift character and two bytes: each has to become an escape sequence of its own.
    #expect(SQLLiteral.quote("a\r\nb\nc\rd\te") == "'a\\r\\nb\\nc\\rd\\te'")
    #expect(SQLLiteral.quote("\r\n") == "'\\r\\n'")
    #expect(!SQLLiteral.quote("x\ny\r\nz").utf8.contains { $0 == 10 || $0 == 13 })
  }

  @Test func controlCharactersAreEscapeSequences() {
    #expect(SQLLiteral.quote("\u{1b}[2J\u{7f}\u{0}") == "'\\u001b[2J\\u007f\\u0000'")
    #expect(SQLLiteral.quote("a\u{9b}31m\u{a0}b\u{80}") == "'a\\u009b31m\u{a0}b\\u0080'")
  }

  @Test func everythingElseStaysAsItIs() {
    #expect(SQLLiteral.quote("é 漢 🎿 \u{0301}' %\u{2028}") == "'é 漢 🎿 \u{0301}'' %\u{2028}'")
  }

  @Test func quoteAfterACombiningCharacterIsStillDoubled() {
    // "'" and a combining accent are one Swift character; the account sees a quote all the same.
    #expect(SQLLiteral.quote("a'\u{0301}b") == "'a''\u{0301}b'")
  }
}
