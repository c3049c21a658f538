import ArgumentParser
import Diagnostics
import JSON

/// What a command takes, as its declaration says: what help texts and manual pages are made of.
struct CommandDescription {
    /// An option, a flag, or what is told apart by its place.
    struct Argument {
        /// How it is written, with its value, such as `-out=file`; of an argument without a name, that of its value.
        var spelling: String
        /// Whether it is told apart by its place.
        var isPositional: Bool
        var isOptional: Bool
        var isRepeating: Bool
        /// What it is for.
        var help: String

        /// The first of its names, with its dashes.
        var name: String { String(spelling.prefix { $0 != "=" && $0 != "," && $0 != " " }) }

        /// All of its names, without dashes; none for what is told apart by its place.
        var names: [String] {
            guard !isPositional else { return [] }
            return spelling.prefix { $0 != "=" }.split(separator: ",").map { name in
                String(name.drop { $0 == " " || $0 == "-" })
            }
        }

        /// Whether it is an option with a value.
        var takesValue: Bool { !isPositional && spelling.contains("=") }
    }

    /// The command as a user types it.
    var name: String
    /// One sentence on what it does.
    var abstract: String
    /// More than that, in paragraphs; may be empty.
    var discussion: String
    /// What it takes, in the order of its declaration; hidden ones are left out.
    var arguments: [Argument]
    /// The commands below it, with what each does.
    var subcommands: [(name: String, abstract: String)]

    /// Describes the command that a path leads to.
    init(_ path: CommandPath) {
        let configuration = path.command.configuration
        name = path.spelled
        abstract = configuration.abstract
        discussion = configuration.discussion
        subcommands = configuration.subcommands.map { $0.configuration }.filter { $0.shouldDisplay }
            .map { ($0.commandName ?? "", $0.abstract) }
        // The parser tells what a command takes as JSON alone.
        let dump = try? JSONValue(parsing: Array(path.command._dumpHelp().utf8))
        arguments = (dump?["command"]?["arguments"]?.array ?? []).compactMap(Argument.init)
    }

    /// What decides about the plan that a command makes.
    private static let planning: Set<String> = [
        "-destroy", "-refresh-only", "-refresh", "-replace", "-target", "-exclude", "-var", "-var-file",
    ]

    /// The options in sections, each with its title; those that decide about a plan stand apart.
    var sections: [(title: String, options: [Argument])] {
        let options = arguments.filter { !$0.isPositional }
        guard options.contains(where: { $0.name == "-target" }) else {
            return options.isEmpty ? [] : [("Options", options)]
        }
        return [
            ("Plan customization options", options.filter { Self.planning.contains($0.name) }),
            ("Other options", options.filter { !Self.planning.contains($0.name) }),
        ]
    }

    /// How it is called, such as `flinkform [global options] plan [options]`.
    var usage: String {
        var parts = name.split(separator: " ").map(String.init)
        parts.insert("[global options]", at: 1)
        if !subcommands.isEmpty { return (parts + ["<subcommand>", "[options]", "[args]"]).joined(separator: " ") }
        if arguments.contains(where: { !$0.isPositional }) { parts.append("[options]") }
        for argument in arguments where argument.isPositional {
            let text = argument.spelling.uppercased() + (argument.isRepeating ? "..." : "")
            parts.append(argument.isOptional ? "[\(text)]" : "\(text)")
        }
        return parts.joined(separator: " ")
    }
}

extension CommandDescription.Argument {
    /// Reads an argument of the parser's description; nil for one that is not shown, as is `-help`, which every command has.
    fileprivate init?(_ json: JSONValue) {
        guard json["shouldDisplay"]?.bool != false else { return nil }
        let names = (json["names"]?.array ?? []).compactMap { name -> (text: String, isSingle: Bool)? in
            name["name"]?.string.map { ($0, name["kind"]?.string != "long") }
        }
        guard !names.contains(where: { $0.text == "help" }) else { return nil }
        let value = json["valueName"]?.string ?? ""
        isPositional = json["kind"]?.string == "positional"
        isOptional = json["isOptional"]?.bool ?? true
        isRepeating = json["isRepeating"]?.bool ?? false
        var help = json["abstract"]?.string ?? ""
        if let text = json["defaultValue"]?.string, json["kind"]?.string == "option" { help += " Defaults to \(text)." }
        self.help = help
        guard !isPositional else {
            spelling = value
            return
        }
        // One dash is enough for what may be written with two.
        let single = Set(names.filter(\.isSingle).map(\.text))
        let shown = names.filter { $0.isSingle || !single.contains($0.text) }
            .map { ($0.isSingle ? "-" : "--") + $0.text }
        spelling = shown.joined(separator: ", ")
        if json["kind"]?.string == "option" { spelling += "=\(value)" }
    }
}
