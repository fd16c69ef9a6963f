import Testing

@testable import Runtime

@Suite struct ConfigurationLayersTests {
    @Test func withoutLayersTheDefaultsHold() throws {
        let configuration = try load()
        #expect(configuration.string("data") == "./data")
        #expect(configuration.string("clock") == "wall")
        #expect(configuration.boolean("insecure") == false)
        #expect(configuration.isNull("model"))
        #expect(configuration.strings("dimensions") == ["region", "channel"])
        #expect(configuration.integer("ingest.blocksInFlightMax") == 64)
        #expect(configuration.duration("ingest.identityHorizon") == .seconds(7 * 86_400))
        #expect(configuration.milliseconds("ingest.identityHorizon") == 604_800_000)
        #expect(configuration.bytes("ingest.blockBytesMax") == 262_144)
        #expect(configuration.number("alerting.share") == 0.5)
        #expect(configuration.strings("scoring.work") == ["tcp://127.0.0.1:7403"])
        #expect(configuration.tree("metrics")["csat"]?["scale"]?.text == "1..5")
        #expect(configuration.secret("ingest.curve.secretKey") == nil)
        #expect(configuration.origin("data") == .builtIn)
    }

    @Test func eachLayerWinsOverThoseBefore() throws {
        let yaml = "data: file\nclock: message\ningest:\n  blocksInFlightMax: 1\n"
        let environment = ["TIDELINE_CLOCK": "wall", "TIDELINE_INGEST_BLOCKS_IN_FLIGHT_MAX": "2"]
        let configuration = try load(yaml, environment: environment, ["--ingest.blocksInFlightMax", "3"])
        #expect(configuration.string("data") == "file")
        #expect(configuration.string("clock") == "wall")
        #expect(configuration.integer("ingest.blocksInFlightMax") == 3)
        #expect(configuration.origin("clock") == .environment(variable: "TIDELINE_CLOCK"))
        #expect(configuration.origin("ingest.blocksInFlightMax") == .flag("--ingest.blocksInFlightMax"))
        guard case .file(_, 1, 7) = configuration.origin("data") else {
            Issue.record("data came from \(configuration.origin("data"))")
            return
        }
    }

    @Test func listsAndTreesInVariablesAndFlagsAreYAML() throws {
        let environment = [
            "TIDELINE_DIMENSIONS": "[a, 'b c']", "TIDELINE_METRICS": "{nps: {scale: 0..10}}", "TIDELINE_MODEL": "x, y",
        ]
        let configuration = try load(
            environment: environment, ["--scoring.work=tcp://a:1,tcp://b:2", "--rules", "[{name: dip}]"])
        #expect(configuration.strings("dimensions") == ["a", "b c"])
        #expect(configuration.strings("model") == ["x", "y"])
        #expect(configuration.tree("metrics")["nps"]?["scale"]?.text == "0..10")
        #expect(configuration.tree("metrics")["csat"] == nil)
        #expect(configuration.strings("scoring.work") == ["tcp://a:1", "tcp://b:2"])
        #expect(configuration.tree("rules").list?.first?["name"]?.text == "dip")
    }

    @Test func textsInVariablesAreTakenAsTheyAre() throws {
        let configuration = try load(environment: ["TIDELINE_DATA": "{not: yaml"], [])
        #expect(configuration.string("data") == "{not: yaml")
    }

    @Test func anEmptyVariableIsNotSetAndOthersAreNotLookedAt() throws {
        let configuration = try load(
            environment: ["TIDELINE_CLOCK": "", "TIDELINE_CONFIG": "x", "HOME": "/"],
            variablesAllowed: ["TIDELINE_CONFIG"])
        #expect(configuration.string("clock") == "wall")
    }

    @Test func anEmptyFileAndEmptyGroupsChangeNothing() throws {
        #expect(try load("").string("data") == "./data")
        #expect(try load("# nothing\ningest:\n").string("data") == "./data")
    }

    @Test func aTextMayLookLikeANumber() throws {
        let configuration = try load("data: 007\ndimensions: [1.50, no, true]\n")
        #expect(configuration.string("data") == "007")
        #expect(configuration.strings("dimensions") == ["1.50", "no", "true"])
    }

    @Test func secretsComeFromFilesWithoutTheirLastLineBreak() throws {
        try withFile("s3cret\n") { path in
            let configuration = try load(environment: ["TIDELINE_INGEST_CURVE_SECRET_KEY_FILE": path])
            let secret = try #require(configuration.secret("ingest.curve.secretKey"))
            #expect(secret.reveal() == "s3cret")
            #expect("\(secret) \(String(reflecting: secret))" == "(secret) (secret)")
            var dumped = ""
            dump(secret, to: &dumped)
            #expect(!dumped.contains("s3cret"))
        }
    }

    @Test func flagsHaveBothForms() {
        let arguments = ServiceArguments(
            ["--insecure", "--check", "--data=a=b", "--ingest.http", "[::1]:0", "--config=x.yaml"], schema: schema)
        #expect(arguments.problems.isEmpty)
        #expect(arguments.action == .check)
        #expect(arguments.file == "x.yaml")
        #expect(
            arguments.flags == [
                .init(path: "insecure", text: "true"), .init(path: "data", text: "a=b"),
                .init(path: "ingest.http", text: "[::1]:0"),
            ])
        #expect(ServiceArguments(["--insecure", "false"], schema: schema).flags.first?.text == "false")
        #expect(ServiceArguments(["--print-config"], schema: schema).action == .printConfiguration)
        #expect(ServiceArguments(["--help"], schema: schema).action == .help)
        #expect(ServiceArguments(["--version"], schema: schema).action == .version)
    }

    @Test func pathsBecomeVariables() {
        #expect(schema["ingest.blocksInFlightMax"]?.variable == "TIDELINE_INGEST_BLOCKS_IN_FLIGHT_MAX")
        #expect(schema["ingest.curve.secretKey"]?.variable == "TIDELINE_INGEST_CURVE_SECRET_KEY")
        #expect(schema["data"]?.variable == "TIDELINE_DATA")
    }

    @Test(arguments: [
        ("blok", "block"), ("bolck", "block"), ("BLOCK", "block"), ("blocks", "block"), ("xyz", nil), ("", nil),
    ])
    func theNearestWordIsFoundIfItIsNear(word: String, expected: String?) {
        #expect(Spelling.nearest(to: word, among: ["block", "answer", "tally"]) == expected)
    }
}
