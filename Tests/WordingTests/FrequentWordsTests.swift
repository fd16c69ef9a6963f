import Testing

@testable import Wording

/// The words most comments use, written "word count".
@Suite struct FrequentWordsTests {
    private func top(_ limit: Int, _ comments: [String], _ language: Language? = nil) throws -> String {
        var words = try FrequentWords()
        for comment in comments { words.add(comment, language: language) }
        return shown(words.top(limit))
    }

    private func shown(_ words: [FrequentWord]) -> String {
        words.map { "\($0.word) \($0.comments)" }.joined(separator: ", ")
    }

    @Test func english() throws {
        let comments = [
            "The delivery was late, and the deliveries before it", "Late delivery again!", "Delivery fine. Price high",
            "Your prices are too high", "I don't like the price", "deliveries: late",
        ]
        #expect(try top(4, comments) == "delivery 4, late 3, price 3, high 2")
        #expect(try top(4, comments.reversed()) == "delivery 4, late 3, price 3, high 2")
        #expect(try top(100, comments) == "delivery 4, late 3, price 3, high 2, fine 1, like 1")
    }

    @Test func german() throws {
        let comments = [
            "Die Lieferung kam zu spät", "Alle Lieferungen waren nicht vollständig", "Lieferung verspaetet",
            "Preise zu hoch",
            "Der Preis ist hoch, aber die Lieferung war gut", "Die Preise sind hoch",
        ]
        #expect(try top(3, comments, .german) == "lieferung 4, hoch 3, preise 3")
        #expect(try top(3, comments) == "lieferung 4, hoch 3, preise 3")
    }

    @Test func russian() throws {
        let comments = [
            "Доставка опоздала", "Ждали доставку два часа", "с доставкой всё ещё плохо", "плохая доставка, очень",
            "Цены выросли",
            "Из-за цены не куплю",
        ]
        #expect(try top(3, comments) == "доставка 4, плохая 2, цены 2")
    }

    @Test func tiesStandInAlphabeticalOrder() throws {
        #expect(try top(4, ["zebra яблоко apple мост"]) == "apple 1, zebra 1, мост 1, яблоко 1")
        // Forms as frequent as each other: the first of the alphabet is shown.
        #expect(try top(1, ["refunds", "refunded"]) == "refunded 2")
        #expect(try top(1, ["refunded", "refunds"]) == "refunded 2")
    }

    @Test func aWordCountsOncePerComment() throws {
        #expect(try top(9, ["spam spam spams spam", "spam"]) == "spam 2")
        #expect(try top(9, []) == "")
        #expect(try top(0, ["spam"]) == "")
        #expect(try top(-1, ["spam"]) == "")
    }

    @Test func shortWordsNumbersAndAddressesAreLeftOut() throws {
        #expect(
            try top(9, ["x я 7 2024 2024-11-20 24-7 +49 30 1234 https://www.example.com 24h"]) == "24h 1, example 1")
        #expect(try top(9, [String(repeating: "x", count: 65)]) == "")
    }

    @Test func hyphenatedWordsWithAShortPartCountWhole() throws {
        #expect(try top(9, ["e-mails", "E-Mail wi-fi", "check-in", "e-mail"]) == "e-mail 3, check-in 1, wi-fi 1")
        #expect(try top(9, ["онлайн-оплата", "оплата кто-то что-нибудь"]) == "оплата 2, онлайн 1")
    }

    @Test func aFormOfTwoLanguagesIsOneWord() throws {
        // "service" is counted as English here and as German there, under different stems.
        #expect(try top(1, ["the service is bad", "der Service ist nicht gut", "service"]) == "service 3")
    }

    @Test func aToldLanguageChoosesTheStopWords() throws {
        #expect(try top(9, ["die war"], .english) == "die 1, war 1")
        #expect(try top(9, ["die war"], .german) == "")
        #expect(try top(9, ["die war"]) == "")
        #expect(try top(9, ["they will die in the war"]) == "die 1, war 1")
    }

    @Test func memoryIsBoundedAndFrequentWordsStay() throws {
        var words = try FrequentWords(distinctFormsMax: 100)
        for index in 0..<5_000 {
            words.add(index % 10 == 0 ? "courier word\(index)x" : "word\(index)x")
            #expect(words.distinctForms <= 100)
        }
        #expect(words.comments == 5_000)
        let first = try #require(words.top(1).first)
        #expect(first.word == "courier")
        #expect(first.comments <= 500)
        #expect(first.comments + words.undercountMax >= 500)
        #expect(words.undercountMax > 0)
    }

    @Test func theNamedLimitIsReached() throws {
        var words = try FrequentWords()
        var number = 0
        while number < FrequentWords.distinctFormsMax {
            words.add((number..<number + 64).map { "w\($0)x" }.joined(separator: " "))
            number += 64
        }
        #expect(words.distinctForms == FrequentWords.distinctFormsMax)
        #expect(words.undercountMax == 0)
        words.add("onemore")
        #expect(words.distinctForms == 1)
        #expect(words.undercountMax == 2)
    }

    @Test func formsOfOneWordAreBounded() throws {
        var words = try FrequentWords()
        // Every way to write eight umlauts, ä or ae, has one German stem.
        for index in 0..<256 {
            words.add((0..<8).map { index >> $0 & 1 == 0 ? "bä" : "bae" }.joined() + "t", language: .german)
        }
        #expect(words.distinctForms == FrequentWords.formsPerWordMax)
        #expect(words.top(1).first?.comments == 256)
    }

    @Test(arguments: Language.allCases) func stopWordsAreWordsAsTheyAreSplit(language: Language) throws {
        let list = StopWords.words(of: language)
        #expect(list.count >= 120)
        for word in list {
            #expect(CountedWords(of: WordList(word)).all.map(\.text) == [word])
            #expect(StopWords.languages(of: word).contains(language.single))
        }
        #expect(try top(9, [list.joined(separator: " ")], language) == "")
    }
}
