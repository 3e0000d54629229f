import Model

/// A regular expression, matched in time that grows with the text and the pattern alone, whatever both are.
///
/// `.` `[…]` `\d \w \s \b` and their opposites, `^ $`, groups, `(?:…)`, `|`, `* + ? {m,n}` and their lazy forms, `(?i)`
/// at its start. All ways are followed at once (Pike's virtual machine), so nothing is tried twice.
struct TextPattern: Sendable, Equatable {
    private indirect enum Node {
        case empty
        case one(Set)
        case edge(Edge)
        case group(Int, Node)
        case sequence([Node])
        case either([Node])
        case repeated(Node, Int, Int?, isLazy: Bool)
    }
    private enum Edge: Sendable, Equatable { case start, end, word, notWord }
    private struct Set: Sendable, Equatable {
        var ranges: [ClosedRange<UInt32>] = []
        var isNegated = false

        func contains(_ scalar: UInt32) -> Bool {
            ranges.contains { $0.contains(scalar) } != isNegated
        }
    }
    private enum Step: Sendable, Equatable {
        case one(Set)
        case edge(Edge)
        case split(Int, Int)
        case go(Int)
        case save(Int)
        case match
    }

    private var steps: [Step] = []
    private(set) var groups = 0
    private let ignoresCase: Bool

    private static let most = 2_000

    /// - Throws: What is wrong with it.
    init(_ text: String) throws(ExpressionError) {
        var scalars = Array(text.unicodeScalars)
        ignoresCase = text.hasPrefix("(?i)")
        if ignoresCase { scalars.removeFirst(4) }
        var parser = Parser(scalars: scalars)
        let node = try parser.alternatives()
        guard parser.at == scalars.count else {
            throw ExpressionError("a bracket is closed that is not open.")
        }
        groups = parser.groups
        try compile(.group(0, node))
        steps.append(.match)
    }

    // MARK: Steps

    private mutating func compile(_ node: Node) throws(ExpressionError) {
        guard steps.count <= Self.most else { throw ExpressionError("the pattern is too large.") }
        switch node {
        case .empty: break
        case .one(let set): steps.append(.one(ignoresCase ? Self.anyCase(set) : set))
        case .edge(let edge): steps.append(.edge(edge))
        case .group(let index, let inside):
            steps.append(.save(2 * index))
            try compile(inside)
            steps.append(.save(2 * index + 1))
        case .sequence(let nodes): for node in nodes { try compile(node) }
        case .either(let nodes):
            var ends: [Int] = []
            for (index, node) in nodes.enumerated() {
                guard index < nodes.count - 1 else {
                    try compile(node)
                    break
                }
                let split = steps.count
                steps.append(.match)
                try compile(node)
                ends.append(steps.count)
                steps.append(.match)
                steps[split] = .split(split + 1, steps.count)
            }
            for end in ends { steps[end] = .go(steps.count) }
        case .repeated(let inside, let least, let most, let isLazy):
            for _ in 0..<least { try compile(inside) }
            if let most {
                var splits: [Int] = []
                for _ in least..<max(least, most) {
                    splits.append(steps.count)
                    steps.append(.match)
                    try compile(inside)
                }
                for split in splits {
                    steps[split] =
                        isLazy ? .split(steps.count, split + 1) : .split(split + 1, steps.count)
                }
            } else {
                let split = steps.count
                steps.append(.match)
                try compile(inside)
                steps.append(.go(split))
                steps[split] = isLazy ? .split(steps.count, split + 1) : .split(split + 1, steps.count)
            }
        }
    }

