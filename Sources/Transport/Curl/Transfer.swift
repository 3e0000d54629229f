import Model
import Synchronization

/// What one exchange sends.
struct Order: Sendable {
    var url: String
    var method: Request.Method
    /// Complete lines, `Name: value`.
    var headers: [String]
    var body: [UInt8]
    var adds: Bool
}

/// One exchange under way.
///
/// `@unchecked Sendable`: `stage` is atomic; `order` and `limit` never change; everything else is
/// touched by the loop's thread alone, from the submission on.
final class Transfer: @unchecked Sendable {
    let order: Order
    /// The largest reply body that is read.
    let limit: Int
    private let stage = Atomic<UInt8>(0)

    /// Set before the submission, taken by the loop's thread.
    var continuation: CheckedContinuation<Exchange, Never>?
    var handle: CurlHandle?
    /// A byte may have left: libcurl is about to write the request, or has.
    var started = false
    var tooLarge = false
    /// It waits for room in the budget of replies.
    var isPaused = false
    /// Set when it begins.
    var budget: ReplyBudget?
    /// What it has taken from there.
    private(set) var held = 0
    var cancelled = false
    private var bodySent = 0
    private(set) var headers: [Header] = []
    private(set) var body: [UInt8] = []

    init(_ order: Order, limit: Int) {
        self.order = order
        self.limit = limit
    }

    private static let submitted: UInt8 = 1
    private static let withdrawn: UInt8 = 2

    /// True when it was withdrawn before.
    func markSubmitted() -> Bool {
        stage.bitwiseOr(Self.submitted, ordering: .acquiringAndReleasing).oldValue & Self.withdrawn != 0
    }

    /// True when the loop has it already and must be told.
    func markWithdrawn() -> Bool {
        stage.bitwiseOr(Self.withdrawn, ordering: .acquiringAndReleasing).oldValue & Self.submitted != 0
    }

    var isWithdrawn: Bool { stage.load(ordering: .acquiring) & Self.withdrawn != 0 }

    // What libcurl's callbacks do.

    /// Hands out the next bytes of the body.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(buffer.count, order.body.count - bodySent)
        guard count > 0 else { return 0 }
        unsafe order.body.withUnsafeBytes { body in
            unsafe buffer.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: body[bodySent..<bodySent + count]))
        }
        bodySent += count
        return count
    }

    func rewind(to offset: Int) -> Bool {
        guard (0...order.body.count).contains(offset) else { return false }
        bodySent = offset
        return true
    }

    enum Written { case taken, paused, stopped }

    /// Takes a piece of the reply; a paused transfer is given the same piece again.
    func write(_ bytes: UnsafeRawBufferPointer) -> Written {
        guard bytes.count <= limit - body.count else {
            tooLarge = true
            return .stopped
        }
        if let budget {
            guard budget.take(bytes.count, for: self) else {
                isPaused = true
                return .paused
            }
            held += bytes.count
        }
        unsafe body.append(contentsOf: bytes)
        return .taken
    }

    /// Gives back what it holds.
    func releaseHeld() {
        budget?.release(held, of: self)
        held = 0
    }

    /// Takes one header line, or the status line that begins a new list of them.
    func header(_ line: UnsafeRawBufferPointer) {
        let name = unsafe line.prefix { $0 != UInt8(ascii: ":") }
        guard unsafe name.count < line.count else {
            if unsafe line.starts(with: "HTTP/".utf8) {
                headers.removeAll(keepingCapacity: true)
                body.removeAll(keepingCapacity: true)
            }
            return
        }
        guard headers.count < 256 else { return }
        let value = unsafe line[(name.endIndex + 1)...]
        unsafe headers.append(
            Header(
                String(decoding: trimmed(name), as: UTF8.self),
                String(decoding: trimmed(value), as: UTF8.self)))
    }
}

private func trimmed(_ bytes: Slice<UnsafeRawBufferPointer>) -> Slice<UnsafeRawBufferPointer> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A }
    var rest = unsafe bytes.drop(while: isBlank)
    while let last = unsafe rest.last, isBlank(last) { unsafe rest.removeLast() }
    return unsafe rest
}
