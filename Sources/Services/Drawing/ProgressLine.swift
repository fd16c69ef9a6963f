/// How far a long task has come, as one line that says rate, share and time left.
///
/// On a terminal the line is rewritten in place; elsewhere, in a log say, a new line comes every few seconds. A value
/// that takes the time as an argument: it never looks at a clock and writes nothing itself.
package struct ProgressLine: Sendable {
    /// What is done, such as "published".
    package let verb: String
    /// What is counted, such as "responses".
    package let noun: String
    /// How many there will be; nil when nobody knows.
    package let total: Int?
    package let style: DrawingStyle
    /// Whether the line can be rewritten.
    package let isTerminal: Bool
    /// Columns of the terminal.
    package let width: Int

    /// Milliseconds between two lines.
    package static let terminalInterval: Int64 = 100
    package static let logInterval: Int64 = 5000

    private let start: Int64
    private var last: Int64
    private var rate = ProgressRate()

    /// - Parameter now: milliseconds of any clock that never goes back; the same for all calls.
    package init(
        verb: String, noun: String, total: Int? = nil, style: DrawingStyle, isTerminal: Bool, width: Int = 80,
        now: Int64
    ) {
        self.verb = verb
        self.noun = noun
        self.total = total
        self.style = style
        self.isTerminal = isTerminal
        self.width = width
        start = now
        last = now
        rate.add(count: 0, at: now)
    }

    /// - Returns: what to write to the terminal or the log, line break included where one belongs; nil when it is too
    ///   early for another line.
    package mutating func update(_ count: Int, now: Int64) -> String? {
        guard now - last >= (isTerminal ? Self.terminalInterval : Self.logInterval) else { return nil }
        last = now
        rate.add(count: count, at: now)
        return written(running(count, now), isLast: false)
    }

    /// The last line, which stays: how many, how long, and the rate over all of it.
    package func finish(_ count: Int, now: Int64) -> String {
        let seconds = Double(max(1, now - start)) / 1000
        let overall = "\(verb) \(grouped(count)) \(noun) in \(duration(seconds)), \(perSecond(Double(count) / seconds))"
        return written(overall, isLast: true)
    }

    private func running(_ count: Int, _ now: Int64) -> String {
        var parts = ["\(verb) \(grouped(count)) \(noun)"]
        let perSecond = rate.perSecond
        if let perSecond { parts.append(self.perSecond(perSecond)) }
        guard let total, total > 0 else { return parts.joined(separator: style.shown(" · ")) }
        let share = min(1, Double(count) / Double(total))
        if let perSecond, perSecond > 0, count < total {
            parts.append("\(duration(Double(total - count) / perSecond)) left")
        }
        let percent = "\(Int(share * 100)) %"
        let text = parts.joined(separator: style.shown(" · "))
        let head = String(repeating: " ", count: 5 - percent.count) + percent + " "
        guard isTerminal else { return head.drop { $0 == " " } + style.shown("· ") + text }
        let room = min(Self.barColumnsMax, width - 1 - head.count - text.columns - 1)
        return (room >= Self.barColumnsMin ? bar(share, columns: room) + " " : "") + head + text
    }

    private static let barColumnsMin = 8
    private static let barColumnsMax = 24

    private func bar(_ share: Double, columns: Int) -> String {
        guard style.isUnicode else {
            let full = Int(share * Double(columns - 2))
            return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: columns - 2 - full) + "]"
        }
        let eighths = Int(share * Double(columns * 8))
        let partial = Array("▏▎▍▌▋▊▉")
        var bar = String(repeating: "█", count: eighths / 8)
        if eighths % 8 > 0 { bar.append(partial[eighths % 8 - 1]) }
        let rest = String(repeating: "░", count: columns - bar.count)
        return style.painted(bar, .line) + style.painted(rest, .faint)
    }

    private func written(_ text: String, isLast: Bool) -> String {
        guard isTerminal else { return text + "\n" }
        return "\r" + text + "\u{1B}[K" + (isLast ? "\n" : "")
    }

    private func perSecond(_ rate: Double) -> String {
        rate >= 9.95 ? "\(grouped(Int(rate.rounded())))/s" : "\(Double(Int(rate * 10 + 0.5)) / 10)/s"
    }

    /// "1,234,567".
    private func grouped(_ number: Int) -> String {
        var text = ""
        for (place, digit) in String(number).reversed().enumerated() {
            if place > 0, place.isMultiple(of: 3) { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    private func duration(_ seconds: Double) -> String {
        if seconds < 9.95 { return "\(Double(Int(seconds * 10 + 0.5)) / 10) s" }
        let whole = Int(min(seconds, 1e9) + 0.5)
        if whole < 120 { return "\(whole) s" }
        return whole < 7200 ? "\(whole / 60) min \(whole % 60) s" : "\(whole / 3600) h \(whole / 60 % 60) min"
    }
}

/// The rate over the last few seconds, so that a stall shows and the start does not count for ever.
private struct ProgressRate: Sendable {
    /// Milliseconds the rate looks back.
    private static let window: Int64 = 10_000
    private var samples: [(count: Int, moment: Int64)] = []

    mutating func add(count: Int, at moment: Int64) {
        samples.append((count, moment))
        while samples.count > 2, samples[1].moment <= moment - Self.window { samples.removeFirst() }
    }

    /// Nil until time has passed.
    var perSecond: Double? {
        guard let first = samples.first, let last = samples.last, last.moment > first.moment else { return nil }
        return Double(last.count - first.count) * 1000 / Double(last.moment - first.moment)
    }
}
