import JSON
import Messages
import Testing

/// Messages between the services: what is written is read, what is bent is refused.
@Suite struct EnvelopeTests {
    static let progress = Progress(
        start: "00000000000000ab", counter: 7,
        nodes: ["n": NodePosition(next: 5, mark: "m"), "new": NodePosition(next: 1, mark: nil)],
        ahead: ["n": [7, 9]])
    static let refused = Refused(
        worker: "w", node: "n", number: 3, mark: "m", reason: .failed, sentence: "it \"cannot\"", finishedBefore: true)

    /// Through an envelope, its bytes and back.
    private func sent(_ type: MessageType, _ data: JSONTree) throws -> JSONTree {
        let text = Envelope(type: type, source: "/a/b", data: data).encoded(id: "1")
        let parser = JSONParser()
        let envelope = try withExtendedLifetime(parser) { try Envelope(try parser.parse(text)) }
        #expect(envelope.type == type && envelope.source == "/a/b")
        return envelope.data
    }

    @Test func everythingComesBack() throws {
        #expect(try Progress(sent(.committed, Self.progress.tree)) == Self.progress)
        #expect(try Ready(sent(.ready, Ready(worker: "w", credit: 8).tree)) == Ready(worker: "w", credit: 8))
        let heartbeat = Heartbeat(worker: "w", finished: 12)
        #expect(try Heartbeat(sent(.heartbeat, heartbeat.tree)) == heartbeat)
        let tallied = Tallied(worker: "w", node: "n", number: 3, mark: "m")
        #expect(try Tallied(sent(.tallied, tallied.tree)) == tallied)
        #expect(try Refused(sent(.refused, Self.refused.tree)) == Self.refused)
        for reason in Refused.Reason.allCases { #expect(Refused.Reason(rawValue: reason.rawValue) == reason) }
    }

    private func bend(_ tree: JSONTree, _ name: String, _ value: JSONTree?) -> JSONTree {
        .object(tree.object!.compactMap { $0.0 == name ? value.map { (name, $0) } : $0 })
    }

    @Test(arguments: ["start", "counter", "nodes"]) func progressNeeds(name: String) {
        for value in [nil, .null, true, []] as [JSONTree?] {
            // An absent `nodes` must not read as an empty store.
            #expect(throws: MessageError.self) { try Progress(bend(Self.progress.tree, name, value)) }
        }
    }

    @Test(
        arguments: [
            ["n": ["mark": "m"]], ["n": ["next": -1, "mark": "m"]], ["n": ["next": 1.5]], ["n": 3],
            ["n": ["next": 3, "mark": 4]],
        ] as [JSONTree])
    func positionsThatAreNone(nodes: JSONTree) {
        #expect(throws: MessageError.self) { try Progress(bend(Self.progress.tree, "nodes", nodes)) }
    }

    @Test(arguments: ["worker", "node", "number", "mark"]) func talliedNeeds(name: String) {
        let tree = Tallied(worker: "w", node: "n", number: 3, mark: "m").tree
        for value in [nil, .null, true, -1, 2.5] as [JSONTree?] {
            #expect(throws: MessageError.self) { try Tallied(bend(tree, name, value)) }
        }
    }

    @Test(arguments: ["node", "number", "mark", "reason", "sentence"]) func refusedNeeds(name: String) {
        for value in [nil, .null, true, -1] as [JSONTree?] {
            #expect(throws: MessageError.self) { try Refused(bend(Self.refused.tree, name, value)) }
        }
        #expect(throws: MessageError.self) { try Refused(bend(Self.refused.tree, "reason", "mood")) }
    }

    @Test(arguments: [nil, 0, -1, 1025, 1.5, "3", .null] as [JSONTree?]) func creditLiesInItsRange(credit: JSONTree?) {
        #expect(throws: MessageError.self) { try Ready(bend(Ready(worker: "w", credit: 1).tree, "credit", credit)) }
    }

    @Test(arguments: [
        "3", "[]", "{}", #"{"specversion":"0.3","type":"tideline.ready.v1","source":"a","data":{}}"#,
        #"{"specversion":"1.0","type":"tideline.ready.v2","source":"a","data":{}}"#,
        #"{"specversion":"1.0","type":"tideline.ready.v1","data":{}}"#,
        #"{"specversion":"1.0","type":"tideline.ready.v1","source":"a"}"#,
        #"{"specversion":"1.0","type":"tideline.ready.v1","source":"a","data":[]}"#,
        #"{"specversion":"1.0","type":7,"source":"a","data":{}}"#,
    ])
    func envelopesThatAreNone(text: String) throws {
        let parser = JSONParser()
        let event = try parser.parse(Array(text.utf8))
        #expect(throws: MessageError.self) { try Envelope(event) }
        withExtendedLifetime(parser) {}
    }

    @Test func aBlockTravelsWithItsHeaderAsJournaled() throws {
        let header =
            #"{"node":"n","number":4,"generation":0,"mark":"aa","previous":"bb","synced":3,"step":-5,"through":-4,"clock":9,"set":"s","count":2,"bytes":10,"crc":"00000000"}"#
        for skipped in [nil, "poison \"x\"\n"] {
            let text = BlockMessage.event(
                node: "n", number: 4, attempt: 2, worker: "w", header: Array(header.utf8)[...], skipped: skipped)
            let parser = JSONParser()
            let envelope = try withExtendedLifetime(parser) { try Envelope(try parser.parse(text)) }
            let block = try BlockMessage(envelope.data)
            #expect(block.worker == "w" && block.attempt == 2 && block.number == 4 && block.skipped == skipped)
            #expect(block.step == -5 && block.through == -4 && block.clock == 9 && block.count == 2)
            #expect(block.header.text == header)
            #expect(try BlockMessage(block.tree) == block)
            for name in ["node", "number", "mark", "previous", "step", "through", "clock", "set", "count"] {
                let bent = bend(block.tree, "header", bend(block.header, name, nil))
                #expect(throws: MessageError.self, "without \(name)") { try BlockMessage(bent) }
            }
        }
    }

    @Test func feedRequests() throws {
        let whole = try FeedRequest(["topic": "tideline.alert.v1", "after": 7, "epoch": "e"])
        #expect(whole.topic == "tideline.alert.v1" && whole.after == 7 && whole.epoch == "e")
        #expect(try FeedRequest(["topic": ""]).after == 0)
        for data in [
            [:], ["topic": 3], ["topic": "a", "after": -1], ["topic": "a", "after": "1"], ["topic": "a", "epoch": 1],
        ] as [JSONTree] {
            #expect(throws: MessageError.self) { try FeedRequest(data) }
        }
    }
}
