import Ingest
import JSON
import MachineTestKit
import Messages
import Testing

/// Over-surveyed respondents at the door: flagged in receipt and journal, never refused.
@Suite struct FatigueTests {
    private static let limits = RespondentContacts.Limits(contactsMax: 2, windowDays: 7, respondentsMax: 1000)
    private let moment = Responses.moment

    private func bench(_ limits: RespondentContacts.Limits? = Self.limits) throws -> IntakeBench {
        try IntakeBench(fatigue: limits)
    }

    private func answer(_ id: String, of respondent: JSONTree? = "anna") -> String {
        Responses.event(id, respondent: respondent)
    }

    private func invitation(_ id: String, of respondent: String = "anna") -> String {
        """
        {"specversion":"1.0","id":"\(id)","source":"/test","type":"tideline.invitation.v1",\
        "time":"2026-11-21T10:15:00Z","data":{"respondent":"\(respondent)"}}
        """
    }

    /// `id: contacts` of every journaled event, in order; nil where there is no such attribute.
    private func stamps(_ bench: borrowing IntakeBench) throws -> [String] {
        try bench.journal.flatMap(\.lines).map { line in
            let event = try JSONTree.parse(line)
            #expect(event.object?.first?.0 == "recordedtime")
            #expect((event.object?.count { $0.0 == "contacts" } ?? 0) <= 1)
            return "\(event["id"]?.string ?? "?"): \(event["contacts"]?.text ?? "-")"
        }
    }

