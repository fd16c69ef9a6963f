import Satisfaction
import Testing

@testable import Drawing

@Suite struct IntervalBarTests {
    private let bar = IntervalBar(within: 60...100, columns: 21)

    @Test func scoreAndIntervalStandOnTheSharedScale() {
        #expect(bar.text(80, Interval(low: 70, high: 90), isUnicode: true) == "     ├────●────┤     ")
        #expect(bar.text(80, Interval(low: 60, high: 100), isUnicode: false) == "|---------*---------|")
        #expect(bar.text(98, Interval(low: 90, high: 100), isUnicode: true) == "               ├───●┤")
    }

    @Test func theScoreIsSeenEvenOnTheEndOfItsInterval() {
        #expect(bar.text(70, Interval(low: 70, high: 74), isUnicode: false) == "     *-|             ")
        #expect(bar.text(80, Interval(low: 80, high: 80), isUnicode: false) == "          *          ")
    }

    @Test(arguments: [-1e300, 0, 59, 101, 1e300, .infinity, -.infinity, .nan])
    func whatLiesOutsideIsDrawnAtTheEnds(value: Double) {
        let text = bar.text(value, Interval(low: value, high: value), isUnicode: false)
        #expect(text.count == 21)
        #expect(text.filter { $0 != " " } == "*")
        #expect(text.first == "*" || text.last == "*")
    }
}
