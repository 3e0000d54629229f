import Glibc

/// The wall clock as it was when this process first asked, moved on by a clock that nobody sets: a jump
/// of the wall clock makes no wait shorter.
enum SteadyClock {
    private static let start = (wall: read(CLOCK_REALTIME), boot: read(CLOCK_BOOTTIME))

    /// Milliseconds since 1970.
    static func now() -> Int64 { start.wall + read(CLOCK_BOOTTIME) - start.boot }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
