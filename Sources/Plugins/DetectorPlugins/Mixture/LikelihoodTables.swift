import Foundation

/// Prepared log-likelihood terms by (segment, cell, weekday), so that an answer costs multiply-adds only.
///
/// For b the expected logit, s the segment's offset deviation and t = b + z·s: the terms of offset z are t and log(1
/// + eᵗ), and log(1 + e^(t+d)) − log(1 + eᵗ) for every shift d; and the same as factors, of an answer without harm and
/// of a unit of harm. Not part of the state: what is missing is computed again, from the same numbers, to the same bits.
struct LikelihoodTables: Sendable {
    private static let offsetCount = 9
    private static let shiftCount = 9
    private static let termCount = 90
    private static let increments = 2 * offsetCount
    private static let likelihoods = increments + offsetCount * shiftCount
    private static let ratios = likelihoods + offsetCount
    private static let harms = ratios + offsetCount * shiftCount
    private static let stride = harms + offsetCount + shiftCount

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
    @inline(__always)
    mutating func table(
        membership: Int, weekday: Int, deviation: Double, temper: Double, unit: Double, expectation: Double
    ) -> Int {
        let key = membership * Baseline.weekdays + weekday
        if numbers[key] < 0 { prepare(key, expectation, deviation, temper, unit) }
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

    /// Multiplies `factors` by the likelihoods of a few answers with `harm` units of harm in all.
    /// - Parameters:
    ///   - answers: 1 ... ``answersMultipliedMax``.
    ///   - factors: by offset, then by (offset, shift), laid out as ``MixtureGrid/terms``.
    func multiply(
        _ table: Int, answers: Int, harm: Double, into factors: UnsafeMutablePointer<Double>
    ) {
        terms.withUnsafeBufferPointer { all in
            let own = all.baseAddress! + table
            let likelihoods = own + Self.likelihoods
            for _ in 0..<answers {
                for index in 0..<Self.termCount { factors[index] *= likelihoods[index] }
            }
            if harm > 0 { Self.multiplyHarm(own, harm, factors) }
        }
    }

    static let answersMultipliedMax = 3
    /// Units of harm up to which powers are made by multiplication.
    private static let harmMultipliedMax = 12.0

    private static func multiplyHarm(
        _ own: UnsafePointer<Double>, _ harm: Double, _ factors: UnsafeMutablePointer<Double>
    ) {
        let bases = own + Self.harms
        if harm <= harmMultipliedMax {
            for _ in 0..<Int(harm) { multiplyOnce(bases, factors) }
            return
        }
        withUnsafeTemporaryAllocation(of: Double.self, capacity: offsetCount + shiftCount) { powers in
            for index in 0..<offsetCount + shiftCount { powers[index] = pow(bases[index], harm) }
            multiplyOnce(UnsafePointer(powers.baseAddress!), factors)
        }
    }

    @inline(__always)
    private static func multiplyOnce(_ bases: UnsafePointer<Double>, _ factors: UnsafeMutablePointer<Double>) {
        let shifts = bases + offsetCount
        for offset in 0..<offsetCount {
            factors[offset] *= bases[offset]
            let ratios = factors + offsetCount + offset * shiftCount
            for shift in 0..<shiftCount { ratios[shift] *= shifts[shift] }
        }
    }

    private mutating func prepare(
        _ key: Int, _ expectation: Double, _ deviation: Double, _ temper: Double, _ unit: Double
    ) {
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
            // Relative to the middle offset, so that no likelihood under- or overflows.
            terms[first + Self.harms + offset] = exp(z * deviation * temper / unit)
            for (shift, d) in MixtureGrid.shifts.enumerated() {
                let increment = softplus(t + d) - unshifted
                let index = offset * Self.shiftCount + shift
                terms[first + Self.increments + index] = increment
                terms[first + Self.ratios + index] = exp(-increment * temper)
            }
        }
        for (shift, d) in MixtureGrid.shifts.enumerated() {
            terms[first + Self.harms + Self.offsetCount + shift] = exp(d * temper / unit)
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
