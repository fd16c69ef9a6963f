import JSON
import Messages
import Satisfaction
import Wording

/// Comments as they are answered. Never the respondent.
///
/// Where segments of few answers must not be seen, comments are shown only if enough responses match, and then without
/// what would tell of smaller groups or of single responses: id, source, answers, segments and the time of day.
final class CommentPage {
    private let limit: Int
    private let bytesMax: Int
    private let minimumAnswers: Int64
    private var writer = JSONWriter()
    private var count = 0
    private var matching: Int64 = 0
    /// Whether there are more comments than are shown.
    private var hasMore = false

    init(_ query: CommentQuery, minimumAnswers: Int64, bytesMax: Int) {
        limit = query.limit
        self.minimumAnswers = minimumAnswers
        self.bytesMax = bytesMax
        writer.beginObject()
        writer.name("comments")
        writer.beginArray()
    }

    /// - Returns: whether there is use for more.
    func take(_ found: FoundResponse, _ filter: CommentFilter, _ themes: ThemeMatcher) -> Bool {
        matching += 1
        if let comment = found.comment {
            if count < limit, writer.count < bytesMax {
                count += 1
                write(found, comment, themes.names(of: filter.themes(of: found)))
            } else {
                hasMore = true
            }
        }
        return !hasMore || matching < minimumAnswers
    }

    /// The answer; nil when too few responses match to show anything.
    /// - Parameter isCutShort: not everything was read.
    func finish(isCutShort: Bool) -> [UInt8]? {
        guard matching >= minimumAnswers || minimumAnswers <= 1 else { return nil }
        writer.endArray()
        writer.name("truncated")
        writer.value(hasMore || isCutShort)
        writer.endObject()
        return Array(writer.bytes)
    }

    private func write(_ found: FoundResponse, _ comment: JSONString, _ themes: [String]) {
        writer.beginObject()
        writer.name("time")
        // The moment of an answer finds it in the exports of others; the day does not.
        let day = found.time.flooredQuotient(86_400_000) * 86_400_000
        writer.value(Timestamp.text(minimumAnswers > 1 ? day : found.time))
        if minimumAnswers <= 1 {
            if let source = found.event.member(named: "source") { member("source", source) }
            if let id = found.event.member(named: "id") { member("id", id) }
        }
        if let survey = found.data.member(named: "survey"), !survey.isNull { member("survey", survey) }
        if minimumAnswers <= 1, let answers = found.data.member(named: "answers") { member("answers", answers) }
        writer.name("segments")
        writer.beginObject()
        if let segments = found.data.member(named: "segments")?.object {
            for part in segments where minimumAnswers <= 1 {
                writer.name(part.name)
                writer.value(part.value)
            }
        }
        writer.endObject()
        writer.name("comment")
        writer.value(comment)
        writer.name("themes")
        writer.beginArray()
        for theme in themes { writer.value(theme) }
        writer.endArray()
        writer.endObject()
    }

    private func member(_ name: StaticString, _ value: JSONValue) {
        writer.name(name)
        writer.value(value)
    }
}

/// The frequent words of the comments asked for.
///
/// Where segments of few answers must not be seen, a word must stand in as many comments as answers are needed.
final class WordPage {
    private let limit: Int
    private let minimumAnswers: Int64
    private var words: FrequentWords
    private var matching: Int64 = 0

    init(_ query: CommentQuery, minimumAnswers: Int64) throws(StemmerError) {
        limit = query.limit
        self.minimumAnswers = minimumAnswers
        words = try FrequentWords()
    }

    func take(_ found: FoundResponse) {
        matching += 1
        if let comment = found.comment { words.add(comment.bytes, language: found.language) }
    }

    /// The answer; nil when too few responses match to show anything.
    /// - Parameter isCutShort: not everything was read.
    func finish(isCutShort: Bool) -> [UInt8]? {
        guard matching >= minimumAnswers || minimumAnswers <= 1 else { return nil }
        let shown = words.top(limit).filter { Int64($0.comments) >= minimumAnswers }
        let tree = JSONTree.object([
            ("comments", .integer(Int64(words.comments))),
            (
                "words",
                .array(shown.map { .object([("word", .string($0.word)), ("comments", .integer(Int64($0.comments)))]) })
            ),
            ("truncated", .bool(isCutShort)),
        ])
        return Array(tree.text.utf8)
    }
}
