/// A request that was read whole, with everything decoded.
package struct HTTPRequest: Sendable {
    package struct Item: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// In capitals, such as "GET".
    package let method: String
    /// Without the query; percent escapes as they came.
    package let path: String
    /// Values of the pattern's `{name}` parts, decoded.
    package let parameters: [String: String]
    /// In the order given, decoded; a name without "=" has an empty value.
    package let query: [Item]
    /// In the order given, names as given.
    package let headers: [Item]
    /// At most ``HTTPLimits/bodyBytesMax``.
    package let body: [UInt8]

    package init(
        method: String = "GET", path: String, parameters: [String: String] = [:], query: [Item] = [],
        headers: [Item] = [], body: [UInt8] = []
    ) {
        self.method = method
        self.path = path
        self.parameters = parameters
        self.query = query
        self.headers = headers
        self.body = body
    }

    /// The first header of that name, whatever its capitals.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// - Precondition: the route's pattern has a part of that name.
    package func parameter(_ name: String) -> String {
        guard let value = parameters[name] else { preconditionFailure("the route has no {\(name)}") }
        return value
    }
}
