/// What a fresh stand-in holds already, so that there is something to read: the same for a number and an org.
enum Seed {
    /// Stores, as ``Stores`` keeps those that were added.
    static func stores(_ count: Int, _ add: (Deed) -> Void, from id: Int64) {
        for index in 0..<count {
            let code = "seed_\(index + 1)"
            let text =
                #"{"code":"\#(code)","name":"\#(towns[index % towns.count]) \#(index + 1)","type":"STORE","#
                + #""isActive":\#(index % 17 == 0 ? "false" : "true"),"externalIds":["ERP-\#(10_000 + index)"],"#
                + #""email":"store\#(index + 1)@example.org"}"#
            add(
                Deed(
                    shelf: .stores, id: id + Int64(index), key: Array(code.utf8),
                    content: Array(text.utf8), at: born + Int64(index) * 60_000))
        }
    }

    /// 2026-01-01, in milliseconds since 1970.
    static let born: Int64 = 1_767_225_600_000

    static let towns = [
        "Leeds", "York", "Łódź", "Pune", "Bradford, West", "Kraków", "Jaipur", "Hull", "Mysuru", "Ely",
    ]
}
