import Foundation
import GRDB
import Synchronization

/// The one writer of a process: a thread of its own that runs everything submitted since its last
/// commit in one immediate transaction. A commit costs a sync of the disk, so all who wait share it, and what
/// nobody waits for goes with the next one.
final class Writer: Sendable {
    /// What the operations of one transaction share; only ever touched on the writer's thread.
    final class Context {
        /// The database, for statements that neither read nor write chunks.
        let aside: Database
        /// The states of chunks, as they are now.
        let chunks: ChunkCache
        private var failure: (any Error)?
        /// Rises whenever another process has written, or a key has changed hands: those let in before
        /// have to ask once more whose their keys are.
        fileprivate(set) var foreignChanges: Int
        /// The run that wrote last.
        fileprivate private(set) var run: Int64?
        private let keySets: KeySets

        fileprivate init(
            db: Database, chunks: ChunkCache, foreignChanges: Int, run: Int64?, keySets: KeySets
        ) {
            self.run = run
            aside = db
            self.chunks = chunks
            self.foreignChanges = foreignChanges
            self.keySets = keySets
        }

        /// The database, for any statement: what ``chunks`` held is in it, and is read again afterwards.
        var db: Database {
            do { try chunks.write(aside) } catch { failure = failure ?? error }
            chunks.removeAll()
            return aside
        }

        /// Before the commit.
        fileprivate func finish() throws {
            try chunks.write(aside)
            // Who read after that has read what is not so; nothing of it is kept.
            if let failure { throw failure }
        }

        func keys(of scope: Int64) -> KeySet { keySets.set(of: scope) }

        func noteChangeOfHands() { foreignChanges += 1 }

        /// Two runs in one process are as foreign to each other as two processes.
        func enter(run: Int64) {
            if self.run != run { foreignChanges += 1 }
            self.run = run
        }
    }

    private struct Operation: Sendable {
        let perform: @Sendable (Context) throws -> Void
        let finish: @Sendable ((any Error)?) -> Void
    }

    /// The key sets of the scopes in use.
    fileprivate final class KeySets {
        private var sets: [Int64: KeySet] = [:]

        func set(of scope: Int64) -> KeySet {
            if let set = sets[scope] { return set }
            let set = KeySet(scope: scope, memoryBudget: 8 << 20)
            sets[scope] = set
            return set
        }

        func didRollBack() { for set in sets.values { set.transactionDidRollBack() } }
        func didCommit() { for set in sets.values { set.transactionDidCommit() } }

        /// One bounded step of upkeep.
        func maintain(_ db: Database) throws -> Bool {
            var more = false
            for set in sets.values where try set.maintain(db) { more = true }
            return more
        }
    }

    private struct Queue {
        var operations: [Operation] = []
        /// Somebody waits for one of them.
        var isAwaited = false
        /// When those that nobody waits for have to be written.
        var due: DispatchTime?
        var stopped = false

        /// Those to run now; none where all of them may wait.
        mutating func take() -> [Operation] {
            guard
                isAwaited || stopped || due.map({ $0 <= .now() }) ?? false
                    || operations.count >= Writer.mostUnawaited
            else { return [] }
            defer {
                operations.removeAll()
                isAwaited = false
                due = nil
            }
            return operations
        }
    }

    /// How long what nobody waits for may stay unwritten, and how many such operations may: a crash leaves in
    /// doubt what they tell, as it does what is in flight.
    static let unawaited = DispatchTimeInterval.milliseconds(50)
    static let mostUnawaited = 64

    private let pool: DatabasePool
    private let queue = Mutex(Queue())
    /// The first error of what nobody waited for.
    private let lateError = Mutex<(any Error)?>(nil)
    private let wake = DispatchSemaphore(value: 0)
    private let ended = Mutex<(done: Bool, waiters: [CheckedContinuation<Void, Never>])>((false, []))

    init(pool: DatabasePool) {
        self.pool = pool
        let thread = Thread { [weak self] in
            // The thread holds the writer only while it works, so that a dropped ledger ends it.
            while let self, self.step() {}
        }
        thread.name = "ledger"
        thread.stackSize = 4 << 20
        thread.start()
    }

    deinit { wake.signal() }

    /// Runs `body` in the next transaction; returns once that is durable.
    ///
    /// - Throws: What `body` throws, or the database at commit. Then nothing of the transaction is.
    func write<T: Sendable>(_ body: @escaping @Sendable (Context) throws -> T) async throws -> T {
        let box = Mutex<T?>(nil)
        return try await withCheckedThrowingContinuation { continuation in
            let operation = Operation(
                perform: { context in
                    let value = try body(context)
                    box.withLock { $0 = value }
                },
                finish: { error in
                    if let error { return continuation.resume(throwing: error) }
                    guard let value = box.withLock({ $0 }) else {
                        return continuation.resume(throwing: CancellationError())
                    }
                    continuation.resume(returning: value)
                })
            let accepted = queue.withLock { queue in
                if queue.stopped { return false }
                queue.operations.append(operation)
                queue.isAwaited = true
                return true
            }
            guard accepted else { return operation.finish(CancellationError()) }
            wake.signal()
        }
    }

