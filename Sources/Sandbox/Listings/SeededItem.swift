import Model

/// What seeded things are like: names with commas, quotes and accents, amounts as texts, what nests, what is
/// missing now and then.
enum SeededItem {
    /// In milliseconds since 1970.
    static let born = Seed.born

    /// Things are spread over the four weeks before the stand-in was started.
    static func time(_ index: Int, _ service: Service) -> Int64 {
        let span: Int64 = 28 * 86_400_000
        return service.started - span + span / Int64(max(1, service.options.seedData)) * Int64(index)
    }

    /// The things of a listing within the days or instants that a call asks for.
    static func window(
        _ count: Int, _ span: (from: String, to: String)?, _ call: Call, _ service: Service
    ) -> Range<Int> {
        guard let span else { return 0..<count }
        func instant(_ name: String, isEnd: Bool) -> Int64? {
            guard let text = call.query(name) else { return nil }
            if let number = Int64(text) { return number }
            let bytes = Array(text.utf8)
            let date = BillDate(
                bytes, bytes.indices, serverZoneMinutes: service.options.serverZoneMinutes)
            guard let date else { return nil }
            // Of whole days the last is meant, too.
            return (date.seconds + (isEnd && text.utf8.count == 10 ? 86_399 : 0)) * 1000
                + (isEnd ? 999 : 0)
        }
        let from = instant(span.from, isEnd: false) ?? .min
        let to = instant(span.to, isEnd: true) ?? .max
        func first(_ isBehind: (Int64) -> Bool) -> Int {
            var (low, high) = (0, count)
            while low < high {
                let middle = (low + high) / 2
                if isBehind(time(middle, service)) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let start = first { $0 >= from }
        return start..<max(start, first { $0 > to })
    }

    static func iso(_ at: Int64) -> String { Timestamp(milliseconds: at).iso8601 }

    static func name(_ index: Int) -> String {
        #"\#(Seed.towns[index % Seed.towns.count]) \"\#(index)\""#.replacing("\"", with: "\\\"")
            .replacing("\\\\\"", with: "\\\"")
    }

    /// Of version 2 and above.
    static func plain(_ index: Int, _ at: Int64, id: String = "id") -> String {
        #"{"\#(id)":\#(index + 1),"code":"C-\#(index + 1)","name":"\#(name(index))","amount":"\#(index % 90).50","#
            + #""createdOn":"\#(iso(at))","tags":["a","b\#(index % 3)"],"#
            + #""detail":{"level":\#(index % 5),"note":\#(index % 4 == 0 ? "null" : "\"n\"")}}"#
    }

    /// Of version 1.1: texts, and clock times.
    static func older(_ index: Int, _ at: Int64) -> String {
        #"{"id":"\#(index + 1)","code":"C-\#(index + 1)","name":"\#(name(index))","count":"\#(index % 7)","#
            + #""date":"\#(iso(at).dropLast().replacing("T", with: " "))","#
            + #""item_status":{"success":"true","code":"200","message":"ok"}}"#
    }
}
