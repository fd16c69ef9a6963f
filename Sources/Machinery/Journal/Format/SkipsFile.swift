extension Skip {
    func append(to line: inout [UInt8]) {
        line.append("{\"number\":")
        line.append(number: number)
        line.append(",\"mark\":\"")
        line.append(contentsOf: hexadecimal(mark.rawValue, digits: 16))
        line.append("\",\"reason\":")
        line.append(jsonString: reason)
        line.append("}")
    }

    init?(from line: inout LineReader) {
        guard line.take("{\"number\":"), let number = line.unsigned(),
            line.take(",\"mark\":\""), let mark = line.hexadecimal(digits: 16),
            line.take("\",\"reason\":"), let reason = line.string(), line.take("}")
        else { return nil }
        self.init(number: number, mark: Mark(rawValue: mark), reason: reason)
    }

    static func array(from line: inout LineReader) -> [Skip]? {
        guard line.take("[") else { return nil }
        var skips: [Skip] = []
        if line.take("]") { return skips }
        repeat {
            guard let skip = Skip(from: &line) else { return nil }
            skips.append(skip)
        } while line.take(",")
        return line.take("]") ? skips : nil
    }
}

/// The file `skips` beside the message files.
enum SkipsFile {
    static let name = "skips"
    static let bytesMax = 64 << 20

    static func bytes(_ skips: [Skip]) -> [UInt8] {
        var lines: [UInt8] = []
        for skip in skips {
            skip.append(to: &lines)
            lines.append("\n")
        }
        var file: [UInt8] = []
        file.append("{\"tideline\":\"skips\",\"version\":1,\"count\":")
        file.append(number: Int64(skips.count))
        lines.withUnsafeBytes { file.appendChecksum(from: 0, payload: $0) }
        return file + lines
    }

    /// `nil` when the bytes are not a whole file.
    static func parse(_ bytes: [UInt8]) -> [Skip]? {
        bytes.withUnsafeBytes { file in
            guard let newline = file.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
            let lines = UnsafeRawBufferPointer(rebasing: file[(newline + 1)...])
            guard let first = ChecksummedLine(UnsafeRawBufferPointer(rebasing: file[..<newline])),
                first.isIntact(payload: lines)
            else { return nil }
            var body = LineReader(first.body)
            guard body.take("{\"tideline\":\"skips\",\"version\":1,\"count\":"), let count = body.natural(),
                body.isAtEnd
            else { return nil }
            var reader = LineReader(lines)
            var skips: [Skip] = []
            while !reader.isAtEnd {
                guard let skip = Skip(from: &reader), reader.take("\n") else { return nil }
                skips.append(skip)
            }
            return skips.count == count ? skips : nil
        }
    }
}
