import PluginKit
import Satisfaction

/// Something out of the ordinary with the number of answers, from its first sign to its end.
struct VolumeIncident: Sendable, Equatable {
    enum Kind: UInt8, Sendable {
        /// Fewer or more answers than usual, for days.
        case fewer
        case more
        /// Many answers within an hour.
        case burst
        /// No answer at all.
        case silence
        /// The question, its scale or the score's definition became another one.
        case measurement
    }

    /// Whose answers a burst is made of.
    enum Subject: Sendable, Equatable {
        case everybody
        /// Places among the watch's cells and sources.
        case cell(Int)
        case source(Int)
    }

    let kind: Kind
    let segment: Segment
    /// Of a break: the value it is about; nil for the total.
    let part: VolumeSeries.Part?
    let subject: Subject
    /// First moment that belongs to it, ms since 1970.
    let start: Int64
    /// Of a burst: the start of the first of a row with less than a day between them, such as a campaign's days.
    var origin: Int64
    /// When it was told.
    let detected: Int64
    /// First moment after it; nil while it goes on.
    var end: Int64?
    /// Answers in it, by channel their harm; of a burst alone.
    var answers: Int64 = 0
    var harms: [Int64] = []
    /// Answers that are usual: in the span of a silence, in the busiest hour of a burst's subject.
    var usual = 0.0
    /// Of a break: rate against the usual.
    var factor = 1.0
    /// Of a break: evidence that it is over.
    var recovery = 0.0
    /// Logarithm of the evidence with which it was told.
    var evidence = 0.0
    /// Amount when it was last told, to tell it again when it has doubled.
    var told = 0.0
    /// Of a change of measurement: the sentence; of a burst: the source's name.
    var words = ""
    /// A burst in a segment of which another story is being told: its answers are suspect, but nothing is said of it.
    var isQuiet = false

    init(
        kind: Kind, segment: Segment, part: VolumeSeries.Part?, subject: Subject, start: Int64, detected: Int64
    ) {
        self.kind = kind
        self.segment = segment
        self.part = part
        self.subject = subject
        self.start = start
        origin = start
        self.detected = detected
    }

    var isBreak: Bool { kind == .fewer || kind == .more }

    /// Whether answers of `other` can be among those it is about.
    func concerns(_ other: Segment) -> Bool {
        segment.parts.allSatisfy { part in other[part.dimension].map { $0 == part.value } ?? true }
    }
}

/// What the watch over volumes says: an assessment of kind `volume`, and what it is about.
package struct VolumeNote: Sendable {
    package enum Reason: Sendable {
        case fewer
        case more
        case burst
        case silence
        case measurement
    }

    package let reason: Reason
    package let assessment: Assessment
}

/// Answers of one CloudEvents source within a step.
package struct SourceArrivals: Sendable, Equatable {
    /// "" for the rest, those beyond the top few of a block.
    package let source: String
    package let answers: Int64
    /// Harm of the first channel.
    package let harm: Int64

    package init(source: String, answers: Int64, harm: Int64) {
        self.source = source
        self.answers = answers
        self.harm = harm
    }
}

/// What the watch over a metric's volumes knows from the start.
package struct VolumeContext: Sendable {
    package let metric: String
    package let watched: WatchedAnswers
    /// Dimensions of the model, in order.
    package let dimensions: [String]
    package let stepMilliseconds: Int64
    package let zone: TimeZoneTable
    /// Civil days on which people are known to answer in other numbers.
    package let holidays: Set<Int32>

    package init(
        metric: String, watched: WatchedAnswers, dimensions: [String], stepMilliseconds: Int64, zone: TimeZoneTable,
        holidays: Set<Int32> = []
    ) {
        self.metric = metric
        self.watched = watched
        self.dimensions = dimensions
        self.stepMilliseconds = stepMilliseconds
        self.zone = zone
        self.holidays = holidays
    }
}
