import Testing

@testable import Wording

/// Themes found in comments, each line a comment and the themes it speaks of.
@Suite struct ThemeTests {
    static let definitions = [
        ThemeDefinition(
            name: "delivery",
            words: [
                "delivery", "deliver", "courier", "Lieferung", "liefern", "geliefert", "Versand", "доставка",
                "доставок",
                "доставить", "курьер",
            ]),
        ThemeDefinition(name: "price", words: ["price", "expensive", "Preis", "teuer", "цена", "дорого", "дорогой"]),
        ThemeDefinition(
            name: "staff", words: ["friendly", "rude", "freundlich", "Mitarbeiter", "вежливый", "оператор"]),
        ThemeDefinition(
            name: "waiting",
            words: ["waiting time", "on hold", "lange warten", "Wartezeit", "verspätet", "долго ждать"]),
        ThemeDefinition(name: "access", words: ["check-in", "e-mail", "St. Gallen", "24/7"]),
    ]

    private func reader(_ definitions: [ThemeDefinition] = Self.definitions) throws -> ThemeReader {
        try ThemeReader(ThemeMatcher(definitions))
    }

    private func found(_ comment: String, _ language: Language? = nil) throws -> String {
        let reader = try reader()
        return reader.matcher.names(of: reader.themes(in: comment, language: language)).joined(separator: " ")
    }

    @Test(arguments: [
        ("Two deliveries were late", "delivery"), ("They delivered it broken", "delivery"),
        ("DELIVERY'S FINE!", "delivery"), ("delivering at night", "delivery"),
        ("Both couriers were lovely", "delivery"),
        ("pricing is unclear, prices too high", "price"), ("The friendliest people, not rude", "staff"),
        ("The waiting times are absurd", "waiting"), ("I was on hold for an hour", "waiting"),
        ("Waiting. Time flies", ""), ("waiting for the next time", ""), ("time waiting", ""),
        ("We checked in fast", "access"), ("check in was easy", "access"), ("Check-ins at noon", "access"),
        ("Hotel in St. Gallen", "access"), ("Hotel in St Gallen", "access"), ("your e\u{2011}mails", "access"),
        ("open 24/7", "access"), ("24 of 7", ""), ("", ""), ("ok", ""), ("undeliverable", ""),
        ("Delivery too expensive, staff rude", "delivery price staff"),
    ]) func english(comment: String, themes: String) throws {
        #expect(try found(comment) == themes)
        #expect(try found(comment, .english) == themes)
    }

    @Test(arguments: [
        ("Alle Lieferungen kamen pünktlich", "delivery"), ("Wurde falsch geliefert", "delivery"),
        ("Sie liefern nie an", "delivery"), ("Der Versand dauert", "delivery"), ("Die Preise sind gestiegen", "price"),
        ("Viel zu teuer, teure Sachen", "price"), ("sehr freundliche Mitarbeitern", "staff"),
        ("unfreundlich", ""), ("Ich musste lange warten", "waiting"), ("Das Paket kam verspaetet", "waiting"),
        ("verspäteter Zug", "waiting"), ("Verspätung", ""), ("zu lange Wartezeiten", "waiting"),
        ("Lange. Warten", ""), ("lange gewartet", ""),
    ]) func german(comment: String, themes: String) throws {
        #expect(try found(comment) == themes)
        #expect(try found(comment, .german) == themes)
    }

    @Test(arguments: [
        ("Доставка опоздала", "delivery"), ("три доставки за день", "delivery"), ("Жду доставку!", "delivery"),
        ("с доставкой всё плохо", "delivery"), ("много доставок", "delivery"), ("заказ доставили быстро", "delivery"),
        ("КУРЬЕРЫ молодцы", "delivery"), ("до\u{301}ставку ждали", "delivery"), ("цены растут, ценой в рубль", "price"),
        ("слишком дорого", "price"), ("вежливая девушка, операторы на связи", "staff"),
        ("очень долго ждать", "waiting"), ("долго ждали", ""), ("долго. ждать нечего", ""), ("всё хорошо", ""),
    ]) func russian(comment: String, themes: String) throws {
        #expect(try found(comment) == themes)
        #expect(try found(comment, .russian) == themes)
    }

