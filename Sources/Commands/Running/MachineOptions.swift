import ArgumentParser
import Diagnostics
import Reporting
import Storage

/// What programs are told of a run.
struct MachineOptions: ParsableArguments {
    @Flag(name: .both("json"), help: "Print lines of JSON for programs, as Terraform does, and nothing else.")
    var json = false

    @Option(
        name: .both("json-into"),
        help: ArgumentHelp("Write what -json prints to a file, beside what people read.", valueName: "file"),
        completion: .file())
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
        return try await Self.telling(invocation, json, jsonInto, needsApproval: needsApproval, work)
    }

    /// Does the work of a command that prints lines of JSON and nothing else.
    static func printing(_ invocation: Invocation, _ work: (Invocation) async throws -> Int32) async throws -> Int32 {
        try await telling(invocation, true, nil, needsApproval: false, work)
    }

    private static func telling(
        _ invocation: Invocation, _ json: Bool, _ jsonInto: String?, needsApproval: Bool,
        _ work: (Invocation) async throws -> Int32
    ) async throws -> Int32 {
        var inner = invocation
        let file = try jsonInto.map { path throws(Problems) in try Self.file(invocation.path(path), invocation) }
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
            invocation.terminal.writeError(
                "Error: The file of -json-into could not be written as a whole: \(VisibleText.escaped(problem)).\n")
            return 1
        } catch {
            let problems = error as? Problems ?? (error as? Diagnostic).map { Problems($0) }
            if let problems { log.add(problems.diagnostics, problems.files) }
            guard json, problems != nil else { throw error }
            return 1
        }
    }
}

extension MachineOptions {
    /// Whether a command line asks for lines of JSON, as far as that can be told when it makes no sense otherwise.
    static func isAsked(by arguments: [String], of path: CommandPath) -> Bool {
        guard CommandDescription(path).arguments.contains(where: { $0.name == "-json-into" }) else { return false }
        let options = (try? BooleanArguments.normalised(arguments)) ?? arguments
        return options.prefix { $0 != "--" }.contains { ["-json", "--json"].contains($0) }
    }

    private static func file(_ path: String, _ invocation: Invocation) throws(Problems) -> LogFile {
        do throws(FileError) {
            return try LogFile(path, on: invocation.files, isEmptied: true)
        } catch {
            throw Problems(
                .error(
                    "File cannot be written",
                    "-json-into names \(VisibleText.escaped(path)), which cannot be written: \(error.reason)."))
        }
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
