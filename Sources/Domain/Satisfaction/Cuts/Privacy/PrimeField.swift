/// Whole numbers modulo the prime 2⁶¹ - 1, which stand in for fractions: exact, of one size, and never out of range.
///
/// What is a combination of rows of small whole numbers over the fractions is one here too, unless the prime divides
/// a denominator; the determinants of such tables are small numbers.
struct PrimeField: Hashable {
    let residue: UInt64

    static let prime: UInt64 = (1 << 61) - 1
    static let zero = PrimeField(residue: 0)
    static let one = PrimeField(residue: 1)

    static func + (left: PrimeField, right: PrimeField) -> PrimeField {
        let sum = left.residue + right.residue
        return PrimeField(residue: sum >= prime ? sum - prime : sum)
    }

    static prefix func - (value: PrimeField) -> PrimeField {
        PrimeField(residue: value.residue == 0 ? 0 : prime - value.residue)
    }

    static func * (left: PrimeField, right: PrimeField) -> PrimeField {
        let (high, low) = left.residue.multipliedFullWidth(by: right.residue)
        // 2⁶¹ ≡ 1: what stands above the 61st bit is added to what stands below.
        return PrimeField(residue: low & prime) + PrimeField(residue: high << 3 | low >> 61)
    }

    /// By Fermat: the power p - 2. Of 0 it is 0.
    var inverse: PrimeField {
        var result = PrimeField.one
        var power = self
        var exponent = Self.prime - 2
        while exponent > 0 {
            if exponent & 1 == 1 { result = result * power }
            power = power * power
            exponent >>= 1
        }
        return result
    }
}

/// A vector of which few members are not 0.
struct SparseVector {
    struct Member {
        let index: Int
        let value: PrimeField
    }

    /// By rising index; no value is 0.
    private(set) var members: [Member]

    init() { members = [] }

    /// Values of the same index are added up.
    init(_ unordered: [(index: Int, value: PrimeField)]) {
        members = []
        for (index, value) in unordered.sorted(by: { $0.index < $1.index }) {
            if let last = members.last, last.index == index {
                members.removeLast()
                let sum = last.value + value
                if sum != .zero { members.append(Member(index: index, value: sum)) }
            } else if value != .zero {
                members.append(Member(index: index, value: value))
            }
        }
    }

    mutating func add(_ other: SparseVector, times factor: PrimeField) {
        var sum: [Member] = []
        sum.reserveCapacity(members.count + other.members.count)
        var mine = 0
        var its = 0
        while mine < members.count || its < other.members.count {
            if its == other.members.count || (mine < members.count && members[mine].index < other.members[its].index) {
                sum.append(members[mine])
                mine += 1
                continue
            }
            let member = other.members[its]
            var value = member.value * factor
            its += 1
            if mine < members.count, members[mine].index == member.index {
                value = value + members[mine].value
                mine += 1
            }
            if value != .zero { sum.append(Member(index: member.index, value: value)) }
        }
        members = sum
    }
}

/// Gaussian elimination that remembers of which rows everything was made.
struct Elimination {
    private struct Pivot {
        /// Its first member is 1.
        let row: SparseVector
        let origin: SparseVector
    }

    private var pivots: [Int: Pivot] = [:]

    mutating func insert(_ row: SparseVector, number: Int) {
        var row = row
        var origin = SparseVector([(number, .one)])
        while let first = row.members.first {
            guard let pivot = pivots[first.index] else {
                let scale = first.value.inverse
                var scaled = SparseVector()
                scaled.add(row, times: scale)
                var scaledOrigin = SparseVector()
                scaledOrigin.add(origin, times: scale)
                pivots[first.index] = Pivot(row: scaled, origin: scaledOrigin)
                return
            }
            row.add(pivot.row, times: -first.value)
            origin.add(pivot.origin, times: -first.value)
        }
    }

    /// - Returns: how often which inserted row makes up the target; nil if they do not.
    func combination(of target: SparseVector) -> SparseVector? {
        var rest = target
        var combination = SparseVector()
        while let first = rest.members.first {
            guard let pivot = pivots[first.index] else { return nil }
            rest.add(pivot.row, times: -first.value)
            combination.add(pivot.origin, times: first.value)
        }
        return combination
    }
}
