import NIOHTTP1

/// `POST /v2/card/generate`, and the log of what was generated.
///
/// Source: API reference, "Generate Cards", "Get Card Generation Log". Every call makes new numbers. Series
/// 1 to 9999 exist; the numbers of series 13 meet some that are there already (3059).
enum CardFactory {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/card/generate", kind: .work) { service, call, _ in
            do throws(Complaint) {
                return try make(service, call)
            } catch {
                var out: [UInt8] = []
                out.add(#"{"data":null,"warnings":[],"errors":["#)
                out.addError(error.code, error.message)
                out.add("]}")
                return Answer(out)
            }
        },
        RouteHandler(method: .GET, path: "/v2/card/generation/logs", kind: .look) {
            service, call, troubles in
            log(service, call, LookView(troubles, now: service.now()))
        },
    ]

    private static func make(_ service: Service, _ call: Call) throws(Complaint) -> Answer {
        guard let body = Document(call.body), let series = body.integer("seriesId", of: body.root)
        else {
            throw Complaint(3004, "series missing")
        }
        guard (1...9999).contains(series) else { throw Complaint(3000, "series invalid") }
        guard let count = body.integer("count", of: body.root), count > 0 else {
            throw Complaint(3025, "count missing")
        }
        guard count <= 50_000 else { throw Complaint(3026, "count too high") }
        if let label = body.text("statusLabel", of: body.root), label != "NOT_ISSUED" {
            throw Complaint(3018, "label not mapped to NOT_ISSUED")
        }
        service.tally.items += 1
        let id = service.add(
            .cardBatches, "\(series)/\(count)",
            Array(#"{"seriesId":\#(series),"count":\#(count)}"#.utf8))
        var out: [UInt8] = []
        var known: [String] = []
        out.add(#"{"data":["#)
        for place in 1...count {
            let number = "S\(series)B\(id)C\(place)"
            if series == 13, place % 10 == 0 {
                known.append(number)
                continue
            }
            if out.last == UInt8(ascii: "\"") { out.add(",") }
            out.add(quoted: number)
        }
        out.add(#"],"warnings":["#)
        if !known.isEmpty {
            out.addError(3059, "FEW_CARDS_ALREADY_EXISTS: " + known.joined(separator: ","))
        }
        out.add(#"],"errors":[]}"#)
        return Answer(out)
    }

    private static func log(_ service: Service, _ call: Call, _ view: LookView) -> Answer {
        let wanted = call.query("seriesId").flatMap { Int64($0) }
        var out: [UInt8] = []
        out.add(#"{"entity":["#)
        for thing in service.store.all(.cardBatches) where view.shows(thing) {
            guard let batch = Document(thing.content),
                let series = batch.integer("seriesId", of: batch.root),
                wanted == nil || wanted == series
            else { continue }
            if out.last == UInt8(ascii: "}") { out.add(",") }
            out.add(
                text:
                    #"{"id":\#(thing.id),"seriesId":\#(series),"seriesName":"Demo","seriesCode":"DM","#)
            batch.echo(["count"], of: batch.root, into: &out)
            out.add(#""createdBy":51,"date":""#)
            out.add(instant: thing.at / 1000, zoneMinutes: service.options.serverZoneMinutes)
            out.add(text: #"","description":"","fileHandle":"demo-\#(thing.id)","orgId":4001}"#)
        }
        out.add(#"],"warnings":[]}"#)
        return Answer(out)
    }
}
