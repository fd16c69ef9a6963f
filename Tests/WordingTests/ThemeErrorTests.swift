import Testing

@testable import Wording

/// What is no theme, and what the operator is told.
@Suite struct ThemeErrorTests {
    private func error(_ definitions: [ThemeDefinition]) -> ThemeError? {
        do throws(ThemeError) {
            _ = try ThemeMatcher(definitions)
            return nil
        } catch { return error }
    }

    private func theme(_ words: String...) -> [ThemeDefinition] { [ThemeDefinition(name: "t", words: words)] }

    @Test func namesAreGivenOnceAndShort() {
        #expect(error([ThemeDefinition(name: "", words: ["a"])]) == .emptyName(index: 0))
        #expect(error(theme("a") + [ThemeDefinition(name: " \t", words: ["a"])]) == .emptyName(index: 1))
        #expect(error(theme("a") + theme("b")) == .duplicateName("t"))
        let cases = [ThemeDefinition(name: "Цена", words: ["a"]), ThemeDefinition(name: "цена", words: ["b"])]
        #expect(error(cases) == .duplicateName("цена"))
        let longest = String(repeating: "n", count: ThemeDefinition.nameBytesMax)
        #expect(error([ThemeDefinition(name: longest, words: ["a"])]) == nil)
        #expect(error([ThemeDefinition(name: longest + "n", words: ["a"])]) == .nameTooLong(theme: longest + "n"))
    }

    @Test func thereIsAWordInEveryEntry() {
        #expect(error([ThemeDefinition(name: "t", words: [])]) == .noWords(theme: "t"))
        for entry in ["", " ", "...", "—", "😀", "\u{200B}", "'", "速い"] {
            #expect(error(theme("ok", entry)) == .notAWord(theme: "t", entry: entry))
        }
        #expect(error(theme("5", "я", "C++")) == nil)
    }

    @Test func limitsAreReachedAndNotPassed() {
        let word = String(repeating: "x", count: WordList.wordBytesMax)
        #expect(error(theme(word)) == nil)
        #expect(error(theme("a " + word + "x")) == .wordTooLong(theme: "t", entry: "a " + word + "x"))
        #expect(error(theme("a b c d e f g h")) == nil)
        #expect(error(theme("a b c d e f g-h i")) == .phraseTooLong(theme: "t", entry: "a b c d e f g-h i", words: 9))
        let words = (0..<ThemeDefinition.entriesMax).map { "w\($0)" }
        #expect(error([ThemeDefinition(name: "t", words: words)]) == nil)
        #expect(error([ThemeDefinition(name: "t", words: words + ["w"])]) == .tooManyWords(theme: "t", count: 1_001))
        let themes = (0...ThemeMatcher.themesMax).map { ThemeDefinition(name: "t\($0)", words: ["w\($0)"]) }
        #expect(error(themes.dropLast()) == nil)
        #expect(error(themes) == .tooManyThemes(count: 65))
    }

    @Test func everyErrorNamesThePlaceAndTheRemedy() {
        let entry = "\"...\" of theme \"t\" holds no Latin or Cyrillic letter and no digit: write a word or remove it"
        #expect(error(theme("..."))?.description == entry)
        let many = "65 themes: at most 64 are possible; join some of them"
        #expect(ThemeError.tooManyThemes(count: 65).description == many)
        let errors: [ThemeError] = [
            .emptyName(index: 2), .nameTooLong(theme: "t"), .duplicateName("t"), .noWords(theme: "t"),
            .tooManyWords(theme: "t", count: 1_001), .wordTooLong(theme: "t", entry: "x"),
            .phraseTooLong(theme: "t", entry: "x", words: 9), .stemmer(.unavailable(.german)),
        ]
        for error in errors { #expect(error.description.contains(":"), "\(error)") }
    }
}
