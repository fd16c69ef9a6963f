import JSON

private let texts = [
    "", "a", "né", "😀", "\"", "\\", "\n\t\r\u{8}\u{c}", "\u{0}\u{1f}\u{7f}", "[1,2]", "{\"a\":1}",
    "a longer text: with, commas",
    "seven77", "eight888", "\\\"", "12345678\"", "/",
]

/// Any tree of at most that depth. Floating-point numbers have every exponent.
func randomTree(_ depth: Int, _ generator: inout SeededGenerator) -> JSONTree {
    switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &generator) {
    case 0: return .null
    case 1: return .bool(Bool.random(using: &generator))
    case 2: return .integer(Int64(bitPattern: generator.next()) >> Int64.random(in: 0..<64, using: &generator))
    case 3:
        let number = Double(bitPattern: generator.next())
        return number.isFinite && Int64(exactly: number) == nil ? .number(number) : .integer(7)
    case 4, 5: return .string(texts.randomElement(using: &generator)! + texts.randomElement(using: &generator)!)
    case 6, 7:
        return .object(
            (0..<Int.random(in: 0..<5, using: &generator)).map { _ in
                (texts.randomElement(using: &generator)!, randomTree(depth - 1, &generator))
            })
    default:
        return .array((0..<Int.random(in: 0..<5, using: &generator)).map { _ in randomTree(depth - 1, &generator) })
    }
}

/// The tree's text with random white space between its tokens.
func spaced(_ tree: JSONTree, _ generator: inout SeededGenerator) -> String {
    var result = ""
    var inString = false
    var escaped = false
    for scalar in tree.text.unicodeScalars {
        let isToken = !inString && "[]{},:\"".unicodeScalars.contains(scalar)
        if isToken, Bool.random(using: &generator) {
            result += [" ", "\n", "\t ", "\r\n"].randomElement(using: &generator)!
        }
        result.unicodeScalars.append(scalar)
        if scalar == "\"", !escaped { inString.toggle() }
        escaped = inString && scalar == "\\" && !escaped
    }
    return result + " \n"
}
