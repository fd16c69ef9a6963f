import Satisfaction
import Testing

/// Quantiles of the normal and of Student's t distribution, and Wilson's bounds, against independent computations.
@Suite struct StatisticsQuantileTests {
    /// Whether two numbers differ by at most a share of the second.
    private func agree(_ value: Double, _ reference: Double, within share: Double) -> Bool {
        value == reference || (value - reference).magnitude <= share * reference.magnitude
    }

    /// Made with scipy 1.17.1, `scipy.stats.norm.ppf(p)`.
    @Test(
        arguments: [
            (1e-300, -37.0470962993612),
            (1e-20, -9.262340089798409),
            (1e-09, -5.9978070150076865),
            (0.001, -3.090232306167813),
            (0.025, -1.9599639845400545),
            (0.07, -1.4757910281791706),
            (0.08, -1.4050715603096329),
            (0.3, -0.5244005127080409),
            (0.499999999, -2.5066283428845328e-09),
            (0.6, 0.2533471031357997),
            (0.925, 1.4395314709384563),
            (0.93, 1.475791028179171),
            (0.95, 1.6448536269514722),
            (0.975, 1.959963984540054),
            (0.995, 2.5758293035489004),
            (0.999999, 4.753424308817087),
        ] as [(Double, Double)])
    func normalQuantile(probability: Double, reference: Double) {
        // Near a half and near one the argument's own last digit is worth more than the quantile's.
        #expect(agree(NormalDistribution.quantile(probability), reference, within: 2e-14))
    }

