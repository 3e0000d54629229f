import Model

/// Quantities with their units, as they are written in job files and commands.
package enum Quantity {
    /// `30s`, `5min`, `1.5h`, `500ms`, `2d`
    package static func duration(_ text: String) -> Duration? {
        guard let (number, unit) = split(text) else { return nil }
        let milliseconds: Double? =
            switch unit {
            case "ms": number
            case "s", "sec": number * 1000
            case "min", "m": number * 60_000
            case "h": number * 3_600_000
            case "d": number * 86_400_000
            default: nil
            }
        guard let milliseconds, milliseconds <= 1e12 else { return nil }
        return .milliseconds(Int64(milliseconds.rounded()))
    }

    /// Bytes: `1MiB`, `512KiB`, `100kB`, `4096B`
    static func size(_ text: String) -> Int? {
        guard let (number, unit) = split(text) else { return nil }
        let factor: Double? =
            switch unit {
            case "B": 1
            case "kB", "KB": 1e3
            case "MB": 1e6
            case "GB": 1e9
            case "KiB": 1024
            case "MiB": 1_048_576
            case "GiB": 1_073_741_824
            default: nil
            }
        guard let factor, number * factor >= 1, number * factor <= 1e15 else { return nil }
        return Int(number * factor)
    }

    /// `90/min`, `5/s`, `1000/h`
    static func rate(_ text: String) -> Rate? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let requests = Int(parts[0].trimmed), (1...1_000_000).contains(requests)
        else { return nil }
        let interval: Duration? =
            switch parts[1].trimmed {
            case "s", "sec": .seconds(1)
            case "min", "m": .seconds(60)
            case "h": .seconds(3600)
            case "d": .seconds(86_400)
            default: nil
            }
        return interval.map { Rate(requests: requests, per: $0) }
    }

    /// `5%` is 0.05; from 0 to 100 %.
    static func share(_ text: String) -> Double? {
        guard let (number, unit) = split(text), unit == "%", number <= 100 else { return nil }
        return number / 100
    }

    /// `06:00`
    static func timeOfDay(_ text: String) -> StopSettings.TimeOfDay? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...2).contains(parts[0].count), parts[1].count == 2,
            let hour = UInt8(parts[0]), hour < 24, let minute = UInt8(parts[1]), minute < 60
        else { return nil }
        return StopSettings.TimeOfDay(hour: Int(hour), minute: Int(minute))
    }

    /// A number that is not negative and what is after it, spaces between them left out.
    private static func split(_ text: String) -> (number: Double, unit: String)? {
        let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        guard let first = digits.first, first != ".", digits.last != ".",
            let number = Double(digits), number.isFinite
        else { return nil }
        return (number, text.dropFirst(digits.count).trimmed)
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
