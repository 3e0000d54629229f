package import Model
import Records

/// One walk through a listing: its filters, its key, its piece of time.
package struct Asking: Sendable, Equatable {
    /// Query parameters beside those of the paging, in the order they are sent.
    package var parameters: [(String, String)]
    /// The kind of key, and the keys of this walk.
    package var key: Listing.Key?
    /// As a person gives them; several where the call takes a list.
    package var keys: [String]

    package init(parameters: [(String, String)] = [], key: Listing.Key? = nil, keys: [String] = []) {
        self.parameters = parameters
        self.key = key
        self.keys = keys
    }

    /// The order of parameters counts.
    package static func == (a: Asking, b: Asking) -> Bool {
        a.key == b.key && a.keys == b.keys && a.parameters.elementsEqual(b.parameters, by: ==)
    }
}

extension Listing {
    /// The request for a page.
    ///
    /// - Parameter path: Of ``paths`` the one to ask at.
    package func request(
        _ asking: Asking, at position: Paging.Position, size: Int?, path: Int = 0
    ) -> Request {
        let path = asking.key?.path ?? paths[path]
        var request = unlimited(asking, at: position, size: size, path)
        request.limit = CallLimit.published(method, path)
        return request
    }

    private func unlimited(
        _ asking: Asking, at position: Paging.Position, size: Int?, _ bare: String
    ) -> Request {
        var path = bare
        var pairs = fixed
        let keys = asking.keys.joined(separator: ",")
        if path.contains("{key}") { path = path.replacing("{key}", with: pathSegment(keys)) }
        if let key = asking.key {
            pairs += key.fixed.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
            if let name = key.query { pairs.append((name, keys)) }
        }
        for (name, value) in asking.parameters {
            if path.contains("{\(name)}") {
                path = path.replacing("{\(name)}", with: pathSegment(value))
            } else {
                pairs.append((name, value))
            }
        }
        let paged = paging.parameters(at: position, size: size)
        guard paging.isInBody else {
            return Request(method, Self.target(path, pairs + paged), host: host)
        }
        var body: [UInt8] = [UInt8(ascii: "{")]
        for (index, pair) in (pairs + paged).enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            JSONWriter.appendString(pair.0, to: &body)
            body.append(UInt8(ascii: ":"))
            let isBare = Int(pair.1) != nil || pair.1.hasPrefix("[") || pair.1.hasPrefix("{")
            if isBare { body += pair.1.utf8 } else { JSONWriter.appendString(pair.1, to: &body) }
        }
        body.append(UInt8(ascii: "}"))
        return Request(method, path, host: host, body: body)
    }

    /// The requests for an item's details, of which the first that is answered has them; none where the
    /// item does not tell enough.
    package func detailRequests(_ item: PageItem) -> [Request] {
        guard let detail, let id = item.texts[detail.id] else { return [] }
        let path = detail.path.replacing("{id}", with: pathSegment(id))
        let values = item.texts[detail.field].map { [$0] } ?? detail.values
        return values.map { Request(.get, Self.target(path, [(detail.parameter, $0)])) }
    }

    private static func target(_ path: String, _ pairs: [(String, String)]) -> String {
        guard !pairs.isEmpty else { return path }
        return path + "?" + pairs.map { $0.0 + "=" + percentEncoded($0.1) }.joined(separator: "&")
    }
}

extension Listing.Span {
    /// An instant as the parameter wants it.
    ///
    /// - Parameter isEnd: It is the upper bound; of whole days the last one is meant then.
    package func text(_ instant: Timestamp, isEnd: Bool) -> String {
        switch style {
        case .iso: instant.iso8601
        case .milliseconds: String(instant.milliseconds)
        case .clock:
            String(instant.iso8601.dropLast()).replacing("T", with: " ")
        case .day: String(instant.iso8601.prefix(10))
        }
    }
}

extension Parameter {
    /// What it is called where it is sent: in the query, or as a part of the path.
    package var sentName: String {
        if case .query(let sent) = place { sent } else { name }
    }
}
