import JSON
import Messages
import Satisfaction

/// The notes of a calendar that stand beside a beginning.
enum AlertCalendar {
    /// Days for which a release is thought of.
    static let releaseDays: Int64 = 3
    static let notesMax = 5

    /// Releases that began within three days before the range's end, the latest first; then holidays and other notes that
    /// overlap the range, the longest overlapping ones last.
    ///
    /// - Parameter range: in which the change began.
    static func notes(_ notes: [CalendarNote], near range: ClosedRange<Bucket>) -> [CalendarNote] {
        let span = range.lowerBound.start..<range.upperBound.end
        let earliest = span.upperBound - releaseDays * 86_400_000
        let near = notes.filter { note in
            note.kind == .release
                ? (earliest..<span.upperBound).contains(note.start)
                : note.start < span.upperBound && note.end > span.lowerBound
        }
        let sorted = near.sorted { left, right in
            if left.rank != right.rank { return left.rank < right.rank }
            if left.start != right.start { return left.start > right.start }
            return (left.end, left.name) < (right.end, right.name)
        }
        return Array(sorted.prefix(notesMax))
    }

    /// Civil days that a calendar's holidays touch.
    static func holidays(_ notes: [CalendarNote], in zone: TimeZoneTable) -> Set<Int32> {
        var days: Set<Int32> = []
        for note in notes where note.kind == .holiday {
            days.formUnion(zone.day(of: note.start)...zone.day(of: note.end - 1))
        }
        return days
    }
}

extension CalendarNote {
    fileprivate var rank: Int {
        switch kind {
        case .release: 0
        case .holiday: 1
        case .note: 2
        }
    }

    /// "two hours after release 4.2", "during the holiday 'Christmas Day'".
    func words(at onset: Int64) -> String {
        switch kind {
        case .release:
            let distance = onset - start
            if distance < 0 { return "about the time of \(releaseWords)" }
            if distance < Bucket.milliseconds { return "with \(releaseWords)" }
            return "\(MomentWording.spanInWords(distance)) after \(releaseWords)"
        case .holiday: return "during the holiday \(SpokenText.quoted(name))"
        case .note: return "during \(SpokenText.quoted(name))"
        }
    }

    private var releaseWords: String {
        let line = SpokenText.line(name)
        if line.lowercased().hasPrefix("release") { return line.prefix(1).lowercased() + line.dropFirst() }
        let isVersion = line.first?.isNumber == true && !line.contains(" ")
        return isVersion ? "release \(line)" : "the release \(SpokenText.quoted(name))"
    }

    /// As an alert carries it.
    var alertTree: JSONTree {
        .object([
            ("name", .string(name)), ("kind", .string(kind.rawValue)), ("start", .string(Timestamp.text(start))),
            ("end", .string(Timestamp.text(end))),
        ])
    }

    init(alertTree tree: JSONTree) throws(MessageError) {
        let reader = TreeReader(tree, place: "alert/calendar")
        guard let kind = Kind(rawValue: try reader.string("kind")),
            let start = Timestamp.read(try reader.string("start")),
            let end = Timestamp.read(try reader.string("end")), start < end
        else { throw MessageError("alert/calendar must have a kind, a start and a later end") }
        self.init(name: try reader.string("name"), kind: kind, start: start, end: end)
    }
}
