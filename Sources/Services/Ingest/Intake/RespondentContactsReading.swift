import JSON
import Journal
import Messages
import Runtime

extension RespondentContacts.Limits {
    /// - Returns: nil where nobody is to be flagged.
    package init?(_ configuration: Configuration) {
        let contactsMax = configuration.integer("fatigue.contactsMax")
        guard contactsMax > 0 else { return nil }
        let days = (configuration.milliseconds("fatigue.window") + 86_399_999) / 86_400_000
        self.init(
            contactsMax: contactsMax, windowDays: Int(days),
            respondentsMax: configuration.integer("fatigue.respondentsMax"))
    }
}

extension IncomingType {
    /// Whether somebody was asked or has answered.
    var isContact: Bool {
        switch self {
        case .response, .invitation: true
        case .measure: false
        }
    }
}

extension RespondentContacts {
    /// Notes the contact that an event is, where it is one and names its respondent.
    func note(_ message: EventMessage, clock: Int64, block: UInt64) -> Int? {
        guard message.type.isContact, let respondent = message.respondent, respondent.count > 0 else { return nil }
        return note(respondent.rawBytes, at: message.time, clock: clock, block: block)
    }

    /// Notes the contacts of a block of the journal, as they were noted when it was filled.
    ///
    /// Hand it every block of the window in order; an event that cannot be read is none.
    package func restore(_ block: SealedBlock, parser: JSONParser) {
        for line in block.payload.split(separator: UInt8(ascii: "\n")) {
            line.withUnsafeBytes { bytes in
                guard let event = try? parser.parse(bytes) else { return }
                restore(event, of: block.header)
            }
        }
        settle(through: block.header.number)
    }

    private func restore(_ event: JSONValue, of header: BlockHeader) {
        guard let type = event.member(named: "type")?.string.flatMap({ IncomingType($0) }), type.isContact,
            let respondent = event.member(named: "data")?.member(named: "respondent")?.string, respondent.count > 0,
            let time = moment(event.member(named: "time"))
        else { return }
        let clock = moment(event.member(named: "recordedtime")) ?? header.clock
        _ = note(respondent.rawBytes, at: time, clock: clock, block: header.number)
    }

    private func moment(_ value: JSONValue?) -> Int64? {
        value?.string.flatMap { Timestamp.read($0.bytes) }
    }
}