    @Test func theThirdContactIsFlaggedAndStillTaken() throws {
        var bench = try bench()
        bench.request([invitation("1"), answer("2"), answer("3"), answer("4", of: "ben")].joined(separator: "\n"))
        bench.request(invitation("5"), from: "q")
        bench.write()
        #expect(
            bench.replies() == [
                "p: 1 accepted, 2 accepted, 3 accepted overSurveyed, 4 accepted", "q: 5 accepted overSurveyed",
            ])
        #expect(try stamps(bench) == ["1: -", "2: -", "3: 3", "4: -", "5: 4"])
        #expect(bench.intake.statistics.overSurveyed == 2 && bench.intake.statistics.accepted == 5)
        #expect(bench.deadLetters.isEmpty)
    }

    @Test func offNobodyIsFlaggedAndWhatCameStays() throws {
        var bench = try bench(nil)
        bench.request((1...5).map { answer("\($0)") }.joined(separator: "\n"))
        bench.request(answer("6").replacing("\"specversion\"", with: "\"contacts\":9,\"specversion\""))
        bench.write()
        #expect(bench.replies().allSatisfy { !$0.contains("overSurveyed") })
        #expect(try stamps(bench) == ["1: -", "2: -", "3: -", "4: -", "5: -", "6: 9"])
    }

    @Test func duplicatesAndRefusedEventsAreNoContacts() throws {
        var bench = try bench()
        bench.request([answer("1"), answer("1"), answer("1")].joined(separator: "\n"))
        bench.request(Responses.event("2", csat: 9, respondent: "anna"))
        bench.request("{")
        bench.request(answer("3"))
        bench.write()
        bench.request(answer("1"))
        bench.request(answer("4"))
        bench.write()
        #expect(try stamps(bench) == ["1: -", "3: -", "4: 3"])
        #expect(bench.replies().suffix(2) == ["p: 1 duplicate", "p: 4 accepted overSurveyed"])
    }

    @Test func eventsWithoutARespondentAreNobodys() throws {
        var bench = try bench()
        let nobody: [JSONTree?] = [nil, .null, ""]
        for (number, respondent) in (nobody + nobody + nobody + nobody).enumerated() {
            bench.request(answer("\(number)", of: respondent))
        }
        bench.write()
        #expect(bench.intake.statistics.accepted == 12 && bench.intake.statistics.overSurveyed == 0)
        #expect(bench.intake.contacts?.count == 0)
    }

    @Test func aRespondentIsTheSameFromEverySource() throws {
        var bench = try bench()
        for source in ["/a", "/b", "/c"] {
            bench.request(Responses.event("1", source: source, respondent: "anna"))
        }
        bench.write()
        #expect(bench.replies() == ["p: 1 accepted", "p: 1 accepted", "p: 1 accepted overSurveyed"])
    }

    @Test func whatASenderSaysOfContactsIsReplaced() throws {
        var bench = try bench()
        let own = "\"contacts\":77,\"specversion\""
        let escaped = "\"c\\u006fntacts\":{\"a\":[1]},\"specversion\""
        let stamped = "\"recordedtime\":\"2026-11-20T00:00:00Z\",\"contacts\":\"many\",\"specversion\""
        for (number, text) in [own, escaped, stamped, own, escaped, stamped].enumerated() {
            bench.request(answer("\(number)").replacing("\"specversion\"", with: text))
        }
        bench.write()
        #expect(try stamps(bench) == ["0: -", "1: -", "2: 3", "3: 4", "4: 5", "5: 6"])
        for line in bench.journal.flatMap(\.lines) {
            let event = try JSONTree.parse(line)
            #expect(event.object?.count { $0.0 == "recordedtime" } == 1)
            #expect(event["data"]?["respondent"] == "anna" && event["specversion"] == "1.0")
        }
    }

    @Test func aRestartCountsOnFromTheMessageFiles() throws {
        var bench = try bench()
        bench.request(answer("1") + "\n" + invitation("2"))
        bench.write()
        // Never written, so never a contact.
        bench.request(answer("3"))
        try bench.restart()
        bench.request(answer("4") + "\n" + answer("1"))
        bench.request(answer("5", of: "ben"))
        bench.write()
        try bench.restart()
        bench.request(answer("6"))
        bench.write()
        #expect(try stamps(bench) == ["1: -", "2: -", "4: 3", "5: -", "6: 4"])
        // After a week nothing of it counts, restarted or not.
        let later = moment + 7 * 86_400_000
        try bench.restart()
        bench.request(Responses.event("7", at: later, respondent: "anna"), at: later)
        bench.write()
        #expect(try stamps(bench).last == "7: -")
    }

    @Test func aFailedWriteTakesTheContactsBack() throws {
        var bench = try bench()
        bench.request(answer("1"))
        bench.write()
        bench.request(answer("2") + "\n" + answer("3"))
        bench.beginWrite()
        bench.request(answer("4"))
        bench.fail()
        #expect(bench.intake.statistics.overSurveyed == 0)
        #expect(
            bench.replies() == [
                "p: 1 accepted", "p: 2 unavailable writeFailed, 3 unavailable writeFailed",
                "p: 4 unavailable writeFailed",
            ])
        bench.request(answer("2") + "\n" + answer("3"))
        bench.write()
        #expect(bench.replies() == ["p: 2 accepted, 3 accepted overSurveyed"])
        #expect(try stamps(bench) == ["1: -", "2: -", "3: 3"])
    }

    @Test func respondentsBeyondTheLimitAreForgottenAndCounted() throws {
        var bench = try bench(RespondentContacts.Limits(contactsMax: 1, windowDays: 7, respondentsMax: 2))
        for name in ["anna", "ben", "cleo", "ben", "anna"] {
            bench.request(answer("\(name) \(bench.journal.count)", of: .string(name))); bench.write()
        }
        #expect(bench.intake.statistics.respondentsForgotten == 2)
        #expect(try stamps(bench) == ["anna 0: -", "ben 1: -", "cleo 2: -", "ben 3: 2", "anna 4: -"])
    }

    @Test func anAnswerOfLongAgoIsNoContactOfToday() throws {
        var bench = try bench()
        for number in 1...5 {
            bench.request(Responses.event("\(number)", at: moment - 8 * 86_400_000, respondent: "anna"))
        }
        bench.request(answer("6"))
        bench.write()
        #expect(bench.intake.statistics.overSurveyed == 0)
    }
}
