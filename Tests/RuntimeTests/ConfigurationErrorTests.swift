import Testing

@testable import Runtime

@Suite struct ConfigurationErrorTests {
    @Test(arguments: [
        ("dta: x", "FILE:1:1: dta is unknown; did you mean data?"),
        (
            "ingest:\n  blocksInFlihgtMax: 3",
            "FILE:2:3: ingest.blocksInFlihgtMax is unknown; did you mean ingest.blocksInFlightMax?"
        ),
        (
            "ingest: {nonsense: 3}",
            "FILE:1:10: ingest.nonsense is unknown; "
                + "ingest has: http, responses, blocksInFlightMax, identityHorizon, blockBytesMax, curve"
        ),
        (
            "completelyElse: 3",
            "FILE:1:1: completelyElse is unknown; known here: data, clock, insecure, model, dimensions, ingest, "
                + "scoring, alerting, metrics, rules"
        ),
        (
            "ingest.http: \"127.0.0.1:1\"",
            "FILE:1:1: ingest.http is not a key of a file; write it nested: ingest: {http: …}"
        ),
        (
            "ingest: 5",
            "FILE:1:9: ingest is 5, but must be a mapping with some of: http, responses, blocksInFlightMax, "
                + "identityHorizon, blockBytesMax, curve"
        ),
        (
            "- a",
            "FILE:1:1: is a list, but must be a mapping with some of: data, clock, insecure, model, dimensions, "
                + "ingest, scoring, alerting, metrics, rules"
        ),
        (
            "ingest:\n  blocksInFlightMax: many",
            "FILE:2:22: ingest.blocksInFlightMax is \"many\", but must be a whole number from 1 to 4096 blocks"
        ),
        (
            "ingest: {blocksInFlightMax: 0}",
            "FILE:1:29: ingest.blocksInFlightMax is 0, but must be a whole number from 1 to 4096 blocks"
        ),
        (
            "ingest: {blocksInFlightMax: 1.5}",
            "FILE:1:29: ingest.blocksInFlightMax is 1.5, but must be a whole number from 1 to 4096 blocks"
        ),
        (
            "ingest: {blocksInFlightMax: }",
            "FILE:1:29: ingest.blocksInFlightMax has no value; must be a whole number from 1 to 4096 blocks, "
                + "or leave it out for the default 64"
        ),
        ("alerting: {share: 2}", "FILE:1:19: alerting.share is 2, but must be a number from 0.0 to 1.0"),
        ("insecure: yes", "FILE:1:11: insecure is \"yes\", but must be true or false"),
        ("clock: sun", "FILE:1:8: clock is \"sun\", but must be one of: wall, message"),
        ("data: [a]", "FILE:1:7: data is a list, but must be a text"),
        (
            "ingest: {identityHorizon: 60}",
            "FILE:1:27: ingest.identityHorizon is 60, but must be a duration from 1s to 30d, "
                + "a whole number with one of the units us, ms, s, m, h, d"
        ),
        (
            "ingest: {identityHorizon: 31d}",
            "FILE:1:27: ingest.identityHorizon is \"31d\", but must be a duration from 1s to 30d, "
                + "a whole number with one of the units us, ms, s, m, h, d"
        ),
        (
            "ingest: {blockBytesMax: 256KB}",
            "FILE:1:25: ingest.blockBytesMax is \"256KB\", but must be a size from 1KiB to 16MiB, "
                + "a whole number with one of the units B, KiB, MiB, GiB, TiB"
        ),
        (
            "ingest: {http: \"7400\"}",
            "FILE:1:16: ingest.http is \"7400\", but must be host:port such as \"127.0.0.1:7400\""
        ),
        (
            "ingest: {responses: \"udp://a:1\"}",
            "FILE:1:21: ingest.responses is \"udp://a:1\", but must be an endpoint such as "
                + "\"tcp://127.0.0.1:7401\" or \"ipc://name\""
        ),
        (
            "scoring: {work: \"tcp://a:1\"}",
            "FILE:1:17: scoring.work is \"tcp://a:1\", but must be a list of endpoints such as "
                + "[\"tcp://127.0.0.1:7401\"]"
        ),
        ("dimensions: region", "FILE:1:13: dimensions is \"region\", but must be a list of texts such as [a, b]"),
        ("dimensions: [[a]]", "FILE:1:13: dimensions is a list, but must be a list of texts such as [a, b]"),
        ("metrics: {nps: {words: 3}}", "FILE:1:16: metrics.nps has no scale"),
        ("metrics:", "FILE:1:9: metrics must be a mapping of metrics"),
        ("data: a\ndata: b", "FILE:1:1: has the key data more than once; keep one"),
        (
            "data: !!int 5",
            "FILE:1:7: uses the tag tag:yaml.org,2002:int, which is not supported; write the plain value"
        ),
        (
            "a: &x {data: y}\n<<: *x",
            "FILE:2:1: uses a merge key (<<), which is not supported; write the keys out"
        ),
        ("? [a]\n: b", "FILE:1:3: has a key that is no text; use a plain word as the key"),
        (
            "data: x\n---\ndata: y",
            "FILE:2:1: is not valid YAML: but found another document (expected a single document in the stream)"
        ),
        ("data: *nothing", "FILE:1:7: is not valid YAML: found undefined alias"),
    ])
    func aFileSaysWhereAndWhatWouldBeRight(yaml: String, expected: String) throws {
        #expect(try problems(yaml) == [expected])
    }

