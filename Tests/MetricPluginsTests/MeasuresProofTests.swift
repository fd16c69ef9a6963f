import JSON
import MetricPlugins
import PluginKit
import Satisfaction
import Testing

/// The figures that prove the operational metrics.
@Suite struct MeasuresProofTests {
    private func feed(
        _ type: any Metric.Type, _ configuration: JSONTree = nil, _ measures: [String: String]
    ) throws -> MeasuresFeed {
        var feed = try MeasuresFeed(type, configuration)
        try feed.add(measures)
        return feed
    }

    private func rounded(_ value: Double?, _ digits: Double) -> Double? {
        value.map { ($0 * digits).rounded() / digits }
    }

    @Test func churnOfThePeriodsStart() throws {
        let feed = try feed(Churn.self, nil, ["customersStart": "2500", "customersEnd": "2455"])
        let score = try #require(feed.score)
        #expect(score.value == 1.8 && score.responses == 2500 && score.method == .wilson)
        // Wilson's bounds of 45 of 2500, as statsmodels gives them.
        #expect(rounded(score.interval?.low, 1e6) == 1.347966 && rounded(score.interval?.high, 1e6) == 2.399933)
        #expect(feed.metric.contract.polarity == .lowerIsBetter && feed.metric.unit == "%")
    }

    @Test func churnMayBeNegative() throws {
        let score = try feed(Churn.self, nil, ["customersStart": "1000", "customersEnd": "1100"]).score
        #expect(score?.value == -10 && score?.interval == nil)
    }

    @Test func churnWaitsForTheEndsCount() throws {
        #expect(try feed(Churn.self, nil, ["customersStart": "1000"]).score == nil)
        #expect(try feed(Churn.self, nil, ["customersStart": "1000", "customersEnd": "0"]).score?.value == 100)
        #expect(try feed(Churn.self, nil, ["customersStart": "0", "customersEnd": "5"]).score == nil)
    }

    @Test func churnOfNewCustomers() throws {
        let score = try feed(Churn.self, ["basis": "new"], ["customersLost": "30", "customersNew": "40"]).score
        #expect(score?.value == 75 && score?.interval == nil && score?.responses == 40)
        #expect(try feed(Churn.self, ["basis": "new"], ["customersLost": "30"]).score == nil)
    }

    @Test func firstContactResolution() throws {
        var each = try MeasuresFeed(FirstContactResolution.self)
        try each.add("true", to: "solvedAtFirstContact", times: 70)
        try each.add("1", to: "solvedAtFirstContact", times: 2)
        try each.add("false", to: "solvedAtFirstContact", times: 28)
        #expect(each.score?.value == 72)
        let given = try feed(FirstContactResolution.self, ["count": "given"], ["solved": "72", "requests": "100"])
        #expect(given.score?.value == 72 && given.score?.interval == each.score?.interval)
        let bands = each.metric.contract.bands
        #expect(bands.band(of: 72)?.note == "70-75 % is usual")
        #expect([76, 75, 70, 69.9].map { bands.band(of: $0)?.label } == ["above", "usual", "usual", "below"])
        let late = try feed(FirstContactResolution.self, ["count": "given"], ["solved": "110", "requests": "100"])
        #expect(late.score?.value == 110.00000000000001 || late.score?.value == 110)
        #expect(late.score?.interval == nil)
    }

    @Test func contactsPerCase() throws {
        var feed = try MeasuresFeed(ContactsPerCase.self)
        for contacts in ["1", "2", "3", "4", "10"] { try feed.add(contacts, to: "contacts") }
        let score = try #require(feed.score)
        #expect(score.value == 4 && score.responses == 5 && score.method == .t)
        // numpy.std(ddof=1), and t.ppf(0.975, 4) = 2.7764451 standard errors.
        #expect(rounded(score.deviation, 1e9) == 3.535533906)
        #expect(score.interval?.low == 0 && rounded(score.interval?.high, 1e6) == 8.389945)
    }

    @Test func contactRate() throws {
        let score = try feed(ContactRate.self, nil, ["requests": "30", "transactions": "1500"]).score
        #expect(score?.value == 2 && score?.method == .poisson)
        // Exact Poisson bounds of 30 events are 20.2409 and 42.8269.
        let interval = try #require(score?.interval)
        #expect(abs(interval.low - 100 * 20.2409 / 1500) < 0.003 && abs(interval.high - 100 * 42.8269 / 1500) < 0.003)
        #expect(try feed(ContactRate.self, nil, ["requests": "30"]).score == nil)
        #expect(try feed(ContactRate.self, nil, ["transactions": "30"]).score?.value == 0)
        let fraction = try feed(ContactRate.self, nil, ["requests": "1.5", "transactions": "3"]).score
        #expect(fraction?.value == 50 && fraction?.interval == nil)
    }

