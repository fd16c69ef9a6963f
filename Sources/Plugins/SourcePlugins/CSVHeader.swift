/// The header's first row: which name stands at which place.
struct CSVHeader {
    /// A column the mapping names is not there.
    struct Problem: Error { let sentence: String }

    private let names: [String]
    private let places: [String: [Int]]
    let count: Int

    /// - Parameter names: empty for a file without header rows; then only positions can be used.
    init(names: [String], count: Int) {
        self.names = names
        self.count = count
        places = Dictionary(grouping: names.indices, by: { names[$0] })
    }

    /// Checks once what every row then relies on.
    /// - Throws: ``Problem`` for a name that is missing or stands twice, and for a position beyond the last column.
    func check(_ mapping: CSVMapping) throws(Problem) {
        for (setting, cell) in mapping.references {
            switch cell {
            case .constant: continue
            case .position(let position) where position > count:
                throw Problem(
                    sentence: "the mapping's \(setting) names column \(position), but there are \(count); \(listing)")
            case .position: continue
            case .column(let name):
                let found = places[name]?.count ?? 0
                if found == 1 { continue }
                let complaint =
                    found == 0 ? "which the header does not have" : "which stands \(found) times in the header"
                throw Problem(sentence: "the mapping's \(setting) names column \"\(name)\", \(complaint); \(listing)")
            }
        }
    }

    /// The place of a reference ``check(_:)`` has accepted; nil for a constant.
    func index(of cell: CellReference) -> Int? {
        switch cell {
        case .constant: nil
        case .position(let position): position - 1
        case .column(let name): places[name]![0]
        }
    }

    /// How a message calls the column of `cell`.
    func title(of cell: CellReference) -> String {
        switch cell {
        case .column(let name): "column \"\(name)\""
        case .position(let position):
            position <= names.count ? "column \(position) (\"\(names[position - 1])\")" : "column \(position)"
        case .constant: "the mapping's constant"
        }
    }

    /// Names shown when one is missing; a header of hundreds would bury the message.
    private static let listedNamesMax = 40

    private var listing: String {
        guard !names.isEmpty else { return "there is no header (headerRows: 0), so columns are named by position" }
        let shown = names.prefix(Self.listedNamesMax).map { "\"\($0)\"" }.joined(separator: ", ")
        let rest = names.count - Self.listedNamesMax
        return "the header has: \(shown)" + (rest > 0 ? " and \(rest) more" : "")
    }
}
