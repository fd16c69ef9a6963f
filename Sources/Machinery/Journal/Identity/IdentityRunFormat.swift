/// The first page of a run file and the shape of the others. See docs/message-files.md, "The duplicate index".
struct IdentityRunHeader: Sendable, Equatable {
    var node: String
    var key: UInt64
    /// Numbers of the first and last block covered.
    var from: UInt64
    var through: UInt64
    /// Mark of block `through`.
    var mark: Mark
    var minClock: Int64
    var maxClock: Int64
    var count: Int
    var pages: Int
    var filterBlocks: Int
    var indexCrc: UInt32

    static let pageBytes = 4096
    static let entryBytes = 24
    static let entriesPerPage = 170
    static let pageChecksumOffset = 4080

    var filterOffset: Int64 { Int64(1 + pages) * Int64(Self.pageBytes) }
    var indexBytes: Int { filterBlocks * 64 + pages * 8 }

    var page: [UInt8] {
        var line: [UInt8] = []
        line.append("{\"tideline\":\"identity-run\",\"version\":1,\"node\":\"")
        line.append(text: node)
        line.append("\",\"key\":\"")
        line.append(contentsOf: hexadecimal(key, digits: 16))
        line.append("\",\"from\":")
        line.append(number: from)
        line.append(",\"through\":")
        line.append(number: through)
        line.append(",\"mark\":\"")
        line.append(contentsOf: hexadecimal(mark.rawValue, digits: 16))
        line.append("\",\"minClock\":")
        line.append(number: minClock)
        line.append(",\"maxClock\":")
        line.append(number: maxClock)
        line.append(",\"count\":")
        line.append(number: Int64(count))
        line.append(",\"pages\":")
        line.append(number: Int64(pages))
        line.append(",\"filterBlocks\":")
        line.append(number: Int64(filterBlocks))
        line.append(",\"indexCrc\":\"")
        line.append(contentsOf: hexadecimal(UInt64(indexCrc), digits: 8))
        line.append("\"")
        line.appendChecksum(from: 0)
        line.removeLast()
        line.append(contentsOf: [UInt8](repeating: UInt8(ascii: " "), count: Self.pageBytes - 1 - line.count))
        line.append("\n")
        return line
    }

    /// `nil` when the page is not a whole header of version 1.
    init?(page: [UInt8]) {
        let line = page.prefix { $0 != UInt8(ascii: " ") && $0 != UInt8(ascii: "\n") }
        let header: IdentityRunHeader? = line.withUnsafeBytes { line in
            guard let parts = ChecksummedLine(line), parts.isIntact() else { return nil }
            var body = LineReader(parts.body)
            return IdentityRunHeader(body: &body)
        }
        guard let header, page.count == Self.pageBytes else { return nil }
        self = header
    }

    private init?(body: inout LineReader) {
        guard body.take("{\"tideline\":\"identity-run\",\"version\":1,\"node\":"), let node = body.plainString(),
            body.take(",\"key\":\""), let key = body.hexadecimal(digits: 16),
            body.take("\",\"from\":"), let from = body.unsigned(),
            body.take(",\"through\":"), let through = body.unsigned(), through >= from,
            body.take(",\"mark\":\""), let mark = body.hexadecimal(digits: 16),
            body.take("\",\"minClock\":"), let minClock = body.signed(),
            body.take(",\"maxClock\":"), let maxClock = body.signed(),
            body.take(",\"count\":"), let count = body.natural(),
            body.take(",\"pages\":"), let pages = body.natural(),
            body.take(",\"filterBlocks\":"), let filterBlocks = body.natural(), filterBlocks > 0,
            body.take(",\"indexCrc\":\""), let indexCrc = body.hexadecimal(digits: 8), body.take("\""),
            body.isAtEnd
        else { return nil }
        self.init(
            node: node, key: key, from: from, through: through, mark: Mark(rawValue: mark), minClock: minClock,
            maxClock: maxClock, count: count, pages: pages, filterBlocks: filterBlocks, indexCrc: UInt32(indexCrc))
    }

    init(
        node: String, key: UInt64, from: UInt64, through: UInt64, mark: Mark, minClock: Int64, maxClock: Int64,
        count: Int, pages: Int, filterBlocks: Int, indexCrc: UInt32
    ) {
        self.node = node
        self.key = key
        self.from = from
        self.through = through
        self.mark = mark
        self.minClock = minClock
        self.maxClock = maxClock
        self.count = count
        self.pages = pages
        self.filterBlocks = filterBlocks
        self.indexCrc = indexCrc
    }

    var fileName: String { "run-\(decimal(from, digits: 20))-\(decimal(through, digits: 20)).identities" }

    static func isRunName(_ name: String) -> Bool { name.hasPrefix("run-") && name.hasSuffix(".identities") }
}
