import Catalog
import Foundation
package import Ledger
import Records

/// The numbers of an order as a CSV file, readable by its owner alone. It has its name once it is whole.
package enum CardFile {
    /// Writes what the ledger has.
    ///
    /// - Returns: How many cards.
    package static func write(_ order: CardOrder, ledger: Ledger) throws -> Int {
        let part = order.path + ".part"
        let descriptor = unsafe open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw trouble(order.path) }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var count = 0
        try file.write(contentsOf: Data("card_number,series,label\n".utf8))
        try ledger.eachCardReply(of: order.number) { index, reply in
            let line = order.lines[index]
            var rows: [UInt8] = []
            for number in CardsGenerate.numbers(in: reply) ?? [] {
                CSVCell.append(Array(number.utf8), to: &rows)
                rows += ",\(line.series),".utf8
                CSVCell.append(Array((line.label ?? "").utf8), to: &rows)
                rows.append(0x0A)
                count += 1
            }
            try file.write(contentsOf: rows)
        }
        try file.synchronize()
        guard unsafe rename(part, order.path) == 0 else { throw trouble(order.path) }
        return count
    }

    private static func trouble(_ path: String) -> RunStartError {
        RunStartError(.cardFile(path: path, errno: errno))
    }
}
