import CZlib
import JSON

/// An append-only file of JSON lines: a header, then records, each with its number and a checksum.
///
/// A crash can leave the last line torn; it is left out. Damage before the last line is an error: something else happened to the
/// file. Appends that overlap share one sync.
actor JournalFile {
    /// What a journal holds.
    struct Content: Sendable {
        /// The header, or nil when the file is empty or its header is torn.
        var header: JSONObject?
        /// The records, in order.
        var records: [JSONValue] = []
        /// How many bytes are whole lines.
        var length = 0
    }

    /// Damage inside a journal.
    struct Damage: Error, Hashable {
        /// The line, from 1.
        let line: Int
    }

    private let files: any FileSystem
    private let handle: FileHandle
    private var next: Int
    private var pending: [UInt8] = []
    private var waiting: [CheckedContinuation<FileError?, Never>] = []
    private var isFlushing = false
    private var failure: FileError?

    private init(files: any FileSystem, handle: FileHandle, next: Int) {
        self.files = files
        self.handle = handle
        self.next = next
    }

    /// Starts a journal in the place of another, with a header and some records.
    static func start(
        _ path: String, header: JSONObject, records: [JSONValue], on files: any FileSystem
    ) throws(FileError) -> JournalFile {
        var bytes = JSONValue.object(header).bytes(.compact) + [0x0A]
        for (index, record) in records.enumerated() { bytes += line(record, number: index + 1) }
        let handle = try AtomicFile.replace(path, with: bytes, on: files, locks: false)
        return JournalFile(files: files, handle: handle, next: records.count + 1)
    }

    /// Adds records; durable when it returns, unless `isDurable` is false.
    func append(_ records: [JSONValue], isDurable: Bool) async throws(FileError) {
        if let failure { throw failure }
        for record in records {
            pending += Self.line(record, number: next)
            next += 1
        }
        guard isDurable else { return }
        if isFlushing {
            let failed = await withCheckedContinuation { waiting.append($0) }
            if let failed { throw failed }
            return
        }
        isFlushing = true
        while !pending.isEmpty {
            // Whoever is about to append joins this round.
            await Task.yield()
            flush()
        }
        isFlushing = false
        if let failure { throw failure }
    }

    private func flush() {
        let bytes = pending
        let waiters = waiting
        (pending, waiting) = ([], [])
        if failure == nil {
            do throws(FileError) {
                try files.write(bytes, to: handle)
                try files.sync(handle)
            } catch {
                failure = error
            }
        }
        for waiter in waiters { waiter.resume(returning: failure) }
    }

    /// Closes the file.
    func close() { files.close(handle) }

    // MARK: - Lines

    private static func line(_ record: JSONValue, number: Int) -> [UInt8] {
        let body = record.bytes(.compact)
        let head = "{\"n\":\(number),\"sum\":\"\(checksum(body, number))\",\"r\":"
        return Array(head.utf8) + body + [UInt8(ascii: "}"), 0x0A]
    }

    /// The CRC-32 of a record and its number, in hexadecimal.
    private static func checksum(_ body: [UInt8], _ number: Int) -> String {
        let bytes = Array(String(number).utf8) + [UInt8(ascii: ":")] + body
        let sum = bytes.withUnsafeBufferPointer { crc32(0, $0.baseAddress, uInt($0.count)) }
        let digits = String(sum, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    /// Reads a journal.
    static func read(_ bytes: [UInt8]) throws(Damage) -> Content {
        var content = Content()
        var start = 0
        var number = 0
        while start < bytes.count {
            // A line without its end is torn.
            guard let end = bytes[start...].firstIndex(of: 0x0A) else { return content }
            let isLast = end == bytes.count - 1
            let line = try? JSONValue(parsing: Array(bytes[start..<end]))
            if number == 0 {
                guard let header = line?.object else {
                    if isLast { return content }
                    throw Damage(line: 1)
                }
                content.header = header
            } else {
                guard let record = line?["r"], line?["n"]?.int == number,
                    line?["sum"]?.string == checksum(record.bytes(.compact), number)
                else {
                    if isLast { return content }
                    throw Damage(line: number + 1)
                }
                content.records.append(record)
            }
            number += 1
            start = end + 1
            content.length = start
        }
        return content
    }
}
