import CCurl
import Glibc
import Model
import Synchronization

/// libcurl's multi interface on a thread of its own.
///
/// `@unchecked Sendable`: `multi` is used by the thread alone, but for `curl_multi_wakeup`, which
/// may be called from anywhere and is called under the lock that also ends the handle's life.
@safe final class CurlLoop: @unchecked Sendable {
    private struct Inbox {
        var submitted: [Transfer] = []
        var withdrawn: [Transfer] = []
        var closing = false
        /// The thread has gone and `multi` with it.
        var closed = false
        var onClosed: [CheckedContinuation<Void, Never>] = []
        var isEmpty: Bool { submitted.isEmpty && withdrawn.isEmpty && !closing }
    }

    private let inbox = Mutex(Inbox())
    private let multi: UnsafeMutableRawPointer
    private let settings: CurlSettings
    // Of the thread alone.
    private var active: [ObjectIdentifier: Transfer] = [:]
    private var idle: [CurlHandle] = []
    private let budget: ReplyBudget

    private init(owning multi: UnsafeMutableRawPointer, settings: CurlSettings, replyBudget: Int) {
        unsafe self.multi = multi
        self.settings = settings
        budget = ReplyBudget(replyBudget)
    }

    /// Starts the thread. It lives until ``close()``, and keeps the loop alive.
    ///
    /// - Parameters:
    ///   - connections: How many idle connections are kept.
    ///   - replyBudget: Bytes that the replies in flight may hold together.
    static func start(_ settings: CurlSettings, connections: Int, replyBudget: Int)
        throws(TransportError) -> CurlLoop
    {
        guard Self.isInitialised, let multi = unsafe curl_multi_init() else {
            throw TransportError(.library, "libcurl cannot be started")
        }
        let loop = unsafe CurlLoop(owning: multi, settings: settings, replyBudget: replyBudget)
        _ = unsafe sluice_multi_set_long(multi, CURLMOPT_MAXCONNECTS, connections)
        guard let first = CurlHandle.open(settings) else {
            _ = unsafe curl_multi_cleanup(multi)
            if let file = settings.certificateFile, FileBytes.read(file, limit: 16 << 20) == nil {
                throw TransportError(.library, "\(file): the certificates to trust cannot be read")
            }
            throw TransportError(.library, "libcurl lacks an option that is needed (7.80 or later)")
        }
        loop.idle.append(first)
        var thread = pthread_t()
        let context = unsafe Unmanaged.passRetained(loop).toOpaque()
        let body: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
            if let context = unsafe context {
                unsafe Unmanaged<CurlLoop>.fromOpaque(context).takeRetainedValue().run()
            }
            return nil
        }
        guard unsafe pthread_create(&thread, nil, body, context) == 0 else {
            unsafe Unmanaged<CurlLoop>.fromOpaque(context).release()
            loop.idle = []
            _ = unsafe curl_multi_cleanup(multi)
            throw TransportError(.library, "no thread can be started for the network")
        }
        _ = pthread_detach(thread)
        return loop
    }

    private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    /// One exchange. Cancelling the task ends it at once.
    func exchange(_ order: Order, limit: Int) async -> Exchange {
        let transfer = Transfer(order, limit: limit)
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                submit(transfer)
            }
        } onCancel: {
            if transfer.markWithdrawn() { withdraw(transfer) }
        }
    }

    private func submit(_ transfer: Transfer) {
        let accepted = inbox.withLock { inbox in
            guard !inbox.closing && !inbox.closed else { return false }
            if inbox.isEmpty { _ = unsafe curl_multi_wakeup(multi) }
            inbox.submitted.append(transfer)
            return true
        }
        guard accepted else {
            let continuation = transfer.continuation
            transfer.continuation = nil
            continuation?.resume(
                returning: .notSent(Trouble(.cancelled, "the client is shut down")))
            return
        }
        if transfer.markSubmitted() { withdraw(transfer) }
    }

    private func withdraw(_ transfer: Transfer) {
        inbox.withLock { inbox in
            guard !inbox.closed else { return }
            if inbox.isEmpty { _ = unsafe curl_multi_wakeup(multi) }
            inbox.withdrawn.append(transfer)
        }
    }

    /// Ends what is in flight and stops the thread.
    func close() {
        inbox.withLock { inbox in
            guard !inbox.closed && !inbox.closing else { return }
            inbox.closing = true
            _ = unsafe curl_multi_wakeup(multi)
        }
    }

    /// The same, and returns when the connections are closed.
    func closed() async {
        close()
        await withCheckedContinuation { continuation in
            let already = inbox.withLock { inbox in
                if !inbox.closed { inbox.onClosed.append(continuation) }
                return inbox.closed
            }
            if already { continuation.resume() }
        }
    }

    // The thread.

    private func run() {
        blockSignals()
        while true {
            let (submitted, withdrawn, closing) = inbox.withLock { inbox in
                defer {
                    inbox.submitted.removeAll(keepingCapacity: true)
                    inbox.withdrawn.removeAll(keepingCapacity: true)
                }
                return (inbox.submitted, inbox.withdrawn, inbox.closing)
            }
            for transfer in submitted { begin(transfer) }
            for transfer in withdrawn { abort(transfer) }
            if closing { break }
            var running: Int32 = 0
            _ = unsafe curl_multi_perform(multi, &running)
            settleFinished()
            _ = unsafe curl_multi_poll(multi, nil, 0, active.isEmpty ? 60_000 : 1000, nil)
        }
        for transfer in Array(active.values) { abort(transfer) }
        idle.removeAll()
        let waiting = inbox.withLock { inbox in
            inbox.closed = true
            _ = unsafe curl_multi_cleanup(multi)
            defer { inbox.onClosed = [] }
            return inbox.onClosed
        }
        for continuation in waiting { continuation.resume() }
    }

    private func begin(_ transfer: Transfer) {
        if transfer.isWithdrawn {
            return finish(transfer, .notSent(Trouble(.cancelled, "the request was cancelled")))
        }
        guard let handle = idle.popLast() ?? CurlHandle.open(settings) else {
            return finish(transfer, .notSent(Trouble(.connect, "libcurl is out of memory")))
        }
        transfer.handle = handle
        transfer.budget = budget
        active[ObjectIdentifier(transfer)] = transfer
        let ready = handle.prepare(for: transfer)
        guard ready, unsafe curl_multi_add_handle(multi, handle.easy) == CURLM_OK else {
            // A handle that refuses an option is not used again.
            transfer.handle = nil
            return finish(
                transfer, .notSent(Trouble(.protocolViolation, "libcurl refuses this request")))
        }
    }

    private func settleFinished() {
        var left: Int32 = 0
        while let message = unsafe curl_multi_info_read(multi, &left) {
            guard let easy = unsafe sluice_message_easy(message),
                let context = unsafe sluice_get_private(easy)
            else { continue }
            let code = unsafe sluice_message_result(message)
            settle(unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue(), code)
        }
    }

    private func settle(_ transfer: Transfer, _ code: CURLcode) {
        guard let handle = transfer.handle else { return }
        let result = outcome(of: transfer, code, handle)
        _ = unsafe curl_multi_remove_handle(multi, handle.easy)
        transfer.handle = nil
        idle.append(handle)
        finish(transfer, result)
    }

    private func abort(_ transfer: Transfer) {
        guard active[ObjectIdentifier(transfer)] != nil else { return }
        transfer.cancelled = true
        settle(transfer, CURLE_ABORTED_BY_CALLBACK)
    }

    private func finish(_ transfer: Transfer, _ result: Exchange) {
        active[ObjectIdentifier(transfer)] = nil
        transfer.releaseHeld()
        let continuation = transfer.continuation
        transfer.continuation = nil
        continuation?.resume(returning: result)
        // There may be room now. Any of them may pause again.
        for waiting in active.values where waiting.isPaused {
            waiting.isPaused = false
            waiting.handle?.proceed()
        }
    }

    /// Signals are for the rest of the program; a write to a closed socket is an error, not a signal.
    private func blockSignals() {
        var signals = sigset_t()
        _ = unsafe sigemptyset(&signals)
        for signal in [SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD] {
            _ = unsafe sigaddset(&signals, signal)
        }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
