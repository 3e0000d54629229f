import Catalog
import Dispatch
import Hashing
import Ledger
import Mapping
import Model
import Records
import Synchronization

/// The server's numbers of customers that the input names by a mobile number, an e-mail address, an id of
/// their own: looked up before a record is checked, since the number is part of its keys.
///
/// What was found is kept in the ledger. A number that a run has used stays as it is for that run: a record
/// that is read again after a stop has to have the keys that it had. Who was not found is requested again by
/// the next run.
final class CustomerNumbers: Sendable {
    /// Nothing tells the numbers now: the run stops, to be resumed.
    struct Unreachable: Error { let cause: StopReason }

    private let ledger: Ledger?
    private let org: String
    /// When the run began: a number's age counts up to then.
    private let since: Timestamp
    private let readClient: ReadClient?
    /// Look-ups at once; each takes a slot at the gate like any request.
    private let window: Int
    /// Who was not found, in this execution; forgotten when there are too many.
    private let refused = Mutex<[Name: Refusal]>([:])

    private struct Name: Hashable, Sendable {
        var lookup: CustomerLookup
        var value: String

        /// As it is kept: the ledger needs no list of phone numbers.
        var key: [UInt8] {
            let text = [lookup.by, lookup.source, lookup.account ?? "", value].joined(separator: "\0")
            return Array(SHA256.hash(Array(text.utf8)).prefix(16))
        }
    }

    /// Looks at the server for what the ledger does not know.
    init(
        ledger: Ledger, org: String, since: Timestamp, readClient: ReadClient, window: Int
    ) {
        self.ledger = ledger
        self.org = org
        self.since = since
        self.readClient = readClient
        self.window = window
    }

    /// Asks the ledger alone: for reading again what a run has sent. Others get a number that is not theirs.
    init(ledger: Ledger, run: RunRow) {
        self.ledger = ledger
        org = run.org
        since = run.started
        readClient = nil
        window = 1
    }

    /// Asks nobody: each name gets a number of its own, which is good for checks and for nothing else.
    init() {
        ledger = nil
        org = ""
        since = Timestamp(milliseconds: 0)
        readClient = nil
        window = 1
    }

    /// Puts numbers in place of names in the records from `first` on. Of a customer that is not known, the
    /// record is invalid and has no item.
    ///
    /// Called on a thread of its own: it waits.
    ///
    /// - Throws: ``Unreachable``, `LedgerError`.
    func fill(_ batch: inout RecordBatch, from first: Int) throws {
        let named = batch.records.indices[first...].filter { !batch.records[$0].customers.isEmpty }
        guard !named.isEmpty else { return }
        var names: [Int: [Name]] = [:]
        var wanted: Set<Name> = []
        for index in named where batch.records[index].problems.isEmpty {
            let record = batch.records[index]
            let found = record.customers.map {
                Name(lookup: $0.lookup, value: text($0.place, of: record, in: batch))
            }
            names[index] = found
            wanted.formUnion(found)
        }
        let answers = try find(wanted)
        for index in named {
            guard let names = names[index] else {
                // It is invalid already, and without its customer it has no key.
                batch.records[index].item = batch.bytes.count..<batch.bytes.count
                continue
            }
            put(
                names.map { answers[$0] ?? .refused(CustomerSearch.unknown(by: $0.lookup.by)) },
                into: index, of: &batch)
        }
    }

