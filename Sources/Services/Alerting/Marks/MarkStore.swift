import GRDB
import JSON
import Messages
import Satisfaction

/// What one transaction of marks writes.
package struct MarkChanges: Sendable {
    package var marks: [AlertMark] = []
    package var silence: AlertSilence?
    package var feed: [FeedMessage] = []
    package var sequences: [String: Int64] = [:]
    package init() {}
}

extension TrendStore {
    /// Marks kept of one kind of one alert; older ones go.
    static let marksPerKindMax = 50
    /// Silences that hold at the same time.
    package static let silencesMax = 1000

    static func createMarks(in database: Database) throws {
        try database.execute(
            sql: """
                CREATE TABLE marks (alert TEXT NOT NULL, counter INTEGER NOT NULL, kind TEXT NOT NULL,
                    data TEXT NOT NULL, PRIMARY KEY (alert, counter)) WITHOUT ROWID;
                CREATE TABLE silences (id TEXT PRIMARY KEY, until INTEGER NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE revisions (id TEXT NOT NULL, revision INTEGER NOT NULL, status TEXT NOT NULL,
                    changed INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (id, revision)) WITHOUT ROWID;
                CREATE INDEX revisionsByChange ON revisions (changed);
                INSERT INTO revisions SELECT id, json_extract(data, '$.revision'), json_extract(data, '$.status'), changed,
                    data FROM alerts WHERE state <> 'pending';
                UPDATE alerts SET data = json_set(data, '$.status', 'pending', '$.severity', 'info')
                    WHERE state = 'pending';
                ALTER TABLE detectors ADD COLUMN began INTEGER NOT NULL DEFAULT 0;
                """)
    }

    // MARK: Writing

    /// Writes all of it or nothing, and returns when it is on the disk: what is confirmed to people outlives power loss.
    package func commit(_ changes: MarkChanges) throws {
        try database.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA synchronous = FULL")
            defer { try? database.execute(sql: "PRAGMA synchronous = NORMAL") }
            try database.inTransaction(.immediate) {
                for mark in changes.marks { try Self.write(mark, to: database) }
                if let silence = changes.silence { try Self.write(silence, to: database) }
                var published = StoreChanges()
                published.feed = changes.feed
                published.sequences = changes.sequences
                try Self.writeFeed(published, to: database)
                return .commit
            }
        }
    }

    private static func write(_ mark: AlertMark, to database: Database) throws {
        try database.cachedStatement(sql: "INSERT INTO marks VALUES (?, ?, ?, ?)")
            .execute(arguments: [mark.alert, mark.counter, mark.kind.rawValue, mark.data.text])
        try database.cachedStatement(
            sql: """
                DELETE FROM marks WHERE alert = ?1 AND kind = ?2 AND counter NOT IN
                    (SELECT counter FROM marks WHERE alert = ?1 AND kind = ?2 ORDER BY counter DESC LIMIT ?3)
                """
        ).execute(arguments: [mark.alert, mark.kind.rawValue, marksPerKindMax])
    }

    private static func write(_ silence: AlertSilence, to database: Database) throws {
        try database.cachedStatement(sql: "DELETE FROM silences WHERE until < ?")
            .execute(arguments: [silence.at - Feed.keptMilliseconds])
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO silences VALUES (?, ?, ?)")
            .execute(arguments: [silence.id, silence.until, silence.data.text])
    }

    static func writeRevisions(_ changes: StoreChanges, to database: Database) throws {
        for alert in changes.alerts where alert.state != .pending {
            try database.cachedStatement(sql: "INSERT OR REPLACE INTO revisions VALUES (?, ?, ?, ?, ?)").execute(
                arguments: [alert.id, alert.revision, alert.status.rawValue, alert.changed, alert.data.text])
            try database.cachedStatement(sql: "DELETE FROM revisions WHERE changed < ?")
                .execute(arguments: [alert.changed - Feed.keptMilliseconds])
        }
    }

    // MARK: Reading

    /// The marks of an alert in order, those that were taken back included.
    package func marks(of alert: String) throws -> [AlertMark] {
        try database.read { try Self.marks(of: alert, in: $0) }
    }

    static func marks(of alert: String, in database: Database) throws -> [AlertMark] {
        try String.fetchAll(
            database.cachedStatement(sql: "SELECT data FROM marks WHERE alert = ? ORDER BY counter"),
            arguments: [alert]
        ).map { try AlertMark(JSONTree.parse($0)) }
    }

    package func presentMarks(of alert: String) throws -> PresentMarks {
        try database.read { try Self.presentMarks(of: alert, in: $0) }
    }

    static func presentMarks(of alert: String, in database: Database) throws -> PresentMarks {
        let marks = try marks(of: alert, in: database)
        guard !marks.isEmpty else { return PresentMarks([], firstRevision: 0) }
        let first = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT max(revision) FROM revisions WHERE id = ? AND status = 'firing'"),
            arguments: [alert])
        return PresentMarks(marks, firstRevision: first ?? 0)
    }

    /// Every kept revision of an alert, oldest first.
    package func revisions(of alert: String) throws -> [JSONTree] {
        try database.read { database in
            try String.fetchAll(
                database, sql: "SELECT data FROM revisions WHERE id = ? ORDER BY revision", arguments: [alert]
            ).map { try JSONTree.parse($0) }
        }
    }

    /// The silences that hold or have ended in the last 30 days, the latest to end first.
    package func silences() throws -> [AlertSilence] {
        try database.read { database in
            try String.fetchAll(database, sql: "SELECT data FROM silences ORDER BY until DESC, id")
                .map { try AlertSilence(JSONTree.parse($0)) }
        }
    }
}
