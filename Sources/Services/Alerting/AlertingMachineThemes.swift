import MetricPlugins
import PluginKit
import Satisfaction

extension AlertingMachine {
    /// The themes that rose with a dip, in its first cause where that is a line, else in its own segment.
    ///
    /// - Parameters:
    ///   - name: of the rule's metric, whose companion `NAME.themes` has the counts.
    ///   - moment: end of the step, ms since 1970.
    /// - Returns: nil where nothing is counted, and for what is no open dip: it keeps the themes it had.
    mutating func risenThemes(
        _ assessment: Assessment, metric name: String, until moment: Int64
    ) -> RisenThemes? {
        guard assessment.kind == .dip, assessment.verdict == .dip || assessment.verdict == .revised,
            let themes = plan?.metrics.first(where: { $0.name == "\(name).themes" })?.metric as? ThemeCounts
        else { return nil }
        let onset = assessment.onset.start
        let segments = (assessment.causes.prefix(1).map(\.segment)) + [assessment.segment]
        let lines = segments.compactMap { series.find(contract: themes.contract.hash.text, segment: $0) }
        guard let line = lines.first, onset < moment else { return nil }
        let usual = onset - ThemeRises.usualDays * 86_400_000..<onset
        return RisenThemes(
            segment: line.segment,
            themes: ThemeRises.find(
                themes, since: sums(line, onset..<moment), before: sums(line, usual)))
    }

    private mutating func sums(_ line: Series, _ window: Range<Int64>) -> Tally {
        lines.tally(of: line, in: window).tally
    }
}
