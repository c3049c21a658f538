package import HCL

/// What functions get from outside: files, the clock and chance, as effects that whoever builds the table decides on.
package struct FunctionEnvironment: Sendable {
    /// What is at a path, symbolic links followed.
    package enum FileKind: Sendable {
        case regular, directory, other
    }

    /// When expressions are evaluated.
    package enum Phase: Sendable {
        /// While planning: what differs from moment to moment is not known yet.
        case planning
        /// While applying.
        case applying(now: @Sendable () -> String, uuid: @Sendable () -> String)
    }

    /// Reads a file; its error says why it cannot be read.
    package var readFile: @Sendable (String) throws(FunctionError) -> [UInt8]
    /// What is at a path; nil when there is nothing.
    package var kind: @Sendable (String) -> FileKind?
    /// The names in a directory; none when it cannot be read.
    package var list: @Sendable (String) -> [String]
    /// The directory that relative paths start from.
    package var workingDirectory: String
    /// The home directory; nil when there is none.
    package var home: String?
    /// The moment of the plan, in the form of RFC 3339.
    package var planned: String
    /// When expressions are evaluated.
    package var phase: Phase

    /// Makes an environment.
    package init(
        readFile: @escaping @Sendable (String) throws(FunctionError) -> [UInt8],
        kind: @escaping @Sendable (String) -> FileKind?, list: @escaping @Sendable (String) -> [String],
        workingDirectory: String, home: String?, planned: String, phase: Phase = .planning
    ) {
        self.readFile = readFile
        self.kind = kind
        self.list = list
        self.workingDirectory = workingDirectory
        self.home = home
        self.planned = planned
        self.phase = phase
    }

    /// A path whose beginning `~` is replaced by the home directory; nil for another user's.
    func expanded(_ path: String) -> String? {
        guard path.hasPrefix("~") else { return path }
        guard path == "~" || path.hasPrefix("~/") else { return nil }
        return home.map { $0 + path.dropFirst() }
    }

    /// The same environment, in which paths may begin with `~`.
    fileprivate var expanding: FunctionEnvironment {
        var result = self
        result.readFile = { path throws(FunctionError) in try readFile(expanded(path) ?? path) }
        result.kind = { kind(expanded($0) ?? $0) }
        return result
    }
}

/// The functions of the language that this version has.
package enum BuiltinFunctions {
    /// All of them, with the known ones that are missing as functions that say so.
    package static func table(_ environment: FunctionEnvironment) -> FunctionTable {
        let files = environment.expanding
        let present =
            StringFunctions.all + CollectionFunctions.all + SetFunctions.all + NumberFunctions.all
            + ConversionFunctions.all + NetworkFunctions.all + PatternFunctions.all + TimeFunctions.all(environment)
            + TemplateFunctions.all + EncodingFunctions.all + YAMLFunctions.all + TextEncodingFunctions.all
            + FileFunctions.all(files)
            + HashFunctions.all(files)
        let names = Set(present.map(\.name))
        return FunctionTable(present + later.filter { !names.contains($0) }.map(missing))
    }

    /// Functions that Terraform has and this version has not.
    private static let later = ["bcrypt", "rsadecrypt"]

    private static func missing(_ name: String) -> Function {
        Function(lazy: name) { _, _ throws(FunctionError) in
            throw FunctionError("\(name) is not supported by this version of flinkform")
        }
    }
}
