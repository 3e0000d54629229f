private import CExpat
import Model

/// What an ``XMLStream`` tells of its elements, in their order.
protocol XMLHandler: AnyObject {
    func start(_ element: XMLName, _ attributes: XMLAttributes)
    func end(_ element: XMLName)
    /// A stretch of text; there may be several between two tags.
    func text(_ bytes: UnsafeBufferPointer<UInt8>)
    /// Why it makes no sense to read on; asked after every stretch of the input.
    var trouble: String? { get }
}

/// The name of an element or an attribute without its prefix: its last eight bytes, which tell those apart that a
/// workbook has.
struct XMLName: Equatable {
    let code: UInt64

    fileprivate init(_ text: UnsafePointer<CChar>) {
        var code: UInt64 = 0
        var at = unsafe text
        while unsafe at.pointee != 0 {
            let byte = UInt8(bitPattern: unsafe at.pointee)
            code = byte == UInt8(ascii: ":") ? 0 : code &<< 8 | UInt64(byte)
            unsafe at += 1
        }
        self.code = code
    }

    init(_ text: StaticString) {
        var code: UInt64 = 0
        for index in 0..<text.utf8CodeUnitCount {
            code = code &<< 8 | UInt64(unsafe text.utf8Start[index])
        }
        self.code = code
    }
}

/// The attributes of one element, while it is told.
@safe struct XMLAttributes {
    private let list: UnsafeMutablePointer<UnsafePointer<CChar>?>?

    fileprivate init(_ list: UnsafeMutablePointer<UnsafePointer<CChar>?>?) { unsafe self.list = list }

    /// The value of the attribute of that whole name, such as `r` or `xml:space`; nil where there is none.
    @inline(__always)
    func with<Result>(
        _ name: StaticString, _ body: (UnsafePointer<UInt8>) -> Result
    ) -> Result? {
        guard var at = unsafe list else { return nil }
        while let known = unsafe at.pointee, let value = unsafe at[1] {
            if unsafe XMLAttributes.isSame(known, name) {
                return unsafe value.withMemoryRebound(to: UInt8.self, capacity: 1) { unsafe body($0) }
            }
            unsafe at += 2
        }
        return nil
    }

    /// The value of the attribute of that name, whatever its prefix.
    func text(_ name: XMLName, isPrefixed: Bool) -> String? {
        guard var at = unsafe list else { return nil }
        while let known = unsafe at.pointee, let value = unsafe at[1] {
            if unsafe XMLName(known) == name, unsafe hasPrefix(known) == isPrefixed {
                return unsafe String(cString: value)
            }
            unsafe at += 2
        }
        return nil
    }

    func text(_ name: StaticString) -> String? {
        unsafe with(name) { unsafe String(cString: $0) }
    }

    func isTrue(_ name: StaticString) -> Bool {
        unsafe with(name) { unsafe $0[0] == UInt8(ascii: "1") || $0[0] == UInt8(ascii: "t") } ?? false
    }

    /// A whole number of at most nine digits; nil where it is none.
    @inline(__always)
    func integer(_ name: StaticString) -> Int? {
        unsafe with(name) { value -> Int? in
            var result = 0
            var at = unsafe value
            while case let byte = unsafe at.pointee, byte != 0 {
                guard isDigit(byte), result < 100_000_000 else { return nil }
                result = 10 * result + Int(byte & 15)
                unsafe at += 1
            }
            return unsafe at == value ? nil : result
        } ?? nil
    }

    private func hasPrefix(_ name: UnsafePointer<CChar>) -> Bool {
        var at = unsafe name
        while unsafe at.pointee != 0 {
            if unsafe at.pointee == 0x3A { return true }
            unsafe at += 1
        }
        return false
    }

    @inline(__always)
    private static func isSame(_ known: UnsafePointer<CChar>, _ name: StaticString) -> Bool {
        let count = name.utf8CodeUnitCount
        for index in 0..<count
        where unsafe UInt8(bitPattern: known[index]) != name.utf8Start[index] { return false }
        return unsafe known[count] == 0
    }
}

/// Takes XML apart as it comes, in little memory.
///
/// A document type declaration is refused: a workbook has none, and its entities could grow without bound. Nothing
/// outside of the feed is ever read.
@safe final class XMLStream {
    private let parser: XML_Parser
    private let feed: any ByteFeed
    private let name: String
    private let part: String
    private var chunk = [UInt8](repeating: 0, count: 1 << 16)
    private var handler: (any XMLHandler)?
    private var depth = 0
    private var hasDoctype = false
    private var isTooDeep = false
    private var isPaused = false
    private var isAllFed = false
    private var isEnded = false
    /// Bytes since anything was told: a tag without an end would be kept whole.
    private var silent = 0
    private static let longestTag = 1 << 22
    private static let deepest = 100