    /// Runs `body` in the transaction of whatever is written next, at most ``unawaited`` from now: after all that
    /// was submitted before, and before all that is submitted later.
    ///
    /// What it throws is thrown by ``check()`` from then on.
    func writeSoon(_ body: @escaping @Sendable (Context) throws -> Void) {
        let operation = Operation(
            perform: body,
            finish: { [weak self] error in
                if let error { self?.lateError.withLock { $0 = $0 ?? error } }
            })
        let (accepted, isFirst) = queue.withLock { queue in
            if queue.stopped { return (false, false) }
            queue.operations.append(operation)
            let isFirst = queue.due == nil
            if isFirst { queue.due = .now() + Self.unawaited }
            return (true, isFirst || queue.operations.count == Self.mostUnawaited)
        }
        guard accepted else { return operation.finish(CancellationError()) }
        if isFirst { wake.signal() }
    }

    /// Throws what became of operations that nobody waited for.
    func check() throws {
        if let error = lateError.withLock({ $0 }) { throw error }
    }

    func stop() async {
        queue.withLock { $0.stopped = true }
        wake.signal()
        await withCheckedContinuation { continuation in
            let done = ended.withLock { ended in
                if !ended.done { ended.waiters.append(continuation) }
                return ended.done
            }
            if done { continuation.resume() }
        }
    }

    private let state = Mutex<ThreadState>(ThreadState())
    private struct ThreadState {
        var keySets = KeySets()
        var chunks = ChunkCache()
        var foreignChanges = 0
        var run: Int64?
        var dataVersion: Int?
        var wantsUpkeep = false

        /// Sees whether another process has written since the last transaction here.
        mutating func noteForeignChanges(_ db: Database) throws {
            let version = try Int.fetchOne(db.cachedStatement(sql: "PRAGMA data_version"))
            if version != dataVersion {
                foreignChanges += 1
                chunks.removeAll()
            }
            dataVersion = version
        }
    }

    /// One round. Returns false when the thread must end.
    private func step() -> Bool {
        let wantsUpkeep = state.withLock { $0.wantsUpkeep }
        let due = queue.withLock { $0.due }
        _ = wake.wait(timeout: wantsUpkeep ? .now() : due ?? .now() + .seconds(1))
        let (operations, stopped) = queue.withLock { ($0.take(), $0.stopped) }
        if !operations.isEmpty { run(operations) }
        upkeep()
        if stopped && operations.isEmpty {
            let waiters = ended.withLock { ended in
                ended.done = true
                defer { ended.waiters.removeAll() }
                return ended.waiters
            }
            for waiter in waiters { waiter.resume() }
            return false
        }
        if stopped { wake.signal() }
        return true
    }

    private func run(_ operations: [Operation]) {
        state.withLock { run(operations, &$0) }
    }

    private func run(_ operations: [Operation], _ state: inout ThreadState) {
        do {
            try pool.writeWithoutTransaction { db in
                try db.inTransaction(.immediate) {
                    try state.noteForeignChanges(db)
                    let context = Context(
                        db: db, chunks: state.chunks, foreignChanges: state.foreignChanges,
                        run: state.run, keySets: state.keySets)
                    for operation in operations { try operation.perform(context) }
                    try context.finish()
                    state.foreignChanges = context.foreignChanges
                    state.run = context.run
                    return .commit
                }
            }
            state.keySets.didCommit()
            state.wantsUpkeep = true
        } catch {
            state.keySets.didRollBack()
            state.chunks.removeAll()
            // One bad operation must not fail its neighbours: each again by itself.
            if operations.count > 1 && !(error is DatabaseError) {
                for operation in operations { run([operation], &state) }
                return
            }
            for operation in operations { operation.finish(translated(error)) }
            return
        }
        for operation in operations { operation.finish(nil) }
    }

    private func translated(_ error: any Error) -> any Error {
        (error as? DatabaseError).map { LedgerError($0, path: pool.path) } ?? error
    }

    private func upkeep() {
        state.withLock { state in
            guard state.wantsUpkeep else { return }
            // A failed step is tried again after the next commit; the sets stay valid without it.
            state.wantsUpkeep =
                (try? pool.writeWithoutTransaction { db in try state.keySets.maintain(db) }) ?? false
        }
    }
}
