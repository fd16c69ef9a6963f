/// A rectangle of terminal cells, each one character with a colour, written out line by line.
struct CellGrid {
    let width: Int
    let height: Int
    private var characters: [Character]
    private var paints: [Paint?]

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
        characters = Array(repeating: " ", count: width * height)
        paints = Array(repeating: nil, count: width * height)
    }

    /// Puts one character; places outside the grid are left out.
    mutating func put(_ character: Character, column: Int, row: Int, _ paint: Paint?) {
        guard (0..<width).contains(column), (0..<height).contains(row) else { return }
        characters[row * width + column] = character
        paints[row * width + column] = paint
    }

    mutating func put(_ text: String, column: Int, row: Int, _ paint: Paint?) {
        for (offset, character) in text.enumerated() { put(character, column: column + offset, row: row, paint) }
    }

    func isFree(column: Int, row: Int) -> Bool { characters[row * width + column] == " " }

    /// Lines without blanks at their ends, escapes only where the colour changes.
    func lines(_ style: DrawingStyle) -> [String] {
        (0..<height).map { row in
            let cells = (0..<width).map { (characters[row * width + $0], paints[row * width + $0]) }
            guard let last = cells.lastIndex(where: { $0.0 != " " }) else { return "" }
            var line = ""
            var run = ""
            var runPaint: Paint?
            for (character, paint) in cells[...last] {
                // A blank has no colour of its own; it stays in the run it stands in.
                if paint != runPaint && character != " " {
                    line += runPaint.map { style.painted(run, $0) } ?? run
                    run = ""
                    runPaint = paint
                }
                run.append(character)
            }
            return line + (runPaint.map { style.painted(run, $0) } ?? run)
        }
    }
}