    @Test(
        arguments: [
            ("Delivery опоздала, цены ok", nil, "delivery price"),
            ("Die Lieferung was late and the price hoch", nil, "delivery price"),
            ("Support war rude, оператор вежливый", nil, "staff"),
            // Told a language, a Latin word is read in that language alone; words of the other script by their script.
            ("Lieferungen", .english, ""), ("Lieferungen", .german, "delivery"), ("Lieferungen", .russian, "delivery"),
            ("deliveries и доставку", .russian, "delivery"), ("цены", .english, "price"), ("deliveries", .german, ""),
            ("delivery", .german, "delivery"), ("24/7", .russian, "access"),
        ] as [(String, Language?, String)]) func mixed(comment: String, language: Language?, themes: String) throws
    {
        #expect(try found(comment, language) == themes)
    }

    @Test func phrasesMayMixScriptsAndShareBeginnings() throws {
        let reader = try reader([
            ThemeDefinition(name: "screen", words: ["экран iPhone", "iPhone экран"]),
            ThemeDefinition(name: "service", words: ["customer service"]),
            ThemeDefinition(name: "desk", words: ["customer service desk", "customer"]),
        ])
        #expect(Array(reader.themes(in: "разбит экран iphone")) == [0])
        #expect(Array(reader.themes(in: "customers' services")) == [1, 2])
        #expect(Array(reader.themes(in: "service desk")) == [])
        #expect(Array(reader.themes(in: "the customer service")) == [1, 2])
    }

    @Test func allSixtyFourThemesFitOneSet() throws {
        let names = (0..<ThemeMatcher.themesMax).map { "word\($0)x" }
        let reader = try reader(names.map { ThemeDefinition(name: $0, words: [$0]) })
        let all = reader.themes(in: names.joined(separator: " "))
        #expect(all.bits == .max)
        #expect(all.count == 64)
        #expect(Array(all) == Array(0..<64))
        #expect(reader.matcher.names(of: all) == names)
        #expect(reader.themes(in: "word63x").contains(63))
        #expect(!all.contains(64) && !all.contains(-1))
    }

    @Test func withoutThemesNothingIsFound() throws {
        #expect(try reader([]).themes(in: "delivery").isEmpty)
    }

    @Test func whatIsFoundDoesNotDependOnWhatWasReadBefore() throws {
        let reader = try reader((0..<64).map { ThemeDefinition(name: "t\($0)", words: ["theme\($0)x"]) })
        // More words than are remembered: those of the themes are driven out time and again.
        for round in 0..<400 {
            for word in 0..<50 { #expect(reader.themes(in: "other\(round * 50 + word)x").isEmpty) }
            for theme in 0..<64 { #expect(Array(reader.themes(in: "theme\(theme)x")) == [theme]) }
        }
    }

    @Test func aWordMayBelongToSeveralThemes() throws {
        let reader = try reader([
            ThemeDefinition(name: "a", words: ["courier", "late courier"]),
            ThemeDefinition(name: "b", words: ["couriers"]), ThemeDefinition(name: "c", words: ["late couriers"]),
        ])
        #expect(Array(reader.themes(in: "courier")) == [0, 1])
        #expect(Array(reader.themes(in: "late courier")) == [0, 1, 2])
    }

    @Test func whatIsKnownOfAWordIsNotOfOneLanguage() throws {
        let reader = try reader()
        #expect(reader.themes(in: "Lieferungen", language: .english).isEmpty)
        #expect(reader.themes(in: "Lieferungen", language: .german).bits == 1)
    }

    @Test func oneMatcherServesManyThreads() async throws {
        let matcher = try ThemeMatcher(Self.definitions)
        let sets = await withTaskGroup(of: [ThemeSet].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    guard let reader = try? ThemeReader(matcher) else { return [] }
                    return (0..<500).map { reader.themes(in: $0 % 2 == 0 ? "три доставки" : "Preise hoch, rude") }
                }
            }
            var all: [[ThemeSet]] = []
            for await sets in group { all.append(sets) }
            return all
        }
        #expect(sets.count == 4)
        for set in sets {
            #expect(set.count == 500)
            #expect(set == (0..<500).map { ThemeSet(bits: $0 % 2 == 0 ? 1 : 6) })
        }
    }
}
