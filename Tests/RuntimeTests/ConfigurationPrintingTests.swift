import Testing

@testable import Runtime

@Suite struct ConfigurationPrintingTests {
    @Test func everyValueNamesItsOrigin() throws {
        let configuration = try load(
            environment: ["TIDELINE_CLOCK": "message", "TIDELINE_INGEST_CURVE_SECRET_KEY": "hunter2"],
            ["--ingest.identityHorizon", "36h", "--metrics", "{nps: {scale: 0..10, words: {good: 9}}}"])
        #expect(
            configuration.printed() == """
                data: ./data  # default
                clock: message  # environment TIDELINE_CLOCK
                insecure: false  # default
                model: null  # default
                dimensions: [region, channel]  # default
                ingest:
                  http: "127.0.0.1:7400"  # default
                  responses: "tcp://127.0.0.1:7401"  # default
                  blocksInFlightMax: 64  # default
                  identityHorizon: 36h  # flag --ingest.identityHorizon
                  blockBytesMax: 256KiB  # default
                  curve:
                    # secretKey: (secret, masked; environment TIDELINE_INGEST_CURVE_SECRET_KEY)
                scoring:
                  work: ["tcp://127.0.0.1:7403"]  # default
                alerting:
                  share: 0.5  # default
                metrics:  # flag --metrics
                  nps:
                    scale: 0..10
                    words: {good: 9}
                rules: []  # default

                """)
    }

    @Test(arguments: [
        "rules: []", "data: \"a # b\"", "data: 'null'", "data: \"12\"", "data: \"true\"", "data: ''", "data: 'no'",
        "data: \"line\\nbreak \\\"quoted\\\" \\\\ tab\\t\"", "data: \"\\u2028 \\u0085 \\ufeff \\u007f é 😀\"",
        "data: '- a'", "data: '*a'", "data: '{a'", "data: 'a: b'", "data: '0x10'", "data: '1e3'", "data: ' padded '",
        "model: [a, 'b, c', \"d]\"]", "rules: [[1, 2], [[3]], {a: [], b: {}}, null, ~, -0.0, 1e300, .inf, 0x1F]",
        "rules:\n  - name: dip\n    deep: {a: {b: {c: [1, {d: e}]}}}\n  - - - x\n    - y: [z, {w: v}]\n",
        "rules: {\"odd key: #\": 1, 'true': 2, '': 3}",
        "rules: [\(String(repeating: "abcdefghij, ", count: 20)) end]",
        "ingest: {identityHorizon: 90000ms, blockBytesMax: 1536KiB, http: \"[::1]:0\"}", "alerting: {share: 1e-3}",
        "rules: 5", "rules: text", "rules: \"5\"",
    ])
    func whatIsPrintedLoadsAsTheSame(yaml: String) throws {
        let once = try load(yaml)
        for explained in [false, true] {
            let twice = try load(once.printed(explained: explained))
            for setting in schema.settings {
                #expect(twice.value(setting.path) == once.value(setting.path), "\(once.printed())")
            }
        }
    }

    @Test func theSecretIsNotInThePrint() throws {
        let configuration = try load("ingest: {curve: {secretKey: hunter2}}")
        #expect(!configuration.printed(explained: true).contains("hunter2"))
        #expect(configuration.printed().contains("# secretKey: (secret, masked; file "))
    }

    @Test func explainedSaysWhatMayStandThere() throws {
        let printed = try load().printed(explained: true)
        #expect(
            printed.contains(
                """
                  # Blocks sent at once. It must be a whole number from 1 to 4096 blocks. \
                Variable TIDELINE_INGEST_BLOCKS_IN_FLIGHT_MAX.
                  blocksInFlightMax: 64  # default
                """))
    }
}
