import JSON
import PluginKit
import Testing

/// What every plugin's configuration goes through.
@Suite struct PluginConfigurationTests {
    private let plugin = PluginDescription(
        name: "test", summary: "For tests.",
        defaults: ["size": 3, "share": 0.5, "name": "n", "kind": "red", "nothing": nil], example: [:])

    private enum Colour: String, CaseIterable { case red, green }

    private func configuration(_ given: JSONTree) throws -> PluginConfiguration {
        try PluginConfiguration(given, for: plugin)
    }

    private func key(of body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return (error as? PluginConfigurationError)?.key ?? "another error" }
    }

    @Test func defaultsAreFilledInInTheirOrder() throws {
        #expect(try configuration(nil).effective.text == plugin.defaults.text)
        #expect(
            try configuration(["kind": "green", "size": 4]).effective.text
                == #"{"size":4,"share":0.5,"name":"n","kind":"green","nothing":null}"#)
    }

    @Test func unknownKeysAreRefusedAndKnownOnesNamed() {
        do {
            _ = try configuration(["size": 3, "colour": "red"])
            Issue.record("taken")
        } catch let error as PluginConfigurationError {
            #expect(error.key == "colour")
            #expect(error.description.contains("kind, name, nothing, share, size"))
        } catch { Issue.record("\(error)") }
    }

    @Test(arguments: [3, "size", [], true, 1.5] as [JSONTree]) func onlyAMappingIsAConfiguration(given: JSONTree) {
        #expect(throws: PluginConfigurationError.self) { try configuration(given) }
    }

    @Test func typedLookUps() throws {
        let given = try configuration(nil)
        #expect(try given.integer("size", in: 1...5) == 3)
        #expect(try given.number("share", in: 0...1) == 0.5)
        #expect(try given.number("size", in: 0...5) == 3)
        #expect(try given.string("name") == "n")
        #expect(try given.string("size") == "3")
        #expect(try given.oneOf("kind", Colour.self) == .red)
        #expect(given.isNull("nothing") && !given.isNull("name"))
    }

    @Test func wrongValuesNameTheirKey() throws {
        let given = try configuration(["size": 6, "share": "half", "name": [], "kind": "blue"])
        #expect(key { _ = try given.integer("size", in: 1...5) } == "size")
        #expect(key { _ = try given.number("share", in: 0...1) } == "share")
        #expect(key { _ = try given.number("size", in: 0...5) } == "size")
        #expect(key { _ = try given.integer("share", in: 0...1) } == "share")
        #expect(key { _ = try given.string("name") } == "name")
        #expect(key { _ = try given.oneOf("kind", Colour.self) } == "kind")
        #expect(key { _ = try configuration(["size": .integer(.max)]).integer("size", in: 1...5) } == "size")
        #expect(key { _ = try configuration(["share": .number(.nan)]).number("share", in: 0...1) } == "share")
        #expect(key { _ = try configuration(["share": .number(.infinity)]).number("share", in: 0...1) } == "share")
        #expect(key { _ = try configuration(["size": 3.5]).integer("size", in: 1...5) } == "size")
    }
}
