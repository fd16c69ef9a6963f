import Runtime

/// Every setting of Tideline. One file serves all three services; each reads its part.
package enum TidelineSchema {
    package static let schema = ConfigurationSchema(common + ingest + scoring + alerting)

    private static let tcp = ["tcp", "ipc"]
    private static let day: Int64 = 86_400

    private static let common: [Setting] = [
        Setting("data", .string, default: "./data", help: "Folder of the message files and the trend store."),
        Setting(
            "dimensions", .strings, default: "[region, channel, agent, product]",
            help: "Segments that become series: the total and each value of each of these."),
        Setting(
            "pairs", .tree { PairsSetting.problems($0, $1) }, default: "[]",
            help: "Pairs of dimensions whose combinations are series too, such as [[region, channel]]."),
        Setting(
            "model", .strings, default: "[region, channel]",
            help: "Dimensions of few values whose combinations the detectors model."),
        Setting("timezone", .string, default: "UTC", help: "IANA time zone of days, weeks and months."),
        Setting(
            "clock", .choice(["wall", "message"]), default: "wall",
            help: "Where the arrival clock comes from: this machine, or the messages themselves (demo, tests, history)."
        ),
        Setting(
            "step", .duration(.seconds(1) ... .seconds(3600)), default: "60s",
            help: "Length of a step of the arrival clock, after which detection moves on."),
        Setting(
            "identityHorizon", .duration(.seconds(60) ... .seconds(366 * day)), default: "7d",
            help: "How long (source, id) names a response; repetitions within it are duplicates."),
        Setting(
            "latenessLimit", .duration(.seconds(60) ... .seconds(366 * day)), default: "7d",
            help: "Answers older than this count in their window, never as evidence of a dip today."),
        Setting(
            "completenessDelay", .duration(.seconds(0) ... .seconds(31 * day)), default: "1h",
            help: "How long after its end a window stays provisional, for answers on their way."),
        Setting(
            "caps.valuesPerDimensionMax", .integer(1...1_000_000), default: "1000", unit: "values",
            help: "Values admitted as series per dimension; later ones count as other."),
        Setting(
            "metrics", .tree { MetricsSetting.problems($0, $1) }, default: "{csat: {scale: 1..5, satisfied: 4..5}}",
            help: "Metrics by name, each with its kind and score contract."),
        Setting(
            "themes", .tree { ThemesSetting.problems($0, $1) }, default: "{}",
            help: "Themes of comments by name, each a list of words, such as {delivery: [deliver, courier, late]}."),
        Setting(
            "rules", .tree { RulesSetting.problems($0, $1) },
            default: "[{name: csat-dip, metric: csat, smallestDip: 3}]",
            help: "Which metric is watched, by which detector, on what budget of false alarms."),
        Setting(
            "calendar", .tree { CalendarSetting.problems($0, $1) }, default: "[]",
            help: "iCalendar files of holidays and releases: one, {file, kind}, or a list of these."),
        Setting(
            "notifiers", .tree { NotifiersSetting.problems($0, $1) }, default: "[]",
            help: "Where alerts are sent besides the feed; none are built in yet."),
        Setting(
            "privacy.minimumAnswers", .integer(1...1000), default: "1", unit: "answers",
            help:
                "Segments and windows of fewer answers are not shown, nor what would give them away; 1 shows everything."
        ),
        Setting(
            "insecure", .boolean, default: "false",
            help: "Allows services to bind to addresses other than loopback without encryption."),
        Setting(
            "log.level", .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
            default: "info", help: "Least severe lines that are logged."),
        Setting(
            "log.format", .choice(["json", "text"]), default: "json", help: "One JSON object a line, or plain text."),
        Setting(
            "drainTimeout", .duration(.seconds(1) ... .seconds(600)), default: "20s",
            help: "How long a service may take to finish its work after SIGTERM."),
    ]

    private static let ingest: [Setting] = [
        Setting(
            "ingest.responses", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7401",
            help: "PULL socket for responses without receipts, the lossy convenience entrance."),
        Setting(
            "ingest.receipts", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7402",
            help: "ROUTER socket for responses with receipts."),
        Setting(
            "ingest.work", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7403",
            help: "ROUTER socket that hands blocks to scoring workers."),
        Setting("ingest.http", .address, default: "127.0.0.1:7400", help: "Health, readiness and metrics."),
        Setting(
            "ingest.sources", .strings, default: "[]",
            help: "Sources this node takes responses of; empty for all."),
        Setting(
            "ingest.blockEventsMax", .integer(1...100_000), default: "4096", unit: "events",
            help: "Events after which a block is closed."),
        Setting(
            "ingest.blockBytesMax", .bytes(4096...33_554_432), default: "1MiB",
            help: "Bytes after which a block is closed."),
        Setting(
            "ingest.blocksInFlightMax", .integer(1...1024), default: "256", unit: "blocks",
            help: "Blocks sent and not yet committed; the backlog behind them waits on disk."),
        Setting(
            "ingest.leaseTimeout", .duration(.milliseconds(100) ... .seconds(60)), default: "1s",
            help: "Silence after which a worker's blocks go to another."),
        Setting(
            "ingest.hardLeaseTimeout", .duration(.seconds(1) ... .seconds(600)), default: "10s",
            help: "Time after which a block goes to another worker, heartbeats or not."),
        Setting(
            "ingest.fileBytesMax", .bytes(65_536...2_147_483_648), default: "256MiB",
            help: "Size at which a message file is followed by a new one."),
        Setting(
            "ingest.deadLetterBytesMax", .bytes(33_554_432...1_099_511_627_776), default: "64MiB",
            help: "Bytes kept of rejected messages; the oldest file goes first."),
        Setting(
            "ingest.messageBytesMax", .bytes(1024...67_108_864), default: "1MiB",
            help: "Largest frame taken; a larger one closes its sender's connection."),
        Setting("ingest.eventBytesMax", .bytes(1024...16_777_216), default: "256KiB", help: "Largest single event."),
        Setting(
            "ingest.eventsPerMessageMax", .integer(1...1_000_000), default: "10000", unit: "events",
            help: "Most events of one message."),
        Setting(
            "ingest.pendingBytesMax", .bytes(65_536...536_870_912), default: "64MiB",
            help: "Accepted bytes waiting for the disk; beyond it senders are slowed."),
        Setting(
            "ingest.identitiesMax", .integer(1000...1_000_000_000), default: "4000000", unit: "identities",
            help: "Identities of the last hour kept in memory; beyond it they move to disk earlier."),
        Setting(
            "ingest.freeBytesMin", .bytes(0...1_099_511_627_776), default: "64MiB",
            help: "Free disk space below which nothing is accepted."),
        Setting(
            "fatigue.contactsMax", .integer(0...1000), default: "0", unit: "contacts",
            help: "Invitations and answers of one respondent within the window; above it they are flagged. 0: nobody."),
        Setting(
            "fatigue.window", .duration(.seconds(day) ... .seconds(366 * day)), default: "91d",
            help: "Days (UTC) whose contacts count, the present one included; part of a day counts as a day."),
        Setting(
            "fatigue.respondentsMax", .integer(1...10_000_000), default: "1000000", unit: "respondents",
            help: "Respondents whose contacts are remembered; beyond it those unseen for longest are forgotten."),
    ]

    private static let scoring: [Setting] = [
        Setting(
            "scoring.work", .endpoints(schemes: tcp), default: "[\"tcp://127.0.0.1:7403\"]",
            help: "Where blocks come from: the work socket of every ingest node."),
        Setting(
            "scoring.tallies", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7411",
            help: "Where tallies go: alerting's tallies socket."),
        Setting(
            "scoring.http", .address, default: "127.0.0.1:7420",
            help: "Health, readiness and metrics; port 0 for further workers on one machine."),
        Setting("scoring.credit", .integer(1...1024), default: "16", unit: "blocks", help: "Blocks held at once."),
    ]

    private static let alerting: [Setting] = [
        Setting(
            "alerting.tallies", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7411",
            help: "ROUTER socket that takes tallies from scoring workers."),
        Setting(
            "alerting.feed", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7412",
            help: "XPUB socket that publishes scores and alerts."),
        Setting(
            "alerting.requests", .endpoint(schemes: tcp), default: "tcp://127.0.0.1:7413",
            help: "ROUTER socket that answers feed requests."),
        Setting("alerting.http", .address, default: "127.0.0.1:7410", help: "API, health, readiness and metrics."),
        Setting(
            "alerting.comments", .address, default: "127.0.0.1:7400",
            help: "Where questions about comments are passed on to: ingest's HTTP."),
        Setting(
            "alerting.commitInterval", .duration(.milliseconds(1) ... .seconds(10)), default: "10ms",
            help: "Least time between two transactions of the trend store."),
        Setting(
            "alerting.scoreInterval", .duration(.milliseconds(10) ... .seconds(3600)), default: "1s",
            help: "Least time between two score messages of one series."),
    ]
}
