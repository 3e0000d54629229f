import Model
import NIOHTTP1

/// The queue of rejected transactions: listed, replayed once what was unknown is known, given up.
///
/// Source: API reference, "getRejectedTransactions", "getReTriggerStatus", "markFailed".
final class QueueHandler {
    private let service: Service
    /// The number of the last retrigger.
    private var last = 0

    /// Retriggers without success until a bill is given up.
    static let retryLimit = 3

    init(_ service: Service) { self.service = service }

    func answer(_ call: Call, _ troubles: [Trouble]) -> Answer {
        switch (call.method, call.name) {
        case (.GET, ""): return list(call, troubles)
        case (.POST, "retrigger"): return retrigger(call)
        case (.GET, _):
            guard let rest = call.name.tail(after: "retriggerStatus/"), let id = Int(rest) else {
                break
            }
            return status(id)
        case (.PUT, "markFailed"): return markFailed(call)
        default: break
        }
        return .error(404, code: 404, "no such path")
    }

    /// What a sandbox that ended had in hand is done now.
    func takeUp() {
        last = service.parked.map(\.status.retrigger).max() ?? 0
        for index in service.parked.indices where service.parked[index].status.state == .replayed {
            replay(index)
        }
        service.commit()
    }

    // MARK: Listing

    private func list(_ call: Call, _ troubles: [Trouble]) -> Answer {
        let options = service.options
        let now = service.now()
        let lag = troubles.filter { $0.fault.kind == .lag }.map(\.delay.milliseconds).max() ?? 0
        let zone = Int64(options.serverZoneMinutes * 60)
        func day(_ name: String) -> Int64?? {
            guard let text = call.query(name) else { return .some(nil) }
            let bytes = Array(text.utf8)
            guard
                let date = BillDate(bytes, bytes.indices, serverZoneMinutes: options.serverZoneMinutes)
            else {
                return nil
            }
            return date.seconds
        }
        guard let start = day("startDate"), let end = day("endDate") else {
            return .error(400, code: 400, "dates are yyyy-MM-dd")
        }
        let wanted = call.query("status").map { [$0] } ?? ["OPEN", "PARTIAL_FIXED"]
        let from = (start ?? now / 1000 - 30 * 86_400) * 1000
        let until = (end.map { $0 + 86_400 } ?? now / 1000 + 1) * 1000
        // Typed as an integer, though bill numbers are text: a number with zeros before it is not found by it.
        let number = call.query("transactionNumber")
        if let number, Int64(number) == nil {
            return .error(400, code: 400, "transactionNumber is a number")
        }
        var found = service.parked.filter { bill in
            guard wanted.contains(bill.status.state.name), bill.added >= from, bill.added < until,
                bill.added <= now - lag
            else { return false }
            if let number, Array(String(Int64(number) ?? 0).utf8) != bill.number { return false }
            if let user = call.query("userId"), user != String(bill.customer) { return false }
            if let code = call.query("errorCode"),
                !bill.causes.contains(where: { String($0.code) == code })
            {
                return false
            }
            if let value = call.query("errorValue"),
                !bill.causes.contains(where: { $0.value == Array(value.utf8) })
            {
                return false
            }
            return true
        }
        let total = found.count
        var limit = 10
        var offset = 0
        if !options.queueIgnoresOffset {
            limit = min(100, max(1, call.query("limit").flatMap(Int.init) ?? 10))
            offset = max(0, call.query("offset").flatMap(Int.init) ?? 0)
        }
        found = Array(found.dropFirst(offset).prefix(limit))
        var out: [UInt8] = []
        out.add(
            text: #"{"pagination":{"limit":\#(limit),"offset":\#(offset),"total":\#(total)},"data":["#)
        for (index, bill) in found.enumerated() {
            if index > 0 { out.add(",") }
            write(
                bill, zone: zone, showsPayload: call.query("isTransactionPayloadRequired") == "true",
                &out)
        }
        out.add(#"],"warnings":[],"errors":[]}"#)
        return Answer(out)
    }

    private func write(_ bill: Parked, zone: Int64, showsPayload: Bool, _ out: inout [UInt8]) {
        let options = service.options
        out.add(text: #"{"userId":\#(bill.customer),"entityId":51,"orgId":"#)
        out.add(text: Int64(options.org).map(String.init) ?? "0")
        out.add(text: #","retryCount":\#(bill.status.retries),"billNumber":"#)
        out.add(quoted: options.rewriting.text(bill.number))
        for name in ["eventDate", "autoUpdateTime"] {
            out.add(text: #","\#(name)":""#)
            out.add(clock: bill.added / 1000 + zone, separator: UInt8(ascii: "T"))
            out.add(offset: options.serverZoneMinutes)
            out.add("\"")
        }
        out.add(text: #","status":"\#(bill.status.state.name)","errors":["#)
        for (index, cause) in bill.causes.enumerated() {
            if index > 0 { out.add(",") }
            out.add(text: #"{"code":\#(cause.code),"message":"\#(cause.message)","value":"#)
            out.add(quoted: cause.value)
            out.add(text: #","status":\#(service.isMended(cause)),"referenceId":50}"#)
        }
        out.add("]")
        if showsPayload {
            out.add(#","transactionPayload":"#)
            out.add(quoted: bill.payload)
        }
        out.add("}")
    }

    // MARK: Replaying

    private func retrigger(_ call: Call) -> Answer {
        guard let chosen = selection(call) else {
            return .error(400, code: 400, "transactionNumber, errorCode or userId is required")
        }
        last += 1
        for index in chosen {
            let bill = service.parked[index]
            var status = bill.status
            guard [.open, .partialFixed, .fixed].contains(status.state) else { continue }
            status.retrigger = last
            let left = bill.causes.filter { !service.isMended($0) }
            if left.isEmpty {
                status.state = .replayed
            } else {
                status.retries += 1
                status.state =
                    status.retries >= Self.retryLimit
                    ? .maxOut : left.count < bill.causes.count ? .partialFixed : .open
            }
            service.change(index, status)
        }
        let id = last
        service.after(service.options.retriggerTime) { [self] in
            for index in service.parked.indices
            where service.parked[index].status.retrigger == id
                && service.parked[index].status.state == .replayed
            {
                replay(index)
            }
            service.commit()
        }
        return Answer(text: #"{"retriggerId":\#(last),"warnings":[],"errors":[]}"#)
    }

    private func replay(_ index: Int) {
        var status = service.parked[index].status
        status.state = service.replay(service.parked[index]) == nil ? .success : .permanentFailed
        service.change(index, status)
    }

    private func status(_ id: Int) -> Answer {
        let bills = service.parked.filter { $0.status.retrigger == id }
        guard (1...max(1, last)).contains(id), last > 0 else {
            return .error(404, code: 404, "no such retrigger")
        }
        func count(_ states: Parked.State...) -> Int {
            bills.count { states.contains($0.status.state) }
        }
        return Answer(
            text:
                #"{"retriggerId":\#(id),"status":{"success":\#(count(.success)),"fixed":\#(count(.fixed)),"maxOut":\#(count(.maxOut)),"replayed":\#(count(.replayed))},"warnings":[]}"#
        )
    }

    private func markFailed(_ call: Call) -> Answer {
        guard let chosen = selection(call) else {
            return .error(400, code: 400, "transactionNumber, errorCode or userId is required")
        }
        for index in chosen where service.parked[index].status.state != .success {
            var status = service.parked[index].status
            status.state = .permanentFailed
            service.change(index, status)
        }
        return Answer(text: #"{"result":true,"warnings":[],"errors":[]}"#)
    }

    /// The entries that a body names; nil where it names none.
    private func selection(_ call: Call) -> [Int]? {
        guard let body = Document(call.body) else { return nil }
        func texts(_ name: String) -> [String]? {
            body.member(name, of: body.root).flatMap { body.list($0) }.map { $0.compactMap(body.text) }
        }
        let numbers = texts("transactionNumber").map { Set($0.map { Array($0.utf8) }) }
        let codes = texts("errorCode").map(Set.init)
        let user = body.text("userId", of: body.root)
        guard numbers != nil || codes != nil || user != nil else { return nil }
        return service.parked.indices.filter { index in
            let bill = service.parked[index]
            if let numbers, !numbers.contains(bill.number) { return false }
            if let codes, !bill.causes.contains(where: { codes.contains(String($0.code)) }) {
                return false
            }
            if let user, user != String(bill.customer) { return false }
            return true
        }
    }
}

extension Service {
    /// Whether what it complains about is known now: imported as a product, or said to be known.
    func isMended(_ cause: Parked.Cause) -> Bool {
        if cause.value.isEmpty { return !store.all(.mended).isEmpty }
        let value = String(decoding: cause.value, as: UTF8.self)
        if !store.find(.mended, cause.value).isEmpty { return true }
        return cause.code == 683 && !store.find(.products, value.lowercased().utf8).isEmpty
    }
}
