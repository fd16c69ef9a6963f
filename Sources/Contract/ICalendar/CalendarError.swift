/// What is wrong in a calendar, where, and what would be right.
package struct CalendarError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Line of the file as an editor counts them, from 1.
    package let line: Int
    /// A sentence that follows the line, without a full stop.
    package let sentence: String

    package init(line: Int, _ sentence: String) {
        self.line = line
        self.sentence = sentence
    }

    package var description: String { "line \(line): \(sentence)" }
}
