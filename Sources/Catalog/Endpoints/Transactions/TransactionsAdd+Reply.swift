import Model
import Records

// What the replies of transactions.add mean.
extension TransactionsAdd {
    /// Source: Transactions, Add bills: codes; Errors, Reply handling. Older tables give some numbers another text;
    /// where both texts have the same consequence, the newer one names the reason.
    static let codes = CodeTable([
        .init(.done, .refused, 600, 1630),
        .init(.exists, .duplicate, 604, 633, 634, 639),
        .init(
            .rejected, .refusedValue, 601, 602, 603, 605, 607, 620, 690, 8084, 8154, 8155, 624, 628,
            631, 627, 661, 662, 663, 664, 665, 666, 643, 644, 669, 1106, 9604, 675, 685, 708, 9601,
            9602, 9603, 9612, 1105, 1114, 1115, 1119, 1120, 1121, 91016),
        .init(.rejected, .customerUnknown, 8015, 611, 641, 3042, 1104),
        .init(.rejected, .customerBlocked, 618, 820, 3045),
        .init(.rejected, .originalUnknown, 625, 667, 668, 688),
        .init(
            .rejected, .notReturnable, 626, 630, 632, 638, 660, 678, 679, 687, 1634, 9614, 9615, 9616),
        .init(
            .rejected, .refusedSetup, 670, 671, 673, 674, 676, 677, 680, 681, 682, 9605, 9606, 9607,
            9609, 9613, 1101, 1102, 1103),
        .init(.rejected, .refused, 9608, 9611),
        .init(.parked, .parkedByServer, 683, 842, 656),
        // The loyalty engine failed: the bill may be stored. 690 among them means another thing now.
        .init(
            .inDoubt, .noAnswer, 684, 710, 9610, 686, 608, 689, 691, 692, 693, 694, 695, 696, 697, 698,
            699),
        .init(.again, .busy, 521, 461, 4001),
        .init(.again, .throttled, 517),
        .init(.batch, .batchTooLarge, 672, 1060),
    ])

    static let replies = BulkReply(
        labels: [numberAndType, numberAlone], codes: codes, fields: fields.map(\.name))

    /// The bill number and the type, both exactly as sent.
    private static let numberAndType = BulkReply.Label(
        member: { evidence in
            var fields = EvidenceFields(evidence)
            let number = fields.next()
            let type = fields.next()
            return label(fields.bytes, number, type)
        },
        item: { json, item in
            let result = json.member("result", of: item)
            guard let number = json.member("billNumber", of: result),
                let type = json.member("type", of: result), json.tape.is(type, .string)
            else { return nil }
            return label(json, number, type)
        },
        agree: { _, _, _ in true })

    /// The bill number alone, where no other record of the request has it.
    private static let numberAlone = BulkReply.Label(
        member: { evidence in
            var fields = EvidenceFields(evidence)
            let number = fields.next()
            return label(fields.bytes, number, 0..<0)
        },
        item: { json, item in
            json.member(["result", "billNumber"], of: item).flatMap { label(json, $0, nil) }
        },
        agree: { json, item, evidence in
            var fields = EvidenceFields(evidence)
            _ = fields.next()
            let type = fields.next()
            let sent = String(decoding: fields.bytes[type], as: UTF8.self)
            guard let echoed = json.scalar(json.member(["result", "type"], of: item))?.uppercased()
            else { return true }
            switch (sent, echoed) {
            // A mixed bill has a type of its own when read; an anonymous one may be turned into a
            // regular one as it is stored (1630).
            case ("REGULAR", "MIXED"), ("NOT_INTERESTED", "NI_MIXED"), ("NOT_INTERESTED", "REGULAR"):
                return true
            default: return sent == echoed
            }
        })

    private static func label(_ bytes: [UInt8], _ number: Range<Int>, _ type: Range<Int>) -> UInt64 {
        var digest = Digest(0x6C61_62)
        digest.add(bytes, number)
        digest.add(bytes, type)
        return digest.value
    }

    /// Nil for a number that is neither text nor number.
    private static func label(_ json: JSON, _ number: Int, _ type: Int?) -> UInt64? {
        switch json.kind(number) {
        case .string, .number: break
        default: return nil
        }
        var digest = Digest(0x6C61_62)
        json.add(number, to: &digest)
        if let type { json.add(type, to: &digest) } else { digest.add([], 0..<0) }
        return digest.value
    }
}
