/// How long and where identities are remembered.
package struct IdentityOptions: Sendable {
    /// Identities in memory before they go to a run on disk; about 45 bytes each.
    package var identitiesInMemoryMax: Int
    /// Milliseconds before they go there anyway.
    package var flushAge: Int64
    /// Milliseconds of the arrival clock for which an identity is remembered at least; `nil`: for ever.
    package var horizon: Int64?
    /// Identities on disk; beyond, the oldest run is forgotten although the horizon asks for it, which is counted. 1.55
    /// bytes of memory each.
    package var identitiesMax: Int

    package init(
        identitiesInMemoryMax: Int = 2_000_000, flushAge: Int64 = 3_600_000, horizon: Int64? = 7 * 86_400_000,
        identitiesMax: Int = 200_000_000
    ) {
        precondition(identitiesInMemoryMax > 0 && flushAge > 0 && identitiesMax > 0 && horizon ?? 1 > 0)
        self.identitiesInMemoryMax = identitiesInMemoryMax
        self.flushAge = flushAge
        self.horizon = horizon
        self.identitiesMax = identitiesMax
    }
}

/// Chooses which neighbouring runs to merge, so that there stay few: four of about one size become one.
struct IdentityMergePolicy {
    struct Candidate {
        var count: Int
        var minClock: Int64
        var maxClock: Int64
        /// Damaged runs are not.
        var isMergeable: Bool
    }

    let countMax: Int
    /// A run that spans more of the horizon would keep much that has expired.
    let spanMax: Int64?

    static let fanIn = 4

    init(_ options: IdentityOptions) {
        countMax = max(1, options.identitiesMax / 4)
        spanMax = options.horizon.map { $0 / 2 }
    }

    /// The newest neighbours of which none is a size class above the oldest of them. Runs are given oldest first.
    func choose(_ runs: [Candidate]) -> Range<Int>? {
        guard runs.count >= Self.fanIn else { return nil }
        return (0...runs.count - Self.fanIn).reversed().lazy.map { $0..<$0 + Self.fanIn }.first { range in
            let group = runs[range]
            let tier = sizeClass(group.first!)
            return group.allSatisfy { $0.isMergeable && sizeClass($0) <= tier }
                && group.reduce(0) { $0 + $1.count } <= countMax && span(group) <= spanMax ?? .max
        }
    }

    private func sizeClass(_ run: Candidate) -> Int { (Int.bitWidth - max(run.count, 1).leadingZeroBitCount) / 2 }

    private func span(_ runs: ArraySlice<Candidate>) -> Int64 {
        runs.map(\.maxClock).max()! - runs.map(\.minClock).min()!
    }
}
