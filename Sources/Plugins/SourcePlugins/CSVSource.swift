import JSON
import PluginKit

/// Reads a CSV export, with a mapping that says which column is what.
///
/// One event for each row, in the order of the rows. Nothing is passed over in silence: each row after the header becomes
/// an event, or is skipped or refused with its line and a reason. If the mapping names a column the header lacks, that
/// is refused once and no row is read.
public struct CSVSource: Source {
    public static let plugin = PluginDescription(
        name: "csv",
        summary: "CSV exports of survey tools and stores, one response a row",
        defaults: [
            // auto (the first row decides), "," or ";" or tab.
            "delimiter": "auto",
            // 0…20; names are taken from the first of them.
            "headerRows": 1,
            // The CloudEvents source; required.
            "source": nil,
            // A column, {position: n}, a template such as "shop-{review_id}", or hash.
            "id": "hash",
            // {column | position, formats: [rfc3339], zone: UTC, timeOfDay: "12:00"}; required.
            "time": nil,
            // metric: column, or metric: {column | position, values: {good: 5}, scale: "1..5"}; required.
            "answers": nil,
            // dimension: column, {position: n} or {constant: text}.
            "segments": [:],
            "comment": nil,
            "respondent": nil,
            "survey": nil,
            // [{column | position, equals: text or [texts] | empty: true, reason: text}]
            "skipWhen": [],
        ],
        example: [
            "source": "/shop/reviews",
            "id": "review-{review_id}",
            "time": ["column": "answered_at", "formats": ["yyyy-MM-dd'T'HH:mm:ss"], "zone": "Europe/Berlin"],
            "answers": ["csat": ["column": "score"]],
            "segments": ["version": "version"],
        ]
    )

    private let mapping: CSVMapping
    private var tokenizer: CSVTokenizer
    private var stage: Stage

    private enum Stage {
        /// Header rows are still to come; the names, once the first has been seen.
        case header(seen: Int, CSVHeader?)
        case rows(CSVRowReader)
        /// The header does not fit the mapping, which has been said.
        case refused
    }

    public init(configuration: PluginConfiguration) throws(PluginConfigurationError) {
        mapping = try CSVMapping(configuration)
        tokenizer = CSVTokenizer(delimiter: mapping.delimiter)
        stage = .header(seen: 0, nil)
    }

    public mutating func read(_ bytes: UnsafeRawBufferPointer, emit: (SourceRecord) -> Void) {
        var tokenizer = self.tokenizer
        tokenizer.read(bytes) { record in take(record, emit) }
        self.tokenizer = tokenizer
    }

    public mutating func finish(emit: (SourceRecord) -> Void) {
        var tokenizer = self.tokenizer
        tokenizer.finish { record in take(record, emit) }
        self.tokenizer = tokenizer
        if case .header(let seen, _) = stage, mapping.headerRows > 0 {
            let sentence = "the file ends after \(seen) of \(mapping.headerRows) header rows; is it the right file?"
            emit(.refused(sentence: sentence, line: 1))
        }
    }

    private mutating func take(_ record: CSVRecord, _ emit: (SourceRecord) -> Void) {
        switch stage {
        case .refused: return
        case .rows(let reader): emit(reader.read(record))
        case .header(let seen, let header):
            if mapping.headerRows == 0 {
                begin(CSVHeader(names: [], count: record.count), record.line, emit)
                take(record, emit)
                return
            }
            guard let header = header ?? names(record, emit) else { return }
            stage = .header(seen: seen + 1, header)
            if seen + 1 == mapping.headerRows { begin(header, record.line, emit) }
        }
    }

    /// Reads the header's first row, or refuses the file.
    private mutating func names(_ record: CSVRecord, _ emit: (SourceRecord) -> Void) -> CSVHeader? {
        let names = (0..<record.count).compactMap { record.text($0) }
        guard record.fault == nil, names.count == record.count else {
            let reason = record.fault == nil ? "is not UTF-8; save the export as UTF-8" : "has a broken quote"
            emit(.refused(sentence: "the header \(reason); no row was read", line: record.line))
            stage = .refused
            return nil
        }
        return CSVHeader(names: names, count: record.count)
    }

    /// The header is complete: rows follow if it has every column the mapping names.
    private mutating func begin(_ header: CSVHeader, _ line: Int, _ emit: (SourceRecord) -> Void) {
        do {
            try header.check(mapping)
            stage = .rows(CSVRowReader(mapping: mapping, header: header))
        } catch {
            emit(.refused(sentence: error.sentence + "; no row was read", line: line))
            stage = .refused
        }
    }
}
