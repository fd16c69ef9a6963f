import Foundation
import Testing

/// Runs blocking calls on a thread of their own: the pool of tasks has one thread a core, and the server needs it.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        Thread.detachNewThread { continuation.resume(with: Swift.Result { try body() }) }
    }
}

/// A TCP client that sends exactly the bytes it is told to, right or wrong. Blocks; every read has a time limit.
final class SocketClient: Sendable {
    private let descriptor: Int32

    /// - Parameter address: "127.0.0.1:port".
    init(_ address: String, receiveSeconds: Int = 20) throws {
        let port = try #require(UInt16(address.split(separator: ":").last ?? ""))
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: receiveSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var target = sockaddr_in()
        target.sin_family = sa_family_t(AF_INET)
        target.sin_port = port.bigEndian
        target.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &target) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(result == 0, "connect: \(String(cString: strerror(errno)))")
    }

    deinit { close(descriptor) }

    /// - Returns: false when the server closed the connection meanwhile.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    func hasSomething(withinMilliseconds limit: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&waiting, 1, limit) > 0
    }

    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    enum Received: Equatable {
        case bytes([UInt8])
        case closed
        case nothing
    }

    func receive(bytesMax: Int = 65536) -> Received {
        var buffer = [UInt8](repeating: 0, count: bytesMax)
        let count = recv(descriptor, &buffer, bytesMax, 0)
        if count > 0 { return .bytes(Array(buffer[..<count])) }
        // A reset is a way to close, too.
        return count == 0 || errno == ECONNRESET ? .closed : .nothing
    }

    /// Everything until the server closes.
    func rest() throws -> String {
        var all: [UInt8] = []
        while true {
            switch receive() {
            case .bytes(let bytes): all += bytes
            case .closed: return String(decoding: all, as: UTF8.self)
            case .nothing:
                throw NotClosed(received: String(decoding: all, as: UTF8.self))
            }
        }
    }

    struct NoAnswer: Error {
        let received: String
    }

    struct NotClosed: Error {
        let received: String
    }

    struct Answer: Equatable {
        var status: Int
        var headers: [String: String]
        var body: String
    }

    /// One answer of a connection that stays open.
    /// - Parameter hasBody: false for answers to HEAD.
    func answer(hasBody: Bool = true) throws -> Answer {
        var head: [UInt8] = []
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard case .bytes(let byte) = receive(bytesMax: 1) else {
                throw NoAnswer(received: String(decoding: head, as: UTF8.self))
            }
            head += byte
        }
        var answer = try Self.parseHead(String(decoding: head, as: UTF8.self))
        var body: [UInt8] = []
        let length = hasBody ? try #require(Int(answer.headers["content-length"] ?? "")) : 0
        while body.count < length, case .bytes(let bytes) = receive(bytesMax: length - body.count) { body += bytes }
        #expect(body.count == length)
        answer.body = String(decoding: body, as: UTF8.self)
        return answer
    }

    static func parseHead(_ text: String) throws -> Answer {
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: true)
        let status = try #require(lines.first?.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
        }
        return Answer(status: status, headers: headers, body: "")
    }
}
