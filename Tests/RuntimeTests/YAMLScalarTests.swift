import Testing

@testable import Runtime

@Suite struct YAMLScalarTests {
    private func value(_ text: String) throws -> ConfigurationTree.Value {
        try ConfigurationYAML.fragment(text, place: .builtIn).value
    }

    @Test(
        arguments: [
            ("12", .integer(12)), ("-3", .integer(-3)), ("+3", .integer(3)), ("0x1f", .integer(31)),
            ("0o17", .integer(15)),
            ("1.5", .double(1.5)), (".5", .double(0.5)), ("1.", .double(1)), ("1e3", .double(1000)),
            ("-.inf", .double(-.infinity)),
            ("true", .bool(true)), ("False", .bool(false)), ("~", .null), ("", .null), ("null", .null),
            ("no", .string("no")), ("yes", .string("yes")), ("1..5", .string("1..5")), ("1:30", .string("1:30")),
            ("2026-11-22", .string("2026-11-22")), ("1_000", .string("1_000")), ("'12'", .string("12")),
            ("\"true\"", .string("true")), ("!!str 12", .string("12")), ("-", .list([ConfigurationTree(.null)])),
            (".", .string(".")), ("1e", .string("1e")), ("+", .string("+")), ("0x", .string("0x")),
            ("99999999999999999999", .double(1e20)),
        ] as [(String, ConfigurationTree.Value)])
    func plainScalarsFollowTheCoreSchema(text: String, expected: ConfigurationTree.Value) throws {
        #expect(try value(text) == expected)
    }

    @Test func mapsKeepTheirOrderAndPlaces() throws {
        let tree = try ConfigurationYAML.document("z: 1\na:\n  - x\n", path: "f")
        #expect(tree.members?.map(\.key) == ["z", "a"])
        #expect(tree["a"]?.list?.first?.place == .file(path: "f", line: 3, column: 5))
        #expect(tree.members?.last?.keyPlace == .file(path: "f", line: 2, column: 1))
    }
}
