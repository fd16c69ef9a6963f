/// Reads RFC 4180 one character after another, with no code of the writer. A field is nil if nothing stands in it,
/// and empty if two quotes do.
struct CSVReader {
    struct Broken: Error {
        let offset: Int
    }

    private enum Place { case start, bare, quoted, closed }

    static func read(_ bytes: [UInt8], lineEnd: String = "\r\n") throws -> [[String?]] {
        var lines: [[String?]] = []
        var line: [String?] = []
        var field: [UInt8] = []
        var place = Place.start
        var offset = 0
        let end = Array(lineEnd.utf8)
        func close() {
            line.append(place == .start ? nil : String(decoding: field, as: UTF8.self))
            field = []
            place = .start
        }
        while offset < bytes.count {
            let byte = bytes[offset]
            let endsLine = bytes[offset...].starts(with: end)
            switch place {
            case .quoted:
                if byte == 0x22 { place = .closed } else { field.append(byte) }
            case .closed where byte == 0x22:
                field.append(byte)
                place = .quoted
            case .start where byte == 0x22: place = .quoted
            case _ where byte == 0x2C: close()
            case _ where endsLine:
                close()
                lines.append(line)
                line = []
                offset += end.count - 1
            case .closed: throw Broken(offset: offset)
            case _ where byte == 0x22 || byte == 0x0D || byte == 0x0A: throw Broken(offset: offset)
            default:
                field.append(byte)
                place = .bare
            }
            offset += 1
        }
        guard place == .start, line.isEmpty else { throw Broken(offset: offset) }
        return lines
    }
}
