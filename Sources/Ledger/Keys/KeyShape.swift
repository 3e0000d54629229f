import Foundation

/// The sizes of a key set, and what follows from them. Smaller ones serve the tests.
struct KeyShape {
    /// Entries a page holds on average: 108 of 32 bytes fill a page of SQLite's 4 KiB to 85 %, so
    /// that only one in thirty flows over.
    static let pageEntries = 108

    /// Bytes of the sieve a page: 9.3 bits an entry (1.2 % false alarms), and 32 pages fill a page
    /// of SQLite's.
    static let sieveWidth = 126

    /// Pages that share a row of the sieve.
    var sievePages = 32
    /// A filter narrower than this has a sieve: 5 bits an entry.
    var sieveBelow = 68
    /// Entries in memory that make a flush worth it.
    var tableEntries = 100_000
    /// Pages one step of a merge writes: about 4 MB. A multiple of `sievePages`.
    var stepPages = 1024
    /// This many segments in a row that are alike, or smaller, are merged.
    var mergeWidth = 8
    /// A segment up to this many times as large as all newer ones joins their merge.
    var mergeRatio = 3
    /// Bytes for all filters.
    var filterBudget: Int

    init(memoryBudget: Int) { filterBudget = memoryBudget }

    /// How many of the newest segments to merge now; 0 for none.
    ///
    /// On the way to a hundred million, twelve segments stand at most and each entry is written
    /// fewer than eight times, where upkeep is not kept waiting.
    ///
    /// - Parameter sizes: Entries of each segment that is in no merge, newest first, up to the
    ///   first that is in one.
    func merge(_ sizes: [Int]) -> Int {
        var count = 0
        var sum = 0
        for size in sizes {
            guard count == 0 || size <= mergeRatio * sum else { break }
            sum += size
            count += 1
        }
        return count >= mergeWidth ? count : 0
    }

    static func pages(_ entries: Int) -> Int { max(1, (entries + pageEntries - 1) / pageEntries) }

    /// Filter bytes a page for a segment of `entries`, in a set of `total`.
    ///
    /// A false alarm costs the same wherever it happens, so the small segments, where a bit more
    /// for each entry is cheap, get more: the rate is to fall with the share. 12 bits an entry
    /// (0.3 %) are enough for any. The largest gets what is left when all has grown by a quarter.
    func filterWidth(entries: Int, total: Int) -> Int {
        let total = Double(max(total, entries, 1))
        let base = max(1.2, Double(filterBudget) * 8 * 0.85 / (1.25 * total) - 0.6)
        let bits = min(12, base + 1.67 * log(total / Double(max(entries, 1))))
        return max(1, Int((bits * Double(Self.pageEntries) / 8).rounded()))
    }
}
