import Ingest
import JSON
import Journal
import JournalTestKit
import MachineTestKit
import Messages
import Testing

/// How often a respondent was asked within the window, in bounded memory.
@Suite struct RespondentContactsTests {
    private static let day: Int64 = 86_400_000
    /// Midnight of 2026-11-21, UTC.
    private static let midnight = Responses.moment.flooredQuotient(day) * day

    private func contacts(max: Int = 2, window: Int = 7, respondents: Int = 1000) throws -> RespondentContacts {
        var generator = SeededGenerator(seed: 1)
        return RespondentContacts(
            limits: RespondentContacts.Limits(contactsMax: max, windowDays: window, respondentsMax: respondents),
            key: try IdentityKey.open(
                fileSystem: SimulatedFileSystem(seed: 1), directory: "identities", randomness: &generator))
    }

    // MARK: Counting

    @Test func theContactAfterTheLastAllowedOneIsTooMany() throws {
        let contacts = try contacts(max: 2)
        let said = (0..<5).map { contacts.note("anna", day: Int64($0)) }
        #expect(said == [nil, nil, 3, 4, 5])
        #expect(contacts.note("ben", day: 5) == nil)
        #expect(contacts.count == 2)
    }

    @Test func contactsOfOneDayCountEach() throws {
        let contacts = try contacts(max: 2)
        #expect((0..<4).map { _ in contacts.note("anna", day: 0) } == [nil, nil, 3, 4])
    }

    @Test func aContactLeavesTheWindowAtMidnight() throws {
        let contacts = try contacts(max: 1, window: 7)
        let evening = Self.midnight + Self.day - 1
        #expect(contacts.note("anna", at: evening, clock: evening) == nil)
        // Six midnights later it is the seventh day, the last of the window.
        let seventh = Self.midnight + 7 * Self.day - 1
        #expect(contacts.note("anna", at: seventh, clock: seventh) == 2)
        let eighth = seventh + 1
        #expect(contacts.note("anna", at: eighth, clock: eighth) == 2)
        #expect(contacts.number(of: "anna") == 2)
    }

    @Test func aLateContactCountsOnItsOwnDay() throws {
        let contacts = try contacts(max: 1, window: 7)
        #expect(contacts.note("anna", day: 6) == nil)
        // Asked on days 2, 4 and 0, told on day 6; the one of day −1 is before the window.
        #expect(contacts.note("anna", day: 2, arrival: 6) == 2)
        #expect(contacts.note("anna", day: 4, arrival: 6) == 3)
        #expect(contacts.note("anna", day: 2, arrival: 6) == 4)
        #expect(contacts.note("anna", day: 0, arrival: 6) == 5)
        #expect(contacts.note("anna", day: -1, arrival: 6) == nil)
        // They leave in the order of their days: after 6 days only days 4 and 6 are left, and the new one.
        #expect(contacts.note("anna", day: 10) == 3)
        #expect(contacts.note("anna", day: 11) == 3)
        #expect(contacts.note("anna", day: 18) == nil)
    }

    @Test func aContactAheadOfTheClockCountsOnTheDayOfItsArrival() throws {
        let contacts = try contacts(max: 1, window: 2)
        #expect(contacts.note("anna", day: 1, arrival: 0) == nil)
        #expect(contacts.note("anna", day: 2) == nil)
    }

    @Test func theClockNeverGoesBack() throws {
        let contacts = try contacts(max: 1, window: 7)
        #expect(contacts.note("anna", day: 20) == nil)
        #expect(contacts.note("ben", day: 3, arrival: 3) == nil)
        #expect(contacts.number(of: "ben") == 0)
        #expect(contacts.note("anna", day: 19, arrival: 3) == 2)
    }

    /// Against lists of days, which cannot be wrong: random respondents, late contacts, leaps over years, failed writes.
    @Test(arguments: seeds(20)) func agreesWithAPlainModel(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let window = Int64.random(in: 1...40, using: &random)
        let contacts = try contacts(max: 3, window: Int(window), respondents: 10_000)
        var model: [(name: String, day: Int64, block: UInt64)] = []
        var today: Int64 = 0
        var block: UInt64 = 1
        for _ in 0..<3000 {
            switch Int.random(in: 0..<100, using: &random) {
            case 0: today += Int64.random(in: 0...100_000, using: &random)
            case 1..<20: today += Int64.random(in: 0...3, using: &random)
            case 20..<24:
                contacts.settle(through: block)
                block += 1
            case 24:
                let lost = contacts.forget(from: block)
                #expect(lost <= UInt64(model.count { $0.block == block }))
                model.removeAll { $0.block == block }
            default: break
            }
            let name = "r\(Int.random(in: 0..<12, using: &random))"
            let late = Bool.random(using: &random) ? Int64.random(in: 0...(window + 3), using: &random) : 0
            let said = contacts.note(name, day: today - late, arrival: today, block: block)
            let counts = late < window
            if counts { model.append((name, today - late, block)) }
            let wanted = model.count { $0.name == name && today - $0.day < window }
            #expect(said == (counts && wanted > 3 ? wanted : nil), "\(reproduction(seed, "RespondentContactsTests"))")
            #expect(contacts.number(of: name) == wanted, "\(reproduction(seed, "RespondentContactsTests"))")
        }
    }

    // MARK: Failed writes