    @Test(arguments: [
        ("data: [a\nclock: b", "2:6", "did not find expected ',' or ']' (while parsing a flow sequence)"),
        ("data: \"a", "1:9", "found unexpected end of stream (while scanning a quoted scalar)"),
        ("a: b: c", "1:5", "mapping values are not allowed in this context"),
        ("\tdata: x", "1:1", "found character that cannot start any token (while scanning for the next token)"),
    ])
    func wrongYAMLNamesLineAndColumn(yaml: String, place: String, sentence: String) throws {
        let all = try problems(yaml)
        #expect(all == ["FILE:\(place): is not valid YAML: \(sentence)"])
    }

    @Test func controlCharactersAreNoYAML() throws {
        let problem = try #require(try problems("data: a\nclock: \u{1}").first)
        #expect(problem == "FILE:2:8: is not valid YAML: control characters are not allowed")
    }

    @Test func aFileThatIsNotThereIsAnError() {
        #expect(
            throws: ConfigurationError([
                ConfigurationProblem(
                    place: .file(path: "/nowhere.yaml", line: 0, column: 0), key: "",
                    sentence: "cannot be read: No such file or directory")
            ])
        ) {
            try Configuration.load(schema, file: "/nowhere.yaml")
        }
    }

    @Test func aFileThatIsNoTextIsAnError() throws {
        try withFile(bytes: [0xFF, 0xFE, 0x00]) { path in
            let error = #expect(throws: ConfigurationError.self) { try Configuration.load(schema, file: path) }
            #expect(error?.description == "\(path): is not UTF-8 text; save it as UTF-8")
        }
    }

    @Test func aliasesCannotBlowUp() throws {
        var yaml = "rules:\n  - &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1...8 {
            yaml +=
                "  - &a\(level) [" + [String](repeating: "*a\(level - 1)", count: 10).joined(separator: ", ") + "]\n"
        }
        let problem = try #require(try problems(yaml).first)
        #expect(problem.hasSuffix("has more than 100000 values; use fewer aliases"))
    }

    @Test(arguments: [
        (
            ["TIDELINE_INGEST_HTPP": "x"],
            "TIDELINE_INGEST_HTPP: is not a variable of a setting; did you mean TIDELINE_INGEST_HTTP?"
        ),
        (
            ["TIDELINE_WHATEVER_THIS_IS": "x"],
            "TIDELINE_WHATEVER_THIS_IS: is not a variable of a setting; "
                + "a variable is TIDELINE_ and the setting's path in capitals, such as TIDELINE_DATA"
        ),
        (
            ["TIDELINE_INGEST_BLOCKS_IN_FLIGHT_MAX": "5000"],
            "TIDELINE_INGEST_BLOCKS_IN_FLIGHT_MAX: ingest.blocksInFlightMax is 5000, but must be a whole number "
                + "from 1 to 4096 blocks"
        ),
        (
            ["TIDELINE_METRICS": "{csat: "],
            "TIDELINE_METRICS: metrics is not valid YAML: did not find expected node content "
                + "(while parsing a flow node)"
        ),
        (
            ["TIDELINE_DATA_FILE": "/x"],
            "TIDELINE_DATA_FILE: data is no secret; only secrets are read from files, set TIDELINE_DATA"
        ),
        (
            ["TIDELINE_INGEST_CURVE_SECRET_KEY": "a", "TIDELINE_INGEST_CURVE_SECRET_KEY_FILE": "/x"],
            "TIDELINE_INGEST_CURVE_SECRET_KEY_FILE: ingest.curve.secretKey is set by "
                + "TIDELINE_INGEST_CURVE_SECRET_KEY, too; keep one"
        ),
        (
            ["TIDELINE_INGEST_CURVE_SECRET_KEY_FILE": "/nowhere"],
            "TIDELINE_INGEST_CURVE_SECRET_KEY_FILE: ingest.curve.secretKey names /nowhere, "
                + "which cannot be read: No such file or directory"
        ),
    ])
    func anEnvironmentNamesItsVariable(environment: [String: String], expected: String) throws {
        #expect(try problems(environment: environment) == [expected])
    }

    @Test(arguments: [
        (["--ingest.htp", "x"], "--ingest.htp: ingest.htp is unknown; did you mean ingest.http?"),
        (["--ingest.http"], "--ingest.http: has no value; give it one"),
        (["--ingest.htpp"], "--ingest.htpp: is not a setting; did you mean ingest.http?"),
        (["--config"], "--config: has no value; give it one"),
        (["--data", "a", "--data=b"], "--data: is given twice; keep one"),
        (["data=b"], "data=b: is not a flag; settings are given as --name value"),
        (["--"], "--: is not a flag; settings are given as --name value"),
        (
            ["--metrics.csat.scale=3"],
            "--metrics.csat.scale: metrics.csat.scale is unknown; metrics is one value: set the whole of it"
        ),
        (["--insecure=maybe"], "--insecure: insecure is \"maybe\", but must be true or false"),
    ])
    func aFlagIsNamed(arguments: [String], expected: String) throws {
        #expect(try problems(nil, arguments) == [expected])
    }

    @Test func everythingWrongIsSaidAtOnce() throws {
        let all = try problems("dta: 1\nclock: sun", environment: ["TIDELINE_INSECURE": "2"], ["--alerting.share=7"])
        #expect(
            all.map { String($0.prefix { $0 != " " }) } == [
                "FILE:1:1:", "FILE:2:8:", "TIDELINE_INSECURE:", "--alerting.share:",
            ])
    }

    @Test func aSecretIsNeverPartOfAnError() throws {
        let all = try problems("ingest: {curve: {secretKey: [hunter2]}}")
        #expect(all == ["FILE:1:29: ingest.curve.secretKey must be a text"])
    }
}
