import Testing

@testable import Wording

/// Which forms Snowball joins, and which it does not: the latter are what an operator lists side by side.
@Suite struct StemmerTests {
    @Test(arguments: [
        (Language.english, "delivery deliveries delivery's", "deliveri"),
        (.english, "deliver delivers delivered delivering", "deliv"),
        (.english, "price prices priced pricing", "price"),
        (.english, "refund refunds refunded refunding", "refund"),
        (.english, "support supports supported supporting supporter", "support"),
        (.english, "wait waits waited waiting", "wait"),
        (.german, "Lieferung Lieferungen Lieferungs", "liefer"),
        (.german, "Preis Preise Preises Preisen", "preis"),
        (.german, "freundlich freundliche freundlichen freundlicher freundliches", "freundlich"),
        (.german, "Straße Strasse Straßen Strassen", "strass"),
        (.german, "Haus Häuser Haeuser Hauses", "haus"),
        (.german, "verspätet verspaetet verspätete verspaeteten", "verspatet"),
        (.german, "schön schoen schöne schoene schönes", "schon"),
        (.german, "geändert geaendert geänderte", "geandert"),
        (.german, "neu neue neuen neuer neues", "neu"),
        (.german, "Kunde Kunden", "kund"),
        (.russian, "доставка доставки доставке доставку доставкой доставкою доставкам доставками доставках", "доставк"),
        (.russian, "цена цены цене цену ценой цен", "цен"),
        (.russian, "оператор оператора оператору оператором операторы операторов", "оператор"),
        (.russian, "вежливый вежливая вежливое вежливые вежливого вежливо вежливым", "вежлив"),
        (.russian, "поддержка поддержки поддержку поддержкой поддержке", "поддержк"),
        (.russian, "зелёный зеленый зелёная зеленого", "зелен"),
    ]) func formsOfOneStem(language: Language, forms: String, stem: String) throws {
        let stemmer = try Stemmer(language)
        for form in forms.split(separator: " ") { #expect(stemmer.stem(String(form)) == stem, "\(form)") }
    }

    @Test(arguments: [
        (Language.english, "delivery", "delivered"), (.english, "broke", "broken"), (.english, "slow", "slowly"),
        (.german, "Lieferung", "geliefert"), (.german, "Lieferung", "liefern"), (.german, "Lieferung", "Lieferzeit"),
        (.german, "verspätet", "Verspätung"), (.german, "Mitarbeiter", "Mitarbeiterin"),
        (.russian, "доставка", "доставок"), (.russian, "доставка", "доставили"), (.russian, "деньги", "денег"),
        (.russian, "ждать", "ждали"),
    ]) func formsToListSideBySide(language: Language, one: String, other: String) throws {
        let stemmer = try Stemmer(language)
        #expect(stemmer.stem(one) != stemmer.stem(other))
    }

    @Test func umlautsAreReadOnlyWhereTheyMayStand() throws {
        let german = try Stemmer(.german)
        for pair in [("Bauer", "baür"), ("Quelle", "qülle"), ("Steuer", "steür"), ("teuer", "teür")] {
            #expect(german.stem(pair.0) != german.stem(pair.1))
        }
        for pair in [("fuer", "für"), ("ueber", "über"), ("Oel", "Öl"), ("Aerger", "Ärger"), ("geoeffnet", "geöffnet")]
        {
            #expect(german.stem(pair.0) == german.stem(pair.1))
        }
    }

    @Test func whatIsNotOneWordIsItsOwnStem() throws {
        let english = try Stemmer(.english)
        for text in ["", "two words", "...", String(repeating: "x", count: 65)] { #expect(english.stem(text) == text) }
        #expect(english.stem("24") == "24")
    }

    @Test(
        arguments: [
            ("en", Language.english), ("en-GB", .english), ("EN_us", .english), ("de", .german), ("DE", .german),
            ("de-AT-1996", .german), ("RU", .russian), ("ru-RU", .russian), ("fr", nil), ("", nil), ("-", nil),
            ("english", nil),
            ("e", nil),
        ] as [(String, Language?)]) func readsLanguageTags(tag: String, language: Language?)
    {
        #expect(Language(tag: tag) == language)
    }
}
