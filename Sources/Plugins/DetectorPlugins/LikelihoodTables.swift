/// Prepared log-likelihood terms by (segment, cell, weekday), so that an answer costs multiply-adds only.
///
/// For b the expected logit, s the segment's offset deviation and t = b + z·s: the terms of offset z are t and log(1
/// + eᵗ), and log(1 + e^(t+d)) − log(1 + eᵗ) for every shift d. Not part of the state: what is missing is computed
/// again, from the same numbers, to the same bits.
struct LikelihoodTables: Sendable {
    private static let offsetCount = MixtureEvidence.offsetCount
    private static let shiftCount = MixtureEvidence.shiftCount
    private static let stride = offsetCount * (2 + shiftCount)

    /// Number of a table, or −1, at membership × 7 + weekday.
    private var numbers: [Int32] = []
    private var terms: [Double] = []
    private var count = 0

    /// Forgets everything: a level, an offset deviation or an open incident has changed.
    mutating func forget() {
        for index in numbers.indices { numbers[index] = -1 }
        terms.removeAll(keepingCapacity: true)
        count = 0
    }

    mutating func admit(memberships: Int) {
        let wanted = memberships * Baseline.weekdays
        if numbers.count < wanted { numbers += [Int32](repeating: -1, count: wanted - numbers.count) }
    }

    /// Adds the log-likelihood sums of `responses` answers, `dissatisfied` of them so, to `sums`.
    mutating func accumulate(
        membership: Int, weekday: Int, expectation: Double, deviation: Double, responses: Double,
        dissatisfied: Double, into sums: UnsafeMutablePointer<Double>
    ) {
        let key = membership * Baseline.weekdays + weekday
        if numbers[key] < 0 { prepare(key, expectation, deviation) }
        let number = Int(numbers[key])
        terms.withUnsafeBufferPointer { all in
            let own = all.baseAddress! + number * Self.stride
            for offset in 0..<Self.offsetCount {
                sums[offset] += dissatisfied * own[2 * offset] - responses * own[2 * offset + 1]
            }
            let increments = own + 2 * Self.offsetCount
            let targets = sums + Self.offsetCount
            for offset in 0..<Self.offsetCount {
                for shift in 0..<Self.shiftCount {
                    let index = offset * Self.shiftCount + shift
                    targets[index] += dissatisfied * Self.shifts[shift] - responses * increments[index]
                }
            }
        }
    }

    private mutating func prepare(_ key: Int, _ expectation: Double, _ deviation: Double) {
        if count >= DetectionLimits.tablesMax { forget() }
        var increments: [Double] = []
        increments.reserveCapacity(Self.offsetCount * Self.shiftCount)
        for offset in MixtureGrid.offsets {
            let t = expectation + offset * deviation
            let unshifted = softplus(t)
            terms.append(t)
            terms.append(unshifted)
            for shift in MixtureGrid.shifts { increments.append(softplus(t + shift) - unshifted) }
        }
        terms += increments
        numbers[key] = Int32(count)
        count += 1
    }

    // Unsafe by its type alone: the memory is filled before it is published and never changed or freed.
    nonisolated(unsafe) private static let shifts: UnsafePointer<Double> = {
        let pointer = UnsafeMutablePointer<Double>.allocate(capacity: shiftCount)
        pointer.initialize(from: MixtureGrid.shifts, count: shiftCount)
        return UnsafePointer(pointer)
    }()
}