    @Test func contactsOfAFailedWriteNeverWere() throws {
        let contacts = try contacts(max: 1)
        _ = contacts.note("anna", day: 0, block: 1)
        contacts.settle(through: 1)
        #expect(contacts.note("anna", day: 1, block: 2) == 2)
        #expect(contacts.note("ben", day: 1, block: 3) == nil)
        #expect(contacts.note("ben", day: 2, block: 3) == 2)
        #expect(contacts.forget(from: 2) == 2)
        #expect(contacts.number(of: "anna") == 1 && contacts.number(of: "ben") == 0 && contacts.count == 1)
        #expect(contacts.note("anna", day: 2, block: 2) == 2)
        contacts.settle(through: 2)
        #expect(contacts.forget(from: 1) == 0)
        #expect(contacts.number(of: "anna") == 2)
    }

    // MARK: Bounds

    @Test func thoseUnseenForLongestAreForgottenFirst() throws {
        let contacts = try contacts(max: 1, respondents: 3)
        for name in ["anna", "ben", "cleo", "anna", "dora"] { _ = contacts.note(name, day: 0) }
        #expect(contacts.count == 3 && contacts.forgottenEarly == 1)
        #expect(["anna", "ben", "cleo", "dora"].map { contacts.number(of: $0) } == [2, 0, 1, 1])
        _ = contacts.note("ben", day: 1)
        #expect(["anna", "ben", "cleo", "dora"].map { contacts.number(of: $0) } == [2, 1, 0, 1])
        #expect(contacts.forgottenEarly == 2)
    }

    @Test func whoHasNoContactWithinTheWindowIsForgottenAndNotMissed() throws {
        let contacts = try contacts(window: 7, respondents: 100)
        for number in 0..<100 { _ = contacts.note("old \(number)", day: 0) }
        for number in 0..<50 { _ = contacts.note("new \(number)", day: 7) }
        #expect(contacts.count == 50 && contacts.forgottenEarly == 0)
    }

    @Test func memoryStaysWithinItsBound() throws {
        let (respondents, window) = (2000, 20)
        let contacts = try contacts(max: 1, window: window, respondents: respondents)
        // Everybody every day for five windows, twice as many as are remembered, in an order of days that goes back too.
        for day in 0..<(5 * window) {
            for number in 0..<(2 * respondents) {
                let late = number % 5 == 0 ? number % window : 0
                _ = contacts.note("r\(number)", day: Int64(day - late), arrival: Int64(day), block: UInt64(day + 1))
            }
            contacts.settle(through: UInt64(day + 1))
        }
        for day in (5 * window)..<(7 * window) {
            for number in 0..<respondents { _ = contacts.note("r\(number)", day: Int64(day), block: 1000) }
            contacts.settle(through: 1000)
        }
        #expect(contacts.count == respondents)
        #expect((0..<respondents).allSatisfy { contacts.number(of: "r\($0)") == window })
        // Two tables of pages, the last of each partly used.
        let pages = 1024 * (40 + 8)
        #expect(contacts.bytes <= respondents * (44 + 8 * window) + pages)
        #expect(contacts.bytes >= respondents * (44 + 8 * window))
    }

    @Test func oneWhoIsAskedWithoutEndTakesOneDayADay() throws {
        let contacts = try contacts(max: 1000, window: 366, respondents: 1)
        var last: Int?
        for number in 0..<200_000 { last = contacts.note("anna", day: Int64(number / 70_000), block: 1) }
        // Of each day as many as 16 bits hold.
        #expect(last == 65_535 * 2 + 60_000)
        #expect(contacts.bytes <= 44 + 1024 * (40 + 8))
        #expect(contacts.note("ben", day: 3) == nil && contacts.count == 1)
    }

    @Test func hostileRespondentsAndTimesAreOnlyCounted() throws {
        let contacts = try contacts(max: 1, window: 366, respondents: 1000)
        let names = [
            "\u{0}", "\u{0}\u{0}", "é", "e\u{301}", String(repeating: "x", count: 256), "\"}\n", " ", "Anna", "anna",
        ]
        for name in names { #expect(contacts.note(name, day: 0) == nil) }
        #expect(contacts.count == names.count)
        for name in names { #expect(contacts.note(name, day: 0) == 2) }
        for moment in [Int64.min, Int64.max, Timestamp.earliest, Timestamp.latest] {
            _ = contacts.note("anna", at: moment, clock: Responses.moment)
            _ = contacts.note("anna", at: moment, clock: moment)
        }
        #expect(contacts.note("anna", at: .max, clock: .max) != nil)
    }

    @Test func aLeapOfTheClockBringsNoOldContactBack() throws {
        // Days are kept in 16 bits: after so many days an old one looks like today.
        let contacts = try contacts(max: 1, window: 366)
        for number in 0..<10 { _ = contacts.note("r\(number)", day: 0) }
        // The two unseen for longest are forgotten with this contact; the others are still there.
        for number in [9, 8] { #expect(contacts.note("r\(number)", day: 65_536) == nil) }
        for number in [9, 8] { #expect(contacts.note("r\(number)", day: 2 * 65_536 + 1) == nil) }
        for number in [9, 8] { #expect(contacts.number(of: "r\(number)") == 1) }
    }
}

extension RespondentContacts {
    /// Days are counted from 2026-11-21; the contact is at noon.
    fileprivate func note(_ name: String, day: Int64, arrival: Int64? = nil, block: UInt64 = 1) -> Int? {
        let noon: Int64 = 1_795_219_200_000 + 43_200_000
        return note(
            name, at: noon + day * 86_400_000, clock: noon + (arrival ?? day) * 86_400_000, block: block)
    }

    fileprivate func note(_ name: String, at time: Int64, clock: Int64, block: UInt64 = 1) -> Int? {
        Array(name.utf8).withUnsafeBytes { note($0, at: time, clock: clock, block: block) }
    }

    fileprivate func number(of name: String) -> Int { Array(name.utf8).withUnsafeBytes { contacts(of: $0) } }
}
