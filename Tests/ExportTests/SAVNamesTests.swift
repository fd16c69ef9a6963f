import Testing

@testable import Export

@Suite struct SAVNamesTests {
    @Test(arguments: [
        ("csat", "csat"), ("Region_2", "Region_2"), ("first-contact", "first_contact"), ("a.b", "a_b"),
        ("2nd", "V_2nd"), ("_x", "V_x"), ("$casenum", "V_casenum"), ("#a", "V_a"), ("@a", "V_a"), ("", "V1"),
        ("---", "V1"), ("日本", "V1"), ("Größe", "Groesse"), ("Übung", "Uebung"), ("Щука", "Shchuka"),
        ("объём", "obieem"),
        ("to", "V_to"), ("With", "V_With"), ("total", "total"), ("V7_A", "V_V7_A"), ("v_a", "v_a"), ("V7_AB", "V7_AB"),
        (" a ", "V_a_"), ("a\0b", "a_b"),
    ])
    func legalNames(_ name: String, _ expected: String) {
        #expect(SAVNames.legal([name]) == [expected])
    }

    @Test func everyReservedWordInEveryCase() {
        for word in ["ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"] {
            #expect(SAVNames.legal([word, word.lowercased()]) == ["V_" + word, "V_" + word.lowercased() + "_2"])
        }
    }

    @Test func namesDifferInMoreThanCase() {
        #expect(SAVNames.legal(["a", "A", "a "]) == ["a", "A_2", "a_"])
    }

    @Test func aChangedNameTakesNoOtherColumnsName() {
        #expect(SAVNames.legal(["a-b", "a.b", "a_b", "a_b_2"]) == ["a_b_3", "a_b_4", "a_b", "a_b_2"])
    }

    @Test func longNamesAreCutAndStayDifferent() {
        let long = String(repeating: "x", count: 64)
        let names = SAVNames.legal([long, long + "1", long + "2", "2" + long])
        #expect(names[0] == long)
        #expect(names[1] == String(repeating: "x", count: 62) + "_2")
        #expect(names[2] == String(repeating: "x", count: 62) + "_3")
        #expect(names[3] == "V_2" + String(repeating: "x", count: 61))
    }

    @Test func tenThousandEqualNames() {
        let names = SAVNames.legal(Array(repeating: "日", count: 5000) + Array(repeating: "a?", count: 5000))
        #expect(Set(names.map { $0.uppercased() }).count == 10_000)
        #expect(names.allSatisfy { $0.utf8.count <= SAVNames.bytesMax })
    }
}