    /// Made with scipy 1.17.1, `scipy.stats.t.ppf(p, degrees)`, each checked with mpmath's betainc at 40 digits; the
    /// column of 0.4999999 is mpmath's, as scipy has ten digits there.
    @Test func studentsQuantile() {
        let probabilities = [
            1e-12, 1e-5, 0.005, 0.025, 0.3, 0.4999999, 0.7, 0.74, 0.76, 0.9, 0.95, 0.975, 0.9995,
        ]
        let rows: [(degrees: Double, quantiles: [Double])] = [
            (
                0.3,
                [
                    -3.007185808790975e+38, -1395812007068298.2, -1406890.3435210267, -6582.035699400773,
                    -1.6126582577896116, -4.360732854303634e-07, 1.61265825778961, 2.6490454601640243,
                    3.476205840817754, 64.78654563709692, 653.0205210290723, 6582.0356994007525, 3031053361.1538153,
                ]
            ),
            (
                0.5,
                [
                    -1.0284911563163399e+23, -1028491156.3163396, -4113.964588804181, -164.55767348048846,
                    -1.0095258786071655, -3.708149354709629e-07, 1.0095258786071653, 1.4220108861411667,
                    1.7010531081603626, 10.27032441023451, 41.13600009287819, 164.55767348048818, 411396.462526262,
                ]
            ),
            (
                1.0,
                [
                    -318309886183.7907, -31830.98860790709, -63.65674116287158, -12.706204736174705,
                    -0.7265425280053609, -3.141592653680235e-07, 0.7265425280053608, 0.9390625058174923,
                    1.064891840324792, 3.0776835371752544, 6.313751514675037, 12.706204736174694, 636.6192487687897,
                ]
            ),
            (
                1.5,
                [
                    -52194694.27344636, -1124.5001233812077, -17.82031051446281, -6.016663104427933,
                    -0.651795482602357, -2.934832215485126e-07, 0.6517954826023568, 0.8246836873050193,
                    0.9228275299925869, 2.1963984175655376, 3.70518082009675, 6.016663104427929, 82.84744670366369,
                ]
            ),
            (
                2.0,
                [
                    -707106.7811854869, -223.60344363403718, -9.924843200918293, -4.302652729749464,
                    -0.6172133998483678, -2.82842712482758e-07, 0.6172133998483674, 0.7737910562629932,
                    0.8609460320922785, 1.8856180831641272, 2.9199855803537242, 4.302652729749462,
                    31.599054576445365,
                ]
            ),
            (
                3.0,
                [
                    -10331.108244292487, -47.927728375933924, -5.840909309733357, -3.1824463052837086,
                    -0.5843897274398188, -2.720699046429607e-07, 0.5843897274398182, 0.7266619873794443,
                    0.8044123454504442, 1.637744353696209, 2.3533634348018233, 3.1824463052837078,
                    12.923978636687961,
                ]
            ),
            (
                4.7,
                [
                    -534.4967778766639, -17.205835104867383, -4.1678920401190584, -2.6207260753531707,
                    -0.5617670508497394, -2.642559794047495e-07, 0.561767050849739, 0.6948286780384784,
                    0.7666526743098689, 1.4901550815168034, 2.043811093013787, 2.62072607535317, 7.266542375825276,
                ]
            ),
            (
                9.0,
                [
                    -51.41491602328223, -8.10205787939482, -3.2498355415921263, -2.2621571627982053,
                    -0.5434802414542969, -2.5770877237220146e-07, 0.5434802414542967, 0.6694683149987765,
                    0.7368153748121768, 1.3830287383966329, 1.833112932656237, 2.262157162798205, 4.780912585931217,
                ]
            ),
            (
                19.0,
                [
                    -15.884838733726818, -5.626766232724045, -2.86093460646498, -2.09302405440831,
                    -0.5333138816422048, -2.539812789143517e-07, 0.5333138816422046, 0.6555074770337939,
                    0.7204809036430864, 1.3277282090267986, 1.7291328115213682, 2.0930240544083087,
                    3.883405852592131,
                ]
            ),
            (
                29.5,
                [
                    -11.502658963416485, -5.069462471577325, -2.7531332702563254, -2.0437249667721225,
                    -0.5301150303346401, -2.527957055799421e-07, 0.5301150303346401, 0.6511344533105425,
                    0.7153774297584313, 1.3109155066339715, 1.6981776388380057, 2.043724966772122,
                    3.6525572675587332,
                ]
            ),
            (
                99.0,
                [
                    -8.036982609972043, -4.480677958027786, -2.6264054572808275, -1.9842169515864176,
                    -0.5260932405485903, -2.512966035175923e-07, 0.52609324054859, 0.6456495871755953,
                    0.7089850989405594, 1.2901614420344854, 1.6603911560169906, 1.9842169515864174,
                    3.391528833363685,
                ]
            ),
            (
                999.0,
                [
                    -7.124319732760653, -4.285458337387215, -2.5807596372676365, -1.9623414611334498,
                    -0.5245678747137387, -2.5072556374469334e-07, 0.5245678747137386, 0.6435731088244053,
                    0.7065675806462333, 1.2823995700373971, 1.646380345427535, 1.9623414611334493,
                    3.3002924403987666,
                ]
            ),
            (
                12345.0,
                [
                    -7.041681848288579, -4.266548718050241, -2.576227623786519, -1.960156167600567,
                    -0.5244140530537055, -2.506679037231522e-07, 0.5244140530537053, 0.6433638267075942,
                    0.7063240022921581, 1.281620146428643, 1.6449770683606901, 1.9601561676005668, 3.291315054529859,
                ]
            ),
            (
                999999.0,
                [
                    -7.034572608500041, -4.26491125409012, -2.575834220110251, -1.9599663568164796,
                    -0.5244006798603762, -2.50662890136088e-07, 0.5244006798603762, 0.6433456327986559,
                    0.7063028275031915, 1.2815524121307853, 1.6448551507235638, 1.9599663568164791,
                    3.290536461258452,
                ]
            ),
            (
                1000000.0,
                [
                    -7.034572608411255, -4.26491125406966, -2.5758342201053344, -1.9599663568141072,
                    -0.5244006798602092, -2.5066289013602534e-07, 0.524400679860209, 0.6433456327984287,
                    0.7063028275029269, 1.281552412129939, 1.6448551507220404, 1.959966356814107, 3.2905364612487222,
                ]
            ),
            (
                100000000.0,
                [
                    -7.034484713122774, -4.264890998523436, -2.575829352714378, -1.9599640082627667,
                    -0.5244005143795623, -2.506628280969678e-07, 0.5244005143795623, 0.6433454076669717,
                    0.7063025654867154, 1.2815515740104482, 1.6448536421891635, 1.9599640082627663,
                    3.290526828789235,
                ]
            ),
        ]
        for (degrees, quantiles) in rows {
            for (probability, reference) in zip(probabilities, quantiles) {
                let quantile = StudentT.quantile(probability, degrees: degrees)
                #expect(
                    agree(quantile, reference, within: 1e-11), "\(probability) of \(degrees): \(quantile), \(reference)"
                )
            }
        }
    }

    /// Where the distribution function has a closed form: one and two degrees.
    @Test func studentsQuantileInClosedForm() {
        for step in 1..<1000 where step != 500 {
            let p = Double(step) / 1000
            let ofTwo = (2 * p - 1) * (2 / (4 * p * (1 - p))).squareRoot()
            #expect(agree(StudentT.quantile(p, degrees: 2), ofTwo, within: 1e-12))
        }
        #expect(agree(StudentT.quantile(0.75, degrees: 1), 1, within: 1e-14))
    }

    @Test func studentsQuantileNearsTheNormalAndNeverJumps() {
        let normal = NormalDistribution.quantile(0.975)
        #expect(StudentT.quantile(0.975, degrees: .infinity) == normal)
        #expect(agree(StudentT.quantile(0.975, degrees: 1e15), normal, within: 1e-14))
        var before = Double.infinity
        for power in stride(from: -2.0, through: 9, by: 0.01) {
            let degrees = pow10(power)
            let quantile = StudentT.quantile(0.975, degrees: degrees)
            #expect(quantile < before && quantile > normal, "\(degrees)")
            before = quantile
        }
        let limit = StudentT.degreesOfSeriesMin
        for probability in [1e-300, 1e-12, 0.025, 0.4, 0.6, 0.975] {
            let below = StudentT.quantile(probability, degrees: limit.nextDown)
            #expect(agree(below, StudentT.quantile(probability, degrees: limit), within: 1e-10), "\(probability)")
        }
    }

    /// 10 to a power, near enough for a grid.
    private func pow10(_ power: Double) -> Double {
        var value = 1.0
        for _ in 0..<Int((power.magnitude * 100).rounded()) { value *= 1.023292992280754 }
        return power < 0 ? 1 / value : value
    }

    @Test(arguments: [1e-308, 1e-300, 1e-12, 0.001, 0.25, 0.4, 0.5.nextDown])
    func quantilesRiseAndAreSymmetric(probability: Double) {
        for degrees in [0.01, 0.5, 1, 3, 50, 99_999, 1e5, 1e300] {
            let low = StudentT.quantile(probability, degrees: degrees)
            #expect(low < 0)
            #expect(StudentT.quantile(probability.nextUp, degrees: degrees) >= low * (1 + 1e-13))
            if 1 - probability < 1, probability == 1 - (1 - probability) {
                #expect(agree(StudentT.quantile(1 - probability, degrees: degrees), -low, within: 1e-12))
            }
        }
        #expect(NormalDistribution.quantile(probability) < 0)
    }

    @Test func nothingTraps() {
        let odd: [Double] = [
            .nan, .infinity, -.infinity, -1, 0, -0.0, .leastNonzeroMagnitude, 1e-308, 0.5, 1, 1.0.nextUp, 2,
            .greatestFiniteMagnitude,
        ]
        for probability in odd + [0.3, 0.975] {
            for degrees in odd {
                let quantile = StudentT.quantile(probability, degrees: degrees)
                #expect(quantile.isNaN == !(probability >= 0 && probability <= 1 && degrees > 0))
            }
            #expect(NormalDistribution.quantile(probability).isNaN == !(probability >= 0 && probability <= 1))
        }
        #expect(StudentT.quantile(0, degrees: 5) == -.infinity && StudentT.quantile(1, degrees: 5) == .infinity)
        #expect(StudentT.quantile(0.5, degrees: 5) == 0)
        #expect(StudentT.quantile(1e-300, degrees: 0.5) == -.infinity)
        #expect(NormalDistribution.quantile(0) == -.infinity && NormalDistribution.quantile(1) == .infinity)
    }

    /// Made with statsmodels 0.15.0, `100 * proportion_confint(successes, answers, method="wilson")`.
    @Test(
        arguments: [
            (0, 1, 0.0, 79.34506856227627),
            (1, 1, 20.65493143772374, 100.0),
            (0, 20, 0.0, 16.11251580528194),
            (1, 20, 0.8881448800795402, 23.61311934467421),
            (10, 20, 29.929800819821228, 70.07019918017878),
            (19, 20, 76.38688065532577, 99.11185511992045),
            (20, 20, 83.88748419471804, 99.99999999999999),
            (62, 100, 52.20975529551107, 70.90240074752127),
            (80, 100, 71.11708344068411, 86.66330666689676),
            (95, 100, 88.82495307680807, 97.84563208456319),
            (60, 70, 75.66158011633324, 92.05105828293341),
            (1, 1000, 0.017654637062607767, 0.5642558597957937),
            (500, 1000, 46.90696003681042, 53.09303996318958),
            (950, 1000, 93.46861797557492, 96.18697376072512),
            (999, 1000, 99.4357441402042, 99.98234536293738),
            (123456, 1000000, 12.281269653142285, 12.410219641400438),
            (999999999, 1000000000, 99.99999943350657, 99.99999998234755),
            (7, 3000000000, 1.13028794751665e-07, 4.816864985099477e-07),
        ] as [(Int64, Int64, Double, Double)])
    func wilson(successes: Int64, answers: Int64, low: Double, high: Double) {
        let interval = Interval.wilson(successes: successes, answers: answers)
        #expect(agree(interval.low, low, within: 1e-9), "\(interval.low), \(low)")
        #expect(agree(interval.high, high, within: 1e-9), "\(interval.high), \(high)")
    }
}
