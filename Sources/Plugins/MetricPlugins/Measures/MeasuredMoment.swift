import JSON
import Satisfaction

/// Reads the ends of a duration: RFC 3339 with seconds and a zone, the form every moment of a message has.
enum MeasuredMoment {
    /// Reads `2026-11-21T10:15:30.123456Z` or `…+01:00`; one to nine fraction digits, cut to microseconds. A leap
    /// second is the next minute's first second.
    ///
    /// - Returns: microseconds since 1970; nil for any other form and for a day that does not exist.
    static func microseconds(_ text: JSONString) -> Int64? {
        guard text.count <= textBytesMax else { return nil }
        var cursor = Cursor(rest: text.bytes[...])
        guard let year = cursor.number(of: 4), cursor.take("-"), let month = cursor.number(of: 2), cursor.take("-"),
            let day = cursor.number(of: 2), let date = CivilDate(year: year, month: month, day: day),
            cursor.take("T") || cursor.take("t"), let hour = cursor.number(of: 2), hour < 24, cursor.take(":"),
            let minute = cursor.number(of: 2), minute < 60, cursor.take(":"), let second = cursor.number(of: 2),
            second <= 60, let fraction = cursor.fraction(), let offset = cursor.zone(), cursor.rest.isEmpty
        else { return nil }
        let seconds = Int64(date.daysSince1970) * 86_400 + Int64(hour * 3600 + minute * 60 + second - offset)
        return seconds * 1_000_000 + fraction
    }

    /// The longest form: nine fraction digits and a zone of six bytes.
    private static let textBytesMax = 35

    private struct Cursor {
        var rest: UnsafeBufferPointer<UInt8>.SubSequence

        mutating func take(_ letter: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: letter) else { return false }
            rest.removeFirst()
            return true
        }

        private mutating func digit() -> Int? {
            guard let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            rest.removeFirst()
            return Int(byte - UInt8(ascii: "0"))
        }

        mutating func number(of digits: Int) -> Int? {
            var number = 0
            for _ in 0..<digits {
                guard let digit = digit() else { return nil }
                number = number * 10 + digit
            }
            return number
        }

        /// Microseconds; 0 where there is no fraction.
        mutating func fraction() -> Int64? {
            guard take(".") else { return 0 }
            var microseconds: Int64 = 0
            var unit: Int64 = 100_000
            var digits = 0
            while let digit = digit() {
                microseconds += Int64(digit) * unit
                unit /= 10
                digits += 1
            }
            return (1...9).contains(digits) ? microseconds : nil
        }

        /// Seconds east of Greenwich.
        mutating func zone() -> Int? {
            if take("Z") || take("z") { return 0 }
            let isWest = rest.first == UInt8(ascii: "-")
            guard take("+") || take("-"), let hours = number(of: 2), hours < 24, take(":"),
                let minutes = number(of: 2), minutes < 60
            else { return nil }
            let seconds = hours * 3600 + minutes * 60
            return isWest ? -seconds : seconds
        }
    }
}
