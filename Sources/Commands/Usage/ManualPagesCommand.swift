import Applying
import ArgumentParser
import Diagnostics
import Storage

/// `flinkform manual-pages`, which `make install` runs.
struct ManualPagesCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "manual-pages", abstract: "Write a manual page for each command into a directory.",
        discussion: "They bear the date of SOURCE_DATE_EPOCH, where that is set, else today's.", shouldDisplay: false)

    @Argument(help: "The directory, which is made if it is not there.")
    var directory: String

    func run(_ invocation: Invocation) async throws -> Int32 {
        let seconds =
            invocation.environment["SOURCE_DATE_EPOCH"].flatMap { Int($0) } ?? invocation.surroundings.now().seconds
        let date = String(CivilTime(secondsSince1970: seconds).text.prefix(10))
        let directory = invocation.path(directory)
        do throws(FileError) {
            try invocation.files.makeDirectory(directory)
            for path in Self.paths(below: []) {
                let page = ManualPage(path, date: date)
                try AtomicFile.write(
                    Array(page.text.utf8), to: "\(directory)/\(page.fileName)", on: invocation.files)
            }
        } catch {
            throw Diagnostic.error(
                "Manual pages cannot be written",
                "Could not \(error.operation) \(VisibleText.escaped(error.path)): \(error.reason).")
        }
        return 0
    }

    /// All commands that are shown, the one that has these names first.
    private static func paths(below names: [String]) -> [CommandPath] {
        let path = CommandPath(names)
        return [path] + path.choices.flatMap { paths(below: names + [$0]) }
    }
}
