/// A command line as the log may show it: without what may be a secret.
///
/// Shown are the names of the command, the options that it has, and as many arguments as it takes. The values of input variables
/// and of a backend's settings are left out, and so is whatever was mistyped: it may be the value of something.
struct ShownArguments {
    /// The words.
    private(set) var words: [String]
    private var positionalsLeft: Int
    private let options: [String: CommandDescription.Argument]
    private static let hiding: Set<String> = ["var", "backend-config"]
    private static let hidden = "..."

    /// Takes a command line without the program's name and the options before the command.
    init(_ arguments: [String]) {
        let path = CommandPath(arguments)
        let description = CommandDescription(path)
        words = path.names
        let positionals = description.arguments.filter(\.isPositional)
        positionalsLeft = positionals.contains(where: \.isRepeating) ? .max : positionals.count
        var options: [String: CommandDescription.Argument] = [:]
        for argument in description.arguments where !argument.isPositional {
            for name in argument.names { options[name] = argument }
        }
        self.options = options
        add(arguments.dropFirst(path.names.count))
    }

    private mutating func add(_ arguments: ArraySlice<String>) {
        var rest = arguments
        while let word = rest.popFirst() {
            guard word.hasPrefix("-"), word != "-" else {
                words.append(positionalsLeft > 0 ? word : Self.hidden)
                positionalsLeft -= 1
                continue
            }
            guard word != "--" else {
                words.append(word)
                while let word = rest.popFirst() {
                    words.append(positionalsLeft > 0 ? word : Self.hidden)
                    positionalsLeft -= 1
                }
                return
            }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let name = String(parts[0].drop { $0 == "-" })
            if name == "help" || name == "h" {
                words.append(parts[0])
                continue
            }
            let option = options[name]
            var value = parts.count == 2 ? parts[1] : nil
            let isApart =
                value == nil && !BooleanArguments.isSwitch(name)
                && (option?.takesValue ?? (rest.first?.hasPrefix("-") == false))
            if isApart { value = rest.popFirst() }
            let shownName = option == nil ? "-" + Self.hidden : parts[0]
            guard let value else {
                words.append(shownName)
                continue
            }
            let shown =
                if option == nil || !BooleanArguments.mayBe(name, value) {
                    Self.hidden
                } else if Self.hiding.contains(name) { Self.assignment(value) } else {
                    value
                }
            if isApart { words += [shownName, shown] } else { words.append("\(shownName)=\(shown)") }
        }
    }

    /// `name=value` without the value.
    private static func assignment(_ text: String) -> String {
        text.firstIndex(of: "=").map { text[...$0] + hidden } ?? hidden
    }
}
