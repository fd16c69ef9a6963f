/// How many different values there were, by HyperLogLog with 4,096 registers: 1.6 % standard error.
///
/// P. Flajolet, É. Fusy, O. Gandouet and F. Meunier, "HyperLogLog: the analysis of a near-optimal cardinality
/// estimation algorithm" (2007). Kept additively: instead of the highest rank, each register holds how many values had
/// each of its ranks, one column a (register, rank). So merging is adding, like any other tally's, and taking a value
/// away once for each time it was added leaves no trace of it. A register's rank is its highest with a count above
/// zero.
public struct DistinctSketch: Sendable {
    /// Leading bits of a hash that choose its register.
    public static let precision = 12
    public static let registerCount = 1 << precision
    /// Columns kept for a register; ranks 1…53 are used.
    public static let columnsPerRegister = 64
    public static let columnCount = registerCount * columnsPerRegister
    /// Standard error as a share of the estimate, for many values: 1.04/√4096. Few are known better.
    public static let relativeError = 1.04 / 64

    /// Highest rank: all the bits that do not choose the register are zero.
    private static let rankMax = 64 - precision + 1

    /// The column in which a value of this hash is counted, amount 1.
    public static func column(hash: UInt64) -> Int {
        let register = Int(hash >> (64 - precision))
        let rank = min((hash << precision).leadingZeroBitCount + 1, rankMax)
        return register * columnsPerRegister + rank
    }

    /// A hash of bytes that is the same on every machine and in every release: 64-bit FNV-1a (offset basis
    /// 0xcbf29ce484222325, prime 0x100000001b3), then the finaliser of MurmurHash3 (fmix64), without which the leading
    /// bits of short values would hardly vary.
    ///
    /// Not secret: who chooses values on purpose can make an estimate wrong.
    public static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash = (hash ^ hash >> 33) &* 0xC4CE_B9FE_1A85_EC53
        return hash ^ hash >> 33
    }

    /// Registers by rank, 0…53; rank 0 is a register nothing was counted in.
    private let registers: [Int]

    /// - Parameters:
    ///   - columns: in any order. Amounts of zero and less (an erasure may overtake what it erases) count as none, and
    ///     so do columns outside the sketch.
    ///   - first: the tally's column that is the sketch's column 0.
    public init(_ columns: some Sequence<(column: Int, amount: Int64)>, from first: Int = 0) {
        var ranks = [UInt8](repeating: 0, count: Self.registerCount)
        for (column, amount) in columns where amount > 0 {
            let own = column &- first
            guard own >= 0, own < Self.columnCount else { continue }
            let (register, rank) = own.quotientAndRemainder(dividingBy: Self.columnsPerRegister)
            if rank <= Self.rankMax { ranks[register] = max(ranks[register], UInt8(rank)) }
        }
        var registers = [Int](repeating: 0, count: Self.rankMax + 1)
        for rank in ranks { registers[Int(rank)] += 1 }
        self.registers = registers
    }

    /// How many different values there were, 0 for none; not rounded.
    ///
    /// The improved raw estimator of O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches" (2017),
    /// section 2.5: one formula from none to 2⁶⁴, so there is no bump where others change from one to another. Roots
    /// and products only, so the same on every machine.
    public var estimate: Double {
        let all = Double(Self.registerCount)
        var sum = all * Self.tau(1 - Double(registers[Self.rankMax]) / all)
        for rank in stride(from: Self.rankMax - 1, through: 1, by: -1) { sum = (sum + Double(registers[rank])) / 2 }
        sum += all * Self.sigma(Double(registers[0]) / all)
        return min(Self.alpha * all * all / sum, 0x1p64)
    }

    /// The estimate ± z times its standard error; never below the number of registers in use, as each needs a value.
    /// - Returns: nil unless confidence is above 0 and below 1.
    public func interval(confidence: Double = 0.95) -> Interval? {
        guard let z = Interval.normalQuantile(ofConfidence: confidence) else { return nil }
        let estimate = estimate
        let inUse = Double(Self.registerCount - registers[0])
        return Interval(
            low: min(estimate, max(inUse, estimate * (1 - z * Self.relativeError))),
            high: estimate * (1 + z * Self.relativeError))
    }

    /// 1/(2 ln 2)
    private static let alpha = 0.7213475204444817

    /// x + Σ x^(2ᵏ) 2^(k−1), what the empty registers, a share x of all, stand for; infinity for 1.
    private static func sigma(_ share: Double) -> Double {
        if share == 1 { return .infinity }
        var (power, weight, sum, before) = (share, 1.0, share, -1.0)
        while sum != before {
            before = sum
            power *= power
            sum += power * weight
            weight *= 2
        }
        return sum
    }

    /// (1 − x − Σ (1 − x^(2⁻ᵏ))² 2⁻ᵏ)/3, what the full registers, a share 1 − x of all, stand for.
    private static func tau(_ share: Double) -> Double {
        if share == 0 || share == 1 { return 0 }
        var (root, weight, sum, before) = (share, 1.0, 1 - share, -1.0)
        while sum != before {
            before = sum
            root = root.squareRoot()
            weight /= 2
            sum -= (1 - root) * (1 - root) * weight
        }
        return sum / 3
    }
}
