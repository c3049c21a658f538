import Diagnostics
import Values

/// How a data source names its object: by id or by one of its names, not both and not neither.
enum Lookup {
    case id(String)
    /// The name, and the argument that gives it.
    case name(String, argument: String)

    /// Reads the arguments of a data source whose object is found by `id` or by one of `names`.
    init(_ configuration: Value, names: [String] = ["display_name"]) throws(Diagnostic) {
        let arguments = ["id"] + names
        let given = arguments.filter { configuration[$0] != nil }
        guard given.count == 1, let argument = given.first, let value = configuration[argument] else {
            let list = arguments.dropLast().map { "\"\($0)\"" }.joined(separator: ", ")
            throw .error(
                "Invalid combination of arguments",
                "Exactly one of \(list) and \"\(arguments[arguments.count - 1])\" must be given.")
        }
        self = argument == "id" ? .id(value) : .name(value, argument: argument)
    }

    /// The only one of what was found under a name.
    static func only<Item>(
        _ found: [Item], _ kind: String, _ argument: String, _ name: String
    ) throws(Diagnostic) -> Item {
        guard let first = found.first else {
            throw .error(
                "Data source not found",
                "There are no \(kind) with \(argument) \"\(VisibleText.escaped(name))\" that these credentials can see."
            )
        }
        guard found.count == 1 else { throw .several(kind, name) }
        return first
    }
}

extension Diagnostic {
    static func several(_ kind: String, _ name: String) -> Diagnostic {
        .error(
            "Data source is ambiguous",
            "There are several \(kind) named \"\(VisibleText.escaped(name))\". Name the one that is meant by its id.")
    }

    static func noSuchRegion(_ cloud: String, _ region: String) -> Diagnostic {
        .error(
            "Data source not found",
            "There aren't any Flink regions with cloud \"\(VisibleText.escaped(cloud))\" and region \"\(VisibleText.escaped(region))\". The names are those of the cloud provider, such as cloud = \"AWS\" and region = \"us-east-1\"."
        )
    }
}