    @Test func conversion() throws {
        let score = try feed(Conversion.self, nil, ["acted": "62", "visitors": "100"]).score
        #expect(score?.value == 62)
        #expect(rounded(score?.interval?.low, 10) == 52.2 && rounded(score?.interval?.high, 10) == 70.9)
        let late = try feed(Conversion.self, nil, ["acted": "3", "visitors": "2"]).score
        #expect(late?.value == 150 && late?.interval == nil)
    }

    @Test func abandonment() throws {
        let feed = try feed(Abandonment.self, nil, ["carts": "200", "sales": "60"])
        #expect(feed.score?.value == 70 && feed.metric.contract.polarity == .lowerIsBetter)
        #expect(feed.score?.interval == .wilson(successes: 140, answers: 200))
        let bands = feed.metric.contract.bands
        #expect([80.1, 80, 60, 59.9].map { bands.band(of: $0)?.label } == ["above", "usual", "usual", "below"])
    }

    @Test func adoptionOfGivenNumbers() throws {
        let score = try feed(Adoption.self, nil, ["featureUsers": "5", "users": "200"]).score
        #expect(score?.value == 2.5 && score?.responses == 200)
        #expect(score?.interval == .wilson(successes: 5, answers: 200))
    }

    @Test func lifetimeValue() throws {
        // 20,000 / 400 = 50 a purchase, 400 / 100 = 4 purchases a customer, 300 / 100 = 3 years: 600.
        let feed = try feed(
            LifetimeValue.self, nil,
            ["revenue": "20000", "purchases": "400", "customers": "100", "lifetimes": "300"])
        #expect(feed.score?.value == 600 && feed.score?.interval == nil && feed.score?.method == IntervalMethod.none)
        #expect(feed.score?.figures.map(\.value) == [50, 4, 3] && feed.metric.unit == "EUR")
        #expect(try MeasuresFeed(LifetimeValue.self, ["currency": "USD"]).metric.unit == "USD")
        for missing in ["revenue", "purchases", "customers", "lifetimes"] {
            var measures = ["revenue": "20000", "purchases": "400", "customers": "100", "lifetimes": "300"]
            measures[missing] = nil
            #expect(try self.feed(LifetimeValue.self, nil, measures).score == nil)
        }
    }

    @Test func returnOnInvestment() throws {
        let feed = try feed(ReturnOnInvestment.self, ["margin": 40], ["sales": "300000", "spend": "50000"])
        #expect(feed.score?.value == 140 && feed.figure("profit") == 120_000)
        #expect(feed.score?.responses == 2)
        #expect(try self.feed(ReturnOnInvestment.self, nil, ["spend": "50000"]).score?.value == -100)
        #expect(try self.feed(ReturnOnInvestment.self, nil, ["sales": "50000"]).score == nil)
        let refunded = try self.feed(ReturnOnInvestment.self, nil, ["sales": "-100", "spend": "50"])
        #expect(refunded.score?.value == -300)
    }

    @Test func serviceLevel() throws {
        let score = try feed(ServiceLevel.self, nil, ["inStockDays": "27", "outOfStockDays": "3"]).score
        #expect(score?.value == 0.9 && score?.responses == 30)
        #expect(rounded(score?.interval?.low, 1e6) == 0.743789 && rounded(score?.interval?.high, 1e6) == 0.9654)
        let half = try feed(ServiceLevel.self, nil, ["inStockDays": "0.5", "outOfStockDays": "0.5"]).score
        #expect(half?.value == 0.5 && half?.interval == nil && half?.responses == 1)
    }

    @Test func declaredRatio() throws {
        let configuration: JSONTree = ["numerator": "refunds", "denominator": "orders", "scale": 100, "unit": "%"]
        let feed = try feed(DeclaredRatio.self, configuration, ["refunds": "12.5", "orders": "50"])
        #expect(feed.score?.value == 25 && feed.metric.unit == "%" && feed.score?.interval == nil)
        #expect(try MeasuresFeed(DeclaredRatio.self, ["scale": 1000]).metric.unit == "‰")
        #expect(try MeasuresFeed(DeclaredRatio.self).metric.unit == "")
        let poisson = try self.feed(
            DeclaredRatio.self, ["interval": "poisson"], ["numerator": "4", "denominator": "2"])
        #expect(poisson.score?.value == 2 && poisson.score?.interval != nil)
        let wilson = try self.feed(
            DeclaredRatio.self, ["interval": "wilson", "scale": 1000], ["numerator": "1", "denominator": "4"])
        #expect(wilson.score?.value == 250)
        #expect(rounded(wilson.score?.interval?.high, 100) == 699.36)
        #expect(try self.feed(DeclaredRatio.self, nil, ["numerator": "4", "denominator": "-2"]).score == nil)
    }

    @Test func everyEmptyTallyHasNoScore() throws {
        for form in measuredForms { #expect(try MeasuresFeed(form.type, form.configuration).score == nil) }
    }
}
