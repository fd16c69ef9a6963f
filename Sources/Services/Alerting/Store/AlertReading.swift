import GRDB
import JSON
import Messages
import Satisfaction

/// Which alerts are asked for; nil takes all.
package struct AlertFilter: Sendable {
    package var states: Set<AlertState> = [.firing, .resolved, .withdrawn]
    package var kind: AlertKind?
    package var rule: String?
    package var metric: String?
    package var segment: Segment?
    /// Changed at or after this moment of the arrival clock, ms since 1970.
    package var since: Int64?
    /// Beginning of the id.
    package var idPrefix: String?
    package init() {}
}

extension TrendStore {
    /// The alerts' data, newest change first.
    package func alerts(state: AlertState?, limit: Int) throws -> [JSONTree] {
        var filter = AlertFilter()
        filter.states = state.map { [$0] } ?? [.pending, .firing, .resolved, .withdrawn]
        var alerts: [JSONTree] = []
        try forEachAlert(filter) { alert, _ in
            alerts.append(alert)
            return alerts.count < limit
        }
        return alerts
    }

    /// Hands out the alerts that pass the filter with their marks, newest change first, until `body` returns false.
    package func forEachAlert(_ filter: AlertFilter, _ body: (JSONTree, PresentMarks) throws -> Bool) throws {
        let states = filter.states.map { "'\($0.rawValue)'" }.sorted().joined(separator: ",")
        try database.read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT id, data FROM alerts WHERE state IN (\(states)) AND changed >= ?1
                        AND (?2 IS NULL OR json_extract(data, '$.kind') = ?2)
                        AND (?3 IS NULL OR json_extract(data, '$.rule') = ?3)
                        AND (?4 IS NULL OR json_extract(data, '$.metric') = ?4)
                        AND (?5 IS NULL OR substr(id, 1, length(?5)) = ?5)
                        ORDER BY changed DESC, id
                    """,
                arguments: [
                    filter.since ?? .min, filter.kind?.rawValue, filter.rule, filter.metric, filter.idPrefix,
                ])
            while let row = try rows.next() {
                let alert = try JSONTree.parse(row["data"] as String)
                if let segment = filter.segment, try Segment(tree: alert["segment"] ?? .null) != segment { continue }
                guard try body(alert, Self.presentMarks(of: row["id"], in: database)) else { return }
            }
        }
    }

    /// An alert in its last revision.
    package func alert(_ id: String) throws -> AlertRecord? {
        try database.read { database in
            try String.fetchOne(database, sql: "SELECT data FROM alerts WHERE id = ?", arguments: [id])
        }.map { try AlertRecord(JSONTree.parse($0)) }
    }

    package func firingAlerts() throws -> [AlertRecord] {
        try database.read { database in
            try String.fetchAll(database, sql: "SELECT data FROM alerts WHERE state = 'firing' ORDER BY id")
        }.map { try AlertRecord(JSONTree.parse($0)) }
    }

    /// Dips a rule has told, and what people said of them.
    package struct LabelCounts: Sendable, Equatable {
        package var raised: Int64 = 0
        package var labelledTrue: Int64 = 0
        package var labelledFalse: Int64 = 0
        package var unlabelled: Int64 { raised - labelledTrue - labelledFalse }
    }

    /// - Parameter moment: only alerts detected at or after it, ms since 1970 of the arrival clock.
    package func labelCounts(rule: String, since moment: Int64) throws -> LabelCounts {
        try database.read { database in
            let row = try Row.fetchOne(
                database,
                sql: """
                    WITH told AS (SELECT id FROM alerts WHERE state <> 'pending' AND json_extract(data, '$.rule') = ?1
                            AND json_extract(data, '$.kind') = 'dip' AND json_extract(data, '$.detected') >= ?2),
                        said AS (SELECT json_extract(data, '$.change') AS change FROM marks WHERE kind = 'label'
                            AND alert IN (SELECT id FROM told) AND counter = (SELECT max(counter) FROM marks AS later
                            WHERE later.alert = marks.alert AND later.kind = 'label'))
                    SELECT (SELECT count(*) FROM told) AS raised, sum(change = 'labelledTrue') AS correct,
                        sum(change = 'labelledFalse') AS wrong FROM said
                    """,
                arguments: [rule, Timestamp.text(moment)])
            return LabelCounts(
                raised: row?["raised"] ?? 0, labelledTrue: row?["correct"] ?? 0, labelledFalse: row?["wrong"] ?? 0)
        }
    }
}
