import EngineSupport
import JSON
import Testing

@testable import Storage

/// Journals: what is acknowledged is there, and damage is told from what a crash leaves.
@Suite struct JournalFileTests {
    private static let path = "/d/journal"

    private static func record(_ index: Int) -> JSONValue { ["record": "x", "number": .number(JSONNumber(index))] }

    /// A journal with a header and records that were synced one by one.
    private static func journal(_ count: Int) async throws -> (ForgetfulFileSystem, [UInt8]) {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start(path, header: ["journal": "test"], records: [], on: files)
        for index in 0..<count { try await journal.append([record(index)], isDurable: true) }
        await journal.close()
        return (files, files.bytes(path) ?? [])
    }

    private static func isPrefix(_ content: JournalFile.Content, _ count: Int) -> Bool {
        content.header == ["journal": "test"] && content.records == (0..<count).map(record)
    }

    @Test("What was appended is read")
    func append() async throws {
        let (files, bytes) = try await Self.journal(5)
        #expect(Self.isPrefix(try JournalFile.read(bytes), 5))
        files.restart()
        #expect(files.bytes(Self.path) == bytes)
    }

    @Test("What goes into a journal that was removed is refused, not acknowledged", arguments: [true, false])
    func removed(isReplaced: Bool) async throws {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start("/d/journal", header: [:], records: [], on: files)
        try await journal.append([1], isDurable: true)
        files.takeAway("/d/journal")
        if isReplaced { files.put([], at: "/d/journal") }
        await #expect(throws: FileError.self) { try await journal.append([2], isDurable: true) }
        #expect(files.bytes("/d/journal") == (isReplaced ? [] : nil))
    }

    @Test("At every truncation the whole lines are read, or it is refused for want of its header")
    func truncations() async throws {
        let (_, bytes) = try await Self.journal(4)
        let header = try #require(bytes.firstIndex(of: 0x0A))
        for length in 0..<bytes.count {
            let part = Array(bytes.prefix(length))
            if length <= header {
                #expect(throws: JournalFile.Damage(line: 1)) { try JournalFile.read(part) }
            } else {
                let whole = part.count { $0 == 0x0A } - 1
                #expect(Self.isPrefix(try JournalFile.read(part), whole), "\(length)")
            }
        }
    }

    @Test("A flipped bit anywhere is refused, but for the end of the last line, which is torn then")
    func flips() async throws {
        let (_, bytes) = try await Self.journal(3)
        for place in bytes.indices {
            for bit in [0, 3, 7] {
                var other = bytes
                other[place] ^= 1 << UInt8(bit)
                if place == bytes.count - 1 {
                    #expect(Self.isPrefix(try JournalFile.read(other), 2))
                } else {
                    #expect(throws: JournalFile.Damage.self, "byte \(place), bit \(bit)") {
                        try JournalFile.read(other)
                    }
                }
            }
        }
    }

    @Test("A line that is missing, twice there or out of place is refused")
    func places() async throws {
        let (_, bytes) = try await Self.journal(3)
        let lines = bytes.split(separator: 0x0A).map { Array($0) + [0x0A] }
        func isRefused(_ order: [Int]) -> Bool { (try? JournalFile.read(order.flatMap { lines[$0] })) == nil }
        for order in [[0, 1, 3], [0, 1, 2, 2, 3], [0, 2, 1, 3], [1, 2, 3], [0, 0, 1]] {
            #expect(isRefused(order), "\(order)")
        }
        #expect(!isRefused([0, 1, 2, 3]))
    }

    @Test("Blocks of zeros among the lines of the last round are torn; in an earlier round they are damage")
    func zeros() async throws {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start(Self.path, header: ["journal": "test"], records: [], on: files)
        try await journal.append([Self.record(0)], isDurable: true)
        try await journal.append((1...3).map(Self.record), isDurable: true)
        let bytes = try #require(files.bytes(Self.path))
        var ends = bytes.indices.filter { bytes[$0] == 0x0A }
        ends.removeLast()
        func zeroed(behind end: Int) -> [UInt8] {
            var other = bytes
            for place in (end + 1)..<(end + 12) { other[place] = 0 }
            return other
        }
        // The header, the first record, then three of one round.
        #expect(throws: JournalFile.Damage(line: 2)) { try JournalFile.read(zeroed(behind: ends[0])) }
        #expect(Self.isPrefix(try JournalFile.read(zeroed(behind: ends[1])), 1))
        #expect(Self.isPrefix(try JournalFile.read(zeroed(behind: ends[2])), 2))
        #expect(Self.isPrefix(try JournalFile.read(zeroed(behind: ends[3])), 3))
    }

    @Test("Appends that overlap share syncs, and each is durable when it returns")
    func grouping() async throws {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start(Self.path, header: ["journal": "test"], records: [], on: files)
        let before = files.syncCount
        try await withThrowingTaskGroup(of: Void.self) { group in
            for index in 0..<50 { group.addTask { try await journal.append([Self.record(index)], isDurable: true) } }
            try await group.waitForAll()
        }
        #expect(files.syncCount - before <= 25)
        files.restart()
        let read = try JournalFile.read(files.bytes(Self.path) ?? [])
        #expect(Set(read.records) == Set((0..<50).map(Self.record)))
        #expect(read.records.count == 50)
    }

    @Test("What need not be durable costs no sync and comes before what follows it")
    func notes() async throws {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start(Self.path, header: ["journal": "test"], records: [], on: files)
        let before = files.syncCount
        for index in 0..<10 { try await journal.append([Self.record(index)], isDurable: false) }
        #expect(files.syncCount == before)
        try await journal.append([Self.record(10)], isDurable: true)
        #expect(files.syncCount == before + 1)
        try await journal.append([Self.record(11)], isDurable: false)
        await journal.close()
        #expect(Self.isPrefix(try JournalFile.read(files.bytes(Self.path) ?? []), 12))
        files.restart()
        #expect(Self.isPrefix(try JournalFile.read(files.bytes(Self.path) ?? []), 11))
    }

    @Test("After a failed write nothing is taken any more, and what was acknowledged is there", arguments: [0, 1])
    func failing(effect: Int) async throws {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start(Self.path, header: ["journal": "test"], records: [], on: files)
        try await journal.append([Self.record(0)], isDurable: true)
        files.arrange(.full, atEffect: effect)
        await #expect(throws: FileError.self) { try await journal.append([Self.record(1)], isDurable: true) }
        files.makeRoom()
        await #expect(throws: FileError.self) { try await journal.append([Self.record(2)], isDurable: true) }
        let read = try JournalFile.read(files.bytes(Self.path) ?? [])
        #expect(Self.isPrefix(read, 1) || Self.isPrefix(read, 2))
    }

    @Test("A closed journal takes nothing and writes to no other file")
    func closed() async throws {
        let files = ForgetfulFileSystem()
        let journal = try JournalFile.start(Self.path, header: ["journal": "test"], records: [], on: files)
        await journal.close()
        await journal.close()
        await #expect(throws: FileError.self) { try await journal.append([Self.record(1)], isDurable: true) }
    }
}
