import EngineSupport
import JSON
import TestSupport
import Testing

@testable import Commands

/// What environment variables say about a run.
@Suite struct EnvironmentTests {
    private static let configuration = """
        variable "x" { default = "d" }
        resource "terraform_data" "a" { input = var.x }
        """

    private func input(_ environment: [String: String], _ arguments: String...) async throws -> String {
        var shown = ""
        try await Workplace.with { place in
            try place.configure(Self.configuration)
            let run = await place.run(["plan"] + arguments, environment: environment)
            shown = run.output.split(separator: "\n").first { $0.contains("+ input") }.map(String.init) ?? run.text
        }
        return shown
    }

    @Test(
        "Arguments stand right behind the command, those for it alone first, and flinkform's variable wins",
        arguments: [
            (["TF_CLI_ARGS_plan": "-var x=1"], "\"1\""),
            (["TF_CLI_ARGS": "-var x=all", "TF_CLI_ARGS_plan": "-var x=one"], "\"all\""),
            (["TF_CLI_ARGS": "-var x=theirs", "FLINKFORM_CLI_ARGS": "-var 'x=ours here'"], "\"ours here\""),
            (["TF_CLI_ARGS_plan": "-var x=theirs", "FLINKFORM_CLI_ARGS_plan": ""], "\"theirs\""),
            (
                ["TF_CLI_ARGS_apply": "-nonsense", "FLINKFORM_CLI_ARGS": #"-var x=\$HOME`id`"c\"d""#],
                #""$HOME`id`c\"d""#
            ),
        ])
    func extraArguments(_ environment: [String: String], _ value: String) async throws {
        #expect(try await input(environment).contains("= \(value)"))
        #expect(try await input(environment, "-var", "x=last").contains("= \"last\""))
    }

    @Test("A command below another has its own variable, and a quote that is not closed is told")
    func extraArgumentsBelow() async throws {
        try await Workplace.with { place in
            let own = await place.run("state", "list", environment: ["TF_CLI_ARGS_state_list": "-nonsense"])
            #expect(own.status == 1 && own.errors.contains("\"flinkform state list\" has no option -nonsense"))
            let other = await place.run("state", "list", environment: ["TF_CLI_ARGS_state": "-nonsense"])
            #expect(!other.errors.contains("has no option"), "\(other.text)")
            let named = await place.run("force-unlock", "x", environment: ["FLINKFORM_CLI_ARGS_force_unlock": "-no"])
            #expect(named.errors.contains("has no option -no"), "\(named.text)")
            let open = await place.run("plan", environment: ["FLINKFORM_CLI_ARGS": "-var 'x"])
            #expect(open.status == 1 && open.errors.contains("FLINKFORM_CLI_ARGS cannot be split"), "\(open.text)")
        }
    }

    @Test("Help, versions and completions are asked for without them")
    func withoutArguments() async throws {
        try await Workplace.with { place in
            for arguments in [["-help"], ["--generate-completion-script", "bash"], ["-help", "plan"]] {
                let run = await place.run(arguments, environment: ["TF_CLI_ARGS": "-nonsense"])
                #expect(run.status == 0 && !run.output.isEmpty, "\(run.text)")
            }
        }
    }

    @Test(
        "Words are split as a shell splits them",
        arguments: [
            ("", []), ("  a\t b\nc ", ["a", "b", "c"]), ("'a b' \"c d\"e", ["a b", "c de"]),
            ("a\\ b '\\' \"\\\"\"", ["a b", "\\", "\""]),
            ("'' \"\"", ["", ""]), ("$x `y` ; | & > # (", ["$x", "`y`", ";", "|", "&", ">", "#", "("]),
        ])
    func words(_ line: String, _ words: [String]) { #expect(ShellSyntax.words(of: line) == words) }

    @Test("What is not closed is no line", arguments: ["'a", "\"a", "a\\", "\"a'"])
    func open(_ line: String) { #expect(ShellSyntax.words(of: line) == nil) }

    @Test("Input variables by either name; flinkform's wins")
    func inputVariables() async throws {
        #expect(try await input(["TF_VAR_x": "t"]).contains("\"t\""))
        #expect(try await input(["TF_VAR_x": "t", "FLINKFORM_VAR_x": "f"]).contains("\"f\""))
        #expect(try await input(["FLINKFORM_VAR_x": "f"], "-var", "x=a").contains("\"a\""))
        #expect(try await input(["FLINKFORM_VAR_x": ""]).contains("\"\""))
    }

    @Test("Values are asked for unless either variable says no", arguments: ["TF_INPUT", "FLINKFORM_INPUT"])
    func asking(_ variable: String) async throws {
        try await Workplace.with { place in
            try place.configure("variable \"x\" {}\nresource \"terraform_data\" \"a\" { input = var.x }")
            let asked = await place.run(["plan"], input: "typed\n", isTyped: true)
            #expect(asked.output.contains("+ input  = \"typed\""), "\(asked.text)")
            for no in ["0", "false"] {
                let refused = await place.run(["plan"], input: "typed\n", isTyped: true, environment: [variable: no])
                #expect(refused.status == 1 && !refused.output.contains("Enter a value"), "\(refused.text)")
            }
        }
    }

    @Test("Hints are left out in automation, and the data directory may be another")
    func automation() async throws {
        try await Workplace.with { place in
            try place.configure(Self.configuration)
            let plain = await place.run("plan")
            #expect(plain.output.contains("Note: You didn't use the -out option"))
            let automated = await place.run("plan", environment: ["FLINKFORM_IN_AUTOMATION": "1"])
            #expect(!automated.output.contains("Note:"))
            let made = await place.run("workspace", "new", "w", environment: ["TF_DATA_DIR": "data"])
            #expect(made.status == 0, "\(made.text)")
            #expect(place.files.bytes(place.path("data/workspace")) == Array("w\n".utf8))
            #expect(await place.run("workspace", "show").output == "default\n")
            let there = await place.run(
                "workspace", "show", environment: ["TF_DATA_DIR": "other", "FLINKFORM_DATA_DIR": "data"])
            #expect(there.output == "w\n")
        }
    }

    @Test("Every variable is in the documentation")
    func documentation() throws {
        let text = try Fixtures.text("../docs/environment.md")
        for setting in EnvironmentSetting.allCases {
            #expect(text.contains("`FLINKFORM_\(setting.rawValue)`"), "\(setting)")
            #expect(text.contains("`TF_\(setting.rawValue)`"), "\(setting)")
        }
    }
}

/// The log of what a run does.
@Suite struct DebugLogTests {
    @Test("It tells of phases, requests, locks and writes, and holds no secret")
    func applied() async throws {
        try await Workplace.with { place in
            try place.configure(
                Configurations.provider + Configurations.key("k") + "variable \"pass\" { default = \"\" }\n")
            let run = await place.run(
                "apply", "-auto-approve", "-var", "pass=canary-value", environment: ["FLINKFORM_LOG": "trace"])
            #expect(run.status == 0, "\(run.text)")
            for told in [
                "[INFO]  Configuration read: took_ms=", "[INFO]  Lock taken: state=", "[INFO]  Planned: took_ms=",
                "[DEBUG] Request: method=POST url=http://", "/iam/v2/api-keys status=", "[TRACE] Journal written",
                "[DEBUG] Finished creating: address=confluent_api_key.k id=", "[INFO]  State written: state=",
                "[INFO]  Lock let go", "[INFO]  Command ended: took_ms=", "\"pass=...\"",
            ] {
                #expect(run.errors.contains(told), "\(told): \(run.errors)")
            }
            #expect(!run.output.contains("[INFO]"))
            #expect(!run.text.contains("canary-value"))
            #expect(try await place.leaks(run) == [])
        }
    }

    @Test("As JSON it is a line for each thing, and the levels leave out what matters less")
    func levels() async throws {
        try await Workplace.with { place in
            try place.configure("resource \"terraform_data\" \"a\" {}")
            let json = await place.run("plan", environment: ["TF_LOG": "json"])
            let lines = json.errors.split(separator: "\n")
            #expect(lines.count > 5)
            for line in lines {
                let object = try JSONValue(parsing: Array(line.utf8))
                #expect(
                    object["@level"]?.string != nil && object["@message"]?.string != nil && object["@timestamp"] != nil)
            }
            #expect(await place.run("plan", environment: ["TF_LOG": "warn"]).errors == "")
            #expect(await place.run("plan", environment: ["TF_LOG": "info", "FLINKFORM_LOG": "off"]).errors == "")
            let failed = await place.run("show", "absent", environment: ["TF_LOG": "error"])
            #expect(failed.errors.contains("[ERROR]"), "\(failed.errors)")
            let unknown = await place.run("version", environment: ["FLINKFORM_LOG": "loud"])
            #expect(unknown.errors.contains("[WARN]  Invalid log level, so everything is logged: level=loud"))
        }
    }

    @Test(
        "What was mistyped is not shown, for it may be the value of something",
        arguments: [
            (["plan", "-var", "pass=canary", "-out=p", "x"], ["plan", "-var", "pass=...", "-out=p", "..."]),
            (["plan", "-var=pass=canary", "-var", "canary"], ["plan", "-var=pass=...", "-var", "..."]),
            (["plan", "-vra=pass=canary", "-vra", "canary"], ["plan", "-...=...", "-...", "..."]),
            (["plan", "-vra", "-no-color", "--", "canary"], ["plan", "-...", "-no-color", "--", "..."]),
            (["import", "-lock=false", "a.b", "id", "canary"], ["import", "-lock=false", "a.b", "id", "..."]),
            (["plan", "-json=canary", "-lock=0"], ["plan", "-json=...", "-lock=0"]),
            (["plan", "-lock", "canary", "-json", "canary"], ["plan", "-lock", "...", "-json", "..."]),
            (["state", "rm", "a.b", "a.c"], ["state", "rm", "a.b", "a.c"]),
            (["canary"], ["..."]), (["state", "canary"], ["state", "..."]), (["-canary"], ["-..."]), ([], []),
        ])
    func arguments(_ given: [String], _ shown: [String]) { #expect(ShownArguments(given).words == shown) }

    @Test(
        "Whatever ends a command is in the log, too",
        arguments: [
            (["state", "list"], "No state file was found!"), (["canary"], "Unknown command"),
            (["plan", "-canary"], "Failed to parse command-line flags"), (["workspace", "select", "x"], "Workspace"),
        ])
    func errors(_ arguments: [String], _ told: String) async throws {
        try await Workplace.with { place in
            let run = await place.run(arguments, environment: ["FLINKFORM_LOG": "debug", "FLINKFORM_LOG_PATH": "log"])
            #expect(run.status == 1)
            let text = String(decoding: place.files.bytes(place.path("log")) ?? [], as: UTF8.self)
            #expect(text.contains("[ERROR] \(told)") && !text.contains("canary"), "\(text)")
        }
    }

    @Test("It is added to a file, or, where that cannot be, told all the same")
    func file() async throws {
        try await Workplace.with { place in
            try place.configure("resource \"terraform_data\" \"a\" {}")
            let environment = ["FLINKFORM_LOG": "info", "TF_LOG_PATH": "run.log"]
            for _ in 0..<2 {
                let run = await place.run("plan", environment: environment)
                #expect(run.errors == "", "\(run.errors)")
            }
            let text = String(decoding: place.files.bytes(place.path("run.log")) ?? [], as: UTF8.self)
            #expect(text.ranges(of: "Command ended").count == 2, "\(text)")
        }
    }
}
