import Foundation
import GRDB
import JSON
import Messages
import Satisfaction

/// The trend store: one SQLite database in WAL mode, written by one transaction at a time, read beside it.
///
/// `synchronous` is NORMAL: power loss may take the last transactions, never their consistency. The message files are
/// the truth; `committed` then names an earlier block and ingest sends again from there.
package final class TrendStore: ChunkSource, Sendable {
    let database: any DatabaseWriter

    /// Opens or creates the store.
    /// - Parameter path: nil for a store in memory, for replay and tests.
    /// - Throws: ``TrendStoreError`` naming the file and the next step.
    package init(path: String?) throws {
        var configuration = Configuration()
        configuration.label = "trends"
        // Others may look into the store, a dry run of rescore or a backup; opening and closing it takes them a moment.
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
        }
        do {
            if let path {
                let folder = (path as NSString).deletingLastPathComponent
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
                database = try DatabasePool(path: path, configuration: configuration)
            } else {
                database = try DatabaseQueue(configuration: configuration)
            }
            try Self.migrator.migrate(database)
        } catch {
            throw TrendStoreError(
                "the trend store \(path ?? "in memory") cannot be opened: \(error). If the file is damaged, move it away: "
                    + "ingest sends everything again from its message files")
        }
    }

    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { database in
            try database.execute(
                sql: """
                    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE nodes (node TEXT PRIMARY KEY, next INTEGER NOT NULL, mark TEXT, step INTEGER NOT NULL,
                        clock INTEGER NOT NULL, definitions TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE sets (hash TEXT PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE series (id INTEGER PRIMARY KEY, metric TEXT NOT NULL, contract TEXT NOT NULL,
                        segment TEXT NOT NULL, steps INTEGER NOT NULL);
                    CREATE INDEX seriesBySegment ON series (metric, segment);
                    CREATE TABLE lines (series INTEGER NOT NULL, day INTEGER NOT NULL, counts BLOB NOT NULL,
                        PRIMARY KEY (series, day)) WITHOUT ROWID;
                    CREATE TABLE waiting (node TEXT NOT NULL, number INTEGER NOT NULL, mark TEXT NOT NULL,
                        previous TEXT NOT NULL, event BLOB NOT NULL, PRIMARY KEY (node, number)) WITHOUT ROWID;
                    CREATE TABLE detectors (rule TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, state BLOB NOT NULL) WITHOUT ROWID;
                    CREATE TABLE openSteps (metric TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE alerts (id TEXT PRIMARY KEY, state TEXT NOT NULL, changed INTEGER NOT NULL,
                        data TEXT NOT NULL) WITHOUT ROWID;
                    CREATE TABLE feed (topic TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
                        event BLOB NOT NULL, PRIMARY KEY (topic, sequence)) WITHOUT ROWID;
                    CREATE TABLE sequences (topic TEXT PRIMARY KEY, sequence INTEGER NOT NULL) WITHOUT ROWID;
                    """)
            try database.execute(
                sql: "INSERT INTO facts VALUES ('epoch', ?)",
                arguments: [String(UInt64.random(in: 1...UInt64.max), radix: 16)])
        }
        migrator.registerMigration("rescored") { try createRescored(in: $0) }
        migrator.registerMigration("marks") { try createMarks(in: $0) }
        return migrator
    }

    // MARK: Writing

    /// Writes all of it or nothing.
    package func commit(_ changes: StoreChanges) throws {
        try database.write { database in
            try Self.writePositions(changes, to: database)
            try Self.writeLines(changes, to: database)
            try Self.writeDetection(changes, to: database)
            try Self.writeRevisions(changes, to: database)
            try Self.writeFeed(changes, to: database)
            try Self.writeRescored(changes, to: database)
        }
    }

    private static func writePositions(_ changes: StoreChanges, to database: Database) throws {
        for (hash, text) in changes.sets {
            try database.cachedStatement(sql: "INSERT OR IGNORE INTO sets VALUES (?, ?)")
                .execute(arguments: [hash, Data(text)])
        }
        for (node, state) in changes.nodes {
            try database.cachedStatement(
                sql: """
                    INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (node) DO UPDATE SET next = excluded.next,
                        mark = excluded.mark, step = excluded.step, clock = excluded.clock, definitions = excluded.definitions
                    """
            ).execute(arguments: [node, Int64(state.next), state.mark, state.step, state.clock, state.set])
        }
        for (node, number) in changes.waitingRemoved {
            try database.cachedStatement(sql: "DELETE FROM waiting WHERE node = ? AND number = ?")
                .execute(arguments: [node, Int64(number)])
        }
        for tally in changes.waitingAdded {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO waiting VALUES (?, ?, ?, ?, ?)")
                .execute(arguments: [tally.node, Int64(tally.number), tally.mark, tally.previous, Data(tally.event)])
        }
    }

    private static func writeLines(_ changes: StoreChanges, to database: Database) throws {
        for series in changes.series {
            try database.cachedStatement(sql: "INSERT INTO series VALUES (?, ?, ?, ?, ?)").execute(
                arguments: [Int64(series.id), series.metric, series.contract, series.segment.description, series.width])
        }
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO lines VALUES (?, ?, ?) ON CONFLICT (series, day) DO UPDATE SET counts = excluded.counts
                """)
        for chunk in changes.chunks {
            try statement.execute(arguments: [Int64(chunk.series), Int64(chunk.day), Data(chunk.encoded)])
        }
    }

    private static func writeDetection(_ changes: StoreChanges, to database: Database) throws {
        for detector in changes.detectors {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO detectors VALUES (?, ?, ?, ?)")
                .execute(arguments: [detector.rule, detector.fingerprint, Data(detector.state), detector.began])
        }
        for open in changes.openSteps {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO openSteps VALUES (?, ?)")
                .execute(arguments: [open.metric, open.state])
        }
        for id in changes.alertsRemoved {
            try database.cachedStatement(sql: "DELETE FROM alerts WHERE id = ?").execute(arguments: [id])
        }
        for alert in changes.alerts {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO alerts VALUES (?, ?, ?, ?)")
                .execute(arguments: [alert.id, alert.state.rawValue, alert.changed, alert.data.text])
        }
    }

    static func writeFeed(_ changes: StoreChanges, to database: Database) throws {
        for (topic, sequence) in changes.sequences {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO sequences VALUES (?, ?)")
                .execute(arguments: [topic, sequence])
        }
        for message in changes.feed {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO feed VALUES (?, ?, ?, ?)")
                .execute(arguments: [message.topic, message.sequence, message.at, Data(message.event)])
            try database.cachedStatement(sql: "DELETE FROM feed WHERE at < ?")
                .execute(arguments: [message.at - Feed.keptMilliseconds])
        }
    }

    // MARK: Reading

    package func contents() throws -> StoreContents {
        try database.read { database in
            var contents = StoreContents()
            contents.epoch = try String.fetchOne(database, sql: "SELECT value FROM facts WHERE name = 'epoch'") ?? ""
            for row in try Row.fetchAll(database, sql: "SELECT * FROM nodes") {
                var state = NodeState()
                state.next = UInt64(row["next"] as Int64)
                state.mark = row["mark"]
                state.step = row["step"]
                state.clock = row["clock"]
                state.set = row["definitions"]
                contents.nodes[row["node"]] = state
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM sets") {
                contents.sets[row["hash"]] = Array(row["text"] as Data)
            }
            contents.series = try Row.fetchAll(database, sql: "SELECT * FROM series ORDER BY id").map(Self.series)
            contents.waiting = try Row.fetchAll(database, sql: "SELECT * FROM waiting ORDER BY node, number").map {
                WaitingTally(
                    node: $0["node"], number: UInt64($0["number"] as Int64), mark: $0["mark"], previous: $0["previous"],
                    event: Array($0["event"] as Data))
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM detectors") {
                contents.detectors[row["rule"]] = StoredDetector(
                    rule: row["rule"], fingerprint: row["fingerprint"], state: Array(row["state"] as Data),
                    began: row["began"])
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM openSteps") {
                contents.openSteps[row["metric"]] = row["state"]
            }
            for text in try String.fetchAll(
                database, sql: "SELECT data FROM alerts WHERE state IN ('pending', 'firing') ORDER BY id")
            {
                contents.openAlerts.append(try AlertRecord(JSONTree.parse(text)))
            }
            for row in try Row.fetchAll(
                database,
                sql: "SELECT id, json_extract(data, '$.revision') AS revision FROM alerts WHERE state <> 'pending'")
            {
                contents.alertRevisions[row["id"]] = row["revision"]
            }
            for row in try Row.fetchAll(database, sql: "SELECT * FROM sequences") {
                contents.sequences[row["topic"]] = row["sequence"]
            }
            return contents
        }
    }

    private static func series(_ row: Row) throws -> Series {
        guard let segment = Segment(row["segment"] as String) else {
            throw TrendStoreError("series \(row["id"] as Int64) has a segment that cannot be read")
        }
        return Series(
            id: Int32(row["id"] as Int64), metric: row["metric"], contract: row["contract"],
            segment: segment, width: row["steps"])
    }

    package func chunk(series: Int32, day: Int32) throws -> [UInt8]? {
        try database.read { database in
            try Data.fetchOne(
                database.cachedStatement(sql: "SELECT counts FROM lines WHERE series = ? AND day = ?"),
                arguments: [Int64(series), Int64(day)])
        }.map { Array($0) }
    }

    // MARK: Questions of the API

    /// The arrival clock of the last block applied, ms since 1970; 0 before the first.
    package func clock() throws -> Int64 {
        try database.read { try Int64.fetchOne($0, sql: "SELECT max(clock) FROM nodes") ?? 0 }
    }

    /// Every set a block was applied under.
    package func sets() throws -> [DefinitionSet] {
        try database.read { try Data.fetchAll($0, sql: "SELECT text FROM sets ORDER BY hash") }
            .map { try DefinitionSet(text: Array($0)) }
    }

    package func series(metric: String, segment: Segment?) throws -> [Series] {
        try database.read { database in
            if let segment {
                return try Row.fetchAll(
                    database, sql: "SELECT * FROM series WHERE metric = ? AND segment = ? ORDER BY id",
                    arguments: [metric, segment.description]
                ).map(Self.series)
            }
            return try Row.fetchAll(
                database, sql: "SELECT * FROM series WHERE metric = ? ORDER BY id", arguments: [metric]
            ).map(Self.series)
        }
    }

    /// Adds the stored buckets of a series between two moments (ms since 1970) to the windows `window` gives for their
    /// beginnings, in order of time.
    package func forEachBucket(
        of series: Series, in span: Range<Int64>, _ window: (Int64) -> WindowTally?
    ) throws {
        guard !span.isEmpty else { return }
        let range = Bucket(containing: span.lowerBound).index..<Bucket(containing: span.upperBound - 1).index + 1
        let rows = try database.read { database in
            try Row.fetchAll(
                database, sql: "SELECT day, counts FROM lines WHERE series = ? AND day BETWEEN ? AND ? ORDER BY day",
                arguments: [
                    Int64(series.id), Int64(range.lowerBound.flooredQuotient(Bucket.perDay)),
                    Int64((range.upperBound - 1).flooredQuotient(Bucket.perDay)),
                ])
        }
        for row in rows {
            let day = Int32(row["day"] as Int64)
            guard
                let chunk = DayChunk(
                    series: series.id, day: day, width: series.width, encoded: Array(row["counts"] as Data))
            else { throw TrendStoreError("a row of series \(series.id), day \(day), cannot be read") }
            chunk.forEachBucket(in: range, window)
        }
    }

    /// Messages of the topics that begin with `prefix`, after a sequence, oldest first.
    package func feed(prefix: String, after sequence: Int64, limit: Int) throws -> [FeedMessage] {
        try database.read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT * FROM feed WHERE substr(topic, 1, ?) = ? AND sequence > ? ORDER BY at, topic, sequence LIMIT ?
                    """,
                arguments: [prefix.unicodeScalars.count, prefix, sequence, limit]
            ).map {
                FeedMessage(
                    topic: $0["topic"], sequence: $0["sequence"], at: $0["at"], event: Array($0["event"] as Data))
            }
        }
    }
}

/// The trend store cannot be used; says what to do.
package struct TrendStoreError: Error, CustomStringConvertible {
    package let description: String
    init(_ description: String) { self.description = description }
}
