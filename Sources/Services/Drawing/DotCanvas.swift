/// Dots finer than cells: eight to a cell with braille patterns, one where only ASCII can be shown.
struct DotCanvas {
    /// Dots of one cell, sideways and downwards.
    let cellWidth: Int
    let cellHeight: Int
    let width: Int
    let height: Int
    private var dots: [Bool]

    init(columns: Int, rows: Int, style: DrawingStyle) {
        cellWidth = style.isUnicode ? 2 : 1
        cellHeight = style.isUnicode ? 4 : 1
        width = columns * cellWidth
        height = rows * cellHeight
        dots = Array(repeating: false, count: width * height)
    }

    mutating func set(_ x: Int, _ y: Int) {
        guard (0..<width).contains(x), (0..<height).contains(y) else { return }
        dots[y * width + x] = true
    }

    /// Two by two dots of one cell, the dot at `x`, `y` among them.
    mutating func square(x: Int, y: Int) {
        guard cellWidth > 1 else { return set(x, y) }
        for dx in 0...1 {
            for dy in 0...1 { set(x / 2 * 2 + dx, y / 2 * 2 + dy) }
        }
    }

    /// A straight line, both ends included.
    ///
    /// J. E. Bresenham, "Algorithm for computer control of a digital plotter", IBM Systems Journal 4 (1965).
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
        var (x, y) = start
        let dx = abs(end.x - x)
        let dy = -abs(end.y - y)
        let stepX = x < end.x ? 1 : -1
        let stepY = y < end.y ? 1 : -1
        var error = dx + dy
        while true {
            set(x, y)
            if x == end.x && y == end.y { return }
            let doubled = 2 * error
            if doubled >= dy {
                error += dy
                x += stepX
            }
            if doubled <= dx {
                error += dx
                y += stepY
            }
        }
    }

    /// The braille pattern of a cell, or `ascii` where it has a dot; nil for an empty cell.
    func character(column: Int, row: Int, ascii: Character) -> Character? {
        var pattern: UInt32 = 0
        for (offset, bit) in Self.bits.enumerated() where offset / 2 < cellHeight && offset % 2 < cellWidth {
            let x = column * cellWidth + offset % 2
            let y = row * cellHeight + offset / 2
            if dots[y * width + x] { pattern |= bit }
        }
        guard pattern != 0 else { return nil }
        return cellHeight == 1 ? ascii : Character(Unicode.Scalar(0x2800 + pattern)!)
    }

    /// Bits of U+2800…28FF for the dots of a cell, row by row.
    private static let bits: [UInt32] = [0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80]
}
