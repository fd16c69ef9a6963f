/// Times of day in milliseconds since 1970, and as RFC 3339 writes them. Proleptic Gregorian calendar, UTC.
package enum UnixTime {
    package static let textBytes = 24

    package static let millisecondsPerDay: Int64 = 86_400_000

    /// Years 0000 to 9999, which is all that RFC 3339 can write.
    package static let range: ClosedRange<Int64> = -62_167_219_200_000...253_402_300_799_999

    /// Days since 1970-01-01 to a date, and back, by counting in eras of 400 years that begin in March, so that the
    /// leap day comes last.
    package static func date(daysSince1970 days: Int64) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)), Int(month), Int(day))
    }

    package static func daysSince1970(year: Int, month: Int, day: Int) -> Int64 {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// "2026-11-22T21:36:46.123Z"; times outside ``range`` become its nearest end.
    package static func text(_ milliseconds: Int64) -> String {
        String(unsafeUninitializedCapacity: textBytes) { buffer in
            write(milliseconds, to: buffer)
            return textBytes
        }
    }

    /// Appends the 24 bytes of ``text(_:)``.
    package static func append(_ milliseconds: Int64, to bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: textBytes) { buffer in
            write(milliseconds, to: buffer)
            bytes.append(contentsOf: buffer)
        }
    }

    private static func write(_ milliseconds: Int64, to buffer: UnsafeMutableBufferPointer<UInt8>) {
        let clamped = min(max(milliseconds, range.lowerBound), range.upperBound)
        let (days, ofDay) = floorDivide(clamped, millisecondsPerDay)
        let (year, month, day) = date(daysSince1970: days)
        var position = 0
        func put(_ number: Int, digits: Int, then separator: Unicode.Scalar) {
            var rest = number
            for index in stride(from: position + digits - 1, through: position, by: -1) {
                buffer.initializeElement(at: index, to: UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            }
            buffer.initializeElement(at: position + digits, to: UInt8(ascii: separator))
            position += digits + 1
        }
        let seconds = Int(ofDay / 1000)
        put(year, digits: 4, then: "-")
        put(month, digits: 2, then: "-")
        put(day, digits: 2, then: "T")
        put(seconds / 3600, digits: 2, then: ":")
        put(seconds / 60 % 60, digits: 2, then: ":")
        put(seconds % 60, digits: 2, then: ".")
        put(Int(ofDay % 1000), digits: 3, then: "Z")
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    /// "Sun, 22 Nov 2026 21:36:46 GMT", the form of HTTP's Date header (RFC 9110, 5.6.7).
    package static func httpDate(_ milliseconds: Int64) -> String {
        let clamped = min(max(milliseconds, range.lowerBound), range.upperBound)
        let (days, ofDay) = floorDivide(clamped, millisecondsPerDay)
        let (year, month, day) = date(daysSince1970: days)
        // Day 0 was a Thursday.
        let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][Int(floorDivide(days, 7).remainder)]
        let monthName = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][month - 1]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let yearText = String(repeating: "0", count: 4 - String(year).count) + String(year)
        let seconds = Int(ofDay / 1000)
        return "\(weekday), \(two(day)) \(monthName) \(yearText) "
            + "\(two(seconds / 3600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) GMT"
    }
}
