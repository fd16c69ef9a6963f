import Glibc

/// Asks one of our own HTTP ports and waits: for `--probe` and the command line, so that neither needs an HTTP client.
///
/// Speaks to servers that answer with Content-Length, as ``HTTPServer`` does. Blocks the calling thread for at most the
/// timeout, twice over in the worst case (connecting, then reading).
package enum HTTPFetch {
    /// Why there is no answer; a sentence for whoever asked.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        package let description: String
    }

    package struct Answer: Sendable {
        package let status: Int
        package let body: [UInt8]
        package var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// Longest answer taken.
    package static let answerBytesMax = 256 << 20

    /// - Parameters:
    ///   - address: "host:port" as configured; a wildcard host is asked on loopback.
    ///   - target: path and query, escaped, such as "/healthz".
    ///   - seconds: at least 1; how long connecting and each reading may take.
    package static func get(address: String, target: String, seconds: Int = 5) throws(Failure) -> Answer {
        let request = "GET \(target) HTTP/1.1\r\nHost: \(address)\r\nConnection: close\r\n\r\n"
        return try answer(to: Array(request.utf8), address: address, seconds: seconds)
    }

    /// - Parameters:
    ///   - address: as for ``get(address:target:seconds:)``.
    ///   - json: the body, a JSON text.
    package static func post(
        address: String, target: String, json: [UInt8], seconds: Int = 5
    ) throws(Failure) -> Answer {
        let head =
            "POST \(target) HTTP/1.1\r\nHost: \(address)\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(json.count)\r\nConnection: close\r\n\r\n"
        return try answer(to: Array(head.utf8) + json, address: address, seconds: seconds)
    }

    private static func answer(to request: [UInt8], address: String, seconds: Int) throws(Failure) -> Answer {
        let descriptor = try connect(to: address, seconds)
        defer { close(descriptor) }
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw Failure(description: "\(address) takes no request")
        }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < answerBytesMax {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count == 0 { break }
            guard count > 0 else {
                if errno == EINTR { continue }
                throw Failure(description: "\(address) stopped answering: \(String(cString: strerror(errno)))")
            }
            bytes.append(contentsOf: piece[..<count])
            if let answer = whole(bytes) { return answer }
        }
        if let answer = whole(bytes) { return answer }
        throw Failure(description: "\(address) gave no whole answer")
    }

    private static func connect(to address: String, _ seconds: Int) throws(Failure) -> Int32 {
        guard let colon = address.lastIndex(of: ":"), let port = UInt16(address[address.index(after: colon)...]) else {
            throw Failure(description: "\(address) is no host:port")
        }
        var host = String(address[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        switch host {
        case "", "0.0.0.0", "*": host = "127.0.0.1"
        case "::": host = "::1"
        default: break
        }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let found else {
            throw Failure(description: "\(host) is unknown")
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(found.pointee.ai_family, found.pointee.ai_socktype, 0)
        guard descriptor >= 0 else { throw Failure(description: "no socket: \(String(cString: strerror(errno)))") }
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
            setsockopt(descriptor, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
        }
        guard Glibc.connect(descriptor, found.pointee.ai_addr, found.pointee.ai_addrlen) == 0 else {
            let cause = String(cString: strerror(errno))
            close(descriptor)
            throw Failure(description: "\(address) does not answer: \(cause)")
        }
        return descriptor
    }

    /// The answer, once head and body are all there.
    private static func whole(_ bytes: [UInt8]) -> Answer? {
        let end = Array("\r\n\r\n".utf8)
        guard bytes.count >= end.count,
            let head = (0...bytes.count - end.count).first(where: {
                bytes[$0] == 13 && bytes[$0..<$0 + 4].elementsEqual(end)
            })
        else { return nil }
        let lines = String(decoding: bytes[..<head], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let length = lines.dropFirst().first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
        let body = bytes[(head + end.count)...]
        guard let length, body.count >= length else { return nil }
        return Answer(status: status, body: Array(body.prefix(length)))
    }

    /// Escapes one value of a query.
    package static func escaped(_ value: String) -> String {
        value.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
