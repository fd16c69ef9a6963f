/// Everything that sums and differences of the published cells give, as linear algebra over all segments and windows.
///
/// Unknown are, for every segment and every moment, the answers before that moment: a cell is the difference of two of
/// them, and a published cell ties the two together, as does a stretch without answers. So each segment's moments fall
/// into groups within which all differences are known. Between the groups only the sums over dimensions
/// (``KnownSums``) say anything; they are the rows of the elimination, and few, as rows about known groups vanish.
struct SubtractionAttack {
    /// Signed sum of nodes that an attacker wants to compute.
    typealias Target = [(node: Int, sign: Int)]

    private struct Tie {
        let node: Int
        /// Nil where nothing was counted between the two.
        let cell: Int?
        /// Answers between this end and the node.
        let step: Int64
    }

    private let table: PublishedTable
    private let known: KnownSums
    private var elimination = Elimination()
    /// By node: its group, its parent in the group's tree and the published cell on the way there, its depth, and the
    /// answers between the group's first node and it.
    private var group: [Int]
    private var parent: [Int]
    private var parentCell: [Int?]
    private var depth: [Int]
    private var offset: [Int64]

    init(_ table: PublishedTable, _ known: KnownSums, isPublished: [Bool]) {
        self.table = table
        self.known = known
        let nodeCount = table.lattice.count * table.endpoints.count
        group = [Int](repeating: -1, count: nodeCount)
        parent = [Int](repeating: -1, count: nodeCount)
        parentCell = [Int?](repeating: nil, count: nodeCount)
        depth = [Int](repeating: 0, count: nodeCount)
        offset = [Int64](repeating: 0, count: nodeCount)
        tieTogether(isPublished)
        for (number, sum) in known.sums.enumerated() {
            let row = inGroups(nodes(of: sum).map { (index: $0.node, value: Self.field($0.sign)) })
            elimination.insert(row, number: number)
        }
    }

    func target(_ cell: PublishedTable.Cell) -> Target { target(cell.series, table.windows[cell.window]) }

    /// A segment between two moments.
    func target(_ series: Int, _ window: PublishedTable.Window, sign: Int = 1) -> Target {
        [(node: table.node(series, window.high), sign: sign), (node: table.node(series, window.low), sign: -sign)]
    }

    /// Neighbouring moments of one group with 1 up to the minimum between them.
    func smallStretches(minimumAnswers: Int64) -> [Target] {
        var targets: [Target] = []
        for series in table.lattice.splits.indices {
            var members: [Int: [Int]] = [:]
            for moment in table.endpoints.indices {
                members[group[table.node(series, moment)], default: []].append(table.node(series, moment))
            }
            for (_, nodes) in members.sorted(by: { $0.key < $1.key }) {
                for (early, late) in zip(nodes, nodes.dropFirst())
                where (1..<minimumAnswers).contains(offset[late] - offset[early]) {
                    targets.append([(node: late, sign: 1), (node: early, sign: -1)])
                }
            }
        }
        return targets
    }

    /// - Returns: published cells with answers from which the target is computed; nil if it cannot be.
    func cells(giving target: Target) -> [Int]? { computation(of: target)?.map(\.cell) }

    /// - Returns: what the target comes to; nil if it cannot be computed, or not as a number of answers.
    func answers(in target: Target) -> Int64? {
        guard let computation = computation(of: target) else { return nil }
        let sum = computation.reduce(PrimeField.zero) { sum, used in
            sum + used.factor * PrimeField(residue: UInt64(table.cells[used.cell].answers))
        }
        return sum.residue < PrimeField.prime / 2 ? Int64(sum.residue) : nil
    }

    /// Published cells with answers, and how often each is added.
    private func computation(of target: Target) -> [(cell: Int, factor: PrimeField)]? {
        let wanted = target.map { (index: $0.node, value: Self.field($0.sign)) }
        guard let combination = elimination.combination(of: inGroups(wanted)) else { return nil }
        // What the sums do not account for, the published cells do, along the trees of their groups.
        var rest: [Int: PrimeField] = [:]
        for (node, value) in wanted { rest[node] = (rest[node] ?? .zero) + value }
        for member in combination.members {
            for (node, sign) in nodes(of: known.sums[member.index]) {
                rest[node] = (rest[node] ?? .zero) + -(member.value * Self.field(sign))
            }
        }
        var open = Set<Int>()
        for node in rest.keys {
            var node = node
            while node >= 0, open.insert(node).inserted { node = parent[node] }
        }
        var used: [(cell: Int, factor: PrimeField)] = []
        for node in open.sorted(by: { (depth[$0], $1) > (depth[$1], $0) }) where parent[node] >= 0 {
            guard let value = rest[node], value != .zero else { continue }
            rest[parent[node]] = (rest[parent[node]] ?? .zero) + value
            if let cell = parentCell[node], table.cells[cell].answers > 0 {
                // Every cell is the way of one node to its parent, so none is met twice.
                used.append((cell, parent[node] < node ? value : -value))
            }
        }
        return used.sorted { $0.cell < $1.cell }
    }

    private mutating func tieTogether(_ isPublished: [Bool]) {
        var ties = [[Tie]](repeating: [], count: group.count)
        func tie(_ low: Int, _ high: Int, _ cell: Int?, _ answers: Int64) {
            ties[low].append(Tie(node: high, cell: cell, step: answers))
            ties[high].append(Tie(node: low, cell: cell, step: -answers))
        }
        for node in known.emptyNodes.sorted() { tie(node, node + 1, nil, 0) }
        for (index, cell) in table.cells.enumerated() where isPublished[index] {
            let span = table.windows[cell.window]
            tie(table.node(cell.series, span.low), table.node(cell.series, span.high), index, cell.answers)
        }
        for root in group.indices where group[root] < 0 {
            group[root] = root
            var open = [root]
            while let node = open.popLast() {
                for tie in ties[node] where group[tie.node] < 0 {
                    group[tie.node] = root
                    parent[tie.node] = node
                    parentCell[tie.node] = tie.cell
                    depth[tie.node] = depth[node] + 1
                    offset[tie.node] = offset[node] &+ tie.step
                    open.append(tie.node)
                }
            }
        }
    }

    private func nodes(of sum: KnownSums.Sum) -> Target {
        var nodes: Target = []
        func add(_ series: Int, _ sign: Int) {
            let node = table.node(series, sum.moment)
            // Within a group the difference is known and takes no part, but for the cells it is made of.
            nodes.append((node: node + 1, sign: sign))
            nodes.append((node: node, sign: -sign))
        }
        add(sum.series, 1)
        for child in table.lattice.splits[sum.series][sum.split].children { add(child, -1) }
        return nodes
    }

    private func inGroups(_ nodes: [(index: Int, value: PrimeField)]) -> SparseVector {
        SparseVector(nodes.map { (index: group[$0.index], value: $0.value) })
    }

    private static func field(_ sign: Int) -> PrimeField { sign > 0 ? .one : -.one }
}
