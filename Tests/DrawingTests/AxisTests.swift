import Satisfaction
import Testing

@testable import Drawing

@Suite struct AxisTests {
    private func labels(_ values: ClosedRange<Double>, rows: Int, limits: ClosedRange<Double> = 0...100) -> [String] {
        let axis = ValueAxis(showing: values, rows: rows, limits: limits)
        return (0..<rows).compactMap { axis.label(row: $0) }
    }

    @Test func labelsAreRoundAndInsideTheLimits() {
        #expect(labels(60...95, rows: 12) == ["90", "80", "70", "60"])
        #expect(labels(0...100, rows: 14) == ["100", "75", "50", "25", "0"])
        #expect(labels(-40...80, rows: 10, limits: -100...100) == ["75", "50", "25", "0", "-25"])
        #expect(labels(84...84, rows: 8) == ["86", "84", "82"])
        #expect(labels(3.2...3.9, rows: 6, limits: 1...5) == ["3.5", "3.0"])
    }

    @Test func everyValueLiesOnTheAxisAndLabelsInTheMiddleOfTheirRows() {
        for low in stride(from: -100.0, through: 99, by: 3.7) {
            for span in [0.0, 0.5, 3, 17, 60, 180] {
                for rows in 4...30 {
                    let axis = ValueAxis(showing: low...(low + span), rows: rows, limits: -100...100)
                    #expect(axis.depth(of: low) <= Double(rows) + 1e-9)
                    #expect(axis.depth(of: low + span) >= -1e-9)
                    for row in 0..<rows {
                        guard let label = axis.label(row: row), let value = Double(label) else { continue }
                        #expect(abs(axis.depth(of: value) - Double(row) - 0.5) < 0.05)
                    }
                }
            }
        }
    }

    private func dates(_ from: Int64, days: Double, columns: Int, _ zone: String = "UTC") -> [String] {
        let span = Int64(days * 86_400_000)
        return DateAxis(showing: from...(from + span), columns: columns, zone: TimeZoneTable(named: zone)!)
            .ticks.map { "\($0.label)@\($0.column)" }
    }

    /// 2025-09-01T00:00:00Z, a Monday.
    private let monday: Int64 = 1_756_684_800_000

    @Test func labelsStandAtTheBeginningsOfHoursDaysWeeksMonthsAndYears() {
        #expect(
            dates(monday, days: 1, columns: 70)
                == [
                    "1 Sep@0", "03:00@9", "06:00@17", "09:00@26", "12:00@35", "15:00@43", "18:00@52", "21:00@60",
                    "2 Sep@69",
                ])
        #expect(dates(monday, days: 1, columns: 20) == ["1 Sep@0", "12:00@10", "2 Sep@19"])
        #expect(
            dates(monday, days: 7, columns: 80)
                == ["1 Sep@0", "2 Sep@11", "3 Sep@23", "4 Sep@34", "5 Sep@45", "6 Sep@56", "7 Sep@68", "8 Sep@79"])
        #expect(
            dates(monday, days: 35, columns: 60)
                == ["1 Sep@0", "8 Sep@12", "15 Sep@24", "22 Sep@35", "29 Sep@47", "6 Oct@59"])
        #expect(
            dates(monday, days: 180, columns: 60)
                == ["Sep@0", "Oct@10", "Nov@20", "Dec@30", "2026@40", "Feb@50"])
        #expect(
            dates(monday, days: 3000, columns: 60)
                == ["2026@2", "2027@10", "2028@17", "2029@24", "2030@31", "2031@38", "2032@45", "2033@53"])
        #expect(dates(monday, days: 0, columns: 60) == ["1 Sep@0"])
    }

    @Test func daysBeginWhenTheZoneSaysSo() {
        // The day summer time ends in Berlin has 25 hours.
        #expect(
            dates(1_761_343_200_000, days: 2.0417, columns: 50, "Europe/Berlin")
                == ["25 Oct@0", "12:00@12", "26 Oct@24", "12:00@37", "27 Oct@49"])
    }
}
