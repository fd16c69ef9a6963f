import Export
import JSON
import Messages
import PluginKit
import Satisfaction
import Settings

/// Responses of the message files as rows of a table.
final class ResponseTable {
    /// What is taken beside source, id, times, survey, answers and dimensions.
    struct Choice {
        var comments = false
        var respondents = false
        /// Moments of `time` that are taken.
        var span: Range<Int64> = .min..<Int64.max
    }

    /// Answers that are none under the metrics in force: their cells are missing.
    private(set) var unreadAnswers = 0

    private let choice: Choice
    private let answers: [AnswerColumns]
    private let dimensions: [String]
    private let parser = JSONParser()
    private var sums = Contributions()
    /// Bytes of the longest text of each column, for SPSS.
    private var widths: [Int]
    private let declared: [ExportColumn]

    init(_ set: DefinitionSet, _ choice: Choice) throws {
        self.choice = choice
        answers = try AnswerColumns.all(set)
        dimensions = set.dimensions
        let text = ExportColumn.Kind.text(bytesMax: 1)
        var columns = [
            ExportColumn(name: "source", label: "Where the response comes from", kind: text),
            ExportColumn(name: "id", label: "Name of the response within its source", kind: text),
            ExportColumn(name: "time", label: "When the customer answered (UTC)", kind: .moment),
            ExportColumn(name: "recorded", label: "When the response was recorded (UTC)", kind: .moment),
            ExportColumn(name: "survey", label: "Survey", kind: text),
        ]
        columns += answers.flatMap(\.columns)
        var taken = Set(columns.map(\.name))
        if choice.comments { taken.insert("comment") }
        if choice.respondents { taken.insert("respondent") }
        for dimension in set.dimensions {
            // A dimension called as an answer is still a column of its own.
            let name = taken.insert(dimension).inserted ? dimension : "segment.\(dimension)"
            columns.append(ExportColumn(name: name, label: "Dimension \(dimension)", kind: text))
        }
        if choice.comments { columns.append(ExportColumn(name: "comment", label: "Comment", kind: text)) }
        if choice.respondents { columns.append(ExportColumn(name: "respondent", label: "Respondent", kind: text)) }
        declared = columns
        widths = columns.map { _ in 1 }
    }

    /// The columns, texts as wide as the longest of the rows measured.
    var columns: [ExportColumn] {
        zip(declared, widths).map { column, width in
            guard case .text = column.kind else { return column }
            return ExportColumn(name: column.name, label: column.label, kind: .text(bytesMax: width))
        }
    }

    /// Takes a row's texts into account for the widths of the columns.
    func measure(_ row: [ExportValue]) {
        for (place, value) in row.enumerated() {
            if case .text(let text) = value { widths[place] = max(widths[place], text.utf8.count) }
        }
    }

    /// The row of an event; nil for events that are no responses, and for those outside the span.
    /// - Parameter line: one event of the message files.
    func row(_ line: [UInt8]) throws -> [ExportValue]? {
        try withExtendedLifetime(parser) {
            let event = try parser.parse(line)
            guard let type = event.member(named: "type")?.string, IncomingType(type) == .response,
                let time = moment(event.member(named: "time")), choice.span.contains(time),
                let data = event.member(named: "data")
            else { return nil }
            var row: [ExportValue] = [
                text(event.member(named: "source")), text(event.member(named: "id")), .moment(time),
                moment(event.member(named: "recordedtime")).map(ExportValue.moment) ?? .missing,
                text(data.member(named: "survey")),
            ]
            let given = data.member(named: "answers")
            let metricEvent = MetricEvent(time: time, data: data)
            for answer in answers {
                if let values = answer.values(given, of: metricEvent, &sums) {
                    row += values
                } else {
                    unreadAnswers += 1
                    row += answer.columns.map { _ in .missing }
                }
            }
            let segments = data.member(named: "segments")?.object
            row += dimensions.map { text(segments?.member(named: $0)) }
            if choice.comments { row.append(text(data.member(named: "comment"))) }
            if choice.respondents { row.append(text(data.member(named: "respondent"))) }
            return row
        }
    }

    private func text(_ value: JSONValue?) -> ExportValue { value?.string.map { .text($0.text) } ?? .missing }

    private func moment(_ value: JSONValue?) -> Int64? { value?.string.flatMap { Timestamp.read($0.bytes) } }
}
