/// The stretch of an input that is being read, as UTF-8.
///
/// `text[start..<filled]` is what no row has taken yet. Where the input is stored in another encoding, its
/// stored bytes stand beside it, and a row's stored length follows from its text.
struct Window {
    /// Behind `filled` this many bytes may be read, and mean nothing.
    static let padding = 8

    let source: ByteSource
    private(set) var text: [UInt8]
    private(set) var start = 0
    private(set) var filled = 0
    /// Whether nothing comes behind `filled`.
    private(set) var isAtEnd = false
    /// Offset in the stored input of `text[start]`.
    private(set) var offset: Int

    /// Nil where the text is stored as it is.
    private(set) var transcoder: Transcoder?
    private var raw: [UInt8] = []
    private var rawStart = 0
    private var rawFilled = 0

    init(source: ByteSource, text: [UInt8] = []) {
        self.source = source
        self.text = text
        offset = source.offset - text.count
        filled = text.count
        self.text.append(contentsOf: repeatElement(0, count: Window.padding))
    }

    var pending: Int { filled - start }

    /// The offset in the input that the window ends at.
    var storedEnd: Int { transcoder == nil ? offset + pending : offset + rawFilled - rawStart }

    /// How many stored bytes the first `count` bytes of the text take; `bytes` is the text.
    func storedLength(_ bytes: Bytes, of count: Int) -> Int {
        guard let transcoder else { return count }
        let rest = isAtEnd && start + count == filled ? rawFilled - rawStart : .max
        return transcoder.storedLength(bytes, in: start..<start + count, rest: rest)
    }

    /// From here on the input is read in `encoding`; what was read already, too.
    mutating func decode(as encoding: Transcoder.Encoding) {
        raw = Array(text[start..<filled])
        rawStart = 0
        rawFilled = raw.count
        let transcoder = Transcoder(encoding, offset: offset)
        text.removeAll(keepingCapacity: true)
        start = 0
        self.transcoder = transcoder
        self.transcoder?.decode(raw[...], isLast: isAtEnd, into: &text)
        filled = text.count
        text.append(contentsOf: repeatElement(0, count: Window.padding))
    }

    /// The largest count up to `count` that cuts no character of a transcoded text in half.
    func wholeCharacters(_ count: Int) -> Int {
        guard transcoder != nil else { return count }
        var count = count
        while count > 0, text[start + count] & 0xC0 == 0x80 { count -= 1 }
        return count
    }

    /// Forgets what is pending and continues at another place.
    mutating func move(to offset: Int) throws(ReadError) {
        try source.skip(to: offset)
        start = 0
        filled = 0
        isAtEnd = false
        self.offset = offset
        rawStart = 0
        rawFilled = 0
        transcoder?.restart(at: offset)
    }

    /// Reads at least one more byte, or finds the end.
    mutating func more() throws(ReadError) {
        guard !isAtEnd else { return }
        if transcoder != nil { return try moreTranscoded() }
        // What is pending moves to the front, into the same buffer while it is small.
        text.moveToFront(&start, &filled)
        let wanted = filled + max(source.readSize, filled) + Window.padding
        text.reserve(wanted)
        let count = try source.read(into: &text, in: filled..<text.count - Window.padding)
        filled += count
        isAtEnd = count == 0
    }

    private mutating func moreTranscoded() throws(ReadError) {
        raw.moveToFront(&rawStart, &rawFilled)
        raw.reserve(rawFilled + source.readSize)
        let count = try source.read(into: &raw, in: rawFilled..<raw.count)
        rawFilled += count
        isAtEnd = count == 0
        text.removeSubrange(filled...)
        text.removeSubrange(..<start)
        start = 0
        transcoder?.decode(raw[..<rawFilled], isLast: isAtEnd, into: &text)
        filled = text.count
        text.append(contentsOf: repeatElement(0, count: Window.padding))
    }

    /// Takes the first `count` bytes of the text, `stored` bytes of the input, to the end of `block`, or
    /// only away.
    mutating func take(_ count: Int, stored: Int, into block: inout RowBlock, keeping: Bool = true) {
        if keeping { block.text.append(contentsOf: text[start..<start + count]) }
        if transcoder != nil {
            if keeping { block.transcoded.append(contentsOf: raw[rawStart..<rawStart + stored]) }
            rawStart += stored
            transcoder?.forget(before: offset + stored, raw: stored)
        }
        start += count
        offset += stored
    }
}

extension [UInt8] {
    /// Moves what is between `start` and `end` to the front.
    fileprivate mutating func moveToFront(_ start: inout Int, _ end: inout Int) {
        guard start > 0 else { return }
        unsafe withUnsafeMutableBytes { buffer in
            guard let base = buffer.baseAddress else { return }
            unsafe base.copyMemory(from: base + start, byteCount: end - start)
        }
        end -= start
        start = 0
    }

    /// Grows to at least `count` bytes.
    fileprivate mutating func reserve(_ count: Int) {
        if self.count < count { append(contentsOf: repeatElement(0, count: count - self.count)) }
    }
}
