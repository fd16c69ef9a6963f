import ICalendar
import Runtime
import Satisfaction

/// `calendar`: an iCalendar file, `{file, kind}`, or a list of either.
enum CalendarSetting {
    static let keys = ["file", "kind"]
    static let filesMax = 64
    /// Years before and after the present one whose events are taken, whole calendar years, so that the set stays the same
    /// whatever the day on which a service starts.
    static let yearsBefore = 10
    static let yearsAfter = 5

    struct Source {
        let file: String
        let kind: CalendarNote.Kind?
        let place: ConfigurationTree
        let key: String
    }

    /// What the setting names, without its mistakes.
    private static func sources(_ tree: ConfigurationTree, _ path: String) -> [Source] {
        entries(tree, path).compactMap { entry, key in
            (entry.text ?? entry["file"]?.text).map { file in
                Source(
                    file: file, kind: entry["kind"]?.text.flatMap(CalendarNote.Kind.init),
                    place: entry["file"] ?? entry,
                    key: key)
            }
        }
    }

    private static func entries(_ tree: ConfigurationTree, _ path: String) -> [(ConfigurationTree, String)] {
        if tree.isNull { return [] }
        guard let list = tree.list else { return [(tree, path)] }
        return list.enumerated().map { ($1, "\(path)[\($0)]") }
    }

    /// What is wrong with the setting itself; no file is opened.
    static func problems(_ tree: ConfigurationTree, _ path: String) -> [ConfigurationProblem] {
        let entries = entries(tree, path)
        if entries.count > filesMax {
            return [tree.problem("names \(entries.count) files, but at most \(filesMax) are taken", key: path)]
        }
        return entries.flatMap { entry, key -> [ConfigurationProblem] in
            if entry.text?.isEmpty == false { return [] }
            guard let members = entry.members, entry["file"]?.text?.isEmpty == false else {
                return [
                    entry.problem(
                        "is \(entry.whatItIs), but must be an iCalendar file such as holidays.ics, {file: holidays.ics, kind: "
                            + "holiday}, or a list of these", key: key)
                ]
            }
            return members.compactMap { member in
                guard keys.contains(member.key) else {
                    return ConfigurationProblem(
                        place: member.keyPlace, key: "\(key).\(member.key)",
                        sentence: "is not a setting of a calendar; it has: \(keys.joined(separator: ", "))")
                }
                guard member.key == "kind", member.value.text.flatMap(CalendarNote.Kind.init) == nil else { return nil }
                let kinds = CalendarNote.Kind.allCases.map(\.rawValue).joined(separator: ", ")
                return member.value.problem(
                    "is \(member.value.whatItIs), but must be one of \(kinds)", key: "\(key).kind")
            }
        }
    }

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - now: ms since 1970; its calendar year decides which years are taken.
    ///   - report: gets what is wrong with a file, in its order.
    /// - Returns: the notes of all files in the order of their beginnings, no two alike.
    static func notes(
        _ tree: ConfigurationTree, zone: TimeZoneTable, now: Int64, report: (ConfigurationProblem) -> Void
    ) -> [CalendarNote] {
        let span = span(now: now, zone: zone)
        var notes: Set<CalendarNote> = []
        for source in sources(tree, "calendar") {
            let reader = CalendarReader(zone: zone, span: span, kind: source.kind)
            do {
                let bytes = try FileBytes.read(source.file, bytesMax: CalendarReader.bytesMax)
                notes.formUnion(try reader.notes(bytes))
            } catch let error as CalendarError {
                report(
                    source.place.problem(
                        "names \(source.file), whose line \(error.line) \(error.sentence)", key: source.key))
            } catch {
                report(
                    source.place.problem(
                        "names \(source.file), which cannot be read: \(error); the path counts from the folder in which the "
                            + "service is started", key: source.key))
            }
        }
        if notes.count > CalendarReader.notesMax {
            report(
                tree.problem(
                    "has \(notes.count) events in all its files, but at most \(CalendarReader.notesMax) are taken: leave some out",
                    key: "calendar"))
        }
        return notes.sorted(by: CalendarNote.isBefore)
    }

    static func span(now: Int64, zone: TimeZoneTable) -> Range<Int64> {
        let year = CivilDate(daysSince1970: zone.day(of: now)).year
        func start(_ year: Int) -> Int64 {
            zone.start(ofDay: Int32(clamping: CivilDate.daysSince1970(year: year, month: 1, day: 1)))
        }
        return start(year - yearsBefore)..<start(year + yearsAfter + 1)
    }
}
