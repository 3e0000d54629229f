import ArgumentParser
import Foundation
import Model

/// Writes the input of a benchmark to standard output, the same bytes for the same arguments.
struct GenerateCommand: ParsableCommand {
    enum What: String, ExpressibleByArgument { case rows, cdnow }

    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Writes CSV to standard output.")

    @Argument(
        help: "`rows`: bills of 120 bytes, each of another customer; `cdnow`: real purchases, repeated."
    )
    var what: What
    @Option(help: "How many rows.")
    var rows = 1_000_000
    @Option(help: "The seed of the random numbers.")
    var seed: UInt64 = 1
    @Option(help: "The purchases to repeat: customer,sample_customer,date,cds,dollars.")
    var sample = "samples/cdnow/purchases.csv"

    func run() throws {
        var out = Output()
        switch what {
        case .rows: writeRows(&out)
        case .cdnow: try writePurchases(&out)
        }
        out.flush()
    }

    /// `bill_no,phone,sold_at,total,source,store,currency,note`, each row of 120 bytes with its end.
    private func writeRows(_ out: inout Output) {
        var random = SplitMix(state: seed)
        out.add("bill_no,phone,sold_at,total,source,store,currency,note\n")
        for row in 0..<rows {
            let chance = random.next()
            out.add("B-")
            out.add(row, digits: 12)
            // Another customer each, in no order: an odd factor permutes the residues of 2^30.
            out.add(",447")
            out.add((row &* 668_265_263) & 0x3FFF_FFFF, digits: 10)
            out.add(",2025-0")
            out.add(Int(chance & 7) % 6 + 1, digits: 1)
            out.add("-")
            out.add(Int(chance >> 8 & 0xFF) % 28 + 1, digits: 2)
            out.add(" ")
            out.add(Int(chance >> 16 & 0xFF) % 24, digits: 2)
            out.add(":")
            out.add(Int(chance >> 24 & 0xFF) % 60, digits: 2)
            out.add(":")
            out.add(Int(chance >> 32 & 0xFF) % 60, digits: 2)
            out.add(",")
            out.add(Int(chance >> 40 & 0x1FFF) % 9000 + 1000, digits: 4)
            out.add(".")
            out.add(Int(chance >> 56) % 100, digits: 2)
            out.add(",INSTORE,leeds_01,GBP,paid by card at the till number ")
            out.add(row, digits: 9)
            out.add("\n")
        }
    }

    /// The purchases, copy after copy: ten with their dates moved by 550 days each, so that customers
    /// recur with bills of their own, then again with customers of other numbers.
    private func writePurchases(_ out: inout Output) throws {
        let lines = try String(contentsOfFile: sample, encoding: .utf8)
            .split(whereSeparator: \.isNewline)
        guard let header = lines.first, lines.count > 1 else {
            throw ValidationError("\(sample): no purchases")
        }
        out.add(String(header) + "\n")
        var written = 0
        for copy in 0... {
            for line in lines.dropFirst() {
                guard written < rows else { return }
                let cells = line.split(separator: ",", omittingEmptySubsequences: false)
                guard cells.count == 5, let date = Int(cells[2]),
                    let day = CivilDay(year: date / 10_000, month: date / 100 % 100, day: date % 100)
                else { throw ValidationError("\(sample): \(line)") }
                let moved = CivilDay(daysSinceEpoch: day.daysSinceEpoch + copy % 10 * 550)
                out.add("\(copy / 10)\(cells[0]),\(cells[1]),")
                out.add(moved.year * 10_000 + moved.month * 100 + moved.day, digits: 8)
                out.add(",\(cells[3]),\(cells[4])\n")
                written += 1
            }
        }
    }
}

/// Steele, Lea and Flood's generator: a stream of 64-bit numbers from a seed.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Standard output, a megabyte at a time.
private struct Output {
    private var bytes: [UInt8] = []

    mutating func add(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        if bytes.count > 1 << 20 { flush() }
    }

    /// The last `digits` digits of `number`, zeros in front.
    mutating func add(_ number: Int, digits: Int) {
        var power = 1
        for _ in 1..<max(digits, 1) { power *= 10 }
        while power > 0 {
            bytes.append(UInt8(48 + number / power % 10))
            power /= 10
        }
    }

    mutating func flush() {
        FileHandle.standardOutput.write(Data(bytes))
        bytes.removeAll(keepingCapacity: true)
    }
}
