import JSON
import Logging
import Messages
import Runtime

/// What people ask of alerting's loop: marks beside alerts, and how the rules stand.
extension AlertingLoop {
    /// What to answer on the requests port.
    mutating func reply(to request: UnsafeRawBufferPointer) -> [UInt8] {
        guard let kind = MarkReply.kind(of: request, parser: parser) else {
            return FeedReply.text(for: request, store: store, machine: &machine, epoch: host.start, parser: parser)
        }
        let decision: MarkDecision
        do throws(MessageError) {
            decision = mark(try MarkReply.order(kind, request, parser: parser))
        } catch {
            decision = .refused(.wrong, error.description)
        }
        return MarkReply.text(decision, epoch: machine.alertEpoch)
    }

    // MARK: Marks

    /// Carries an order out and publishes what has changed.
    private mutating func mark(_ order: MarkOrder) -> MarkDecision {
        let (decision, messages) = desk.take(
            order, now: WallClock.system.now(), clock: machine.statistics.clock)
        // What is written stands; a subscriber that cannot be told asks again.
        for message in messages { try? publish(message) }
        switch decision {
        case .done(let marks, _):
            for mark in marks {
                metrics.marks[mark.change].increment()
                host.logger.notice(
                    "alert \(mark.change)",
                    metadata: [
                        "alert": .string(mark.alert), "by": .string(mark.by ?? ""), "counter": "\(mark.counter)",
                    ])
            }
        case .refused(.unavailable, let sentence):
            host.logger.error("a mark is not written", metadata: ["error": .string(sentence)])
        case .refused: break
        }
        return decision
    }

    /// Tells of the silences that cover firing alerts, before the alerts themselves are told.
    mutating func cover(_ alerts: [AlertRecord]) throws {
        let messages: [FeedMessage]
        do {
            messages = try desk.cover(alerts, now: WallClock.system.now(), clock: machine.statistics.clock)
        } catch {
            throw TrendStoreError(
                "the marks of a silence cannot be written: \(error). They are made at the next start; make room or mend the "
                    + "disk and start again")
        }
        for message in messages { try publish(message) }
    }

    /// Answers what other threads ask.
    mutating func answerQuestions() {
        while let question = questions.next() {
            switch question.content {
            case .mark(let order): question.answer(.mark(mark(order)))
            case .standings: question.answer(.standings(ruleStandings()))
            }
        }
    }

    /// At most ``standingsNanoseconds`` old, because asking a detector about thousands of segments takes a while.
    private mutating func ruleStandings() -> [RuleStanding] {
        let now = MonotonicClock.system.now()
        if let standings, now - standings.at < Self.standingsNanoseconds { return standings.rules }
        let rules = machine.ruleStandings(seriesMax: Self.standingsMax)
        standings = (rules, now)
        return rules
    }
}
