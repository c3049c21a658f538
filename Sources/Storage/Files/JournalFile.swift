import JSON

/// An append-only file of JSON lines: a header, then records, each with its number and a checksum.
///
/// A crash can leave the lines that were not synced yet torn; they are left out. Any other damage is an error: something else
/// happened to the file. Appends that overlap share one sync.
actor JournalFile {
    /// What a journal holds.
    struct Content: Sendable {
        /// The header.
        var header: JSONObject
        /// The records, in order.
        var records: [JSONValue]
    }

    /// Damage inside a journal.
    struct Damage: Error, Hashable {
        /// The line, from 1.
        let line: Int
    }

    private let files: any FileSystem
    private let handle: FileHandle
    /// Where the next run looks for it.
    private let path: String
    private var next: Int
    /// The number of the first record that is not synced.
    private var batch: Int
    /// Whether all that was written is synced.
    private var isSynced = true
    private var pending: [UInt8] = []
    private var waiting: [CheckedContinuation<FileError?, Never>] = []
    private var isFlushing = false
    private var failure: FileError?

    private init(files: any FileSystem, handle: FileHandle, path: String, next: Int) {
        self.files = files
        self.path = path
        self.handle = handle
        self.next = next
        self.batch = next
    }

    /// Starts a journal in the place of another, with a header and some records; durable when it returns.
    static func start(
        _ path: String, header: JSONObject, records: [JSONValue], on files: any FileSystem
    ) throws(FileError) -> JournalFile {
        var bytes = line(.object(header), number: 0, batch: 0)
        for (index, record) in records.enumerated() { bytes += line(record, number: index + 1, batch: 0) }
        let handle = try AtomicFile.replace(path, with: bytes, on: files, locks: false)
        return JournalFile(files: files, handle: handle, path: path, next: records.count + 1)
    }

    /// Adds records; durable when it returns, unless `isDurable` is false.
    ///
    /// After an error nothing more is taken: what follows a gap could not be read.
    func append(_ records: [JSONValue], isDurable: Bool) async throws(FileError) {
        if let failure { throw failure }
        if pending.isEmpty, isSynced { batch = next }
        for record in records {
            pending += Self.line(record, number: next, batch: batch)
            next += 1
        }
        guard isDurable else {
            // Whoever ends this process takes away little of it.
            if pending.count >= Self.pendingMaximum, !isFlushing { flush(isDurable: false) }
            if let failure { throw failure }
            return
        }
        if isFlushing {
            let failed = await withCheckedContinuation { waiting.append($0) }
            if let failed { throw failed }
            return
        }
        isFlushing = true
        // Whoever is about to append joins this round.
        await Task.yield()
        flush()
        isFlushing = false
        if let failure { throw failure }
    }

    /// So many bytes of what need not be durable are kept back, so that a record does not cost a call of the system.
    private static let pendingMaximum = 1 << 16

    private func flush(isDurable: Bool = true) {
        let bytes = pending
        let waiters = waiting
        (pending, waiting) = ([], [])
        if failure == nil, !bytes.isEmpty {
            do throws(FileError) {
                try checkPlace()
                try files.write(bytes, to: handle)
                if isDurable { try files.sync(handle) }
                isSynced = isDurable
            } catch {
                failure = error
            }
        }
        for waiter in waiters { waiter.resume(returning: failure) }
    }

    /// Makes sure that the file is still where the next run looks for it: what goes into a removed one is lost.
    private func checkPlace() throws(FileError) {
        let own = try files.status(handle).inode
        guard try files.status(path)?.inode == own else {
            throw FileError("write", path, "It was removed or replaced during this run")
        }
    }

    /// Closes the file; nothing is taken any more.
    ///
    /// What was not to be durable is written, but not synced.
    func close() {
        guard failure?.operation != Self.closed else { return }
        if failure == nil, !pending.isEmpty { try? files.write(pending, to: handle) }
        pending = []
        failure = FileError(Self.closed, handle.path, "It was closed")
        files.close(handle)
    }

    private static let closed = "write to"

    // MARK: - Lines

    /// `{"sum":"xxxxxxxx"`, before what the checksum is of.
    private static let head = Array("{\"sum\":\"".utf8)

    /// A line; `batch` is the number of the first line that was synced together with it.
    static func line(_ record: JSONValue, number: Int, batch: Int) -> [UInt8] {
        let rest = Array("\",\"n\":\(number),\"b\":\(batch),\"r\":".utf8) + record.bytes(.compact) + [UInt8(ascii: "}")]
        return head + CRC32.text(of: rest).utf8 + rest + [0x0A]
    }

    private struct Line {
        let number: Int
        let batch: Int
        let record: JSONValue

        /// Nil when it is not as it was written.
        init?(_ bytes: [UInt8]) {
            let start = head.count + CRC32.length
            guard bytes.count > start, bytes.starts(with: head) else { return nil }
            guard CRC32.text(of: Array(bytes[start...])).utf8.elementsEqual(bytes[head.count..<start]) else {
                return nil
            }
            guard let json = try? JSONValue(parsing: bytes), let number = json["n"]?.int, let batch = json["b"]?.int,
                let record = json["r"]
            else { return nil }
            (self.number, self.batch, self.record) = (number, batch, record)
        }
    }

    /// Reads a journal.
    ///
    /// A crash tears only what was not synced: the end of the last line, or, as blocks of zeros, any of the lines that were
    /// written since the last sync. Lines behind a torn one are left out with it.
    static func read(_ bytes: [UInt8]) throws(Damage) -> Content {
        var lines: [Line] = []
        var torn: Int?
        for (index, part) in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast().enumerated() {
            let line = Line(Array(part))
            if let torn {
                // A later round was begun only after this one had been synced.
                if let line, line.batch > lines.count { throw Damage(line: torn) }
            } else if let line, line.number == lines.count {
                lines.append(line)
            } else {
                guard part.contains(0) else { throw Damage(line: index + 1) }
                torn = index + 1
            }
        }
        // The header is there, whole, from the start.
        guard let header = lines.first?.record.object else { throw Damage(line: 1) }
        return Content(header: header, records: lines.dropFirst().map(\.record))
    }
}
