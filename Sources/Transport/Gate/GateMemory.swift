import Glibc
import Synchronization

/// What the processes of a host share of one gate: a few words in a file, read and written under a lock.
///
/// Times are nanoseconds since boot. A file of another boot, or of another layout, starts again; so
/// does a word that is absurdly far ahead, which only a damaged file can hold.
///
/// Not mapped: a mapped file that is cut short, or that finds no room on a full disk, kills whoever
/// touches it. Here each process keeps what it saw last. Where the file has lost it, it writes that
/// again; where it cannot be written, it continues by itself at the same pace. A move costs about two
/// microseconds, of which a request takes one or two.
final class GateMemory: Sendable {
    private struct Words: Equatable {
        static let count = 6
        var layout = GateMemory.layout
        var boot: BootID
        var next: Int64 = 0
        var pausedUntil: Int64 = 0
        var lowered: Int64 = 0

        init(boot: BootID) { self.boot = boot }

        init(_ words: [Int64]) {
            layout = words[0]
            boot = BootID(high: words[1], low: words[2])
            (next, pausedUntil, lowered) = (words[3], words[4], words[5])
        }
        var all: [Int64] { [layout, boot.high, boot.low, next, pausedUntil, lowered] }
    }
    private static let layout: Int64 = 0x736c_7567_6174_0002
    /// A pause longer than a day is not believed, nor is a place beyond it.
    static let farthest: Int64 = 25 * 3600 * 1_000_000_000

    /// Below zero where nothing is shared.
    private let file: Int32
    /// As this process saw or left them last.
    private let words: Mutex<Words>

    private init(file: Int32, words: Words) {
        self.file = file
        self.words = Mutex(words)
    }

    deinit { if file >= 0 { close(file) } }

    /// Words of this process alone.
    static func unshared() -> GateMemory {
        GateMemory(file: -1, words: Words(boot: BootID(high: 0, low: 0)))
    }

    /// Opens or makes the file, readable by its owner alone.
    ///
    /// - Parameter boot: What tells this run of the machine from others.
    static func open(_ path: String, boot: BootID) throws(TransportError) -> GateMemory {
        let file = unsafe Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw failure(path, "cannot be opened") }
        let memory = GateMemory(file: file, words: Words(boot: boot))
        var about = stat()
        guard unsafe fstat(file, &about) == 0, about.st_mode & S_IFMT == S_IFREG else {
            throw failure(path, "is not a file")
        }
        let isLocked = memory.lock()
        defer { if isLocked { flock(file, LOCK_UN) } }
        if let stored = memory.stored(), stored.layout == layout, stored.boot == boot {
            memory.words.withLock { $0 = stored }
        } else if !memory.store(Words(boot: boot)) {
            throw failure(path, "cannot be written")
        }
        return memory
    }

    private static func failure(_ path: String, _ what: String) -> TransportError {
        let reason = unsafe String(cString: strerror(errno))
        return TransportError(
            .gateFile,
            "\(path): the file of the rate limit \(what) (\(reason)); make it or its folder writable")
    }

    // The words.

    /// The next place, which is then taken: at `now` or later.
    func reserve(at now: Int64, _ pace: Pace) -> Int64 {
        change { words in
            let distance = pace.slowed(to: Lowered(words.lowered).share(at: now / 1_000_000))
            // A place is never much further away than the processes that wait for theirs.
            let bound = now &+ max(Self.farthest, distance &* 2)
            let next = words.next > bound && bound > now ? 0 : words.next
            let place = max(next, now - pace.lateness, Self.pause(words, at: now))
            let (after, overflow) = place.addingReportingOverflow(distance)
            words.next = overflow ? .max : after
            return max(place, now)
        }
    }

    /// When the pause that the server requested ends; in the past when there is none.
    func pausedUntil(at now: Int64) -> Int64 { Self.pause(seen(), at: now) }

    private static func pause(_ words: Words, at now: Int64) -> Int64 {
        words.pausedUntil > now + farthest ? 0 : words.pausedUntil
    }

    /// Pauses until then, unless it is paused longer already.
    func pause(until: Int64, at now: Int64) {
        change { words in
            if Self.pause(words, at: now) < until { words.pausedUntil = until }
        }
    }

    /// The share of the rate to use, in thousandths: lowered by ``lower(at:departed:)`` and regained
    /// by 2 % a minute.
    func share(at now: Int64) -> Int64 { Lowered(seen().lowered).share(at: now / 1_000_000) }

    /// Lowers the rate to 80 % of what it is, once for all requests that left before.
    ///
    /// - Returns: Whether it did.
    func lower(at now: Int64, departed: Int64) -> Bool {
        change { words in
            let last = Lowered(words.lowered)
            let milliseconds = now / 1_000_000
            if last.time >= departed / 1_000_000 && last.time <= milliseconds && words.lowered != 0 {
                return false
            }
            words.lowered =
                Lowered(time: milliseconds, share: max(100, last.share(at: milliseconds) * 4 / 5)).word
            return true
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

    // The file.

    private func change<Value>(_ body: (inout Words) -> Value) -> Value {
        words.withLock { words in
            guard file >= 0 else { return body(&words) }
            let isLocked = lock()
            defer { if isLocked { flock(file, LOCK_UN) } }
            take(stored(), into: &words)
            let before = words
            let value = body(&words)
            if words != before { _ = store(words) }
            return value
        }
    }

    private func seen() -> Words {
        words.withLock { words in
            if file >= 0 { take(stored(), into: &words) }
            return words
        }
    }

    /// What is no gate of this boot any more is not believed: what this process knows is newer.
    private func take(_ stored: Words?, into words: inout Words) {
        guard let stored, stored.layout == Self.layout, stored.boot == words.boot else { return }
        words = stored
    }

    /// Who has the lock has it for microseconds. One that was stopped in the meantime holds nobody up: its
    /// place is then taken twice.
    private func lock() -> Bool {
        for attempt in 0..<100 {
            if flock(file, LOCK_EX | LOCK_NB) == 0 { return true }
            guard errno == EWOULDBLOCK || errno == EINTR else { return false }
            usleep(attempt < 20 ? 20 : 500)
        }
        return false
    }

    /// Nil where the file is shorter than the words.
    private func stored() -> Words? {
        var words = [Int64](repeating: 0, count: Words.count)
        let size = Words.count * MemoryLayout<Int64>.size
        let count = unsafe words.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, size, 0) }
        return count == size ? Words(words) : nil
    }

    private func store(_ words: Words) -> Bool {
        let all = words.all
        return unsafe all.withUnsafeBytes { unsafe pwrite(file, $0.baseAddress, $0.count, 0) }
            == all.count * MemoryLayout<Int64>.size
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
