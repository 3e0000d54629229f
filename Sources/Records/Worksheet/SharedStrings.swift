/// The texts that cells of a workbook refer to by number: one buffer for all of them.
struct SharedStrings {
    private var text: [UInt8] = []
    /// Where each ends in `text`.
    private var ends: [UInt32] = []

    /// The most bytes of text that are kept in memory.
    static let limit = 1 << 30

    init() {}

    var count: Int { ends.count }

    /// Appends the text of that number, cut to `limit` bytes; false where there is none.
    @inline(__always)
    func append(_ number: Int, upTo limit: Int, to target: inout [UInt8]) -> Bool {
        guard number >= 0, number < ends.count else { return false }
        let start = number == 0 ? 0 : Int(ends[number - 1])
        let end = min(Int(ends[number]), start + limit)
        unsafe text.withUnsafeBufferPointer {
            unsafe target.append(contentsOf: UnsafeBufferPointer(rebasing: $0[start..<end]))
        }
        return true
    }

    static func read(_ stream: XMLStream) throws(ReadError) -> SharedStrings {
        let reader = Reader()
        while try stream.advance(reader) {}
        return reader.strings
    }

    private final class Reader: XMLHandler {
        var strings = SharedStrings()
        var trouble: String?
        private var rich = RichText()
        private var isInside = false

        func start(_ element: XMLName, _ attributes: XMLAttributes) {
            if element == Self.item {
                isInside = true
                rich.begin(at: strings.text.count)
            } else if isInside {
                rich.start(element, attributes, strings.text.count)
            } else if element == Self.list, attributes.text("xml:space") == "preserve" {
                rich.isKept = true
            }
        }

        func end(_ element: XMLName) {
            guard isInside else { return }
            guard element == Self.item else { return rich.end(element, &strings.text) }
            isInside = false
            CellText.unescape(&strings.text, from: rich.start)
            guard strings.text.count <= SharedStrings.limit, strings.ends.count < 1 << 28 else {
                trouble = "its texts take more than 1 GiB: save the sheet as CSV, and use that file"
                return
            }
            strings.ends.append(UInt32(strings.text.count))
        }

        func text(_ bytes: UnsafeBufferPointer<UInt8>) {
            guard rich.isText, strings.text.count <= SharedStrings.limit else { return }
            unsafe strings.text.append(contentsOf: bytes)
        }

        private static let item = XMLName("si")
        private static let list = XMLName("sst")
    }
}

/// Tells which elements hold the text of a cell: its runs, but not its phonetic guide.
struct RichText {
    /// Where the whole begins.
    private(set) var start = 0
    /// The text between the tags is part of it.
    private(set) var isText = false
    /// White space around each run is kept.
    var isKept = false
    private var phonetic = 0
    private var partStart = 0
    private var keepsSpace = false

    mutating func begin(at start: Int) {
        self.start = start
        isText = false
        phonetic = 0
    }

    mutating func start(_ element: XMLName, _ attributes: XMLAttributes, _ count: Int) {
        if element == Self.phonetic {
            phonetic += 1
        } else if element == Self.text, phonetic == 0 {
            isText = true
            partStart = count
            let says = unsafe attributes.with("xml:space") { unsafe $0.pointee == UInt8(ascii: "p") }
            keepsSpace = isKept || says ?? false
        }
    }

    mutating func end(_ element: XMLName, _ text: inout [UInt8]) {
        if element == Self.phonetic {
            phonetic -= 1
        } else if element == Self.text, isText {
            isText = false
            if !keepsSpace { CellText.trim(&text, from: partStart) }
        }
    }

    private static let phonetic = XMLName("rPh")
    private static let text = XMLName("t")
}
