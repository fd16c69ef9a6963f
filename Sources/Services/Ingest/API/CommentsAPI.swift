import HTTP
import Journal
import Messages
import Runtime
import Synchronization
import Wording
import ZMQ

/// The questions about what customers wrote, answered from the message files, which alone keep comments.
///
/// Ingest owns the files and therefore the questions; they are read beside its loop, on threads of their own.
package final class CommentsAPI: Sendable {
    private let catalog: CommentCatalog
    private let walk: CommentWalk
    private let limits: CommentLimits
    /// Responses that must match before anything of them is shown; 1 shows everything.
    private let minimumAnswers: Int64
    private let readings = Mutex(0)

    /// - Parameters:
    ///   - set: names metrics and themes, and the zone in which days begin.
    ///   - directory: of the message files; may be absent or empty yet.
    ///   - isStopping: ends what is being read; asked from any thread.
    /// - Throws: ``MessageError`` when this release does not have what the set names.
    package init(
        set: DefinitionSet, directory: String, minimumAnswers: Int64 = 1, limits: CommentLimits = CommentLimits(),
        fileSystem: any FileSystem = POSIXFileSystem(), clock: MonotonicClock = .system,
        isStopping: @escaping @Sendable () -> Bool = { false }
    ) throws(MessageError) {
        catalog = try CommentCatalog(set)
        walk = CommentWalk(
            files: NewestFirst(fileSystem: fileSystem, directory: directory), limits: limits, clock: clock,
            isStopping: isStopping)
        self.limits = limits
        self.minimumAnswers = minimumAnswers
    }

    package var routes: [Route] {
        [
            Route(.get, "/api/v1/comments") { [self] request in
                try request.allowOnly(CommentQuery.itemsOfComments)
                let query = try CommentQuery(request, catalog)
                return try await reading { [self] in try comments(query) }
            },
            Route(.get, "/api/v1/words") { [self] request in
                try request.allowOnly(CommentQuery.items)
                let query = try CommentQuery(request, catalog)
                return try await reading { [self] in try words(query) }
            },
        ]
    }

    /// `GET /api/v1/comments`: what was written, the newest arrival first.
    private func comments(_ query: CommentQuery) throws -> HTTPResponse {
        if let refusal = refusal(of: query) { return refusal }
        let filter = try CommentFilter(query, catalog)
        let page = CommentPage(query, minimumAnswers: minimumAnswers, bytesMax: limits.answerBytesMax)
        let ending = try read(query, filter) { page.take($0, filter, catalog.themes) }
        return answer(page.finish(isCutShort: ending != .everythingRead && ending != .enough), ending)
    }

    /// `GET /api/v1/words`: in how many of the comments each word stands, stop words left out.
    private func words(_ query: CommentQuery) throws -> HTTPResponse {
        if let refusal = refusal(of: query) { return refusal }
        let filter = try CommentFilter(query, catalog)
        let page = try WordPage(query, minimumAnswers: minimumAnswers)
        let ending = try read(query, filter) { found in
            page.take(found)
            return true
        }
        return answer(page.finish(isCutShort: ending != .everythingRead), ending)
    }

    /// Where segments of few answers must not be seen, none is shown by itself: what one says and its siblings say tells
    /// of those that say nothing.
    private func refusal(of query: CommentQuery) -> HTTPResponse? {
        guard minimumAnswers > 1, !query.segment.parts.isEmpty else { return nil }
        return .error(
            "comments of a segment are not shown while privacy.minimumAnswers is set; ask without segment", status: 403)
    }

    private func read(
        _ query: CommentQuery, _ filter: CommentFilter, _ take: (FoundResponse) -> Bool
    ) throws(JournalError) -> CommentWalk.Ending {
        // A response may be that much ahead of the clock under which it arrived.
        let since = query.span.lowerBound.subtractingReportingOverflow(Intake.aheadMaxMilliseconds)
        return try walk.forEachEvent(since: since.overflow ? .min : since.partialValue) { line in
            filter.response(in: line).map(take) ?? true
        }
    }

    private func answer(_ body: [UInt8]?, _ ending: CommentWalk.Ending) -> HTTPResponse {
        if ending == .stopping { return .error("ingest is ending; ask again when it is back", status: 503) }
        if let body { return .json(body) }
        return .error(
            "fewer than \(minimumAnswers) responses match, too few to show what they say; ask for a longer time or a "
                + "larger group", status: 403)
    }

    /// Runs `work` on a thread of its own, for it reads files and takes its time.
    private func reading(_ work: @escaping @Sendable () throws -> HTTPResponse) async throws -> HTTPResponse {
        let isTaken = readings.withLock { readings in
            guard readings < limits.readingsMax else { return false }
            readings += 1
            return true
        }
        guard isTaken else {
            var busy = HTTPResponse.error(
                "\(limits.readingsMax) questions about comments are being answered; ask again in a second", status: 503)
            busy.headers = [HTTPRequest.Item(name: "Retry-After", value: "1")]
            return busy
        }
        defer { readings.withLock { $0 -= 1 } }
        return try await runLoopThread(named: "comments", body: work)
    }
}
