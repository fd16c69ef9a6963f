import Foundation
import PluginKit
import Satisfaction
import Testing

@testable import DetectorPlugins

/// The figures of `docs/volume.md`. TIDELINE_VOLUME_STUDY=4 runs four times as many streams and prints the table.
@Suite struct VolumeStudyTests {
    private static let runs = Int(ProcessInfo.processInfo.environment["TIDELINE_VOLUME_STUDY"] ?? "") ?? 1
    private static let days = 400
    private static let segments = 7.0

    @Test(arguments: VolumeStream.Kind.allCases)
    func streamsWithoutAChangeAreQuiet(_ kind: VolumeStream.Kind) {
        var false_ = 0
        var segmentDays = 0.0
        for volume in [20.0, 100, 400] {
            for run in 0..<Self.runs {
                var watch = VolumeStream.watch
                var stream = VolumeStream(kind, volume: volume, seed: UInt64(run * 1_000 + Int(volume)))
                let said = stream.notes(days: 0..<Self.days, of: &watch)
                let alerts = said.filter { $0.note.assessment.verdict == .dip }
                if Self.runs > 1 || !alerts.isEmpty {
                    for alert in alerts { print("  ", kind.rawValue, volume, alert.day, alert.note.assessment.remarks) }
                }
                false_ += alerts.count
                segmentDays += Double(Self.days - 28) * Self.segments
            }
        }
        print(
            "\(kind.rawValue): \(false_) alerts in \(segmentDays) segment-days, \(1_000 * Double(false_) / segmentDays)"
        )
        // One per 1,000 segment-days is promised.
        #expect(Double(false_) <= segmentDays / 1_000)
    }

    @Test(arguments: [0.5, 3.0, 0.3, 2.0], ["total", "chat"])
    func breaksAreFoundWithinDays(_ rate: Double, _ where_: String) {
        var delays: [Int] = []
        var namedRight = 0
        for volume in [20.0, 100, 400] {
            for run in 0..<(Self.runs * 2) {
                var watch = VolumeStream.watch
                var stream = VolumeStream(.weekdays, volume: volume, seed: UInt64(run * 77 + Int(volume)))
                stream.change = (100, 130, rate, where_ == "total" ? nil : where_)
                let said = stream.notes(days: 0..<130, of: &watch)
                let wanted: Segment = where_ == "total" ? .total : Segment(dimension: "channel", value: where_)
                let first = said.first { $0.day >= 100 && $0.note.assessment.verdict == .dip }
                if first?.note.assessment.segment == wanted { namedRight += 1 }
                delays.append((first?.day ?? 130) - 100)
            }
        }
        delays.sort()
        // A false alarm of another segment may come first.
        #expect(10 * namedRight >= 9 * delays.count)
        print("rate \(rate) of \(where_): delays \(delays)")
        #expect(delays[delays.count / 2] <= 6 && delays.last! <= 20)
    }
}
