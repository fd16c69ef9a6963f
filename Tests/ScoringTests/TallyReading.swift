import JSON
import MachineTestKit
import Testing

/// A tally message read back into dictionaries, by nothing but its JSON.
struct TallyReading: Equatable {
    struct LineKey: Hashable {
        let segment: [String]
        let bucket: Int64
    }
    struct CellKey: Hashable {
        let values: [String]
        let day: Int64
    }
    struct Cell: Equatable {
        var counts: [Int64: Int64] = [:]
        var first = Int64.max
        var last = Int64.min
    }

    var lines: [LineKey: [Int64: Int64]] = [:]
    var cells: [CellKey: Cell] = [:]
    var responses: Int64 = 0

    init() {}

    init(_ event: [UInt8]) throws {
        let data = try #require(try JSONTree.parse(String(decoding: event, as: UTF8.self))["data"])
        responses = try #require(data["responses"]?.int64)
        for metric in data["metrics"]?.array ?? [] {
            for line in metric["lines"]?.array ?? [] {
                let segment = line[0]!.array!.map { $0.string! }
                for row in line.array!.dropFirst() {
                    let numbers = row.array!.map { $0.int64! }
                    let key = LineKey(segment: segment, bucket: numbers[0])
                    if lines[key] != nil { throw Broken("\(key) stands twice") }
                    lines[key] = Self.counts(numbers.dropFirst())
                }
            }
            for cell in metric["model"]?.array ?? [] {
                let values = cell[0]!.array!.map { $0.string! }
                for row in cell.array!.dropFirst() {
                    let numbers = row.array!.map { $0.int64! }
                    let key = CellKey(values: values, day: numbers[0])
                    if cells[key] != nil { throw Broken("\(key) stands twice") }
                    cells[key] = Cell(counts: Self.counts(numbers.dropFirst(3)), first: numbers[1], last: numbers[2])
                }
            }
        }
    }

    private static func counts(_ numbers: ArraySlice<Int64>) -> [Int64: Int64] {
        var counts: [Int64: Int64] = [:]
        var rest = numbers
        while let step = rest.popFirst(), let count = rest.popFirst() { counts[step] = count }
        return counts
    }
}
