// swift-tools-version: 6.2
import PackageDescription

// Six layers, each importing only those listed before it. `layer` turns the rule into code: a target can only name
// modules of its own or an earlier layer, because the lists below are the only place dependencies are written.

/// Warnings are errors where TIDELINE_STRICT is set, as continuous integration does.
let isStrict = !(Context.environment["TIDELINE_STRICT"] ?? "").isEmpty
/// Debug builds check exclusive access at run time; release builds rely on that and save a call per access on the hot path.
let strict: [SwiftSetting] =
    [.swiftLanguageMode(.v6), .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))]
    + (isStrict ? [.treatAllWarnings(as: .error)] : [])

func folder(_ layer: String, _ name: String) -> String { "Sources/\(layer)/\(name)" }

func module(_ layer: String, _ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, path: folder(layer, name), swiftSettings: strict)
}

func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: folder("Executables", name), swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", resources: resources, swiftSettings: strict)
}

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let http: [Target.Dependency] = [
    .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "NIOCore", package: "swift-nio"),
    .product(name: "NIOPosix", package: "swift-nio"), .product(name: "HTTPTypes", package: "swift-http-types"),
]
let deques: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let package = Package(
    name: "tideline",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "ingest", targets: ["IngestExecutable"]),
        .executable(name: "scoring", targets: ["ScoringExecutable"]),
        .executable(name: "alerting", targets: ["AlertingExecutable"]),
        .executable(name: "tideline", targets: ["TidelineCommand"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
    ],
    targets: [
        // Domain: values only.
        .systemLibrary(name: "CSodium", path: folder("Domain", "CSodium")),
        module("Domain", "Satisfaction", ["CSodium"]),
        module("Domain", "Tables"),
        .systemLibrary(name: "CStemmer", path: folder("Domain", "CStemmer")),
        module("Domain", "Wording", ["CStemmer"]),

        // Contract: the wire and the plugin protocols.
        .target(
            name: "CSimdJSON", path: folder("Contract", "CSimdJSON"),
            cxxSettings: [.unsafeFlags(["-O2"])] + (isStrict ? [.treatAllWarnings(as: .error)] : []),
            linkerSettings: [.linkedLibrary("simdjson")]),
        module("Contract", "JSON", ["CSimdJSON"]),
        module("Contract", "Messages", ["JSON", "Satisfaction"]),
        module("Contract", "PluginKit", ["JSON", "Satisfaction"]),
        module("Contract", "ICalendar", ["Satisfaction"]),

        // Plugins: one file each, and the list. Before Machinery, so none of them can do I/O.
        module("Plugins", "MetricPlugins", ["PluginKit", "Wording"]),
        module("Plugins", "DetectorPlugins", ["PluginKit"]),
        module("Plugins", "SourcePlugins", ["PluginKit", "Messages"]),

        // Machinery: knows nothing of satisfaction.
        .systemLibrary(name: "CZMQ", path: folder("Machinery", "CZMQ")),
        module("Machinery", "ZMQ", ["CZMQ"]),
        .systemLibrary(name: "CMalloc", path: folder("Machinery", "CMalloc")),
        .target(name: "CChecksum", path: folder("Machinery", "CChecksum")),
        module("Machinery", "Journal", ["CSodium", "CChecksum", "JSON", deques]),
        module("Machinery", "Runtime", [logging, yams]),
        .systemLibrary(name: "CReadStat", path: folder("Machinery", "CReadStat")),
        module("Machinery", "Export", ["CReadStat", "JSON"]),
        module("Machinery", "HTTP", ["Runtime", logging] + http),

        // Services: an I/O-free state machine each, and a thin shell.
        module(
            "Services", "Settings",
            ["Runtime", "Satisfaction", "Messages", "PluginKit", "ICalendar", "MetricPlugins", "DetectorPlugins"]),
        module("Services", "Hosting", ["Settings", "Runtime", "HTTP", "ZMQ", "CMalloc"]),
        module(
            "Services", "Ingest",
            [
                "Hosting", "Settings", "Messages", "MetricPlugins", "PluginKit", "Wording", "Journal", "ZMQ", "Runtime",
                "HTTP", deques,
            ]),
        module("Services", "Scoring", ["Hosting", "Settings", "Messages", "PluginKit", "Tables", "ZMQ", "Runtime"]),
        module(
            "Services", "Alerting",
            [
                "Hosting", "Settings", "Messages", "MetricPlugins", "DetectorPlugins", "Tables", "ZMQ", "Runtime",
                "HTTP",
                grdb,
            ]),
        module("Services", "Demo", ["JSON", "Satisfaction"]),
        module("Services", "Drawing", ["Satisfaction"]),
        module("Services", "Replay", ["Ingest", "Scoring", "Alerting", "Journal", "Settings", "Messages", "Drawing"]),
        module("Services", "Rescore", ["Scoring", "Alerting", "Journal", "Settings", "Messages", "JSON"]),

        // Executables.
        executable("IngestExecutable", ["Ingest", "Hosting"]),
        executable("ScoringExecutable", ["Scoring", "Hosting"]),
        executable("AlertingExecutable", ["Alerting", "Hosting"]),
        executable(
            "TidelineCommand",
            [
                "Replay", "Rescore", "Journal", "SourcePlugins", "Demo", "Drawing", "Export", "Hosting", "HTTP", "ZMQ",
                argumentParser,
            ]),

        // Tests mirror Sources.
        tests("SatisfactionTests", ["Satisfaction", "Messages", "JSON", "JournalTestKit"]),
        tests("WordingTests", ["Wording"]),
        tests("ExportTests", ["Export", "CReadStat", "JSON"]),
        tests("TablesTests", ["Tables", "JournalTestKit"]),
        tests("ICalendarTests", ["ICalendar", "Satisfaction"]),
        tests("PluginKitTests", ["PluginKit", "JSON", "Satisfaction"]),
        tests("MetricPluginsTests", ["MetricPlugins", "PluginKit", "JSON", "Satisfaction"]),
        tests(
            "ConformanceTests",
            [
                "MetricPlugins", "DetectorPlugins", "SourcePlugins", "PluginKit", "JSON", "Satisfaction",
                "JournalTestKit",
            ]),
        tests("SettingsTests", ["Settings", "Messages", "PluginKit", "Runtime", "JSON"]),
        tests(
            "RescoreTests",
            [
                "Rescore", "Scoring", "Alerting", "Journal", "JournalTestKit", "MachineTestKit", "Messages",
                "PluginKit",
                "Satisfaction", "JSON",
            ]),
        tests(
            "ReplayTests",
            [
                "Replay", "Alerting", "Demo", "Messages", "JSON", "MachineTestKit", "Satisfaction", "PluginKit",
                "Settings",
            ]),
        tests(
            "MessagesTests",
            ["Messages", "Satisfaction", "JSON", "MetricPlugins", "PluginKit", "Settings", "JournalTestKit"]),
        tests("JSONTests", ["JSON"]),
        tests("ZMQTests", ["ZMQ"]),
        .target(
            name: "JournalTestKit", dependencies: ["Journal"], path: "Tests/JournalTests/Kit", swiftSettings: strict),
        .target(
            name: "MachineTestKit",
            dependencies: [
                "Ingest", "Scoring", "Alerting", "Journal", "JournalTestKit", "Messages", "Settings", "Satisfaction",
                "JSON",
            ], path: "Tests/IngestTests/Kit", swiftSettings: strict),
        .testTarget(
            name: "IngestTests",
            dependencies: [
                "Ingest", "Scoring", "Alerting", "Journal", "MachineTestKit", "JournalTestKit", "Messages", "JSON",
                "Satisfaction", "HTTP", "Runtime",
            ], path: "Tests/IngestTests", exclude: ["Kit"], swiftSettings: strict),
        tests(
            "ScoringTests",
            ["Scoring", "MachineTestKit", "JournalTestKit", "Messages", "Satisfaction", "JSON", "Journal"]),
        tests(
            "AlertingTests",
            [
                "Alerting", "Scoring", "MachineTestKit", "JournalTestKit", "Messages", "Satisfaction", "JSON",
                "Journal", "HTTP",
                "Runtime", logging,
            ]),
        .testTarget(
            name: "JournalTests", dependencies: ["Journal", "JournalTestKit"], path: "Tests/JournalTests",
            exclude: ["Kit", "Golden"], swiftSettings: strict),
        tests("DetectorPluginsTests", ["DetectorPlugins", "PluginKit", "JSON", "Satisfaction"]),
        tests("RuntimeTests", ["Runtime", logging]),
        tests("HTTPTests", ["HTTP", "Runtime", logging]),
        tests("SourcePluginsTests", ["SourcePlugins", "Messages", "PluginKit", "JSON", "Satisfaction", yams]),
        tests("DemoTests", ["Demo", "JSON", "Satisfaction", "Messages", "MetricPlugins", "PluginKit"]),
        tests("DrawingTests", ["Drawing", "Satisfaction"]),
    ]
)
