/// A query item that is missing or wrong; a handler that throws it answers 400 with the sentence.
package struct QueryError: Error, Sendable, Equatable, CustomStringConvertible {
    package let name: String
    /// What is there and what would be right, as a clause that follows the name.
    package let sentence: String

    package init(_ name: String, _ sentence: String) {
        self.name = name
        self.sentence = sentence
    }

    package var description: String { "query \(name) \(sentence)" }
}

extension HTTPRequest {
    /// - Throws: when the item is there more than once.
    package func text(_ name: String) throws(QueryError) -> String? {
        let values = query.filter { $0.name == name }
        guard values.count <= 1 else { throw QueryError(name, "is given \(values.count) times; give it once") }
        return values.first?.value
    }

    package func requiredText(_ name: String) throws(QueryError) -> String {
        guard let text = try text(name), !text.isEmpty else { throw QueryError(name, "is missing") }
        return text
    }

    package func integer(
        _ name: String, in range: ClosedRange<Int>, default standard: Int
    ) throws(QueryError) -> Int {
        guard let text = try text(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw QueryError(
                name, "is \"\(text)\", but must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// Refuses items the handler does not know, so that a misspelt filter does not quietly match everything.
    package func allowOnly(_ names: [String]) throws(QueryError) {
        for item in query where !names.contains(item.name) {
            let known = names.isEmpty ? "this takes no query" : "known: \(names.joined(separator: ", "))"
            throw QueryError(item.name, "is unknown; \(known)")
        }
    }
}
