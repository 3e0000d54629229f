import Model
import Testing

@testable import Jobs

@Suite("Quantities")
struct QuantityTests {
    @Test("Durations")
    func durations() {
        for (text, milliseconds) in [
            ("500ms", 500), ("30s", 30_000), ("5min", 300_000), ("5 min", 300_000), ("2h", 7_200_000),
            ("1.5h", 5_400_000),
            ("0s", 0), ("1d", 86_400_000),
        ] { #expect(Quantity.duration(text) == .milliseconds(milliseconds), "\(text)") }
        for text in ["5", "s", "-5s", "5 parsecs", "", "1e3s", ".5s", "5.s", "99999999999d"] {
            #expect(Quantity.duration(text) == nil, "\(text)")
        }
    }

    @Test("Sizes, rates, shares and times of day")
    func others() {
        for (text, size) in [
            ("1MiB", 1 << 20), ("64KiB", 65_536), ("100kB", 100_000), ("1.5KiB", 1536), ("7B", 7),
        ] {
            #expect(Quantity.size(text) == size, "\(text)")
        }
        for text in ["5", "0B", "MiB", "5MiBs", "99999999GiB"] {
            #expect(Quantity.size(text) == nil, "\(text)")
        }
        #expect(Quantity.rate("90/min") == Rate(requests: 90, per: .seconds(60)))
        #expect(Quantity.rate("5 / s") == Rate(requests: 5, per: .seconds(1)))
        for text in ["0/s", "90", "90/", "/min", "90/fortnight", "1/s/s", "-1/s"] {
            #expect(Quantity.rate(text) == nil, "\(text)")
        }
        #expect(Quantity.share("5%") == 0.05)
        for text in ["5", "101%", "%", "-1%"] { #expect(Quantity.share(text) == nil, "\(text)") }
        #expect(Quantity.timeOfDay("06:00") == StopSettings.TimeOfDay(hour: 6, minute: 0))
        #expect(Quantity.timeOfDay("23:59") == StopSettings.TimeOfDay(hour: 23, minute: 59))
        for text in ["24:00", "6", "06:60", "06:0", "06:00:00", "-1:00"] {
            #expect(Quantity.timeOfDay(text) == nil, "\(text)")
        }
    }
}
