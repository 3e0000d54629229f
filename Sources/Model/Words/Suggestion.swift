/// What somebody probably meant who wrote a name that does not exist.
package enum Suggestion {
    /// The one of `names` nearest to `word`; nil where none is near.
    ///
    /// Near is: equal but for case, at most a third of its letters away, or one begins the other.
    package static func nearest(to word: String, among names: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().unicodeScalars.prefix(64))
        guard !wanted.isEmpty else { return nil }
        var best: (name: String, distance: Int)?
        for name in names {
            let other = Array(name.lowercased().unicodeScalars.prefix(64))
            var distance = editDistance(wanted, other)
            let begins = wanted.count >= 4 && other.starts(with: wanted)
            if begins || other.count >= 4 && wanted.starts(with: other) { distance = min(distance, 1) }
            guard distance <= max(1, max(wanted.count, other.count) / 3) else { continue }
            if distance < best?.distance ?? .max { best = (name, distance) }
        }
        return best?.name
    }

    /// Letters to insert, remove, replace or swap with their neighbour.
    private static func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var before: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var value = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    value = min(value, before[j - 1] + 1)
                }
                row.append(value)
            }
            before = last
            last = row
        }
        return last[b.count]
    }
}
