extension UnixTime {
    /// Reads RFC 3339: "2026-11-22T21:36:46Z", with a fraction, which is cut off after milliseconds, and with an
    /// offset such as "+01:00". A leap second (":60") counts as the first moment after it.
    /// - Returns: nil for anything else, such as the 30th of February.
    package static func milliseconds(_ text: some StringProtocol) -> Int64? {
        var text = String(text)
        return text.withUTF8 { milliseconds(bytes: $0) }
    }

    /// The same from UTF-8 bytes; allocates nothing.
    package static func milliseconds(bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
        var reader = Reader(bytes: bytes)
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.digits(2), reader.take(":"), let minute = reader.digits(2), reader.take(":"),
            let second = reader.digits(2), let fraction = reader.fraction(), let offset = reader.offsetMinutes(),
            reader.isAtEnd
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= dayCount(year: year, month: month), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        let days = daysSince1970(year: year, month: month, day: day)
        let seconds = Int64(hour * 3600 + (minute - offset) * 60 + second)
        return days * millisecondsPerDay + seconds * 1000 + Int64(fraction)
    }

    private static func dayCount(year: Int, month: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private struct Reader {
        let bytes: UnsafeBufferPointer<UInt8>
        var position = 0

        var isAtEnd: Bool { position == bytes.count }

        private var digit: Int? {
            guard position < bytes.count, bytes[position] >= 48, bytes[position] <= 57 else { return nil }
            return Int(bytes[position]) - 48
        }

        mutating func digits(_ count: Int) -> Int? {
            var number = 0
            for _ in 0..<count {
                guard let digit else { return nil }
                number = number * 10 + digit
                position += 1
            }
            return number
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
            position += 1
            return true
        }

        /// Milliseconds of an optional ".123…"; nil for a point without digits.
        mutating func fraction() -> Int? {
            guard take(".") else { return 0 }
            guard digit != nil else { return nil }
            var milliseconds = 0
            var weight = 100
            while let digit {
                milliseconds += digit * weight
                weight /= 10
                position += 1
            }
            return milliseconds
        }

        mutating func offsetMinutes() -> Int? {
            if take("Z") || take("z") { return 0 }
            let sign = take("+") ? 1 : take("-") ? -1 : 0
            guard sign != 0, let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else {
                return nil
            }
            return sign * (hours * 60 + minutes)
        }
    }
}
