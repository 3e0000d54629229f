import NIOHTTP1
import Records

/// `POST /v2/labels/assignments`.
///
/// Source: API reference, "Labels (v2)". Entities exist but for those whose number begins with 404; a name
/// that nobody knows makes a label, an external id that begins with `unknown` does not.
enum Labels {
    static let desks = [
        RouteHandler(method: .POST, path: "/v2/labels/assignments", kind: .work, answer: assign)
    ]

    private static func assign(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        guard let body = Document(call.body),
            let items = body.list(body.member("assignments", of: body.root)), !items.isEmpty,
            let type = body.text("entityType", of: body.root),
            ["CUSTOMER", "PRODUCT", "STORE"].contains(type)
        else { return refusal(400, 23031, "entityType or assignments missing") }
        if items.count > 100 { return refusal(400, 23032, "more than 100 assignments") }
        let shape = Shape(troubles)
        var done: [UInt8] = []
        var written: [Range<Int>] = []
        var failed: [UInt8] = []
        var failures = 0
        for (position, item) in items.enumerated() {
            let entity = body.text("entityId", of: item) ?? ""
            let label = shape.label(at: position, of: items.count)
            let shown = label == .right ? entity : label == .wrong ? "900000999" : nil
            do throws(Complaint) {
                if service.hasItemFaults, service.rollItem(.busyItem) != nil {
                    throw Complaint(23055, "locked by another request")
                }
                let id = try judge(body, item, service, type, entity)
                let start = done.count
                done.add(text: #"{"assignmentId":\#(id),"#)
                if let shown { done.add(text: #""entityId":"\#(shown)","#) }
                body.echo(["labelName", "labelExternalId", "expiryDate"], of: item, into: &done)
                done.removeLast()
                done.add("}")
                written.append(start..<done.count)
                done.add(",")
            } catch {
                failures += 1
                if !failed.isEmpty { failed.add(",") }
                failed.add(text: #"{"code":\#(error.code),"field":"entityId","message":"#)
                failed.add(quoted: error.message)
                // As in the sample: the entity's id, under another name.
                if let shown { failed.add(text: #","labelExternalId":"\#(shown)""#) }
                failed.add("}")
            }
        }
        service.tally.items += items.count
        if shape.mixesItems, !written.isEmpty {
            done = shape.mixed(done, written) {
                #"{"assignmentId":\#(900_000_001 + $0),"entityId":"900000998"}"#
            }
        } else if !done.isEmpty {
            done.removeLast()
        }
        var out: [UInt8] = []
        out.add(#"{"data":["#)
        out.append(contentsOf: done)
        out.add(#"],"warnings":[],"errors":["#)
        out.append(contentsOf: failed)
        out.add("]}")
        return Answer(status: failures == 0 ? 200 : failures == items.count ? 400 : 207, out)
    }

    private static func judge(
        _ body: Document, _ item: Int, _ service: Service, _ type: String, _ entity: String
    ) throws(Complaint) -> Int64 {
        guard (Int64(entity) ?? 0) > 0 else { throw Complaint(23033, "entity id bad") }
        if entity.hasPrefix("404") { throw Complaint(23045, "entity missing") }
        let label =
            body.text("labelExternalId", of: item) ?? body.text("labelName", of: item) ?? ""
        if label.isEmpty { throw Complaint(23034, "label missing") }
        if label.hasPrefix("unknown") { throw Complaint(23037, "label missing or ambiguous") }
        let key = "\(type)/\(entity)/\(label)"
        if !service.store.find(.labels, key.utf8).isEmpty {
            throw Complaint(23044, "assigned already")
        }
        return service.add(.labels, key, Array(body.raw(item)))
    }

    private static func refusal(_ status: Int, _ code: Int, _ message: String) -> Answer {
        var out: [UInt8] = []
        out.add(text: #"{"data":[],"warnings":[],"errors":[{"code":\#(code),"message":"#)
        out.add(quoted: message)
        out.add("}]}")
        return Answer(status: status, out)
    }
}
