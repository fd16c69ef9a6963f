import PluginKit
import Satisfaction
import Testing

@testable import DetectorPlugins

@Suite("What the detector says")
struct DetectorTests {
    private func words(_ said: [(day: Int, said: Assessment)]) -> [Assessment.Verdict] {
        said.map(\.said.verdict).filter { $0 != .suspected && $0 != .cleared && $0 != .revised }
    }

    @Test("a constant series is quiet, whatever its level", arguments: [0.0, 3, 50, 85, 99, 100])
    func constantIsQuiet(level: Double) throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("150x100@\(Int(level))"))
        #expect(said.isEmpty)
    }

    @Test("a fall of twenty points is found within days, where it began, and nothing before")
    func fallIsFound() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("70x100@85 20x100@65", seed: 11))
        let dip = try #require(said.first { $0.said.verdict == .dip })
        #expect((70...73).contains(dip.day))
        #expect(abs(Bench.day(of: dip.said.onset) - 70) < 1)
        #expect(dip.said.segment == .total)
        #expect(dip.said.causes.map(\.segment) == [.total])
        #expect(abs(dip.said.baseline.score - 85) < 3)
        #expect((12...32).contains(dip.said.drop))
        #expect(dip.said.current.low < dip.said.current.score && dip.said.current.score < dip.said.current.high)
        #expect(dip.said.evidence.log >= dip.said.evidence.threshold)
        #expect(dip.said.evidence.expectedFalseAlarms == 0.5)
        #expect(words(said) == [.dip])
    }

    @Test("a dip that ends is said to have recovered, and the next one is found again")
    func recovery() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("60x100@85 10x100@65 40x100@85 10x100@65", seed: 3))
        #expect(words(said) == [.dip, .recovered, .dip])
        let recovered = try #require(said.first { $0.said.verdict == .recovered })
        #expect((70...76).contains(recovered.day))
        #expect(recovered.said.current.score > 78)
        let second = try #require(said.last { $0.said.verdict == .dip })
        #expect((110...113).contains(second.day))
        // The first dip has not become part of what is usual.
        #expect(abs(second.said.baseline.score - 85) < 3)
    }

    @Test("a fall that lasts is the new normal after 45 days, and a further one is found from there")
    func newNormal() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("60x100@85 90x100@70 15x100@50", seed: 5))
        #expect(words(said) == [.dip, .newNormal, .dip])
        let opened = try #require(said.first { $0.said.verdict == .dip }).day
        #expect(try #require(said.first { $0.said.verdict == .newNormal }).day == opened + 45)
        let second = try #require(said.last { $0.said.verdict == .dip })
        #expect((150...153).contains(second.day))
        #expect(abs(second.said.baseline.score - 70) < 4)
    }

    @Test("a rise is taken in silence, and a fall back from it is a dip")
    func riseThenFall() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("60x200@70 60x200@85 15x200@70", seed: 9))
        #expect(words(said) == [.dip])
        #expect(try #require(said.first { $0.said.verdict == .dip }).day >= 120)
    }

    @Test("falls under the smallest dip stay suspected")
    func smallestDip() throws {
        let steps = Bench.total("60x2000@85 25x2000@83", seed: 21)
        var patient = try Bench.detector(smallestDip: 10)
        let held = patient.run(steps)
        #expect(words(held).isEmpty)
        #expect(held.contains { $0.said.verdict == .suspected })
        var eager = try Bench.detector(smallestDip: 1)
        #expect(words(eager.run(steps)).first == .dip)
    }

    @Test("revisions come at most daily for three days, then only for something material")
    func revisions() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("60x100@85 30x100@65", seed: 17))
        let opened = try #require(said.first { $0.said.verdict == .dip }).day
        let revised = said.filter { $0.said.verdict == .revised }.map(\.day)
        #expect(Set(revised).count == revised.count)
        #expect(revised.filter { $0 > opened + 3 }.count <= 2)
    }

    @Test("suspicion comes at half the threshold and goes at a quarter")
    func suspicion() throws {
        var detector = try Bench.detector()
        let said = detector.run(Bench.total("60x100@85 2x100@68 40x100@87", seed: 2))
        let pairs = said.filter { $0.said.verdict == .suspected || $0.said.verdict == .cleared }
        let suspected = try #require(pairs.first)
        #expect(suspected.said.verdict == .suspected)
        #expect(suspected.said.evidence.log >= 0.5 * suspected.said.evidence.threshold)
        let changes: Set<Assessment.Verdict> = [.suspected, .cleared, .dip]
        let words = said.map(\.said.verdict).filter { changes.contains($0) }
        for (one, next) in zip(words, words.dropFirst()) { #expect(one != next) }
        for pair in pairs where pair.said.verdict == .cleared {
            #expect(pair.said.evidence.log < 0.25 * pair.said.evidence.threshold)
        }
    }
}
