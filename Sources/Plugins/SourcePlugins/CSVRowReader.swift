import JSON
import Messages
import PluginKit
import Satisfaction

/// Makes one row into one event, under a header that has been checked against the mapping.
struct CSVRowReader {
    /// A row that should have been a response and cannot be read.
    private struct Refusal: Error { let sentence: String }

    let mapping: CSVMapping
    let header: CSVHeader

    func read(_ record: CSVRecord) -> SourceRecord {
        do {
            try checkShape(record)
            if record.isEmpty { return .skipped(reason: "empty row", line: record.line) }
            if let reason = try skipReason(record) { return .skipped(reason: reason, line: record.line) }
            let answers = try answers(record)
            guard !answers.isEmpty else { return .skipped(reason: "no answer", line: record.line) }
            return .event(try event(record, answers))
        } catch {
            return .refused(sentence: error.sentence, line: record.line)
        }
    }

    private func checkShape(_ record: CSVRecord) throws(Refusal) {
        if let fault = record.fault { throw Refusal(sentence: fault.sentence) }
        guard record.count == header.count || (record.isEmpty && record.count == 1) else {
            throw Refusal(
                sentence: "the row has \(record.count) cells and the header \(header.count); look for a missing "
                    + "delimiter, or for a delimiter or line break that is not in double quotes")
        }
    }

    /// The cell's text without white space around it; empty where there is none.
    private func text(_ cell: CellReference, _ record: CSVRecord) throws(Refusal) -> String {
        if case .constant(let text) = cell { return text }
        guard let text = record.text(header.index(of: cell)!) else {
            throw Refusal(sentence: "\(header.title(of: cell)) is not UTF-8; save the export as UTF-8")
        }
        return text
    }

    private func skipReason(_ record: CSVRecord) throws(Refusal) -> String? {
        for rule in mapping.skipWhen {
            let text = try text(rule.cell, record)
            switch rule.condition {
            case .empty where text.isEmpty: return rule.reason
            case .equals(let words) where words.contains(text): return rule.reason
            default: continue
            }
        }
        return nil
    }

    private func answers(_ record: CSVRecord) throws(Refusal) -> [(String, JSONTree)] {
        var answers: [(String, JSONTree)] = []
        for answer in mapping.answers {
            let text = try text(answer.cell, record)
            if text.isEmpty { continue }
            let value: JSONTree
            if let listed = answer.values[text] {
                value = listed
            } else if let number = Self.number(text) {
                value = number
            } else if answer.values.isEmpty {
                // A word the metric itself may know, such as "good"; the contract decides.
                value = .string(text)
            } else {
                let known = answer.values.keys.sorted().map { "\"\($0)\"" }.joined(separator: ", ")
                throw Refusal(
                    sentence:
                        "\(header.title(of: answer.cell)) is \"\(Self.excerpt(text))\", which is no number and not "
                        + "among the values of answers.\(answer.metric): \(known)")
            }
            answers.append(
                (answer.metric, answer.scale.map { .object([("value", value), ("scale", .string($0))]) } ?? value))
        }
        return answers
    }

    private func event(_ record: CSVRecord, _ answers: [(String, JSONTree)]) throws(Refusal) -> [UInt8] {
        var data: [(String, JSONTree)] = []
        if let survey = try optional(mapping.survey, record) { data.append(("survey", .string(survey))) }
        data.append(("answers", .object(answers)))
        var segments: [(String, JSONTree)] = []
        for (dimension, cell) in mapping.segments {
            let value = try text(cell, record)
            if !value.isEmpty { segments.append((dimension, .string(value))) }
        }
        if !segments.isEmpty { data.append(("segments", .object(segments))) }
        if let comment = try optional(mapping.comment, record) { data.append(("comment", .string(comment))) }
        if let respondent = try optional(mapping.respondent, record) {
            data.append(("respondent", .string(respondent)))
        }
        let event = JSONTree.object([
            ("specversion", .string("1.0")), ("id", .string(try identity(record))), ("source", .string(mapping.source)),
            ("type", .string(MessageType.response.name)), ("time", .string(Timestamp.text(try moment(record)))),
            ("datacontenttype", .string("application/json")), ("data", .object(data)),
        ])
        return Array(event.text.utf8)
    }

    private func optional(_ cell: CellReference?, _ record: CSVRecord) throws(Refusal) -> String? {
        guard let cell else { return nil }
        let text = try text(cell, record)
        return text.isEmpty ? nil : text
    }

    private func identity(_ record: CSVRecord) throws(Refusal) -> String {
        guard case .parts(let parts) = mapping.identity else { return Digest(ofBytes: record.raw).text }
        var identity = ""
        for part in parts {
            switch part {
            case .text(let text): identity += text
            case .cell(let cell):
                let text = try text(cell, record)
                guard !text.isEmpty else {
                    throw Refusal(
                        sentence: "\(header.title(of: cell)) is empty, so the row has no identity; name another column "
                            + "under id, or take id: hash")
                }
                identity += text
            }
        }
        return identity
    }

    private func moment(_ record: CSVRecord) throws(Refusal) -> Int64 {
        let text = try text(mapping.time.column, record)
        guard let moment = mapping.time.moment(text) else {
            let formats = mapping.time.formats.map(\.text).joined(separator: " · ")
            throw Refusal(
                sentence:
                    "\(header.title(of: mapping.time.column)) is \"\(Self.excerpt(text))\", which fits none of the "
                    + "formats \(formats); add its format under time.formats")
        }
        return moment
    }

    /// Characters of a cell shown in a message.
    private static let excerptCharactersMax = 60

    private static func excerpt(_ text: String) -> String {
        text.count > excerptCharactersMax ? text.prefix(excerptCharactersMax) + "…" : text
    }

    /// Digits a whole number may have and still be exact.
    private static let digitsMax = 15

    /// Reads "4", "-1", "4.0" and "3.5" and nothing else: no thousands, no decimal comma, no exponent.
    static func number(_ text: String) -> JSONTree? {
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), digits.utf8.count <= digitsMax,
            parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }), let value = Double(text)
        else { return nil }
        return Int64(exactly: value).map { .integer($0) } ?? .number(value)
    }
}

extension CSVRecord.Fault {
    fileprivate var sentence: String {
        switch self {
        case .textAfterQuote(let position):
            "column \(position) has text after its closing quote; a quote inside a quoted cell is written twice"
        case .quoteStillOpen(let position):
            "the quote that opens column \(position) is never closed, so everything after it was taken for that cell "
                + "and not read; close it or double it"
        case .tooLong:
            "the row is longer than \(CSVTokenizer.recordBytesMax) bytes, so reading stopped here; is this a CSV file?"
        }
    }
}
