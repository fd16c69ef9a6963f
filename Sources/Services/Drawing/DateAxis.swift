import Foundation
import Satisfaction

/// Columns of a drawing as moments, with labels at the beginnings of hours, days, weeks, months or years of a zone.
struct DateAxis {
    struct Tick: Hashable {
        let column: Int
        let label: String
    }

    let ticks: [Tick]

    /// - Parameters:
    ///   - moments: milliseconds since 1970 of the first and the last column.
    ///   - columns: at least 1.
    init(showing moments: ClosedRange<Int64>, columns: Int, zone: TimeZoneTable) {
        let span = max(1, moments.upperBound - moments.lowerBound)
        func column(_ moment: Int64) -> Int {
            Int((Double(moment - moments.lowerBound) / Double(span) * Double(columns - 1)).rounded())
        }
        for unit in Self.units where unit.isWorthTrying(for: span, columns) {
            let ticks = unit.beginnings(in: moments, zone).map {
                Tick(column: column($0), label: unit.label(CivilMoment($0, zone)))
            }
            if Self.fit(ticks) {
                self.ticks = ticks
                return
            }
        }
        ticks = []
    }

    /// Blank columns between two labels at least.
    private static let gapMin = 2

    private static func fit(_ ticks: [Tick]) -> Bool {
        zip(ticks, ticks.dropFirst()).allSatisfy { left, right in
            right.column - left.column >= (left.label.count + right.label.count + 1) / 2 + gapMin
        }
    }

    private enum Unit {
        case hours(Int)
        /// Every so many days, counted from a Monday.
        case days(Int)
        case months(Int)
        case years(Int)

        var milliseconds: Int64 {
            switch self {
            case .hours(let count): Int64(count) * 3_600_000
            case .days(let count): Int64(count) * 86_400_000
            case .months(let count): Int64(count) * 30 * 86_400_000
            case .years(let count): Int64(count) * 365 * 86_400_000
            }
        }

        /// A label needs five columns at least, so finer units cannot fit and need not be counted out.
        func isWorthTrying(for span: Int64, _ columns: Int) -> Bool { span / milliseconds <= Int64(columns / 5) }

        func beginnings(in moments: ClosedRange<Int64>, _ zone: TimeZoneTable) -> [Int64] {
            let days = zone.day(of: moments.lowerBound)...zone.day(of: moments.upperBound)
            var found: [Int64] = []
            for day in days {
                let start = zone.start(ofDay: day)
                switch self {
                case .hours(let count):
                    found += stride(from: 0, to: 24, by: count).map { Self.moment(hour: $0, ofDayFrom: start, zone) }
                // 1970-01-05 was a Monday.
                case .days(let count): if (Int(day) - 4).isMultiple(of: count) { found.append(start) }
                case .months(let count):
                    let civil = CivilMoment(start, zone)
                    if civil.day == 1, (civil.month - 1).isMultiple(of: count) { found.append(start) }
                case .years(let count):
                    let civil = CivilMoment(start, zone)
                    if civil.day == 1, civil.month == 1, civil.year.isMultiple(of: count) { found.append(start) }
                }
            }
            return found.filter { moments.contains($0) }
        }

        /// When the zone's clocks show that hour, also on the days they are changed.
        private static func moment(hour: Int, ofDayFrom start: Int64, _ zone: TimeZoneTable) -> Int64 {
            let moment = start + Int64(hour) * 3_600_000
            return moment + zone.offset(at: start) - zone.offset(at: moment)
        }

        func label(_ civil: CivilMoment) -> String {
            switch self {
            case .hours: civil.hour == 0 ? civil.dayText : civil.clockText
            case .days: civil.dayText
            case .months: civil.month == 1 ? String(civil.year) : civil.monthText
            case .years: String(civil.year)
            }
        }
    }

    private static let units: [Unit] = [
        .hours(1), .hours(3), .hours(6), .hours(12), .days(1), .days(2), .days(7), .days(14), .months(1),
        .months(3), .months(6), .years(1), .years(2), .years(5),
    ]
}

/// A moment as the calendar and the clock of a zone show it.
struct CivilMoment: Hashable {
    let year: Int
    let month: Int
    let day: Int
    let hour: Int
    let minute: Int

    /// - Parameter moment: milliseconds since 1970.
    init(_ moment: Int64, _ zone: TimeZoneTable) {
        let local = Date(timeIntervalSince1970: Double(moment + zone.offset(at: moment)) / 1000)
        let parts = Self.calendar.dateComponents([.year, .month, .day, .hour, .minute], from: local)
        year = parts.year!
        month = parts.month!
        day = parts.day!
        hour = parts.hour!
        minute = parts.minute!
    }

    var monthText: String { Self.months[month - 1] }
    var dayText: String { "\(day) \(monthText)" }
    var clockText: String { "\(hour < 10 ? "0" : "")\(hour):\(minute < 10 ? "0" : "")\(minute)" }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static let calendar: Calendar = {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0)!
        return calendar
    }()
}
