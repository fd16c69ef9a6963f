/// A small generator of random numbers that gives the same numbers on every machine and in every release.
///
/// G. L. Steele, D. Lea, C. H. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014. Not for secrets.
/// Only integers, multiplication and exact halving of floats are used, so no mathematics library can change a sample.
package struct SplitMix64: Sendable {
    private var state: UInt64

    /// Any seed is good; near seeds give unrelated numbers.
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in 0..<1, in steps of 2⁻⁵³.
    package mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0..<bound; `bound` is positive. Favours some values by less than one in 2⁶⁴ / bound.
    package mutating func below(_ bound: Int) -> Int {
        precondition(bound > 0)
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// True with the given probability, 0…1.
    package mutating func happens(_ probability: Double) -> Bool { unit() < probability }

    /// An index of `weights`, each as likely as its share of their sum; no weight is negative and one is positive.
    package mutating func index(weighted weights: [Double]) -> Int {
        var rest = unit() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            rest -= weight
            if rest < 0 { return index }
        }
        return weights.lastIndex { $0 > 0 }!
    }
}
