/// Moments on the wire: RFC 3339 with seconds and a zone, read to milliseconds.
package enum Timestamp {
    /// 2000-01-01T00:00:00Z; earlier stamps are taken for a clock that was never set.
    package static let earliest: Int64 = 946_684_800_000

    /// 9999-01-01T00:00:00Z: the end of spans that have none.
    package static let latest: Int64 = 253_370_764_800_000

    /// Bytes of the form ``write(_:into:)`` writes.
    package static let length = 24

    /// Reads `2026-11-21T10:15:30.123Z` or `…+01:00`; one to nine fraction digits, cut to milliseconds.
    ///
    /// - Returns: milliseconds since 1970, or nil for any other form, a day that does not exist, or a leap second other
    ///   than :60 (which is read as the next minute's first second).
    package static func read(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        guard bytes.count >= 20, bytes.count <= 35 else { return nil }
        guard let year = digits(bytes, 0, 4), bytes[4] == UInt8(ascii: "-"), let month = digits(bytes, 5, 2),
            bytes[7] == UInt8(ascii: "-"), let day = digits(bytes, 8, 2),
            bytes[10] | 0x20 == UInt8(ascii: "t"), let hour = digits(bytes, 11, 2), bytes[13] == UInt8(ascii: ":"),
            let minute = digits(bytes, 14, 2), bytes[16] == UInt8(ascii: ":"), let second = digits(bytes, 17, 2)
        else { return nil }
        guard month >= 1, month <= 12, day >= 1, day <= daysIn(month: month, year: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        var position = 19
        var milliseconds = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            let first = position
            var unit = 100
            while position < bytes.count, let digit = digit(bytes[position]) {
                milliseconds += digit * unit
                unit /= 10
                position += 1
            }
            guard position > first, position - first <= 9 else { return nil }
        }
        guard let offset = zone(bytes, from: position) else { return nil }
        let seconds = daysSince1970(year: year, month: month, day: day) * 86_400 + hour * 3600 + minute * 60 + second
        return Int64(seconds - offset) * 1000 + Int64(milliseconds)
    }

    package static func read(_ text: String) -> Int64? {
        var text = text
        return text.withUTF8 { read($0) }
    }

    /// Writes exactly ``length`` bytes, such as `2026-11-21T10:15:30.123Z`; years 0000…9999.
    package static func write(_ milliseconds: Int64, into target: UnsafeMutablePointer<UInt8>) {
        let days = floored(milliseconds, 86_400_000)
        var rest = Int(milliseconds - days * 86_400_000)
        let (year, month, day) = civil(Int(days))
        put(year, 4, target)
        target[4] = UInt8(ascii: "-")
        put(month, 2, target + 5)
        target[7] = UInt8(ascii: "-")
        put(day, 2, target + 8)
        target[10] = UInt8(ascii: "T")
        put(rest / 3_600_000, 2, target + 11)
        rest %= 3_600_000
        target[13] = UInt8(ascii: ":")
        put(rest / 60_000, 2, target + 14)
        rest %= 60_000
        target[16] = UInt8(ascii: ":")
        put(rest / 1000, 2, target + 17)
        target[19] = UInt8(ascii: ".")
        put(rest % 1000, 3, target + 20)
        target[23] = UInt8(ascii: "Z")
    }

    package static func text(_ milliseconds: Int64) -> String {
        String(unsafeUninitializedCapacity: length) { buffer in
            write(milliseconds, into: buffer.baseAddress!)
            return length
        }
    }

    private static func zone(_ bytes: UnsafeBufferPointer<UInt8>, from position: Int) -> Int? {
        guard position < bytes.count else { return nil }
        let sign = bytes[position]
        if sign | 0x20 == UInt8(ascii: "z") { return position + 1 == bytes.count ? 0 : nil }
        guard sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-"), position + 6 == bytes.count,
            let hours = digits(bytes, position + 1, 2), bytes[position + 3] == UInt8(ascii: ":"),
            let minutes = digits(bytes, position + 4, 2), hours < 24, minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return sign == UInt8(ascii: "-") ? -seconds : seconds
    }

    @inline(__always)
    private static func digit(_ byte: UInt8) -> Int? {
        let value = byte &- 48
        return value < 10 ? Int(value) : nil
    }

    @inline(__always)
    private static func digits(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int) -> Int? {
        var value = 0
        for index in start..<start + count {
            guard let digit = digit(bytes[index]) else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private static func put(_ value: Int, _ width: Int, _ target: UnsafeMutablePointer<UInt8>) {
        var rest = value
        for index in stride(from: width - 1, through: 0, by: -1) {
            target[index] = 48 + UInt8(rest % 10)
            rest /= 10
        }
    }

    private static func daysIn(month: Int, year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }

    private static func floored(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }

    /// Days from civil, H. Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013).
    private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// Civil from days, same source.
    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
