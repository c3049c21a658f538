import ArgumentParser
import Diagnostics
import Reporting
import Storage
import Synchronization

/// What programs are told of a run.
struct MachineOptions: ParsableArguments {
    @Flag(name: .both("json"), help: "Print lines of JSON for programs, as Terraform does, and nothing else.")
    var json = false

    @Option(
        name: .both("json-into"),
        help: ArgumentHelp("Write what -json prints to a file, beside what people read.", valueName: "file"))
    var jsonInto: String?

    /// Does the work of a command, and tells programs of it as they asked.
    ///
    /// - Parameters:
    ///   - invocation: What the command works with.
    ///   - needsApproval: Whether somebody would have to be asked.
    ///   - work: The work; it gets an invocation with the log, and without a terminal where nothing else is printed.
    func run(
        _ invocation: Invocation, needsApproval: Bool = false, _ work: (Invocation) async throws -> Int32
    ) async throws -> Int32 {
        guard json || jsonInto != nil else { return try await work(invocation) }
        var inner = invocation
        let file = try jsonInto.map { try LogFile(invocation.path($0), on: invocation.files) }
        defer { file?.close() }
        let (terminal, prints) = (invocation.terminal, json)
        let log = MachineLog(invocation.surroundings) { text in
            if prints { terminal.write(text) }
            file?.write(text)
        }
        inner.log = log
        if json { inner.terminal = .silent }
        log.add([.version(of: Flinkform.version)])
        do {
            if json, needsApproval { throw Problems(.approvalNeeded) }
            let status = try await work(inner)
            guard status == 0 || status == 2, let problem = file?.problem else { return status }
            invocation.terminal.writeError("Error: \(VisibleText.escaped(problem))\n")
            return 1
        } catch {
            let problems = error as? Problems ?? (error as? Diagnostic).map { Problems($0) }
            if let problems { log.add(problems.diagnostics, problems.files) }
            guard json, problems != nil else { throw error }
            return 1
        }
    }
}

/// A file that lines are written to while a run goes on.
private final class LogFile: Sendable {
    private let files: any FileSystem
    private let handle: FileHandle
    private let lost = Mutex<String?>(nil)

    /// Makes the file, or empties it.
    init(_ path: String, on files: any FileSystem) throws {
        self.files = files
        do throws(FileError) {
            handle = try files.open(path, .appending)
            if try files.status(handle).isRegular { try files.truncate(handle, to: 0) }
        } catch {
            throw Problems(
                .error(
                    "File cannot be written",
                    "-json-into names \(VisibleText.escaped(path)), which cannot be written: \(error.reason)."))
        }
    }

    /// Writes what can be written: a full disk is no reason to stop an apply.
    func write(_ text: String) {
        do throws(FileError) {
            try files.write(Array(text.utf8), to: handle)
        } catch {
            lost.withLock { $0 = $0 ?? error.reason }
        }
    }

    func close() { files.close(handle) }

    /// What was lost, as a sentence; nil when nothing was.
    var problem: String? {
        lost.withLock { $0 }.map { "The file of -json-into could not be written as a whole: \($0)." }
    }
}

extension Diagnostic {
    fileprivate static var approvalNeeded: Diagnostic {
        .error(
            "Plan file or auto-approve required",
            "flinkform cannot ask for interactive approval when -json is set. You can either apply a saved plan file, or enable the -auto-approve option."
        )
    }
}
