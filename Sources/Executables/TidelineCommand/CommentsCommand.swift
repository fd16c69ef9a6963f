import ArgumentParser
import Drawing
import HTTP
import JSON
import Messages
import Satisfaction
import Settings

struct CommentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "comments",
        abstract: "Shows what customers wrote, the newest first.",
        discussion: """
            Read from the message files of ingest, which alone keep comments.

              tideline comments --metric csat --max 2 --segment region:eu --theme delivery
              tideline comments --contains refund --from 2026-11-20 --json
            """)

    @OptionGroup var filter: CommentOptions
    @Option(help: "Only comments that speak of this theme.") var theme: String?
    @Option(help: "Only comments with this text, upper and lower case apart.") var contains: String?
    @Flag(help: "Print the API's answer, one JSON object.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let loaded = try settings.load()
        let answer = try filter.ask(
            "/api/v1/comments", loaded, [("theme", theme ?? ""), ("contains", contains ?? "")])
        if json {
            Console.say(answer.text)
            return
        }
        let text = CommentsText(answer, zone: TimeZoneTable(named: loaded.set.timeZone) ?? .utc)
        Console.say(text.lines(width: Console.output.width, style: Console.output.style))
    }
}

struct WordsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "words",
        abstract: "Lists the words that stand in most comments, stop words left out.",
        discussion: """
            Forms of one word count together, in English, Russian and German.

              tideline words --metric csat --max 2 --from 2026-11-14 --limit 20
            """)

    @OptionGroup var filter: CommentOptions
    @Flag(help: "Print the API's answer, one JSON object.") var json = false
    @OptionGroup var settings: SettingsOptions

    func run() throws {
        let answer = try filter.ask("/api/v1/words", try settings.load())
        if json {
            Console.say(answer.text)
            return
        }
        let comments = answer["comments"]?.int64 ?? 0
        let style = Console.output.style
        var table = Table([.init("word", widthMin: 12), .init("comments", .trailing), .init("share", .trailing)])
        for word in answer["words"]?.array ?? [] {
            let count = word["comments"]?.int64 ?? 0
            let share = comments > 0 ? (1000 * Double(count) / Double(comments)).rounded() / 10 : 0
            table.append([.init(word["word"]?.string ?? ""), .init("\(count)"), .init("\(share) %")])
        }
        Console.say(style.shown("words of \(comments) comments"))
        if !table.rows.isEmpty { Console.say([""] + table.lines(width: Console.output.width, style: style)) }
        if answer["truncated"]?.bool == true { Console.say(CommentsText.cutShort) }
    }
}

/// Which responses' comments are meant; what both questions have in common.
struct CommentOptions: ParsableArguments {
    @Option(help: "Only responses that answer this metric.") var metric: String?
    @Option(help: ArgumentHelp("Only answers of the metric from this on.", valueName: "answer")) var min: Double?
    @Option(help: ArgumentHelp("Only answers of the metric up to this.", valueName: "answer")) var max: Double?
    @Option(help: ArgumentHelp("Segment, such as region:eu or region:eu,tier:gold.", valueName: "dim:value"))
    var segment: String?
    @Option(help: ArgumentHelp("First moment or day.", valueName: "time")) var from: String?
    @Option(help: ArgumentHelp("End, exclusive.", valueName: "time")) var to: String?
    @Option(help: ArgumentHelp("Most that are shown, 1 to 1000.", valueName: "n")) var limit = 100

    /// Above what ingest takes for an answer at most.
    private static let answerSeconds = 10

    /// Asks ingest; empty values are left out.
    func ask(_ path: String, _ settings: TidelineSettings, _ further: [(String, String)] = []) throws -> JSONTree {
        let query =
            [
                ("metric", metric ?? ""), ("min", min.map { "\($0)" } ?? ""), ("max", max.map { "\($0)" } ?? ""),
                ("segment", segment ?? ""), ("from", from ?? ""), ("to", to ?? ""), ("limit", "\(limit)"),
            ] + further
        let items = query.filter { !$0.1.isEmpty }.map { "\($0)=\(HTTPFetch.escaped($1))" }
        let address = settings.configuration.string("alerting.comments")
        let answer: HTTPFetch.Answer
        do {
            answer = try HTTPFetch.get(
                address: address, target: "\(path)?\(items.joined(separator: "&"))", seconds: Self.answerSeconds)
        } catch {
            throw CommandFailure("\(error); is ingest running? alerting.comments says where it is asked")
        }
        guard let tree = try? JSONTree.parse(answer.text) else {
            throw CommandFailure("\(address) answers \(answer.status), which is no answer of ingest")
        }
        guard answer.status == 200 else {
            throw CommandFailure(
                tree["error"]?.string ?? "ingest answers \(answer.status)",
                status: answer.status == 400 ? .wrongUsage : .failed)
        }
        return tree
    }
}

/// Comments as the terminal shows them, one a paragraph.
struct CommentsText {
    private let comments: [JSONTree]
    private let isTruncated: Bool
    private let zone: TimeZoneTable

    static let cutShort = "There is more; ask for a shorter time or a smaller group, or for more with --limit."
    private static let indentation = "  "

    init(_ answer: JSONTree, zone: TimeZoneTable) {
        comments = answer["comments"]?.array ?? []
        isTruncated = answer["truncated"]?.bool ?? false
        self.zone = zone
    }

    func lines(width: Int, style: DrawingStyle) -> [String] {
        var lines: [String] = []
        for comment in comments {
            lines.append(style.painted(style.shown(head(of: comment)), .strong))
            // What customers write may hold escapes that would drive the terminal; `shown` takes them out.
            let paragraphs = (comment["comment"]?.string ?? "").split { $0.isNewline }
            for paragraph in paragraphs {
                lines += Self.wrapped(style.shown(String(paragraph)), columns: width - Self.indentation.count)
                    .map { Self.indentation + $0 }
            }
            lines.append("")
        }
        if comments.isEmpty { lines.append("no comments") }
        if isTruncated { lines.append(Self.cutShort) }
        if lines.last == "" { lines.removeLast() }
        return lines
    }

    /// "2026-11-21 11:15  csat 2 · region:eu, channel:email · delivery"
    private func head(of comment: JSONTree) -> String {
        let time = comment["time"]?.string.flatMap(Timestamp.read).map(localTime) ?? ""
        let answers = (comment["answers"]?.object ?? []).map { "\($0) \($1.string ?? $1.text)" }
        let segments = (comment["segments"]?.object ?? []).map { "\($0):\($1.string ?? "")" }
        let themes = (comment["themes"]?.array ?? []).compactMap(\.string)
        let parts = [answers, segments, themes].filter { !$0.isEmpty }.map { $0.joined(separator: ", ") }
        return "\(time)  \(parts.joined(separator: " · "))"
    }

    /// In the configured zone, to the minute.
    private func localTime(_ moment: Int64) -> String {
        let local = Timestamp.text(moment + zone.offset(at: moment))
        return "\(local.prefix(10)) \(local.dropFirst(11).prefix(5))"
    }

    /// Lines of at most so many characters, broken between words where a word is not longer than that.
    private static func wrapped(_ text: String, columns: Int) -> [String] {
        let columns = Swift.max(columns, 20)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var rest = word[...]
            if !line.isEmpty, line.count + 1 + rest.count > columns {
                lines.append(line)
                line = ""
            }
            while rest.count > columns {
                lines.append(String(rest.prefix(columns)))
                rest = rest.dropFirst(columns)
            }
            line += (line.isEmpty ? "" : " ") + rest
        }
        if !line.isEmpty { lines.append(line) }
        return lines
    }
}
