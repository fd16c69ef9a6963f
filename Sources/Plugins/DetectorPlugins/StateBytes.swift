import PluginKit

/// Writes a state: whole numbers as variable-length bytes, small ones in one; reals as their eight bytes, zeros in
/// one bit.
struct StateWriter {
    private(set) var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    mutating func flag(_ value: Bool) { bytes.append(value ? 1 : 0) }

    /// LEB128 of the zigzag of `value`.
    mutating func whole<Number: BinaryInteger>(_ value: Number) {
        let signed = Int64(value)
        var rest = UInt64(bitPattern: (signed << 1) ^ (signed >> 63))
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    mutating func real(_ value: Double) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(shift)))
        }
    }

    mutating func text(_ value: String) {
        whole(value.utf8.count)
        bytes += value.utf8
    }

    mutating func reals(_ values: [Double]) {
        whole(values.count)
        var first = 0
        while first < values.count {
            let group = values[first..<min(first + 8, values.count)]
            bytes.append(group.enumerated().reduce(0) { $0 | ($1.element.bitPattern == 0 ? 0 : 1 << UInt8($1.offset)) })
            for value in group where value.bitPattern != 0 { real(value) }
            first += 8
        }
    }

    mutating func wholes<Number: BinaryInteger>(_ values: [Number]) {
        whole(values.count)
        for value in values { whole(value) }
    }
}

/// Reads what ``StateWriter`` wrote; every error names the byte at which the state ends or stops making sense.
struct StateReader {
    private let bytes: [UInt8]
    private var position = 0

    /// Far above anything a detector computes, far below where sums overflow.
    private static let magnitudeMax = 1e250

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    func error(_ sentence: String) -> DetectorStateError {
        DetectorStateError("\(sentence) at byte \(position); start with an empty state and replay the message files")
    }

    mutating func byte() throws(DetectorStateError) -> UInt8 {
        guard position < bytes.count else { throw error("the state ends too early") }
        position += 1
        return bytes[position - 1]
    }

    mutating func flag() throws(DetectorStateError) -> Bool {
        switch try byte() {
        case 0: return false
        case 1: return true
        default: throw error("a flag is neither 0 nor 1")
        }
    }

    mutating func whole<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self, in range: ClosedRange<Number> = .min ... .max
    ) throws(DetectorStateError) -> Number {
        var raw: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            guard shift < 63 || next < 2 else { throw error("a number is too long") }
            raw |= UInt64(next & 0x7F) << shift
            if next < 0x80 { break }
            shift += 7
        }
        let signed = Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
        guard let number = Number(exactly: signed), range.contains(number) else {
            throw error("a number is out of range")
        }
        return number
    }

    mutating func real() throws(DetectorStateError) -> Double {
        var pattern: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { pattern |= UInt64(try byte()) << shift }
        let value = Double(bitPattern: pattern)
        guard !value.isNaN else { throw error("a value is not a number") }
        return value
    }

    mutating func finite() throws(DetectorStateError) -> Double {
        let value = try real()
        guard abs(value) <= Self.magnitudeMax else { throw error("a value is out of range") }
        return value
    }

    mutating func text() throws(DetectorStateError) -> String {
        let count = try whole(Int.self, in: 0...bytes.count)
        guard count <= bytes.count - position else { throw error("the state ends too early") }
        position += count
        return String(decoding: bytes[position - count..<position], as: UTF8.self)
    }

    /// - Parameter count: how many there must be.
    mutating func reals(_ count: Int) throws(DetectorStateError) -> [Double] {
        guard try whole(Int.self) == count else { throw error("a list has another length than it must have") }
        var values: [Double] = []
        while values.count < count {
            let present = try byte()
            for bit in 0..<min(8, count - values.count) {
                values.append(present & (1 << UInt8(bit)) == 0 ? 0 : try finite())
            }
        }
        return values
    }

    mutating func day() throws(DetectorStateError) -> Int32 {
        try whole(in: -DetectionLimits.dayMax...DetectionLimits.dayMax)
    }

    /// An hour of a day that may be; the hour may lie a little before or after it.
    mutating func hour() throws(DetectorStateError) -> Int32 {
        let hourMax = DetectionLimits.dayMax * 24 + 2_000
        return try whole(in: -hourMax...hourMax)
    }

    mutating func wholes<Number: FixedWidthInteger>(
        _ count: Int, in range: ClosedRange<Number> = .min ... .max
    ) throws(DetectorStateError) -> [Number] {
        guard try whole(Int.self) == count else { throw error("a list has another length than it must have") }
        var values: [Number] = []
        for _ in 0..<count { values.append(try whole(in: range)) }
        return values
    }
}
