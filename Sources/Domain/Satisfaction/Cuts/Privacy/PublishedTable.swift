/// The cells of one publication, numbered: their segments, and where their windows begin and end.
///
/// Cells stand in an order of their own, so that nothing depends on the caller's. A cell of an empty window holds no
/// answers and has no place here.
struct PublishedTable {
    struct Cell {
        let series: Int
        let window: Int
        let answers: Int64
        /// Place in the list that was given.
        let position: Int
    }

    /// Half-open, as indices of ``endpoints``.
    struct Window: Hashable {
        let low: Int
        let high: Int
    }

    let cells: [Cell]
    let lattice: SegmentLattice
    let windows: [Window]
    let endpoints: [Int64]
    /// By series, that is segment number: windows in which it or a segment inside it has a cell, by end and then
    /// beginning.
    let windowsWithin: [[Int]]
    private let cellsByBox: [Int: [Int]]

    /// More answers than this count as this many, so that sums stay in range.
    static let answersMax: Int64 = 1 << 40

    init(_ given: [Suppression.Cell]) {
        let kept = given.indices.filter { !given[$0].window.isEmpty }
        let endpoints = Set(kept.flatMap { [given[$0].window.lowerBound, given[$0].window.upperBound] }).sorted()
        let place = Dictionary(uniqueKeysWithValues: endpoints.enumerated().map { ($1, $0) })
        let spans = kept.map {
            Window(low: place[given[$0].window.lowerBound]!, high: place[given[$0].window.upperBound]!)
        }
        let windows = Set(spans).sorted { ($0.high, $0.low) < ($1.high, $1.low) }
        let windowIndex = Dictionary(uniqueKeysWithValues: windows.enumerated().map { ($1, $0) })
        let segments = kept.map { given[$0].segment.ordered }
        let answers = kept.map { min(max(0, given[$0].answers), Self.answersMax) }

        let complete = Completeness(segments, spans, answers, moments: endpoints.count)
        lattice = SegmentLattice(Set(segments), isComplete: complete.isComplete)
        cells = kept.indices.map { [lattice] index in
            Cell(
                series: lattice.numbers[segments[index]]!, window: windowIndex[spans[index]]!,
                answers: answers[index], position: kept[index])
        }
        // The position comes last and decides between cells that are alike in everything.
        .sorted { ($0.series, $0.window, $0.answers, $0.position) < ($1.series, $1.window, $1.answers, $1.position) }
        self.windows = windows
        self.endpoints = endpoints
        windowsWithin = Self.windowsWithin(cells, lattice)
        cellsByBox = Dictionary(grouping: cells.indices) { [cells] in
            cells[$0].series * windows.count + cells[$0].window
        }
    }

    /// The cells of a segment in a window; more than one only if the caller named it twice.
    func cells(_ series: Int, _ window: Int) -> [Int] { cellsByBox[box(series, window)] ?? [] }

    /// A number of its own for every segment and window.
    func box(_ series: Int, _ window: Int) -> Int { series * windows.count + window }

    /// A number of its own for every segment and moment: what was counted in the one before the other.
    func node(_ series: Int, _ endpoint: Int) -> Int { series * endpoints.count + endpoint }

    private static func windowsWithin(_ cells: [Cell], _ lattice: SegmentLattice) -> [[Int]] {
        var within = [Set<Int>](repeating: [], count: lattice.count)
        for cell in cells { within[cell.series].insert(cell.window) }
        // Segments of more parts come later, so that every child is done before its parents.
        for series in lattice.splits.indices.reversed() {
            for split in lattice.splits[series] {
                for child in split.children { within[series].formUnion(within[child]) }
            }
        }
        return within.map { $0.sorted() }
    }
}

/// Where listed cells are made up of the listed cells one part narrower.
private struct Completeness {
    private struct Line: Hashable {
        let segment: Segment
        let dimension: String
    }

    private let stretches: Int
    private var complete: [Line: Set<Int>] = [:]

    init(_ segments: [Segment], _ spans: [PublishedTable.Window], _ answers: [Int64], moments: Int) {
        stretches = moments - 1
        var whole: [Segment: [PublishedTable.Window: Int64]] = [:]
        for index in segments.indices { whole[segments[index], default: [:]][spans[index]] = answers[index] }
        var parts: [Line: [PublishedTable.Window: Int64]] = [:]
        for (segment, windows) in whole {
            for part in segment.parts {
                let line = Line(segment: Segment(segment.parts.filter { $0 != part }), dimension: part.dimension)
                for (window, answers) in windows { parts[line, default: [:]][window, default: 0] &+= answers }
            }
        }
        for (line, sums) in parts {
            for (window, sum) in sums where whole[line.segment]?[window] == sum {
                complete[line, default: []].formUnion(window.low..<window.high)
            }
        }
    }

    func isComplete(_ segment: Segment, _ dimension: String) -> Bool {
        complete[Line(segment: segment, dimension: dimension)]?.count == stretches
    }
}
