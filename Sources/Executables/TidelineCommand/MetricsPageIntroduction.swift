import Satisfaction

/// What stands before the metrics on their page: what all of them have in common.
enum MetricsPageIntroduction {
    static let text = """
        # Metrics

        This page is written by `tideline metrics --markdown` from the metrics' own descriptions; a test keeps it so.

        **A metric** makes a score of events: answers of responses, measured values, invitations. Each event adds whole numbers
        to the metric's columns, columns are summed (by any number of workers, in any order, with the same result), and sums
        become a score with its interval. Without an answer there is no score, never a 0.

        **A score contract** is the exact definition of a metric: its formula and the formula's version, scale, satisfied
        answers, what becomes of neutral ones, direction, bands, smallest sample, digits shown, words and conversions. It has
        one canonical text, and the text's hash travels in every tally and score: `tideline metrics --json` prints both. Whatever
        changes a printed digit changes the hash. Tallies of different contracts never merge; an answer on another scale is
        converted by a declared rule (`convert`) or refused with a reason.

        **Versions.** A changed contract starts a new version beside the old one. `/api/v1/metrics` lists a metric's versions,
        and `contract=HASH` (`--contract`) asks for an earlier one.

        ```yaml
        metrics:
          csat: {scale: 1..5, satisfied: 4..5, target: {2026: 80, 2027: 85}, followUp: 2, advocate: 5}
          csat.mean: {}                       # fed by the same answer: what stands before the first dot names it
          support: {kind: csat, answer: csat_support, scale: 1..7}
        ```

        The name before the colon is the metric's; `kind` names the formula where the name does not. Beside the settings of its
        kind every metric takes `target` (a score, or one for each year), `followUp` and `advocate`. An answer at or beyond one
        of the latter is published on the feed at once as `tideline.followup.v1` or `tideline.advocate.v1`, once per response.

        **Windows** are \(WindowLength.known).
        They are cut in the configured `timezone`, right across changes of clocks. Answers that come late revise the window they
        belong to (`revision` counts the closed steps that changed it), and a window is `provisional` until `completenessDelay`
        after its end. Scores are compared with the window before, the same window last year, and the target.

        **Cuts** are the total, each value of each of `dimensions`, and the combinations of `pairs`. `tideline leaderboard` draws
        scores toward the mean by as much as chance could have carried them away and shares ranks where intervals overlap;
        `tideline profile` sets two groups side by side; `tideline report` is what one takes into a meeting; `tideline export`
        writes scores and responses as CSV, JSON Lines or SPSS.

        **Privacy.** With `privacy.minimumAnswers` above 1, a segment of fewer answers is withheld in the API, the feed, exports of
        scores and alerts, and so is what would give it away by subtraction, over all civil days, weeks, months, quarters and years
        at once. Other windows (parts of a day, rolling days, other spans) are then not shown; with more than 5,000 cells of
        a metric the shortest windows are left out, and what is newer than half a minute may be withheld. Comments are shown
        without segment, answer and time of day, calls on the feed without respondent and segments. What is counted is what
        the metric counts: answers for ratings, but invitations for a response rate and the denominator for a ratio, so a
        single event of measures that says 100 orders counts as 100. `tideline export responses` reads the operator's own
        files and withholds nothing. Tallies, detectors and replay are not touched.

        **Certainty.** Intervals are of 95 %. Wilson's for shares and the one for NPS hold the truth in 92 to 97 of a hundred
        samples from 20 answers on. Student's t for means does so for ordinary distributions; where nine of ten answers are the
        best one, it holds 86 of a hundred at 20 answers.

        **A metric without code** is a `share`, a `mean`, a `ratio` or an `index` of others, declared in the configuration. **A
        metric of one's own** is one file: copy the one under `Sources/Plugins/MetricPlugins` that is most like it, change what it
        says about itself, add one line to `List.swift`, and run the battery that every metric must pass, which is
        `scripts/swift.sh test --filter ConformanceTests`. What a metric may do is told in `Sources/Contract/PluginKit/Metric.swift`,
        what it returns in `Sources/Domain/Satisfaction/Score.swift`; figures of your own belong into a test beside
        `Tests/MetricPluginsTests/ProofTests.swift`. The comment behind each default is its line in this page, which is written
        again with `tideline metrics --markdown > docs/metrics.md`. Raise `formulaVersion` when the same sums give another score.
        """
}
