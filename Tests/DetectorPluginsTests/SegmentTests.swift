import PluginKit
import Satisfaction
import Testing

@testable import DetectorPlugins

@Suite("Segments, causes and the split")
struct SegmentTests {
    private let mail = Segment(dimension: "channel", value: "mail")
    private let chat = Segment(dimension: "channel", value: "chat")

    @Test("the segment that fell is named, once, and not the total")
    func rightSegment() throws {
        var detector = try Bench.detector(dimensions: ["channel"])
        let steps = Bench.steps(
            [["chat"]: SeriesText("60x100@85 15x100@60"), ["mail"]: SeriesText("75x100@85")])
        let said = detector.run(steps).filter { $0.said.verdict == .dip }
        #expect(said.count == 1)
        #expect(said.first?.said.segment == chat)
        #expect(said.first?.said.causes.map(\.segment) == [chat])
        #expect(said.first?.said.causes.map(\.share) == [1])
    }

    @Test("when all fall, one alert says so of the total")
    func oneIncident() throws {
        var detector = try Bench.detector(dimensions: ["channel", "region"])
        let series = SeriesText("60x60@85 15x60@68")
        var cells: [[String]: SeriesText] = [:]
        for channel in ["chat", "mail"] { for region in ["eu", "us", "ap"] { cells[[channel, region]] = series } }
        let said = detector.run(Bench.steps(cells, seed: 8)).filter { $0.said.verdict == .dip }
        #expect(said.map(\.said.segment) == [.total])
    }

    @Test("a second dip elsewhere is found while the first is open")
    func secondDip() throws {
        var detector = try Bench.detector(dimensions: ["channel"])
        let steps = Bench.steps(
            [
                ["chat"]: SeriesText("60x100@85 30x100@60"), ["mail"]: SeriesText("72x100@85 18x100@60"),
                ["phone"]: SeriesText("90x100@85"),
            ], seed: 6)
        let dips = detector.run(steps).filter { $0.said.verdict == .dip }
        #expect(dips.map(\.said.segment) == [chat, mail])
        #expect(dips.count == 2 && (72...75).contains(dips[1].day))
    }

    @Test("other customers answering is no dip")
    func mixShift() throws {
        var detector = try Bench.detector(dimensions: ["channel"])
        let steps = Bench.steps(
            [["chat"]: SeriesText("60x60@95 40x160@95"), ["mail"]: SeriesText("60x140@70 40x240@70")], seed: 12)
        #expect(detector.run(steps).filter { $0.said.verdict == .dip }.isEmpty)
        let worse = Bench.steps(
            [["chat"]: SeriesText("60x160@95 40x40@95"), ["mail"]: SeriesText("60x40@70 40x160@70")], seed: 13)
        var second = try Bench.detector(dimensions: ["channel"])
        #expect(second.run(worse).filter { $0.said.verdict == .dip && $0.said.kind == .dip }.isEmpty)
    }

    @Test("within, mix and entry sum to current less baseline")
    func splitSums() throws {
        var generator = SeededGenerator(state: 99)
        for _ in 0..<500 {
            let cells = (0..<Int.random(in: 1...9, using: &generator)).map { _ in
                var cell = SegmentStanding.CellSums()
                if Bool.random(using: &generator) {
                    cell.responses = Double(Int.random(in: 1...4_000, using: &generator))
                    for channel in 0..<3 {
                        cell.harms[channel] = Double(Int.random(in: 0...Int(cell.responses), using: &generator))
                        cell.expected[channel] = cell.responses * Double.random(in: 0.003...0.97, using: &generator)
                    }
                }
                if Bool.random(using: &generator) { cell.history = Double.random(in: 0...9_000, using: &generator) }
                for channel in 0..<3 { cell.usual[channel] = Double.random(in: 0.003...0.97, using: &generator) }
                return cell
            }
            for watched in [Bench.watched, Bench.promoters, Bench.effort] {
                let standing = SegmentStanding(
                    cells: cells, scoring: ScoreOfHarm(watched, scatter: .one), dispersion: 1)
                let change = standing.current.score - standing.baseline.score
                #expect(abs(standing.split.total - change) < 1e-9)
                #expect(abs(standing.drop - (watched.isLowerBetter ? change : -change)) < 1e-9)
                #expect(
                    standing.current.low <= standing.current.score && standing.current.score <= standing.current.high)
            }
        }
    }

    @Test("every assessment's split sums, with mix and new cells in it")
    func saidSplitsSum() throws {
        var detector = try Bench.detector(dimensions: ["channel", "region"])
        let steps = Bench.steps(
            [
                ["chat", "eu"]: SeriesText("60x80@90 20x120@60"), ["mail", "eu"]: SeriesText("60x80@80 20x20@70"),
                ["mail", "us"]: SeriesText("60x40@85 20x40@85"), ["app", "us"]: SeriesText("60x0@50 20x60@70"),
            ], seed: 15)
        let said = detector.run(steps)
        #expect(said.contains { $0.said.verdict == .dip })
        for (_, assessment) in said {
            let change = assessment.current.score - assessment.baseline.score
            #expect(abs(assessment.split.total - change) < 1e-9)
            #expect(abs(assessment.drop + change) < 1e-9)
        }
    }

    @Test("cells beyond the limit are counted under other, and pairs end where cells are many")
    func cellLimit() {
        var lattice = SegmentLattice(dimensions: ["a", "b"])
        for number in 0..<(DetectionLimits.cellsMax + 500) { _ = lattice.number(of: ["a\(number)", "b\(number % 3)"]) }
        #expect(lattice.cells.count == DetectionLimits.cellsMax)
        #expect(lattice.cells.last == ["other", "other"])
        #expect(lattice.activeByLevel[2] == 0)
        #expect(lattice.number(of: ["new", "new"]) == DetectionLimits.cellsMax - 1)
    }

    @Test("a cell of too few or too many values does no harm")
    func crookedCells() {
        var lattice = SegmentLattice(dimensions: ["a", "b"])
        #expect(lattice.number(of: ["x"]) == lattice.number(of: ["x", ""]))
        #expect(lattice.number(of: ["x", "y", "z"]) == lattice.number(of: ["x", "y"]))
    }
}

@Suite struct SecondDipTests {
    @Test("a part that falls further while everybody is down has an alert of its own; the others have none")
    func withinATotalDip() throws {
        var detector = try Bench.detector(dimensions: ["channel"])
        let said = detector.run(
            Bench.steps(
                [
                    ["chat"]: SeriesText("60x150@85 35x150@70"), ["mail"]: SeriesText("60x150@85 12x150@70 23x150@35"),
                    ["phone"]: SeriesText("60x150@85 35x150@70"),
                ], seed: 21)
        ).filter { $0.said.verdict == .dip && $0.said.kind == .dip }
        #expect(said.map { "\($0.said.segment)" } == ["total", "channel:mail"], "\(said)")
        #expect(said.last.map { $0.day >= 72 && $0.day <= 74 } ?? false)
        #expect(said.last.map { abs(Bench.day(of: $0.said.onset) - 72) < 1 } ?? false)
    }
}
