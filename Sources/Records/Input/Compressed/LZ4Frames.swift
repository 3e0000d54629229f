/// Follows the frames of an LZ4 file, without decompressing them, to know where the last one ends.
///
/// libarchive decompresses them and checks their sums, but ends quietly at what is no frame, some bytes
/// after where the last frame ended.
///
/// Source: "LZ4 Frame Format Description", version 1.6.4; "Legacy frame".
struct LZ4Frames {
    /// The offset after the last whole frame, or after the last block of a legacy one.
    private(set) var end = 0

    private enum Part {
        case magic, skippableSize, descriptor, descriptorRest, blockSize, legacySize, checksum, lost
    }

    private var part = Part.magic
    /// The bytes of `part` that have come, of `size`.
    private var bytes: [UInt8] = []
    private var size = 4
    /// Bytes of data to be passed over first.
    private var skip = 0
    private var offset = 0
    private var flags: UInt8 = 0
    /// The bytes passed over end a frame.
    private var endsFrame = false

    /// Nothing is unfinished.
    var isBetween: Bool { part == .magic && bytes.isEmpty && skip == 0 }
    /// The file may end here: no frame has started, or the last block of a legacy frame has ended.
    var mayEnd: Bool { isBetween || part == .legacySize && bytes.isEmpty && skip == 0 }

    enum Kind { case data, skippable }

    /// What a frame is that begins with these four bytes, the first one lowest; nil: none.
    static func kind(of magic: UInt32) -> Kind? {
        isMagic(magic) ? (magic >> 4 == 0x184D_2A5 ? .skippable : .data) : nil
    }

    /// - Parameters:
    ///   - new: The bytes that follow those passed before.
    ///   - stops: It stops where a frame ends.
    /// - Returns: The number of bytes passed.
    @discardableResult
    mutating func pass(_ new: ArraySlice<UInt8>, stoppingAtEnd stops: Bool = false) -> Int {
        var at = new.startIndex
        while at < new.endIndex, part != .lost {
            if stops, at > new.startIndex, isBetween { return at - new.startIndex }
            if skip > 0 {
                let count = min(skip, new.endIndex - at)
                skip -= count
                offset += count
                at += count
                if skip == 0, endsFrame { close() }
                continue
            }
            bytes.append(new[at])
            at += 1
            offset += 1
            if bytes.count == size {
                let whole = bytes
                bytes.removeAll(keepingCapacity: true)
                take(whole)
            }
        }
        return part == .lost ? new.count : at - new.startIndex
    }

    private mutating func take(_ bytes: [UInt8]) {
        let number = bytes.prefix(4).reversed().reduce(0 as UInt32) { $0 << 8 | UInt32($1) }
        switch part {
        case .magic: begin(number)
        case .skippableSize:
            endsFrame = true
            skip = Int(number)
            if skip == 0 { close() }
        case .descriptor:
            flags = bytes[0]
            // The content's size, the dictionary's number, and the byte of the header's checksum.
            expect(.descriptorRest, (flags & 0x08 != 0 ? 8 : 0) + (flags & 0x01 != 0 ? 4 : 0) + 1)
        case .descriptorRest: expect(.blockSize, 4)
        case .blockSize:
            if number == 0 {
                if flags & 0x04 == 0 { close() } else { expect(.checksum, 4) }
            } else {
                skip = Int(number & 0x7FFF_FFFF) + (flags & 0x10 != 0 ? 4 : 0)
            }
        case .checksum: close()
        case .legacySize:
            if Self.isMagic(number) { return begin(number) }
            // The data of the block before this ended in front of these four bytes.
            guard number <= 8 << 20 + 8 << 13 else {
                part = .lost
                return
            }
            skip = Int(number)
            endsLegacyBlock()
        case .lost: break
        }
    }

    private mutating func begin(_ magic: UInt32) {
        switch magic {
        case 0x184D_2204: expect(.descriptor, 2)
        case 0x184C_2102:
            expect(.legacySize, 4)
            end = offset
        case 0x184D_2A50...0x184D_2A5F: expect(.skippableSize, 4)
        default: part = .lost
        }
    }

    private mutating func endsLegacyBlock() {
        // Known whole only once all of it has passed; one that is cut is libarchive's to refuse.
        end = offset + skip
    }

    private mutating func close() {
        end = offset
        endsFrame = false
        expect(.magic, 4)
    }

    private mutating func expect(_ part: Part, _ size: Int) {
        self.part = part
        self.size = size
    }

    private static func isMagic(_ number: UInt32) -> Bool {
        number == 0x184D_2204 || number == 0x184C_2102 || (0x184D_2A50...0x184D_2A5F).contains(number)
    }
}
