import Mapping
import Model
import Records

// How rows of one group come together.
//
//   pass      all inputs are read once. A *span* is a stretch of rows of one file that share a key. Where keys
//             only ascend, no group can come back, and nothing is kept. Else a 128-bit hash of each span's key and
//             the number of its first row are sorted, on disk where there are many: a hash that is there twice is
//             a group that comes back, and each later span of it *moves* to the first one.
//   staging   (only where a group comes back) the inputs are read twice more: the rows that move are sorted by
//             where they go; then all rows are written to one file, those that move after the span they belong to.
//   reading   the run reads that file alone. Each row bears its place in the input and its bytes as they are there.
//
// Two keys that share a hash would only be brought side by side: the mapping tells them apart by the keys
// themselves. A row that names no group (it cannot be read, or its cells are empty) lies in a span where rows of
// that span stand before and after it; else it stays where it is, as a record of its own. A row of too few fields goes to the group its cells name: it makes
// that record invalid, which would otherwise go without it.

/// The first pass: whether the rows of each group stand together over all inputs.
struct GroupPass {
    /// What was learnt of one input.
    struct File {
        var columns: [String]?
        var writing: RowWriting
        var notes: [String]
        var header: [UInt8]
        var account = ByteAccount()
        var headerBytes = 0
        var rows = 0
        /// The number of its first row, counted over all inputs.
        var first: UInt64
    }

    /// For each span that goes elsewhere: the number of its first row, and that of the group's first. For rows that
    /// name no group within a span: the number of the first of them, and `inside`.
    let moves: ExternalSorter
    static let inside = UInt64.max

    private(set) var files: [File] = []
    private(set) var rows: UInt64 = 0
    /// Groups whose rows do not stand together.
    private(set) var apart = 0

    /// Bytes written to disk.
    private(set) var spilled = 0

    private var isStoring: Bool
    private let hashes: ExternalSorter
    private var key: [UInt8] = []
    private var spans = 0
    private var isOpen = false
    /// The first row after the open span that names no group.
    private var pending: UInt64?

    private struct Descends: Error {}

    /// Looks at all inputs of `plan`.
    ///
    /// - Parameter folder: Where what does not fit into memory is kept; whoever calls removes it.
    static func run(_ plan: Plan, in folder: String) throws -> GroupPass {
        do {
            return try GroupPass(plan, in: folder, isStoring: false)
        } catch is Descends {
            return try GroupPass(plan, in: folder, isStoring: true)
        }
    }

    private init(_ plan: Plan, in folder: String, isStoring: Bool) throws {
        self.isStoring = isStoring
        hashes = ExternalSorter(at: folder + "/hashes")
        moves = ExternalSorter(at: folder + "/moves")
        for file in plan.inputs.indices {
            let before = rows
            let reader = try GroupWalk.walk(plan, file: file) { _, _, telling, key in
                try note(telling, key)
            }
            isOpen = false
            pending = nil
            files.append(
                File(
                    columns: reader.columns, writing: reader.writing, notes: reader.notes,
                    header: reader.header,
                    account: reader.account, headerBytes: reader.account.header,
                    rows: Int(rows - before), first: before))
        }
        try hashes.finish()
        defer { hashes.discard() }
        let items = try hashes.sorted()
        var last: (a: UInt64, b: UInt64, first: UInt64, isApart: Bool)?
        while let item = try items.next() {
            guard let known = last, known.a == item.a, known.b == item.b else {
                last = (item.a, item.b, item.c, false)
                continue
            }
            if !known.isApart { apart += 1 }
            last?.isApart = true
            try moves.add(item.c, known.first)
        }
        try moves.finish()
        spilled = hashes.spilled + moves.spilled
    }

    private mutating func note(_ telling: Mapper.Telling, _ key: [UInt8]) throws {
        defer { rows += 1 }
        switch telling {
        case .nothing, .emptyKey: if isOpen, pending == nil { pending = rows }
        case .key, .doubtfulKey:
            if isOpen, key == self.key {
                if let pending { try moves.add(pending, Self.inside) }
                pending = nil
                return
            }
            if !isStoring, spans > 0, !self.key.lexicographicallyPrecedes(key) { throw Descends() }
            isOpen = true
            pending = nil
            self.key = key
            spans += 1
            if isStoring { try hashes.add(Self.hash(0, key), Self.hash(1, key), rows) }
        }
    }

    /// Half a hash. The seed is another in each process, so that no file can be made to have equal ones.
    private static func hash(_ half: UInt8, _ key: [UInt8]) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(half)
        unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        return UInt64(bitPattern: Int64(hasher.finalize()))
    }
}

/// The rows of inputs, with what each tells about its group.
enum GroupWalk {
    /// Reads one input to its end.
    ///
    /// - Returns: Its reader, at the end.
    static func walk(
        _ plan: Plan, file: Int,
        _ each: (_ block: RowBlock, _ row: Int, Mapper.Telling, _ key: [UInt8]) throws -> Void
    ) throws -> RowReader {
        let opened = try open(plan, file: file)
        let reader = opened.reader
        var mapper = opened.mapper
        var block = RowBlock()
        while try reader.read(into: &block, rows: 1024) {
            try mapper.tell(block) { try each(block, $0, $1, $2) }
        }
        return reader
    }

    private static func open(_ plan: Plan, file: Int) throws -> (reader: RowReader, mapper: Mapper) {
        let reader = try RowReader.open(
            plan.inputs[file], index: file, options: plan.inputOptions)
        let mapper = try Mapper(
            spec: plan.mapping, columns: reader.columns, attribution: plan.send.attribution,
            rules: plan.rules)
        return (reader, mapper)
    }

    /// The key that the rows of `file` begin with; of one without any, the next file's. Nil where no row tells.
    static func firstKey(_ plan: Plan, from file: Int) throws -> [UInt8]? {
        for file in file..<plan.inputs.count {
            let opened = try open(plan, file: file)
            let reader = opened.reader
            var mapper = opened.mapper
            var block = RowBlock()
            while try reader.read(into: &block, rows: 16) {
                var found: [UInt8]?
                mapper.tell(block) { _, telling, key in
                    if found == nil, telling == .key || telling == .doubtfulKey { found = key }
                }
                if let found { return found }
            }
        }
        return nil
    }
}
