private import CZlib

/// What a gzip file holds: its members one after the other, the checksum and the length of each proved.
///
/// libarchive leaves out both checks, and ends quietly at whatever is no member; zlib and this do not.
/// Zeros after the last member are padding, as of a tape.
@safe final class GzipFeed: ByteFeed {
    private enum Place { case within, between, end }

    private let stream: UnsafeMutablePointer<z_stream>
    private let feed: any ByteFeed
    private let name: String
    private var input = [UInt8](repeating: 0, count: 1 << 16)
    /// What of `input` is still to be decompressed.
    private var pending = 0..<0
    /// The offset in the file of the first byte of `pending`.
    private var offset = 0
    private var place = Place.within
    private var member = 1
    private var memberStart = 0

    private init(owning stream: UnsafeMutablePointer<z_stream>, _ feed: any ByteFeed, name: String) {
        unsafe self.stream = stream
        self.feed = feed
        self.name = name
    }

    deinit { unsafe sluice_gunzip_free(stream) }

    static func open(_ feed: any ByteFeed, name: String) throws(ReadError) -> GzipFeed {
        guard let stream = unsafe sluice_gunzip_new() else {
            throw ReadError(.archive, name: name, message: "out of memory")
        }
        return unsafe GzipFeed(owning: stream, feed, name: name)
    }

    func read(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        while true {
            switch place {
            case .end: return 0
            case .between: try begin()
            case .within:
                let count = try inflate(into: &buffer, in: range)
                if count > 0 { return count }
            }
        }
    }

    /// Some bytes of the member at hand. Those that come with the news that it is damaged are not given.
    private func inflate(into buffer: inout [UInt8], in range: Range<Int>) throws(ReadError) -> Int {
        guard try refill(1) else {
            throw damaged("truncated gzip input: it ends at byte \(offset)\(whichMember)")
        }
        let (status, used, made) = unsafe input.withUnsafeMutableBufferPointer { input in
            unsafe buffer.withUnsafeMutableBufferPointer { output in
                unsafe stream.pointee.next_in = input.baseAddress?.advanced(by: pending.lowerBound)
                unsafe stream.pointee.avail_in = UInt32(pending.count)
                unsafe stream.pointee.next_out = output.baseAddress?.advanced(by: range.lowerBound)
                unsafe stream.pointee.avail_out = UInt32(min(range.count, 1 << 30))
                let room = unsafe stream.pointee.avail_out
                let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
                return unsafe (
                    status, pending.count - Int(stream.pointee.avail_in),
                    Int(room - stream.pointee.avail_out)
                )
            }
        }
        take(used)
        switch status {
        case Z_OK, Z_BUF_ERROR: break
        case Z_STREAM_END: place = .between
        case Z_MEM_ERROR: throw damaged("out of memory")
        default:
            let text = unsafe stream.pointee.msg.map { unsafe String(cString: $0) }
            throw damaged(
                "damaged gzip input at byte \(offset)\(whichMember): \(text ?? "error \(status)")")
        }
        return made
    }

    /// After a member: another one, padding, the end, or something that does not belong there.
    private func begin() throws(ReadError) {
        guard try refill(1) else {
            place = .end
            return
        }
        if input[pending.lowerBound] == 0 { return try skipPadding() }
        guard try refill(2), input[pending.lowerBound] == 0x1F, input[pending.lowerBound + 1] == 0x8B
        else { throw .tail(name, at: offset) }
        guard unsafe inflateReset(stream) == Z_OK else { throw damaged("out of memory") }
        member += 1
        memberStart = offset
        place = .within
    }

    private func skipPadding() throws(ReadError) {
        let start = offset
        repeat {
            guard input[pending].allSatisfy({ $0 == 0 }) else { throw .tail(name, at: start) }
            take(pending.count)
        } while try refill(1)
        place = .end
    }

    private func take(_ count: Int) {
        pending = pending.lowerBound + count..<pending.upperBound
        offset += count
    }

    /// Makes at least `count` bytes pending; false where there are none left.
    private func refill(_ count: Int) throws(ReadError) -> Bool {
        while pending.count < count {
            if pending.isEmpty {
                pending = 0..<0
            } else if pending.upperBound == input.count {
                input.replaceSubrange(0..<pending.count, with: Array(input[pending]))
                pending = 0..<pending.count
            }
            let more = try feed.read(into: &input, in: pending.upperBound..<input.count)
            if more == 0 { return false }
            pending = pending.lowerBound..<pending.upperBound + more
        }
        return true
    }

    private var whichMember: String {
        member == 1 ? "" : ", in member \(member), which begins at byte \(memberStart)"
    }

    private func damaged(_ text: String) -> ReadError {
        ReadError(.archive, name: name, message: text)
    }
}

extension ReadError {
    /// Compressed data is followed by something else, which a decompressor would leave out in silence.
    static func tail(_ name: String, at offset: Int) -> ReadError {
        ReadError(
            .archive, name: name,
            message:
                "the compressed data ends at byte \(offset), but other data follows: compress the whole file "
                + "again, or cut the file there")
    }
}
