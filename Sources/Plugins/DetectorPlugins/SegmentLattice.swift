import Satisfaction

/// The model's cells and the segments made of them: the total, every value of a dimension, every pair of values.
///
/// Cells and segments are numbered in the order in which they first appear, so the same arrivals always give the same
/// numbers; the cells alone determine everything else.
struct SegmentLattice: Sendable {
    struct Node: Sendable {
        let segment: Segment
        /// Values by dimension; nil where the segment takes any.
        let values: [String?]
        /// 0 for the total, 1 for a value, 2 for a pair.
        let level: Int
        /// Ascending.
        var cells: [Int]
        /// False for a segment that has the same answers as a wider one, and for pairs once cells are many.
        var isActive: Bool
    }

    let dimensions: [String]
    private(set) var cells: [[String]] = []
    private(set) var nodes: [Node] = []
    /// Numbers of the segments a cell lies in, by cell; ascending.
    private(set) var memberships: [[Int]] = []
    /// Number of the first membership of a cell in a list of all memberships.
    private(set) var membershipOffsets: [Int] = []
    private(set) var membershipCount = 0
    /// Active segments by level.
    private(set) var activeByLevel = [1, 0, 0]
    private var cellNumbers: [[String]: Int] = [:]
    private var nodeNumbers: [[String?]: Int] = [:]

    init(dimensions: [String]) {
        self.dimensions = dimensions
        addNode([String?](repeating: nil, count: dimensions.count))
    }

    /// The cell's number; a new one is admitted, beyond ``DetectionLimits/cellsMax`` as "other".
    mutating func number(of cell: [String]) -> Int {
        if let known = cellNumbers[cell] { return known }
        var values = cell
        if values.count != dimensions.count {
            values = Array(values.prefix(dimensions.count))
            values += [String](repeating: "", count: dimensions.count - values.count)
            return number(of: values)
        }
        if cells.count >= DetectionLimits.cellsMax - 1 {
            values = [String](repeating: "other", count: dimensions.count)
            if let known = cellNumbers[values] { return known }
        }
        return admit(values)
    }

    private mutating func admit(_ values: [String]) -> Int {
        let cell = cells.count
        cells.append(values)
        cellNumbers[values] = cell
        var members = [0]
        for (first, value) in values.enumerated() where !value.isEmpty {
            members.append(node(of: [first: value]))
        }
        if cell < DetectionLimits.pairedCellsMax {
            for first in values.indices where !values[first].isEmpty {
                for second in values.indices where second > first && !values[second].isEmpty {
                    members.append(node(of: [first: values[first], second: values[second]]))
                }
            }
        }
        members.sort()
        for member in members { nodes[member].cells.append(cell) }
        memberships.append(members)
        membershipOffsets.append(membershipCount)
        membershipCount += members.count
        decideActivity()
        return cell
    }

    private mutating func node(of choice: [Int: String]) -> Int {
        let values = dimensions.indices.map { choice[$0] }
        return nodeNumbers[values] ?? addNode(values)
    }

    @discardableResult
    private mutating func addNode(_ values: [String?]) -> Int {
        let parts = zip(dimensions, values).compactMap { dimension, value in
            value.map { Segment.Part(dimension: dimension, value: $0) }
        }
        nodes.append(
            Node(segment: Segment(parts), values: values, level: parts.count, cells: [], isActive: parts.isEmpty))
        nodeNumbers[values] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func decideActivity() {
        let paired = cells.count <= DetectionLimits.pairedCellsMax
        activeByLevel = [1, 0, 0]
        for number in nodes.indices.dropFirst() {
            let node = nodes[number]
            let isNarrower =
                node.level == 1
                ? cells.count > node.cells.count
                : parents(of: node).allSatisfy { nodes[$0].cells.count > node.cells.count }
            nodes[number].isActive = isNarrower && (node.level < 2 || paired)
            if nodes[number].isActive { activeByLevel[node.level] += 1 }
        }
    }

    /// The two values a pair is made of.
    private func parents(of node: Node) -> [Int] {
        node.values.indices.compactMap { dimension in
            guard node.values[dimension] != nil else { return nil }
            var values = [String?](repeating: nil, count: dimensions.count)
            values[dimension] = node.values[dimension]
            return nodeNumbers[values]
        }
    }

    /// Whether two segments can have an answer in common.
    func overlap(_ left: Int, _ right: Int) -> Bool {
        zip(nodes[left].values, nodes[right].values).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
    }

    /// Whether every answer of `inner` is one of `outer`.
    func contains(_ outer: Int, _ inner: Int) -> Bool {
        zip(nodes[outer].values, nodes[inner].values).allSatisfy { $0 == nil || $0 == $1 }
    }

    /// By cell: whether it lies in the segment.
    func mask(of segment: Int) -> [Bool] {
        var mask = [Bool](repeating: false, count: cells.count)
        for cell in nodes[segment].cells { mask[cell] = true }
        return mask
    }

    func contains(_ segment: Int, cell: Int) -> Bool {
        zip(nodes[segment].values, cells[cell]).allSatisfy { $0 == nil || $0 == $1 }
    }
}
