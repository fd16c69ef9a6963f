/// What customers of the demo write, sorted by how content they are.
enum DemoComments {
    /// Which of the lists below a comment comes from.
    enum Mood: Sendable { case delighted, content, lukewarm, cross, kept }

    static let english: [Mood: [String]] = [
        .delighted: [
            "Fast and friendly, thank you!", "Solved in five minutes.", "Best support I have had in years.",
            "She knew exactly what to do.", "Could not be easier.", "Kind, patient and quick.",
            "All sorted, great job.",
        ],
        .content: [
            "Good, took a little while.", "Helpful answer.", "Works again, thanks.", "Fine overall.",
            "Clear explanation, one mail too many.", "Quick enough.",
        ],
        .lukewarm: [
            "It was okay.", "Half of my question was answered.", "Had to explain everything twice.",
            "Not bad, not good.", "The answer came, but late.",
        ],
        .cross: [
            "Still not solved.", "Nobody read what I wrote.", "Passed around three times.", "Rude and in a hurry.",
            "I gave up in the end.", "Two weeks for one form.", "The fee is still on my account.",
        ],
        .kept: [
            "Forty minutes in the chat queue.", "The chat dropped me and started over.", "Only a bot, no person.",
            "Chat closed before I got an answer.", "The bot kept asking the same question.",
        ],
    ]

    static let german: [Mood: [String]] = [
        .delighted: [
            "Schnell und sehr freundlich, danke!", "In fünf Minuten gelöst.", "Großartige Beratung.",
            "Besser geht es nicht.",
        ],
        .content: [
            "Hat geholfen.", "Gute Auskunft, etwas lange gewartet.", "Läuft wieder, danke.", "Alles in Ordnung.",
        ],
        .lukewarm: ["Ging so.", "Die Hälfte blieb offen.", "Musste alles zweimal erklären."],
        .cross: [
            "Immer noch nicht gelöst.", "Dreimal weiterverbunden.", "Unfreundlich und gehetzt.",
            "Für eine Überweisung zwei Wochen!",
        ],
        .kept: ["Vierzig Minuten in der Warteschlange.", "Der Chat brach einfach ab."],
    ]

    static func mood(score: Int, duringDip: Bool) -> Mood {
        switch score {
        case 5: .delighted
        case 4: .content
        case 3: .lukewarm
        default: duringDip ? .kept : .cross
        }
    }
}
