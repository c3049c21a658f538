import EngineSupport
import Testing

@testable import Commands

/// Help, and what is said of command lines that make no sense.
@Suite struct UsageTests {
    /// All commands, the program first.
    private static let paths: [[String]] = {
        func below(_ names: [String]) -> [[String]] {
            [names] + CommandPath(names).choices.flatMap { below(names + [$0]) }
        }
        return below([])
    }()

    @Test("Every command has help, in each of the ways of asking for it", arguments: paths)
    func help(_ names: [String]) async throws {
        try await Workplace.with { place in
            let help = await place.run(["-help"] + names)
            #expect(help.status == 0 && help.errors.isEmpty, "\(help.text)")
            let start = (["Usage: flinkform [global options]"] + names).joined(separator: " ")
            #expect(help.output.hasPrefix(start), "\(help.output)")
            #expect(
                help.output.split(separator: "\n").dropFirst(1).allSatisfy { (line: Substring) in line.count <= 80 },
                "\(help.output)")
            for arguments in [names + ["-help"], names + ["--help"], names + ["-h"], ["help"] + names] {
                let other = await place.run(arguments)
                #expect(other.status == 0 && other.output == help.output, "\(arguments): \(other.text)")
            }
        }
    }

    @Test("Help names every option and every command below")
    func completeness() throws {
        for names in Self.paths {
            let path = CommandPath(names)
            let text = HelpText.text(path)
            for choice in path.choices { #expect(text.contains("  \(choice) "), "\(names): \(choice)") }
            guard path.choices.isEmpty else { continue }
            for argument in CommandDescription(path).arguments {
                let spelling = argument.isPositional ? argument.spelling.uppercased() : argument.spelling
                #expect(text.contains("  \(spelling)"), "\(names): \(spelling)")
                #expect(argument.help.hasSuffix(".") || argument.help.hasSuffix(")"), "\(names): \(argument.help)")
            }
        }
    }

    @Test("Every switch takes true and false, as with Terraform")
    func switches() throws {
        for names in Self.paths where CommandPath(names).choices.isEmpty {
            for argument in CommandDescription(CommandPath(names)).arguments
            where !argument.isPositional && !argument.takesValue {
                for name in argument.names where name.count > 1 {
                    let spelled = "-" + name
                    #expect(try BooleanArguments.normalised([spelled + "=true"]) == [spelled], "\(names): \(name)")
                    #expect(try BooleanArguments.normalised([spelled + "=false"]) == [], "\(names): \(name)")
                }
            }
        }
    }

    @Test(
        "Durations are read as Go writes them",
        arguments: [
            ("0", 0), ("30s", 30), ("1h30m", 5400), ("1.5s", 1.5), (".5m", 30), ("500ms", 0.5), ("100us", 1e-4),
            ("-3s", 0),
            ("+3s", 3), ("", nil), ("5", nil), ("1d", nil), ("s", nil), (".s", nil), ("1.2.3s", nil), ("soon", nil),
            ("-", nil),
        ])
    func durations(_ text: String, _ seconds: Double?) {
        #expect(LockOptions.duration(text) == seconds.map(Duration.seconds), "\(text)")
    }

    @Test("A letter h in an unknown option is no request for help")
    func letters() async throws {
        try await Workplace.with { place in
            for arguments in [["plan", "-health"], ["state", "list", "-hash"], ["destroy", "-refresh-only"]] {
                let run = await place.run(arguments)
                #expect(run.status == 1 && run.output.isEmpty && run.errors.contains("has no option"), "\(run.text)")
            }
            #expect(await place.run(["-nonsense"]).status == 127)
            #expect(await place.run(["-nonsense", "plan"]).status == 1)
        }
    }

    @Test("A misspelled command is told from the one that is meant, at every level", arguments: paths.dropFirst())
    func misspelledCommand(_ names: [String]) async throws {
        let name = try #require(names.last)
        guard name.count > 3 else { return }
        try await Workplace.with { place in
            let wrong = names.dropLast() + [name + "x"]
            let run = await place.run(Array(wrong))
            #expect(run.status == 1 && run.output.isEmpty)
            let above = (["flinkform"] + names.dropLast()).joined(separator: " ")
            #expect(
                run.errors.hasPrefix("\(above) has no command named \"\(name)x\". Did you mean \""), "\(run.errors)")
        }
    }

    @Test("A misspelled option is told from the one that is meant", arguments: paths)
    func misspelledOption(_ names: [String]) async throws {
        let path = CommandPath(names)
        guard path.choices.isEmpty else { return }
        try await Workplace.with { place in
            for argument in CommandDescription(path).arguments where !argument.isPositional {
                let name = argument.spelling.drop { $0 != "," && argument.spelling.contains(",") }.drop {
                    ", ".contains($0)
                }
                .prefix { $0 != "=" }
                guard name.count > 4 else { continue }
                let run = await place.run(names + ["\(name)x=1"])
                #expect(run.status == 1)
                let told = run.errors.replacing("\n", with: " ")
                #expect(told.contains("has no option \(name)x. Did you mean \(name)?"), "\(run.errors)")
                #expect(run.errors.hasSuffix("run:\n  \(path.spelled) -help\n"), "\(run.errors)")
            }
        }
    }

    @Test("A manual page has no line that could be taken for a request")
    func manual() async throws {
        try await Workplace.with { place in
            let run = await place.run("manual-pages", "man", environment: ["SOURCE_DATE_EPOCH": "86400"])
            #expect(run.status == 0, "\(run.text)")
            let pages = place.files.paths.filter { $0.hasPrefix(place.path("man/")) }
            #expect(pages.count == Self.paths.count)
            for page in pages {
                let text = String(decoding: place.files.bytes(page) ?? [], as: UTF8.self)
                #expect(text.hasPrefix(".TH \"FLINKFORM"))
                #expect(text.contains("\" 1 \"1970-01-02\" \"flinkform "))
                for line in text.split(separator: "\n") where line.hasPrefix(".") {
                    let macro = line.dropFirst().prefix { $0 != " " }
                    #expect(["TH", "SH", "TP", "B", "BR", "PP", "nf", "fi"].contains(macro), "\(page): \(line)")
                }
            }
        }
    }
}
