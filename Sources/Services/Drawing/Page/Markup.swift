import Foundation

/// Pieces of HTML and SVG as text; whatever comes from outside is escaped on the way in.
package enum Markup {
    /// Text between tags or inside a quoted attribute. Control characters have no place in a document.
    package static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case _ where scalar.properties.generalCategory == .control: result += " "
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// A length or coordinate: two digits after the point, the same text on every machine.
    static func number(_ value: Double) -> String {
        let text = String(format: "%.2f", value)
        guard text.contains(".") else { return text }
        var trimmed = text[...]
        while trimmed.last == "0" { trimmed = trimmed.dropLast() }
        if trimmed.last == "." { trimmed = trimmed.dropLast() }
        return trimmed == "-0" ? "0" : String(trimmed)
    }

    /// A table with a caption; the first column heads its rows.
    /// - Parameters:
    ///   - numeric: places of columns that hold numbers.
    ///   - wraps: whether long values may take several lines.
    ///   - rows: as many cells as there are heads.
    package static func table(
        caption: String, heads: [String], numeric: Set<Int> = [], wraps: Bool = false, rows: [[String]]
    ) -> String {
        func of(_ place: Int) -> String { numeric.contains(place) ? " class=\"number\"" : "" }
        let head = heads.enumerated().map { "<th scope=\"col\"\(of($0.offset))>\(escaped($0.element))</th>" }.joined()
        let body = rows.map { row in
            "<tr>"
                + row.enumerated().map { place, cell in
                    place == 0
                        ? "<th scope=\"row\">\(escaped(cell))</th>" : "<td\(of(place))>\(escaped(cell))</td>"
                }.joined() + "</tr>"
        }.joined(separator: "\n")
        return """
            <div class="wide\(wraps ? " wraps" : "")"><table><caption>\(escaped(caption))</caption>
            <thead><tr>\(head)</tr></thead>
            <tbody>
            \(body)
            </tbody></table></div>
            """
    }
}