    private func text(_ place: Range<Int>, of record: MappedRecord, in batch: RecordBatch) -> String {
        let start = record.item.lowerBound
        let range = start + place.lowerBound..<start + place.upperBound
        var tape = JSONTape()
        guard (try? tape.parse(batch.bytes, in: range)) != nil else { return "" }
        var text: [UInt8] = []
        tape.appendText(of: 0, in: batch.bytes, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private func put(
        _ answers: [CustomerSearch.Answer], into index: Int, of batch: inout RecordBatch
    ) {
        let record = batch.records[index]
        let start = record.item.lowerBound
        var item: [UInt8] = []
        var at = start
        for (customer, answer) in zip(record.customers, answers) {
            switch answer {
            case .number(let number):
                item += batch.bytes[at..<start + customer.place.lowerBound]
                item += (customer.lookup.isText ? "\"\(number)\"" : number).utf8
                at = start + customer.place.upperBound
            case .refused(var refusal), .unclear(var refusal):
                refusal.field = customer.field
                batch.records[index].problems.append(refusal)
            }
        }
        item += batch.bytes[at..<record.item.upperBound]
        if !batch.records[index].problems.isEmpty { item = [] }
        batch.records[index].item = batch.bytes.count..<batch.bytes.count + item.count
        batch.bytes += item
    }

    // MARK: Asking

    private func find(_ wanted: Set<Name>) throws -> [Name: CustomerSearch.Answer] {
        var answers: [Name: CustomerSearch.Answer] = [:]
        for name in wanted where name.value.contains(",") {
            answers[name] = .refused(CustomerSearch.several)
        }
        refused.withLock { refused in
            for name in wanted { if let known = refused[name] { answers[name] = .refused(known) } }
        }
        if let ledger {
            let open = wanted.filter { answers[$0] == nil }
            let known = try ledger.customerNumbers(org: org, keys: open.map(\.key))
            for name in open {
                guard let number = known[name.key], number.at >= since - name.lookup.maxAge else {
                    continue
                }
                answers[name] = .number(number.number)
            }
        }
        let open = wanted.filter { answers[$0] == nil }.sorted { $0.value < $1.value }
        guard !open.isEmpty else { return answers }
        guard let readClient else {
            for name in open { answers[name] = .number(Self.standIn(for: name)) }
            return answers
        }
        answers.merge(try wait { try await self.ask(open, readClient) }) { $1 }
        return answers
    }

    /// Positive and below 2^52.
    private static func standIn(for name: Name) -> String {
        String(name.key.prefix(6).reduce(UInt64(1)) { $0 << 8 | UInt64($1) })
    }

    /// Asks for some names at a time, and keeps what was found after each lot: a crash costs one lot at most.
    private func ask(_ names: [Name], _ readClient: ReadClient) async throws -> [Name: CustomerSearch
        .Answer]
    {
        var answers: [Name: CustomerSearch.Answer] = [:]
        for start in stride(from: 0, to: names.count, by: 256) {
            let lot = names[start..<min(start + 256, names.count)]
            var found: [(key: [UInt8], number: String)] = []
            var trouble: StopReason?
            await withTaskGroup(of: (Name, ReadClient.Answer<CustomerSearch.Answer>).self) {
                group in
                var next = lot.startIndex
                var asked = 0
                while next < lot.endIndex || asked > 0 {
                    if next < lot.endIndex, asked < window, trouble == nil {
                        let name = lot[next]
                        group.addTask { (name, await Self.ask(name, readClient)) }
                        next += 1
                        asked += 1
                        continue
                    }
                    guard asked > 0, let (name, answer) = await group.next() else { break }
                    asked -= 1
                    switch answer {
                    case .done(.unclear(let refusal)), .unclear(let refusal):
                        trouble = trouble ?? StopReason(.passing, unseen(refusal, readClient))
                    case .done(let answer):
                        answers[name] = answer
                        if case .number(let number) = answer { found.append((name.key, number)) }
                    case .refused(let refusal):
                        trouble =
                            trouble ?? StopReason(.authentication, unseen(refusal, readClient))
                    case .noSlot(let error): trouble = trouble ?? Execution.cause(of: error)
                    }
                }
            }
            try await ledger?.keepCustomerNumbers(
                found, org: org, at: readClient.environment.now())
            if let trouble { throw Unreachable(cause: trouble) }
        }
        refused.withLock { refused in
            if refused.count > 100_000 { refused.removeAll() }
            for case (let name, .refused(let refusal)) in answers { refused[name] = refusal }
        }
        return answers
    }

    private static func ask(
        _ name: Name, _ readClient: ReadClient
    ) async -> ReadClient.Answer<CustomerSearch.Answer> {
        let lookup = name.lookup
        let request = CustomerSearch.request(
            by: lookup.by, name.value, source: lookup.source, account: lookup.account)
        return await readClient.ask(request).map { CustomerSearch.read($0, by: lookup.by) }
    }

    private func unseen(_ refusal: Refusal, _ readClient: ReadClient) -> String {
        readClient.words(.input(.customersNotLookedUp(refusal.message)))
    }

    /// The reader's thread is its own and may wait for a task.
    private func wait<T: Sendable>(_ body: @escaping @Sendable () async throws -> T) throws -> T {
        let result = Mutex<Result<T, any Error>?>(nil)
        let done = DispatchSemaphore(value: 0)
        Task {
            do {
                let value = try await body()
                result.withLock { $0 = .success(value) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        guard let result = result.withLock({ $0 }) else { throw CancellationError() }
        return try result.get()
    }
}