    private init(
        owning parser: XML_Parser, _ feed: any ByteFeed, name: String, part: String
    ) {
        unsafe self.parser = parser
        self.feed = feed
        self.name = name
        self.part = part
    }

    deinit { unsafe XML_ParserFree(parser) }

    /// - Parameters:
    ///   - name: Of the file, for errors.
    ///   - part: Of what is in it.
    static func open(_ feed: any ByteFeed, name: String, part: String) throws(ReadError) -> XMLStream {
        guard let parser = unsafe XML_ParserCreate(nil) else {
            throw ReadError(.archive, name: name, message: "out of memory")
        }
        let stream = unsafe XMLStream(owning: parser, feed, name: name, part: part)
        unsafe XML_SetUserData(parser, Unmanaged.passUnretained(stream).toOpaque())
        unsafe XML_SetElementHandler(
            parser,
            { context, name, list in
                guard let context = unsafe context, let name = unsafe name else { return }
                unsafe XMLStream.of(context).start(XMLName(name), XMLAttributes(list))
            },
            { context, name in
                guard let context = unsafe context, let name = unsafe name else { return }
                unsafe XMLStream.of(context).end(XMLName(name))
            })
        unsafe XML_SetCharacterDataHandler(parser) { context, text, count in
            guard let context = unsafe context, let text = unsafe text else { return }
            let bytes = unsafe UnsafeBufferPointer(
                start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: Int(count))
            unsafe XMLStream.of(context).text(bytes)
        }
        unsafe XML_SetStartDoctypeDeclHandler(parser) { context, _, _, _, _ in
            guard let context = unsafe context else { return }
            let stream = unsafe XMLStream.of(context)
            stream.hasDoctype = true
            _ = unsafe XML_StopParser(stream.parser, 0)
        }
        return stream
    }

    @inline(__always)
    private static func of(_ context: UnsafeMutableRawPointer) -> XMLStream {
        unsafe Unmanaged<XMLStream>.fromOpaque(context).takeUnretainedValue()
    }

    private func start(_ name: XMLName, _ attributes: XMLAttributes) {
        depth += 1
        silent = 0
        guard depth <= XMLStream.deepest else {
            isTooDeep = true
            _ = unsafe XML_StopParser(parser, 0)
            return
        }
        handler?.start(name, attributes)
    }

    private func end(_ name: XMLName) {
        depth -= 1
        silent = 0
        handler?.end(name)
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>) {
        silent = 0
        unsafe handler?.text(bytes)
    }

    /// From within a handler: what is told next can wait.
    func pause() {
        if unsafe XML_StopParser(parser, 1) == XML_STATUS_OK { isPaused = true }
    }

    /// Tells of the next stretch.
    ///
    /// - Returns: False once all was told.
    func advance(_ handler: any XMLHandler) throws(ReadError) -> Bool {
        guard !isEnded else { return false }
        self.handler = handler
        defer { self.handler = nil }
        let status: XML_Status
        if isPaused {
            isPaused = false
            status = unsafe XML_ResumeParser(parser)
        } else {
            let count = try feed.read(into: &chunk, in: 0..<chunk.count)
            isAllFed = count == 0
            silent += count
            status = unsafe chunk.withUnsafeBytes { bytes in
                unsafe XML_Parse(
                    parser, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(count),
                    count == 0 ? 1 : 0)
            }
        }
        if let trouble = handler.trouble { throw damaged(trouble) }
        if hasDoctype {
            throw damaged("it has a document type declaration, which no workbook has")
        }
        if isTooDeep { throw damaged("its XML nests too deep") }
        guard status != XML_STATUS_ERROR else {
            let text = unsafe String(cString: XML_ErrorString(XML_GetErrorCode(parser)))
            throw damaged("damaged at byte \(unsafe XML_GetCurrentByteIndex(parser)): \(text)")
        }
        guard silent <= XMLStream.longestTag else {
            throw damaged("its XML has a tag that never ends")
        }
        if isAllFed, !isPaused { isEnded = true }
        return !isEnded
    }

    private func damaged(_ text: String) -> ReadError {
        ReadError(.archive, name: name, message: "\(part): \(text)")
    }
}
