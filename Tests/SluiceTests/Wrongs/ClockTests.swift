import Foundation
import TestSupport
import Testing

/// The machine's clock jumps while a doubt waits. What the server was given time for is not over because
/// a clock says so.
@Suite(.ownThreads) struct ClockTests {
    /// A library that shifts the wall clock by `$SLUICE_JUMP` seconds once `$SLUICE_JUMP_FILE` is there; nil
    /// where there is no C compiler to make it with.
    private func shim(in folder: String) throws -> String? {
        let source = folder + "/jump.c"
        try """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <time.h>
        #include <unistd.h>
        int clock_gettime(clockid_t id, struct timespec *time) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = dlsym(RTLD_NEXT, "clock_gettime");
            int result = real(id, time);
            const char *file = getenv("SLUICE_JUMP_FILE");
            if (id == CLOCK_REALTIME && file && access(file, F_OK) == 0)
                time->tv_sec += atoll(getenv("SLUICE_JUMP"));
            return result;
        }
        """.write(toFile: source, atomically: true, encoding: .utf8)
        for compiler in ["cc", "clang"] {
            let process = try Child(
                compiler, ["-shared", "-fPIC", "-o", folder + "/jump.so", source, "-ldl"],
                in: folder, log: compiler)
            process.wait()
            if process.status == 0 { return folder + "/jump.so" }
        }
        return nil
    }

    @Test(
        "A clock that jumps neither books twice nor waits for ever",
        arguments: [3600, -3600, 86_400 * 400])
    func jumps(by seconds: Int) throws {
        let stand = try Stand(items: 60, doubtWait: "3s")
        defer { stand.remove() }
        let folder = stand.program.folder
        guard let shim = try shim(in: folder) else {
            print("no C compiler here: the jumping clock is not tried")
            return
        }
        // The work of the cut ones is done well within the time they are given.
        try stand.server.set(["late:on=add:count=2:1500ms"])
        let jump = Task.detached {
            for _ in 0..<2000 {
                if try stand.server.ask("/_sandbox/counts")["cut"] as? Int ?? 0 > 1 { break }
                usleep(5_000)
            }
            _ = FileManager.default.createFile(atPath: folder + "/jumped", contents: nil)
        }
        defer { jump.cancel() }
        let output = try stand.program.shell(
            """
            export LD_PRELOAD='\(shim)' SLUICE_JUMP_FILE='\(folder)/jumped' SLUICE_JUMP=\(seconds)
            exec "$SLUICE" run job.yaml
            """, killedAfter: 20)
        #expect(output.status == 0, "\(output)")
        let done = try stand.done()
        #expect(done.allSatisfy { $0 == 1 }, "\(done)")
    }
}
