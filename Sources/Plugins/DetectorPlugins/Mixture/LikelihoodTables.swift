import Foundation

/// Prepared log-likelihood terms by (segment, cell, weekday), so that an answer costs multiply-adds only.
///
/// For b the expected logit, s the segment's offset deviation and t = b + z·s: the terms of offset z are t and log(1
/// + eᵗ), and log(1 + e^(t+d)) − log(1 + eᵗ) for every shift d; and the factors a single answer without harm
/// multiplies by. Not part of the state: what is missing is computed again, from the same numbers, to the same bits.
struct LikelihoodTables: Sendable {
    private static let offsetCount = MixtureEvidence.offsetCount
    private static let shiftCount = MixtureEvidence.shiftCount
    private static let increments = 2 * offsetCount
    private static let likelihoods = increments + offsetCount * shiftCount
    private static let ratios = likelihoods + offsetCount
    private static let stride = ratios + offsetCount * shiftCount

    /// Number of a table, or −1, at membership × 7 + weekday.
    private var numbers: [Int32] = []
    private var terms: [Double] = []
    private var count = 0

    /// Forgets everything: a level, an offset deviation, a dispersion or an open incident has changed.
    mutating func forget() {
        guard count > 0 else { return }
        for index in numbers.indices { numbers[index] = -1 }
        terms.removeAll(keepingCapacity: true)
        count = 0
    }

    mutating func admit(memberships: Int) {
        let wanted = memberships * Baseline.weekdays
        if numbers.count < wanted { numbers += [Int32](repeating: -1, count: wanted - numbers.count) }
    }

    /// Where the table of a membership on a weekday begins.
    /// - Parameter expectation: the logit, asked for only where there is no table yet.
    @inline(__always)
    mutating func table(
        membership: Int, weekday: Int, deviation: Double, temper: Double, expectation: () -> Double
    ) -> Int {
        let key = membership * Baseline.weekdays + weekday
        if numbers[key] < 0 { prepare(key, expectation(), deviation, temper) }
        return Int(numbers[key]) * Self.stride
    }

    /// Adds the log-likelihood sums of `answers` answers with `harm` in all to `sums`.
    func accumulate(_ table: Int, answers: Double, harm: Double, into sums: UnsafeMutablePointer<Double>) {
        terms.withUnsafeBufferPointer { all in
            let own = all.baseAddress! + table
            for offset in 0..<Self.offsetCount {
                sums[offset] += harm * own[2 * offset] - answers * own[2 * offset + 1]
            }
            let increments = own + Self.increments
            let targets = sums + Self.offsetCount
            for offset in 0..<Self.offsetCount {
                for shift in 0..<Self.shiftCount {
                    let index = offset * Self.shiftCount + shift
                    targets[index] += harm * Self.shifts[shift] - answers * increments[index]
                }
            }
        }
    }

    /// Lets a single answer with harm x move a segment's evidence.
    func advance(
        _ evidence: inout MixtureEvidence, _ segment: Int, table: Int, harm: Double, temper: Double, starts: Double
    ) {
        terms.withUnsafeBufferPointer { all in
            let own = all.baseAddress! + table
            var factors: MixtureEvidence.HarmFactors?
            if harm > 0 {
                var made = MixtureEvidence.HarmFactors(
                    offsets: InlineArray(repeating: 0), shifts: InlineArray(repeating: 0))
                // Relative to the middle offset, so that no likelihood under- or overflows.
                let middle = own[2 * (Self.offsetCount / 2)]
                for offset in 0..<Self.offsetCount {
                    made.offsets[offset] = exp(harm * temper * (own[2 * offset] - middle))
                }
                for shift in 0..<Self.shiftCount { made.shifts[shift] = exp(harm * temper * Self.shifts[shift]) }
                factors = made
            }
            evidence.advanceByOne(
                segment, likelihoods: own + Self.likelihoods, ratios: own + Self.ratios, harm: factors, starts: starts)
        }
    }

    private mutating func prepare(_ key: Int, _ expectation: Double, _ deviation: Double, _ temper: Double) {
        if count >= DetectionLimits.tablesMax { forget() }
        let first = terms.count
        terms += repeatElement(0, count: Self.stride)
        let middle = softplus(expectation)
        for (offset, z) in MixtureGrid.offsets.enumerated() {
            let t = expectation + z * deviation
            let unshifted = softplus(t)
            terms[first + 2 * offset] = t
            terms[first + 2 * offset + 1] = unshifted
            terms[first + Self.likelihoods + offset] = exp((middle - unshifted) * temper)
            for (shift, d) in MixtureGrid.shifts.enumerated() {
                let increment = softplus(t + d) - unshifted
                let index = offset * Self.shiftCount + shift
                terms[first + Self.increments + index] = increment
                terms[first + Self.ratios + index] = exp(-increment * temper)
            }
        }
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