    private static func anyCase(_ set: Set) -> Set {
        var result = set
        for range in set.ranges where range.count <= 512 {
            for value in range {
                guard let scalar = Unicode.Scalar(value) else { continue }
                for other in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
                    let scalars = Array(other.unicodeScalars)
                    if scalars.count == 1 { result.ranges.append(scalars[0].value...scalars[0].value) }
                }
            }
        }
        return result
    }

    // MARK: Matching

    /// The first match at or behind `start`: the places of the whole and of each group, from and to, -1 where a
    /// group has no part in it.
    func match(_ text: [UInt32], from start: Int) -> [Int]? {
        var current = Threads(steps.count)
        var next = Threads(steps.count)
        var found: [Int]?
        var at = start
        while true {
            if found == nil {
                add(0, at, text, Array(repeating: -1, count: 2 * (groups + 1)), to: &current)
            }
            if current.order.isEmpty { return found }
            next.removeAll()
            threads: for (index, step) in current.order.enumerated() {
                switch steps[step] {
                case .match:
                    found = current.places[index]
                    break threads
                case .one(let set) where at < text.count && set.contains(text[at]):
                    add(step + 1, at + 1, text, current.places[index], to: &next)
                default: break
                }
            }
            swap(&current, &next)
            guard at < text.count else { return found }
            at += 1
        }
    }

    private struct Threads {
        var order: [Int] = []
        var places: [[Int]] = []
        private var isIn: [Bool]

        init(_ count: Int) { isIn = Array(repeating: false, count: count) }

        mutating func insert(_ step: Int) -> Bool {
            if isIn[step] { return false }
            isIn[step] = true
            return true
        }

        mutating func removeAll() {
            order.removeAll(keepingCapacity: true)
            places.removeAll(keepingCapacity: true)
            for index in isIn.indices { isIn[index] = false }
        }
    }

    private func add(
        _ first: Int, _ at: Int, _ text: [UInt32], _ places: [Int], to threads: inout Threads
    ) {
        var stack = [(first, places)]
        while let (step, places) = stack.popLast() {
            guard threads.insert(step) else { continue }
            switch steps[step] {
            case .go(let to): stack.append((to, places))
            case .split(let a, let b):
                stack.append((b, places))
                stack.append((a, places))
            case .save(let index):
                var places = places
                places[index] = at
                stack.append((step + 1, places))
            case .edge(let edge):
                if Self.holds(edge, at, text) { stack.append((step + 1, places)) }
            case .one, .match:
                threads.order.append(step)
                threads.places.append(places)
            }
        }
    }

    private static func holds(_ edge: Edge, _ at: Int, _ text: [UInt32]) -> Bool {
        switch edge {
        case .start: return at == 0
        case .end: return at == text.count
        case .word, .notWord:
            let before = at > 0 && words.contains(text[at - 1])
            let after = at < text.count && words.contains(text[at])
            return (before != after) == (edge == .word)
        }
    }

    private static let digits = Set(ranges: [0x30...0x39])
    private static let words = Set(ranges: [
        0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A, 0xAA...0xAA, 0xB5...0xB5, 0xBA...0xBA,
        0xC0...0xD6,
        0xD8...0xF6, 0xF8...0x2C1, 0x370...0x1FFF, 0x3040...0xD7FF, 0xF900...0xFAFF, 0x10000...0x3FFFF,
    ])
    private static let spaces = Set(ranges: [
        0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x2000...0x200A, 0x2028...0x2029,
        0x202F...0x202F,
        0x3000...0x3000,
    ])

    // MARK: Reading the pattern

    private struct Parser {
        let scalars: [Unicode.Scalar]
        var at = 0
        var groups = 0
        private var depth = 0

        init(scalars: [Unicode.Scalar]) { self.scalars = scalars }

        private var next: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

        private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
            guard next == scalar else { return false }
            at += 1
            return true
        }

        mutating func alternatives() throws(ExpressionError) -> Node {
            depth += 1
            defer { depth -= 1 }
            guard depth <= 50 else { throw ExpressionError("the pattern nests too deep.") }
            var nodes = [try sequence()]
            while take("|") { nodes.append(try sequence()) }
            return nodes.count == 1 ? nodes[0] : .either(nodes)
        }

        private mutating func sequence() throws(ExpressionError) -> Node {
            var nodes: [Node] = []
            while let scalar = next, scalar != "|", scalar != ")" { nodes.append(try repeated()) }
            return nodes.isEmpty ? .empty : .sequence(nodes)
        }

        private mutating func repeated() throws(ExpressionError) -> Node {
            let node = try atom()
            var count: (Int, Int?)?
            if take("*") {
                count = (0, nil)
            } else if take("+") {
                count = (1, nil)
            } else if take("?") {
                count = (0, 1)
            } else if next == "{", let found = braces() {
                count = found
            }
            guard let (least, most) = count else { return node }
            let isLazy = take("?")
            if ["*", "+", "?"].contains(next) {
                throw ExpressionError("it repeats what is repeated already.")
            }
            guard least <= 200, most ?? 0 <= 200, most ?? least >= least else {
                throw ExpressionError("it repeats more than 200 times.")
            }
            return .repeated(node, least, most, isLazy: isLazy)
        }

        /// `{2}`, `{2,}` or `{2,4}`; a brace otherwise stands for itself.
        private mutating func braces() -> (Int, Int?)? {
            guard let close = scalars[at...].firstIndex(of: "}") else { return nil }
            let parts = String(String.UnicodeScalarView(scalars[at + 1..<close])).split(
                separator: ",", omittingEmptySubsequences: false)
            guard parts.count <= 2, let least = Int(parts[0]), least >= 0 else { return nil }
            if parts.count == 2, !parts[1].isEmpty, Int(parts[1]) == nil { return nil }
            at = close + 1
            return (least, parts.count == 1 ? least : Int(parts[1]))
        }

        private mutating func atom() throws(ExpressionError) -> Node {
            guard let scalar = next else { return .empty }
            at += 1
            switch scalar {
            case "(":
                var index: Int?
                if take("?") {
                    guard take(":") else {
                        throw ExpressionError("of (?…) only (?:…) is known, and (?i) at the start.")
                    }
                } else {
                    groups += 1
                    index = groups
                }
                guard groups <= 20 else { throw ExpressionError("it has more than 20 groups.") }
                let inside = try alternatives()
                guard take(")") else { throw ExpressionError("a bracket is not closed.") }
                return index.map { .group($0, inside) } ?? inside
            case "[": return .one(try set())
            case ".": return .one(Set(ranges: [0x0A...0x0A], isNegated: true))
            case "^": return .edge(.start)
            case "$": return .edge(.end)
            case "*", "+", "?": throw ExpressionError("“\(scalar)” has nothing before it to repeat.")
            case "\\":
                if take("b") { return .edge(.word) }
                if take("B") { return .edge(.notWord) }
                return .one(try escape())
            default: return .one(Set(ranges: [scalar.value...scalar.value]))
            }
        }

        /// What is after a backslash.
        private mutating func escape() throws(ExpressionError) -> Set {
            guard let scalar = next else { throw ExpressionError("it ends with a backslash.") }
            at += 1
            func opposite(_ set: Set) -> Set { Set(ranges: set.ranges, isNegated: true) }
            switch scalar {
            case "d": return TextPattern.digits
            case "D": return opposite(TextPattern.digits)
            case "w": return TextPattern.words
            case "W": return opposite(TextPattern.words)
            case "s": return TextPattern.spaces
            case "S": return opposite(TextPattern.spaces)
            case "n": return Set(ranges: [0x0A...0x0A])
            case "r": return Set(ranges: [0x0D...0x0D])
            case "t": return Set(ranges: [0x09...0x09])
            case "a"..."z", "A"..."Z", "0"..."9": throw ExpressionError("“\\\(scalar)” is not known.")
            default: return Set(ranges: [scalar.value...scalar.value])
            }
        }

        private mutating func set() throws(ExpressionError) -> Set {
            var set = Set()
            set.isNegated = take("^")
            var isFirst = true
            while let scalar = next, scalar != "]" || isFirst {
                isFirst = false
                at += 1
                var low = scalar.value
                if scalar == "\\" {
                    let escaped = try escape()
                    guard !escaped.isNegated else {
                        throw ExpressionError("an opposite cannot stand in [ ].")
                    }
                    set.ranges += escaped.ranges
                    guard escaped.ranges.count == 1, let only = escaped.ranges.first, only.count == 1
                    else { continue }
                    low = only.lowerBound
                }
                guard next == "-", at + 1 < scalars.count, scalars[at + 1] != "]" else {
                    set.ranges.append(low...low)
                    continue
                }
                at += 1
                var high = scalars[at].value
                at += 1
                if high == 0x5C {
                    let escaped = try escape()
                    guard escaped.ranges.count == 1, let only = escaped.ranges.first, only.count == 1
                    else {
                        throw ExpressionError("a range in [ ] ends with a class.")
                    }
                    high = only.lowerBound
                }
                guard low <= high else {
                    throw ExpressionError("a range in [ ] is the wrong way round.")
                }
                set.ranges.append(low...high)
            }
            guard take("]") else { throw ExpressionError("a [ is not closed.") }
            return set
        }
    }
}
