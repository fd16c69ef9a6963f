import Testing

@testable import Wording

/// How texts are split into words.
@Suite struct WordListTests {
    @Test(arguments: [
        ("Fast and FRIENDLY", "fast and friendly"),
        ("Größe: ÄÖÜ äöü ẞ Straße", "größe äöü äöü ß straße"),
        ("Ёлка, ЁЖ, съел; Мой йод", "елка еж съел мой йод"),
        (
            "it's the customers' 'last' don’t geht´s O`Neill rock'n'roll",
            "it's the customers last don't geht's o'neill rock'n'roll"
        ),
        ("''quoted'' a''b", "quoted a b"),
        ("check-in re\u{2011}order -- - -x x- из-за", "check in re order x x из за"),
        ("24h 5G 2.50 100% №7 covid19", "24h 5g 2 50 100 7 covid19"),
        ("a_b c/d e@f.org", "a b c d e f org"),
        ("café cafe\u{301} naïve Łódź œuvre Ærø ŉ ĸ Ǆ Șț ễ", "cafe cafe naive lodz oeuvre aero n k ǆ st ễ"),
        ("fu\u{308}r scho\u{308}n a\u{308} мои\u{306} до\u{301}ставка е\u{308}лка", "für schön ä мой доставка елка"),
        ("deli\u{200B}very de\u{AD}li\u{FEFF}very \u{202E}slow\u{202C} wa\u{2060}it", "delivery delivery slow wait"),
        ("great😀service 速い δοκιμή ok", "great service ok"),
        ("ЍѐЂђҐґӀӁӸ҂к", "иеђђґґӏӂӹ к"),
        ("SMSки айфон7", "smsки айфон7"),
        ("", ""), ("... !?", ""), ("'", ""), ("a", "a"),
    ]) func splits(text: String, words: String) {
        #expect(WordList(text).texts.joined(separator: " ") == words)
    }

    @Test func aWordKnowsItsScript() {
        let scripts = WordList("app приложение 24 24h SMSки 7я").words.map(\.script)
        #expect(scripts == [.latin, .cyrillic, .number, .latin, .cyrillic, .cyrillic])
    }

    @Test(arguments: [
        ("late. Delivery", "|late |delivery"), ("late, delivery", "|late delivery"),
        ("late! (Delivery", "|late |delivery"),
        ("late… delivery", "|late |delivery"), ("late.Delivery", "|late delivery"), ("v2.0 beta", "|v2 0 beta"),
        ("поздно.Доставка", "|поздно доставка"), ("поздно?", "|поздно"), ("late.\"Delivery\"", "|late |delivery"),
        ("e-mail", "|e-mail"), ("e- mail", "|e mail"), ("e--mail", "|e mail"), ("e. -mail", "|e |mail"),
        ("-mail", "|mail"), ("a-b-c", "|a-b-c"), ("o'-b", "|o b"), ("a-ä", "|a-ä"), ("a-a\u{308}", "|a-ä"),
    ]) func knowsRowsAndHyphens(text: String, shown: String) {
        let list = WordList(text)
        let pieces = list.words.map { word in
            (word.isJoined ? "-" : word.start == 0 ? "" : " ") + (word.startsRow ? "|" : "") + list.text(of: word)
        }
        #expect(pieces.joined() == shown)
    }

    @Test func aLongWordIsLeftOutAndBreaksTheRow() {
        let longest = String(repeating: "x", count: WordList.wordBytesMax)
        #expect(WordList("a \(longest) b").texts == ["a", longest, "b"])
        for long in [
            longest + "x", longest + "ж", String(repeating: "ж", count: 33), longest.dropLast() + "a\u{308}",
            longest.dropLast() + "ж", longest.dropLast(2) + "a\u{308}b",
        ] {
            let list = WordList("a \(long) b")
            #expect(list.texts == ["a", "b"])
            #expect(list.overlong == 1)
            #expect(list.words[1].startsRow)
        }
        #expect(WordList(longest.dropLast(2) + "a\u{308}").texts == [longest.dropLast(2) + "ä"])
    }

    @Test func noLetterGrowsAndEveryWordIsStable() {
        // Splitting a word again gives the word: what is kept is lowercase and folded for good.
        var list = WordList()
        var again = WordList()
        // Beyond the first plane every scalar separates; a few of them stand for all.
        let values = Array(UInt32(0)..<0x1_0000) + Array(stride(from: 0x1_0000, to: 0x11_0000, by: 509))
        for scalar in values.lazy.compactMap(Unicode.Scalar.init) {
            let text = String(scalar)
            list.fill(text + text)
            for word in list.texts {
                again.fill(word)
                if again.texts != [word] { Issue.record("U+\(String(scalar.value, radix: 16)): \(word)") }
            }
            let written = list.words.reduce(0) { $0 + Int($1.byteCount) }
            if written > 2 * text.utf8.count { Issue.record("U+\(String(scalar.value, radix: 16)) grows") }
        }
    }

    @Test func everyLetterOfThreeLanguagesIsPartOfAWord() {
        for text in ["abcdefghijklmnopqrstuvwxyz", "äöüß", "абвгдежзийклмнопрстуфхцчшщъыьэюя"] {
            #expect(WordList(text).texts == [text])
            let upper = text.uppercased().replacing("SS", with: "ẞ")
            #expect(WordList(upper).texts == [text])
        }
    }

    @Test func refillingForgetsWhatWasBefore() {
        var list = WordList("many words stood here before and one \(String(repeating: "x", count: 80))")
        list.fill("two words")
        #expect(list.texts == ["two", "words"])
        #expect(list.overlong == 0)
        list.fill([] as [UInt8])
        #expect(list.count == 0)
    }
}
