/// Percent escapes of paths and queries (RFC 3986, 2.1; for queries also the plus of HTML forms).
enum PercentDecoding {
    /// - Returns: nil for an escape without two hexadecimal digits, or bytes that are not UTF-8.
    static func text(_ encoded: some StringProtocol, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = encoded.utf8[...]
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Items of "a=1&b=two%20words"; nil when one of them cannot be decoded.
    static func query(_ text: some StringProtocol) -> [HTTPRequest.Item]? {
        var items: [HTTPRequest.Item] = []
        for pair in text.split(separator: "&") {
            let equals = pair.firstIndex(of: "=") ?? pair.endIndex
            guard let name = Self.text(pair[..<equals], plusIsSpace: true),
                let value = Self.text(pair[equals...].dropFirst(), plusIsSpace: true)
            else { return nil }
            items.append(HTTPRequest.Item(name: name, value: value))
        }
        return items
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
