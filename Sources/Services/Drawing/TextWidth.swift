extension Character {
    /// Columns of a terminal this character takes: 0, 1 or 2.
    ///
    /// After Unicode's East Asian Width (UAX #11), reduced to the blocks in use; emoji take two.
    var columns: Int {
        guard let first = unicodeScalars.first else { return 0 }
        if first.isASCII { return 1 }
        let isEmoji = unicodeScalars.contains { $0.value == 0xFE0F || $0.properties.isEmojiPresentation }
        if isEmoji || Self.wide.contains(where: { $0.contains(first.value) }) { return 2 }
        let category = first.properties.generalCategory
        return category == .nonspacingMark || category == .enclosingMark || category == .format ? 0 : 1
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE4F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x20000...0x3FFFD,
    ]
}

extension String {
    /// Columns of a terminal the text takes; the text holds no escapes.
    var columns: Int { reduce(0) { $0 + $1.columns } }

    /// The text in exactly `columns` columns: filled with spaces, or cut with an ellipsis at its end.
    func fitted(to columns: Int, _ alignment: Table.Alignment, ellipsis: String) -> String {
        let cut = truncated(to: columns, ellipsis: ellipsis)
        let filling = String(repeating: " ", count: columns - cut.columns)
        return alignment == .leading ? cut + filling : filling + cut
    }

    func truncated(to columns: Int, ellipsis: String) -> String {
        guard self.columns > columns else { return self }
        var cut = ""
        var used = ellipsis.columns
        guard used <= columns else { return String(repeating: ".", count: columns) }
        for character in self {
            guard used + character.columns <= columns else { break }
            used += character.columns
            cut.append(character)
        }
        return cut + ellipsis
    }
}
