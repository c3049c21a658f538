import Glibc
import Storage
import Testing

/// Programs that are run to their end.
@Suite struct ChildProgramTests {
    private static func run(_ script: String, input: [UInt8] = []) async throws -> ChildProgram.Outcome {
        try await ChildProgram(
            ["/bin/sh", "-c", script], environment: [:], directory: "/", timeout: .seconds(60)
        ).run(input: input)
    }

    /// More than a pipe holds, so that the end of the reader is met while writing.
    private static let long = [UInt8](repeating: 0x61, count: 1 << 20)

    @Test("A program that reads nothing of a long input ends by itself, and this process goes on")
    func inputIsNotRead() async throws {
        // In a process of its own, where no server has had the signal of broken pipes ignored.
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            let outcome = try await Self.run("exec 0<&-; echo said; exit 3", input: Self.long)
            #expect(outcome.output == Array("said\n".utf8) && outcome.status == 3)
        }
    }

    @Test("What a program writes while it is fed is taken")
    func throughput() async throws {
        #expect(try await Self.run("cat", input: Self.long).output == Self.long)
    }

    @Test("No file or connection of this process is open in a program")
    func descriptors() async throws {
        let directory = open("/", O_RDONLY)
        defer { close(directory) }
        let outcome = try await Self.run("test -e /proc/self/fd/\(directory); echo $?")
        #expect(outcome.output == Array("1\n".utf8))
    }
}
