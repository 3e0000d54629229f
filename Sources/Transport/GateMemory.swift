import Glibc
import Synchronization

/// What the processes of a host share of one gate: a few words in a mapped file.
///
/// Times are nanoseconds since boot. A file of another boot, or of another layout, begins anew; so
/// does a word that is absurdly far ahead, which only a damaged file can hold.
///
/// `@unchecked Sendable`: the words are atomic, and mapped until the last reference goes.
@safe final class GateMemory: @unchecked Sendable {
    private enum Word: Int { case layout, bootHigh, bootLow, next, pausedUntil, lowered }
    private static let layout: Int64 = 0x736c_7567_6174_0001
    private static let size = 4096
    /// A pause longer than a day is not believed, nor is a place beyond it.
    static let farthest: Int64 = 25 * 3600 * 1_000_000_000

    private let base: UnsafeMutableRawPointer

    private init(mapped base: UnsafeMutableRawPointer) { unsafe self.base = base }

    deinit { _ = unsafe munmap(base, Self.size) }

    /// Words of this process alone.
    static func unshared() throws(TransportError) -> GateMemory {
        let base = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw TransportError(.library, "no memory for the rate gate")
        }
        return unsafe GateMemory(mapped: base)
    }

    /// Opens or makes the file, readable by its owner alone.
    ///
    /// - Parameter boot: What tells this run of the machine from others.
    static func open(_ path: String, boot: BootID) throws(TransportError) -> GateMemory {
        let file = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure(path, "cannot be opened") }
        defer { close(file) }
        // Whoever comes first prepares it; the others wait for that moment.
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else { throw failure(path, "cannot be locked") }
        }
        defer { flock(file, LOCK_UN) }
        var about = stat()
        guard unsafe fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "is not a file")
        }
        if about.st_size < size, ftruncate(file, off_t(size)) != 0 {
            throw failure(path, "cannot be extended")
        }
        let base = unsafe mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
        guard let base = unsafe base, unsafe base != MAP_FAILED else {
            throw failure(path, "cannot be mapped")
        }
        let memory = unsafe GateMemory(mapped: base)
        memory.adopt(boot)
        return memory
    }

    private static func failure(_ path: String, _ what: String) -> TransportError {
        let reason = unsafe String(cString: strerror(errno))
        return TransportError(
            .gateFile,
            "\(path): the file of the rate gate \(what) (\(reason)); make it or its folder writable")
    }

    private func adopt(_ boot: BootID) {
        if load(.layout) == Self.layout && load(.bootHigh) == boot.high && load(.bootLow) == boot.low {
            return
        }
        for word in [Word.next, .pausedUntil, .lowered] { store(0, word) }
        store(boot.high, .bootHigh)
        store(boot.low, .bootLow)
        store(Self.layout, .layout)
    }

    // The words.

    /// The next place, which is then taken: at `now` or later.
    func reserve(at now: Int64, _ pace: Pace) -> Int64 {
        while true {
            let stored = load(.next)
            let distance = pace.slowed(to: share(at: now))
            // A place is never much further away than the processes that wait for theirs.
            let bound = now &+ max(Self.farthest, distance &* 2)
            let next = stored > bound && bound > now ? 0 : stored
            let place = max(next, now - pace.lateness, pausedUntil(at: now))
            let (after, overflow) = place.addingReportingOverflow(distance)
            if exchange(stored, overflow ? .max : after, .next) { return max(place, now) }
        }
    }

    /// When the pause that the server asked for ends; in the past when there is none.
    func pausedUntil(at now: Int64) -> Int64 {
        let until = load(.pausedUntil)
        return until > now + Self.farthest ? 0 : until
    }

    /// Pauses until then, unless it is paused longer already.
    func pause(until: Int64, at now: Int64) {
        while true {
            let stored = load(.pausedUntil)
            let believed = stored > now + Self.farthest ? 0 : stored
            if believed >= until || exchange(stored, until, .pausedUntil) { return }
        }
    }

    /// The share of the rate to use, in thousandths: lowered by ``lower(at:departed:)`` and regained
    /// by 2 % a minute.
    func share(at now: Int64) -> Int64 { Lowered(load(.lowered)).share(at: now / 1_000_000) }

    /// Lowers the rate to 80 % of what it is, once for all requests that left before.
    ///
    /// - Returns: Whether it did.
    func lower(at now: Int64, departed: Int64) -> Bool {
        while true {
            let stored = load(.lowered)
            let last = Lowered(stored)
            let milliseconds = now / 1_000_000
            if last.time >= departed / 1_000_000 && last.time <= milliseconds && stored != 0 {
                return false
            }
            let lowered = Lowered(
                time: milliseconds, share: max(100, last.share(at: milliseconds) * 4 / 5))
            if exchange(stored, lowered.word, .lowered) { return true }
        }
    }

    /// A share, in thousandths, and when it was set, in milliseconds since boot, in one word.
    private struct Lowered {
        var time: Int64
        var share: Int64

        init(time: Int64, share: Int64) {
            self.time = time
            self.share = share
        }
        init(_ word: Int64) {
            time = word >> 10
            share = word == 0 ? 1000 : word & 1023
        }
        var word: Int64 { time << 10 | share }

        func share(at milliseconds: Int64) -> Int64 {
            // A time ahead of now is a damaged word.
            guard time <= milliseconds, (1...1000).contains(share) else { return 1000 }
            return min(1000, share + (milliseconds - time) / 3000)
        }
    }

    private func word(_ word: Word) -> UnsafeMutablePointer<Atomic<Int64>> {
        unsafe (base + word.rawValue * 8).assumingMemoryBound(to: Atomic<Int64>.self)
    }
    private func load(_ word: Word) -> Int64 {
        unsafe self.word(word).pointee.load(ordering: .acquiring)
    }
    private func store(_ value: Int64, _ word: Word) {
        unsafe self.word(word).pointee.store(value, ordering: .releasing)
    }
    private func exchange(_ expected: Int64, _ desired: Int64, _ word: Word) -> Bool {
        unsafe self.word(word).pointee.compareExchange(
            expected: expected, desired: desired, ordering: .acquiringAndReleasing
        ).exchanged
    }
}

/// What tells one run of the machine from the next.
struct BootID: Sendable, Equatable {
    var high: Int64
    var low: Int64

    init(high: Int64, low: Int64) {
        self.high = high
        self.low = low
    }

    /// Takes the text of `/proc/sys/kernel/random/boot_id`; anything else than 32 hex digits is zero.
    init(_ text: [UInt8]) {
        let digits = text.compactMap { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt64.init) }
        guard digits.count == 32 else {
            (high, low) = (0, 0)
            return
        }
        func number(_ digits: ArraySlice<UInt64>) -> Int64 {
            Int64(bitPattern: digits.reduce(0) { $0 << 4 | $1 })
        }
        (high, low) = (number(digits[..<16]), number(digits[16...]))
    }

    static var current: BootID {
        BootID(FileBytes.read("/proc/sys/kernel/random/boot_id", limit: 128) ?? [])
    }
}
