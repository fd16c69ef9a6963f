import CReadStat

/// An SPSS file as the library's reader understands it.
final class SAVReading {
    struct Variable: Equatable {
        var name = ""
        var label = ""
        var format = ""
        var labelSet = ""
        var measure = READSTAT_MEASURE_UNKNOWN
    }

    enum Cell: Equatable {
        case missing
        case number(Double)
        case text(String)
    }

    struct Failed: Error {
        let message: String
    }

    private(set) var fileLabel = ""
    private(set) var rowCount = 0
    private(set) var variables: [Variable] = []
    private(set) var labels: [String: [Double: String]] = [:]
    private(set) var rows: [[Cell]] = []
    private let bytes: [UInt8]
    private var position = 0

    /// The labels of a variable's values.
    func valueLabels(_ name: String) -> [Double: String]? {
        variables.first { $0.name == name }.flatMap { labels[$0.labelSet] }
    }

    init(_ bytes: [UInt8]) throws {
        self.bytes = bytes
        let parser = readstat_parser_init()
        defer { readstat_parser_free(parser) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        readFromMemory(parser, context)
        readstat_set_metadata_handler(parser) { metadata, context in
            let reading = SAVReading.from(context)
            reading.fileLabel = readstat_get_file_label(metadata).map { String(cString: $0) } ?? ""
            reading.rowCount = Int(readstat_get_row_count(metadata))
            return 0
        }
        readstat_set_variable_handler(parser) { _, variable, labelSet, context in
            SAVReading.from(context).variables.append(
                Variable(
                    name: String(cString: readstat_variable_get_name(variable)),
                    label: readstat_variable_get_label(variable).map { String(cString: $0) } ?? "",
                    format: String(cString: readstat_variable_get_format(variable)),
                    labelSet: labelSet.map { String(cString: $0) } ?? "",
                    measure: readstat_variable_get_measure(variable)))
            return 0
        }
        readstat_set_value_label_handler(parser) { set, value, label, context in
            guard let set, let label else { return 1 }
            SAVReading.from(context).labels[String(cString: set), default: [:]][readstat_double_value(value)] =
                String(cString: label)
            return 0
        }
        readstat_set_value_handler(parser) { row, _, value, context in
            let reading = SAVReading.from(context)
            if reading.rows.count <= Int(row) { reading.rows.append([]) }
            reading.rows[Int(row)].append(SAVReading.cell(value))
            return 0
        }
        let code = readstat_parse_sav(parser, "memory", context)
        guard code == READSTAT_OK else { throw Failed(message: String(cString: readstat_error_message(code))) }
    }

    private static func from(_ context: UnsafeMutableRawPointer?) -> SAVReading {
        Unmanaged<SAVReading>.fromOpaque(context!).takeUnretainedValue()
    }

    private static func cell(_ value: readstat_value_t) -> Cell {
        if readstat_value_type(value) == READSTAT_TYPE_STRING {
            return .text(readstat_string_value(value).map { String(cString: $0) } ?? "")
        }
        return readstat_value_is_system_missing(value) != 0 ? .missing : .number(readstat_double_value(value))
    }

    private func readFromMemory(_ parser: UnsafeMutablePointer<readstat_parser_t>?, _ context: UnsafeMutableRawPointer)
    {
        readstat_set_io_ctx(parser, context)
        readstat_set_open_handler(parser) { _, _ in 0 }
        readstat_set_close_handler(parser) { _ in 0 }
        readstat_set_update_handler(parser) { _, _, _, _ in READSTAT_OK }
        readstat_set_seek_handler(parser) { offset, whence, context in
            let reading = SAVReading.from(context)
            switch whence {
            case READSTAT_SEEK_SET: reading.position = Int(offset)
            case READSTAT_SEEK_CUR: reading.position += Int(offset)
            default: reading.position = reading.bytes.count + Int(offset)
            }
            return readstat_off_t(reading.position)
        }
        readstat_set_read_handler(parser) { target, count, context in
            let reading = SAVReading.from(context)
            let length = min(count, max(0, reading.bytes.count - reading.position))
            reading.bytes.withUnsafeBytes { bytes in
                guard length > 0, let start = bytes.baseAddress else { return }
                target?.copyMemory(from: start + reading.position, byteCount: length)
            }
            reading.position += length
            return length
        }
    }
}
