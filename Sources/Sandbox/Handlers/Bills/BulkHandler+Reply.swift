import Records

// The reply, item by item, in the form E1.
extension BulkHandler {
    func write(
        _ item: Item, _ bytes: [UInt8], _ judgement: Judgement, _ shape: Shape, position: Int,
        _ out: inout [UInt8]
    ) {
        let label = shape.label(at: position, of: tape.childCount(of: 0))
        switch judgement {
        case .booked(let id, let warnings):
            out.add(#"{"entityId":"#)
            out.add(id)
            out.add(#","result":"#)
            writeEcho(item, bytes, label, isBooked: true, &out)
            out.add(#","errors":["#)
            if hasItemFaults, service.rollItem(.idWithErrors) != nil {
                out.addError(683, "points not processed")
            }
            out.add(#"],"warnings":["#)
            for (index, warning) in warnings.enumerated() {
                if index > 0 { out.add(",") }
                out.addError(warning.code, warning.message)
            }
            out.add(#"],"loyaltyDetails":[]}"#)
        case .parked(_, .some(let id)):
            out.add(#"{"entityId":"#)
            out.add(id)
            out.add(#","result":"#)
            writeEcho(item, bytes, label, isBooked: true, &out)
            out.add(#","errors":[],"warnings":[],"loyaltyDetails":[]}"#)
        case .failed(let complaint), .parked(let complaint, nil):
            out.add("{")
            switch shape.failedID(at: position) {
            case .null: out.add(#""entityId":null,"#)
            case .zero: out.add(#""entityId":0,"#)
            case .minusOne: out.add(#""entityId":-1,"#)
            case .absent: break
            }
            if !shape.leavesOutResult {
                out.add(#""result":"#)
                writeEcho(item, bytes, label, isBooked: false, &out)
                out.add(",")
            }
            out.add(#""errors":["#)
            out.addError(complaint.code, complaint.message)
            out.add(#"],"warnings":[]}"#)
        }
    }

    func writeEcho(
        _ item: Item, _ bytes: [UInt8], _ label: Shape.Label, isBooked: Bool, _ out: inout [UInt8]
    ) {
        out.add("{")
        func echo(_ name: StaticString, _ node: Int) {
            guard node >= 0 else { return }
            out.add(name)
            out.add(bytes, tape.fullRange(of: node))
            out.add(",")
        }
        echo(#""identifierType":"#, item.identifierType)
        echo(#""identifierValue":"#, item.identifierValue)
        switch label {
        case .right: echo(#""billNumber":"#, item.billNumber)
        case .none: break
        case .wrong: out.add(#""billNumber":"NOT-YOURS-1","#)
        }
        if isBooked {
            echo(#""source":"#, item.source)
            out.add(#""billAmount":"#)
            out.add(micros: draft.amount)
            out.add(#","billingDate":""#)
            out.add(instant: draft.billed.seconds, zoneMinutes: service.options.serverZoneMinutes)
            out.add(#"","#)
            writeLines(item.lines, bytes, &out)
            echo(#""paymentModes":"#, item.paymentModes)
            echo(#""extendedFields":"#, item.extendedFields)
            out.add(#""sideEffects":[{"entityType":"USER","rawAwardedPoints":"#)
            let points = draft.kind.isReturn ? -draft.amount / 10 : draft.amount / 10
            out.add(micros: points)
            out.add(#","awardedPoints":"#)
            out.add(points / Micros.one)
            out.add(#","customerId":"#)
            out.add(draft.customer)
            out.add(#","type":"points"}],"notInterestedReason":"#)
            if item.notInterestedReason >= 0 {
                out.add(bytes, tape.fullRange(of: item.notInterestedReason))
            } else {
                out.add(#""""#)
            }
            out.add(#","isUseDefaultUserGroup2":false,"useDefaultUserGroup2":false,"#)
        }
        echo(#""returnType":"#, item.returnType)
        echo(#""type":"#, item.type)
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("}")
    }

    /// Lines come back with numbers as numbers, and with members that nobody sent.
    func writeLines(_ lines: Int, _ bytes: [UInt8], _ out: inout [UInt8]) {
        guard lines >= 0 else { return }
        out.add(#""lineItemsV2":["#)
        for line in tape.elements(of: lines) {
            out.add("{")
            for member in tape.members(of: line) {
                let name = tape.range(of: member.name)
                if bytes.spells("extendedFields", name) { continue }
                out.add(bytes, tape.fullRange(of: member.name))
                out.add(":")
                if isLineNumber(name, bytes), let value = micros(member.value, bytes) {
                    out.add(micros: value)
                } else {
                    out.add(bytes, tape.fullRange(of: member.value))
                }
                out.add(",")
            }
            out.add(
                #""returnable":true,"returnableDays":-1,"comboDetails":[],"addOnDetails":[],"splitDetails":[],"#
            )
            out.add(#""extendedFields":{}},"#)
        }
        if out.last == UInt8(ascii: ",") { out.removeLast() }
        out.add("],")
    }

    func isLineNumber(_ name: Range<Int>, _ bytes: [UInt8]) -> Bool {
        switch name.count {
        case 3: bytes.spells("qty", name)
        case 4: bytes.spells("rate", name)
        case 5: bytes.spells("value", name)
        case 6: bytes.spells("amount", name)
        default: false
        }
    }
}
