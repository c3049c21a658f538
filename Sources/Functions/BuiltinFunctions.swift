package import HCL

/// What functions get from outside: files come in as an effect that whoever builds the table decides on.
package struct FunctionEnvironment: Sendable {
    /// Reads a file; its error says why it cannot be read.
    package var readFile: @Sendable (String) throws(FunctionError) -> [UInt8]
    /// Whether there is an ordinary file.
    package var fileExists: @Sendable (String) -> Bool
    /// The directory that relative paths start from.
    package var workingDirectory: String

    /// Makes an environment.
    package init(
        readFile: @escaping @Sendable (String) throws(FunctionError) -> [UInt8],
        fileExists: @escaping @Sendable (String) -> Bool, workingDirectory: String
    ) {
        self.readFile = readFile
        self.fileExists = fileExists
        self.workingDirectory = workingDirectory
    }
}

/// The functions of the language that this version has.
package enum BuiltinFunctions {
    /// All of them, with the known ones that are missing as functions that say so.
    package static func table(_ environment: FunctionEnvironment) -> FunctionTable {
        let present =
            StringFunctions.all + CollectionFunctions.all + SetFunctions.all + NumberFunctions.all
            + ConversionFunctions.all
            + NetworkFunctions.all + PatternFunctions.all + TimeFunctions.all + EncodingFunctions.all
            + FileFunctions.all(environment) + HashFunctions.all(environment)
        let names = Set(present.map(\.name))
        return FunctionTable(present + later.filter { !names.contains($0) }.map(missing))
    }

    /// Functions that Terraform has and this version has not.
    private static let later = [
        "base64gzip", "bcrypt", "ephemeralasnull", "fileset", "pathexpand", "plantimestamp", "rsadecrypt",
        "templatestring", "textdecodebase64", "textencodebase64", "timestamp", "uuid", "yamldecode", "yamlencode",
    ]

    private static func missing(_ name: String) -> Function {
        Function(lazy: name) { _, _ throws(FunctionError) in
            throw FunctionError("it is not supported by this version of flinkform yet")
        }
    }
}
