import JSON
import PluginKit
import Satisfaction

/// The latest hours or days over which a plain rule forms its score, and the time it compares them with.
struct ScoreWindow: Sendable {
    static let daysMax = 28
    static let hoursMax = 168
    /// Days before the window that are taken as usual.
    static let referenceDays: Int32 = 28

    let length: Int32
    let isHours: Bool
    let minimumAnswers: Double

    static let defaults: [(String, JSONTree)] = [
        ("minimumAnswers", 50),  // 1... answers the window needs before anything is said of it
        ("window", "7 days"),  // 1...28 days or 1...168 hours
    ]

    init(_ configuration: PluginConfiguration) throws(PluginConfigurationError) {
        minimumAnswers = try configuration.number("minimumAnswers", in: 1...1e9)
        let text = try configuration.string("window")
        let words = text.split(separator: " ")
        guard words.count == 2, let length = Int32(words[0]), length >= 1 else { throw Self.wrong(text) }
        self.length = length
        switch words[1] {
        case "day", "days":
            isHours = false
            guard length <= Self.daysMax else { throw Self.wrong(text) }
        case "hour", "hours":
            isHours = true
            guard length <= Self.hoursMax else { throw Self.wrong(text) }
        default: throw Self.wrong(text)
        }
    }

    private static func wrong(_ text: String) -> PluginConfigurationError {
        PluginConfigurationError(
            key: "window",
            sentence: "is \"\(text)\", but must be 1 to \(daysMax) days or 1 to \(hoursMax) hours, such as \"7 days\"")
    }

    /// The window that ends now.
    func span(_ view: SegmentView) -> ChartSpan {
        isHours ? .hours(view.hour - length + 1...view.hour) : .days(view.day - length + 1...view.day)
    }

    /// Hour in which it begins.
    func firstHour(_ view: SegmentView) -> Int32 {
        isHours ? view.hour - length + 1 : (view.day - length + 1) * 24
    }

    func lastHour(_ view: SegmentView) -> Int32 {
        max(firstHour(view), isHours ? view.hour : min(view.hour, view.day * 24 + 23))
    }

    /// The days before it.
    func reference(_ view: SegmentView) -> ClosedRange<Int32> {
        let first = isHours ? min(view.day, firstHour(view).flooredQuotient(24)) : view.day - length + 1
        return first - Self.referenceDays...first - 1
    }

    /// False alarms over a thousand days, were every window a sample of its own around `usual`.
    func expectedFalseAlarms(_ view: SegmentView, margin: Double, usual: WatchedSums, window: WatchedSums) -> Double {
        guard usual.answers > 0 else { return 0 }
        let alike = WatchedSums(answers: window.answers, harms: usual.harms * (window.answers / usual.answers))
        let deviation = view.line.deviation(alike)
        let windows = 1_000 / (isHours ? Double(length) / 24 : Double(length))
        guard deviation > 0 else { return margin < 0 ? windows : 0 }
        return windows * ControlLimits.tail(margin / deviation)
    }
}
