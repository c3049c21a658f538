import Diagnostics
import JSON
import Planning

/// What a run did while the engine that keeps its state was away: a local file, read by the next run on this machine.
///
/// It holds no secret. Made only when needed, for its owner alone.
package struct UndeliveredChanges: Sendable {
    /// The file.
    package let path: String
    private let files: any FileSystem

    private static let lengthMaximum = 1 << 28
    private static let kind = "flinkform undelivered 1"

    /// Names the file; nothing is touched.
    package init(path: String, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// Whether there is nothing to deliver.
    package func isEmpty() throws(FileError) -> Bool { try files.status(path) == nil }

    /// Adds records of a journal, with its header, both as the journal keeps them; durable when it returns.
    ///
    /// The directory of a workspace, which nothing needs but this and the secrets, may not be there yet.
    func add(_ records: [JSONValue], _ header: JSONObject, at place: String) throws(FileError) {
        try files.makeDirectory(Path.directory(of: path))
        var bytes: [UInt8] = []
        if try isEmpty() {
            var head = header
            head["journal"] = .string(Self.kind)
            head["place"] = .string(place)
            bytes += JournalFile.line(.object(head), number: 0, batch: 0)
        } else if let old = try files.read(path, limit: Self.lengthMaximum) {
            bytes += old
        }
        let start = bytes.count { $0 == 0x0A }
        for (index, record) in records.enumerated() {
            bytes += JournalFile.line(record, number: start + index, batch: start)
        }
        try AtomicFile.write(bytes, to: path, on: files)
    }

    /// The records that still count, given what the engine has now; none when there is no file.
    ///
    /// If no other run has been at work since, all of them do. Else the others' settlement stands: what was created counts only
    /// while its intent is still open, and what was changed or deleted is found out by reading the objects again.
    func records(
        at place: String, _ state: State?, _ journal: StateJournal?, _ encryption: Encryption
    ) throws(Diagnostic) -> [JournalRecord] {
        let bytes: [UInt8]?
        do throws(FileError) {
            bytes = try files.read(path, limit: Self.lengthMaximum)
        } catch {
            throw .file("Undelivered changes cannot be read", error, "Nothing was changed.")
        }
        guard let bytes else { return [] }
        guard let content = try? JournalFile.read(bytes), content.header["journal"]?.string == Self.kind,
            let lineage = content.header["lineage"]?.string, let serial = content.header["serial"]?.int
        else { throw .damagedUndelivered(path) }
        guard content.header["place"]?.string == place, lineage == state?.lineage ?? journal?.header.lineage ?? lineage
        else { throw .foreignUndelivered(path, content.header["place"]?.string ?? "", place) }
        let run = content.header["run"]?.string
        let isUntouched = journal.map { $0.header.run == run } ?? ((state?.serial ?? 0) == serial)
        let open = Set((journal?.intents ?? []).map(\.id))
        let opened = try encryption.open(records: content.records, header: content.header, path).compactMap { $0 }
        return opened.compactMap(JournalRecord.init(json:)).filter { record in
            if isUntouched { return true }
            guard case .recorded(_, _, _, let intent?) = record else { return false }
            return open.contains(intent)
        }
    }

    /// Takes the file away; nothing happens when there is none.
    func remove() throws(FileError) {
        guard try !isEmpty() else { return }
        try files.remove(path)
        try files.syncDirectory(Path.directory(of: path))
    }
}

extension Diagnostic {
    fileprivate static func damagedUndelivered(_ path: String) -> Diagnostic {
        .error(
            "Undelivered changes are damaged",
            """
            \(VisibleText.escaped(path)) holds what a run did while its state could not be reached, and is damaged. Nothing was \
            changed. Restore the file from a backup; if that cannot be done, move it away: the next apply then settles the creates \
            that it told of by replacing their keys.
            """)
    }

    fileprivate static func foreignUndelivered(_ path: String, _ recorded: String, _ place: String) -> Diagnostic {
        .error(
            "Undelivered changes of another state",
            """
            \(VisibleText.escaped(path)) holds what a run did to \(VisibleText.escaped(recorded)), while the configuration now \
            keeps its state in \(VisibleText.escaped(place)). Nothing was changed. Run flinkform with the configuration of then, \
            which delivers them, or move the file away.
            """)
    }
}
