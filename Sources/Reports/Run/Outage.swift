import Ledger
import Model

extension OutageRow {
    func words(_ now: Timestamp) -> String {
        let age = Wording.duration(max(now.since(since), .zero))
        return "The server has not been reached for \(age): "
            + Masking.mask(Wording.harmless(cause), numbersOf: 6)
    }
}

struct OutageJSON: Encodable {
    var since, cause: String

    init(_ outage: OutageRow) {
        since = outage.since.iso8601
        cause = Masking.mask(outage.cause, numbersOf: 6)
    }
}
