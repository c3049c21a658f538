package import Configuring
package import Diagnostics
import JSON
package import Planning

/// Plans at rest: what `-out` writes and `apply PLANFILE` reads.
package enum PlanFile {
    private static let lengthMaximum = 1 << 30

    /// Writes a plan, for its owner only, encrypted where plans are; in the place of another plan, but of nothing else.
    package static func write(
        _ plan: Plan, to path: String, on files: any FileSystem, _ encryption: Encryption = Encryption()
    ) throws(Diagnostic) {
        let content = plan.fileBytes()
        let bytes = try encryption.seal(content + lastLine(after: content), .plan)
        do throws(FileError) {
            if let old = try files.read(path, limit: lengthMaximum), !old.isEmpty, !Plan.isPlan(old),
                !isEncryptedPlan(old)
            {
                throw FileError("replace", path, "It is there already and is no plan")
            }
            try AtomicFile.write(bytes, to: path, on: files)
        } catch {
            throw .file("Plan could not be written", error, "Name a file in a directory that you can write to.")
        }
    }

    /// The last line of the file: the checksum of what is before it, for plans are carried from job to job.
    private static func lastLine(after content: [UInt8]) -> [UInt8] {
        Array("{\"sum\":\"\(CRC32.text(of: content))\"}\n".utf8)
    }

    /// Whether it is an encrypted file that is no state, which would show its lineage.
    private static func isEncryptedPlan(_ bytes: [UInt8]) -> Bool {
        guard let json = try? JSONValue(parsing: bytes) else { return false }
        return Envelope.isEnvelope(json) && json["lineage"] == nil
    }

    /// Reads a plan; a file that is no plan, or one of another version, is an error that says so.
    ///
    /// - Parameters:
    ///   - path: Where the file is.
    ///   - name: What the user calls it; nil means its path.
    ///   - files: Where files are.
    ///   - encryption: How it may be encrypted.
    package static func read(
        _ path: String, named name: String? = nil, on files: any FileSystem, _ encryption: Encryption = Encryption()
    ) throws(Diagnostic) -> Plan {
        guard let bytes = try bytes(of: path, on: files) else { throw .notFound(name ?? path) }
        return try plan(in: bytes, path, encryption)
    }

    /// What is in a file that holds a plan or a state.
    package enum Content: Sendable {
        /// A plan.
        case plan(Plan)
        /// A state.
        case state(State)
    }

    /// Reads a plan or a state; a file that is neither is an error that says so, and so is a state with secrets in clear.
    package static func readPlanOrState(
        _ path: String, named name: String, on files: any FileSystem, catalog: Catalog, _ encryption: Encryption
    ) throws(Diagnostic) -> Content {
        guard let bytes = try bytes(of: path, on: files) else { throw .neitherFound(name) }
        // Encrypted, a state shows its lineage, and a plan does not; what is torn is told by its beginning.
        let isState =
            if Plan.isPlan(bytes) { false } else if let json = try? JSONValue(parsing: bytes) {
                json["lineage"] != nil || (json.object != nil && !Envelope.isEnvelope(json))
            } else {
                bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) } == UInt8(ascii: "{")
                    && !bytes.starts(with: Array("{\"format\"".utf8))
            }
        guard isState else { return .plan(try plan(in: bytes, path, encryption)) }
        return .state(try StateFile(path, on: files, catalog: catalog, encryption).read(bytes))
    }

    private static func bytes(of path: String, on files: any FileSystem) throws(Diagnostic) -> [UInt8]? {
        do throws(FileError) {
            return try files.read(path, limit: lengthMaximum)
        } catch {
            throw .file("Plan could not be read", error, "Name a file that \"flinkform plan -out=FILE\" wrote.")
        }
    }

    private static func plan(
        in bytes: [UInt8], _ path: String, _ encryption: Encryption
    ) throws(Diagnostic) -> Plan {
        let json = Plan.isPlan(bytes) ? nil : try? JSONValue(parsing: bytes)
        if json.map(Envelope.isEnvelope) != true, !Plan.isPlan(bytes) { throw .noPlan(path) }
        let opened = try encryption.open(bytes, json, .plan, path).bytes
        let content = Array(opened.dropLast(lastLine(after: []).count))
        let isIntact = opened == content + lastLine(after: content)
        do throws(PlanFileError) {
            let plan = try Plan(fileBytes: isIntact ? content : opened)
            guard isIntact else { throw .malformed }
            return plan
        } catch {
            switch error {
            case .malformed: throw .noPlan(path)
            case .version:
                throw .error(
                    "Plan of another version",
                    "Another version of flinkform wrote \(VisibleText.escaped(path)). Make a new plan with this one: \"flinkform plan -out=FILE\"."
                )
            }
        }
    }
}

extension Diagnostic {
    fileprivate static func notFound(_ name: String) -> Diagnostic {
        let name = VisibleText.escaped(name)
        return .error("Failed to load \"\(name)\" as a plan file", "Error: stat \(name): no such file or directory")
    }

    fileprivate static func neitherFound(_ name: String) -> Diagnostic {
        let cause = "open \(VisibleText.escaped(name)): no such file or directory"
        return .error(
            "Failed to read the given file as a state or plan file",
            """
            State read error: Error loading statefile: \(cause)

            Plan read error: couldn't load the provided path as either a local plan file (\(cause)) or a saved cloud plan \
            (\(cause))
            """)
    }

    fileprivate static func noPlan(_ path: String) -> Diagnostic {
        .error(
            "Not a plan file",
            "\(VisibleText.escaped(path)) is not a plan that flinkform wrote, or it is damaged. Make a new one with \"flinkform plan -out=FILE\"."
        )
    }
}
