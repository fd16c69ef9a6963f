import Satisfaction
import Testing

@Suite struct FalseAlarmBudgetTests {
    @Test(
        arguments: [
            ("1 per segment per 2000 days", .segment, 2_000), ("1 per segment per 6 months", .segment, 182.625),
            ("1 per month", .all, 30.4375), ("2 per week", .all, 3.5), ("0.5 per year", .all, 730.5),
            ("  1 PER Segment per year ", .segment, 365.25), ("1 per 1 day", .all, 1),
        ] as [(String, FalseAlarmBudget.Scope, Double)])
    func sentences(text: String, scope: FalseAlarmBudget.Scope, days: Double) {
        #expect(FalseAlarmBudget(text) == FalseAlarmBudget(scope: scope, days: days))
    }

    @Test(arguments: [
        "", "never", "1", "per month", "1 per", "0 per month", "-1 per month", "nan per month", "1 per segment",
        "5 per day",
        "1 per segment per fortnight", "1 per segment per nan days", "1 per segment per 2000000 days",
        "1 per month and more",
        "inf per day", "1 per segment segment per day",
    ])
    func nonsense(text: String) { #expect(FalseAlarmBudget(text) == nil) }

    @Test func aSentenceSaysWhatItRead() {
        for text in ["1 per segment per 2000 days", "1 per segment per 6 months", "1 per month", "3 per year"] {
            let budget = FalseAlarmBudget(text)!
            #expect(FalseAlarmBudget("\(budget)") == budget)
        }
    }

    @Test func whatIsSharedIsDivided() {
        #expect(FalseAlarmBudget("1 per month")!.patienceDays(watched: 20) == 608.75)
        #expect(FalseAlarmBudget("1 per segment per year")!.patienceDays(watched: 20) == 365.25)
        #expect(FalseAlarmBudget("1 per month")!.patienceDays(watched: 0) == 30.4375)
    }
}
