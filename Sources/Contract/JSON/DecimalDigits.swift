/// Writes integers as decimal digits, two at a time.
public enum DecimalDigits {
    /// The most bytes an integer takes: -9223372036854775808 and 18446744073709551615 both have 20.
    public static let bytesMax = 20

    /// Writes `value` at `target`, which has room for `bytesMax` bytes; returns how many it took.
    public static func write(_ value: UInt64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        let count = count(of: value)
        var rest = value
        var end = count
        while rest >= 100 {
            let (quotient, pair) = rest.quotientAndRemainder(dividingBy: 100)
            end &-= 2
            writePair(pair, to: target + end)
            rest = quotient
        }
        if rest >= 10 {
            writePair(rest, to: target)
        } else {
            target.pointee = UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest)
        }
        return count
    }

    /// Writes `value` at `target`, which has room for `bytesMax` bytes; returns how many it took.
    public static func write(_ value: Int64, to target: UnsafeMutablePointer<UInt8>) -> Int {
        guard value < 0 else { return write(UInt64(value), to: target) }
        target.pointee = UInt8(ascii: "-")
        return 1 + write(value.magnitude, to: target + 1)
    }

    private static func count(of value: UInt64) -> Int {
        var count = 1
        var rest = value
        while rest >= 10_000 {
            rest /= 10_000
            count &+= 4
        }
        if rest >= 1000 { return count &+ 3 }
        if rest >= 100 { return count &+ 2 }
        return rest >= 10 ? count &+ 1 : count
    }

    /// A literal lies in the program's constant memory: no table to build at first use, no check whether it was built.
    private static var pairs: StaticString {
        """
        0001020304050607080910111213141516171819202122232425262728293031323334353637383940414243444546474849\
        5051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
        """
    }

    private static func writePair(_ pair: UInt64, to target: UnsafeMutablePointer<UInt8>) {
        let source = pairs.utf8Start + 2 &* Int(truncatingIfNeeded: pair)
        target[0] = source[0]
        target[1] = source[1]
    }
}
