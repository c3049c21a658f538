import Emulator
import EngineSupport
import Glibc
import JSON
import Storage
import TestSupport
import Testing

/// Secrets on their way to those who use them.
@Suite(.serialized) struct DeliveryTests {
    private static let environment = ["PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"]

    private func settle(_ place: Workplace, _ text: String) {
        place.files.put(Array(text.utf8), at: place.path("flinkform.hcl"))
    }

    /// A block that appends what it gets to a file of the real disk, and fails while another file is there.
    private func script(_ format: String = "json") -> String {
        #"""
        deliver "script" {
          format  = "\#(format)"
          command = ["sh", "-c", "test ! -e broken || { echo \"no: $(cat)\" >&2; exit 4; }; cat >> got; echo {name} >> names"]
        }
        """#
    }

    private func real(_ place: Workplace, _ name: String) throws -> String {
        String(decoding: try POSIXFileSystem().read(place.path(name), limit: 1 << 20) ?? [], as: UTF8.self)
    }

    private func put(_ place: Workplace, _ name: String) throws {
        try AtomicFile.write([], to: place.path(name), on: POSIXFileSystem())
    }

    @Test("A new secret goes to a file and to a program, once, and again when a block changes")
    func once() async throws {
        try await Workplace.with { place in
            try place.configure(
                Configurations.provider + Configurations.key("a") + Configurations.key("b", more: "count = 2"))
            settle(
                place,
                script() + #"""

                    deliver "file" {
                      keys   = [confluent_api_key.a]
                      format = "properties"
                      file   = "app.properties"
                    }
                    """#)
            let first = await place.run("apply", "-auto-approve", environment: Self.environment)
            #expect(first.status == 0, "\(first.text)")
            let names = try real(place, "names").split(separator: "\n").sorted()
            #expect(names == ["a", "b-0", "b-1"])
            let key = try #require(try place.managed()["confluent_api_key.a"])
            let secret = try #require(await place.secret(of: key))
            #expect(try real(place, "got").contains(secret))
            let text = try #require(place.text("app.properties"))
            #expect(
                text.hasPrefix(
                    "client.cloud=aws\nclient.region=us-east-1\nclient.flink-api-key=\(key)\nclient.flink-api-secret=\(secret)\nclient.environment-id=env-demo1\n"
                ))
            #expect(!place.files.isOpenToOthers(place.path("app.properties")))
            place.expectSecrets(in: "app.properties")
            let second = await place.run("apply", "-auto-approve", environment: Self.environment)
            #expect(try real(place, "names").split(separator: "\n").count == 3, "\(second.text)")
            settle(place, script("dotenv"))
            let third = await place.run("apply", "-auto-approve", environment: Self.environment)
            #expect(third.status == 0, "\(third.text)")
            #expect(try real(place, "names").split(separator: "\n").count == 6)
            #expect(try real(place, "got").contains("A_API_SECRET=\(secret)\n"))
            #expect(try await place.leaks(first, second, third) == [])
        }
    }

    @Test("A delivery that fails leaves the secret stored and the old key alive, and the next apply tries again")
    func again() async throws {
        try await Workplace.with { place in
            try place.configure(
                Configurations.provider + Configurations.key("a", lifecycle: "create_before_destroy = true"))
            settle(place, script())
            try put(place, "broken")
            let first = await place.run("apply", "-auto-approve", environment: Self.environment)
            #expect(first.status == 1)
            #expect(first.errors.contains("Secret could not be delivered") && first.errors.contains("status 4"))
            let old = try #require(try place.managed()["confluent_api_key.a"])
            #expect(await place.secret(of: old) != nil)
            let replaced = await place.run(
                "apply", "-auto-approve", "-replace=confluent_api_key.a", environment: Self.environment)
            #expect(replaced.status == 1)
            #expect(replaced.errors.contains("Old objects kept"))
            #expect(try place.managed()["confluent_api_key.a (deposed)"] == old)
            #expect(try await place.emulator.keys().count == 2)
            unlink(place.path("broken"))
            let last = await place.run("apply", "-auto-approve", environment: Self.environment)
            #expect(last.status == 0, "\(last.text)")
            #expect(try await place.emulator.keys().count == 1)
            #expect(try real(place, "names") == "a\n")
            #expect(try await place.leaks(first, replaced, last) == [])
        }
    }

    @Test("A secret that a user stores is handed on at once")
    func set() async throws {
        try await Workplace.with { place in
            try place.configure(Configurations.provider + Configurations.key("a"))
            settle(place, script())
            _ = await place.run("apply", "-auto-approve", environment: Self.environment)
            let set = await place.run(
                "secret", "set", "-overwrite", "confluent_api_key.a", input: Canary.secret,
                environment: Self.environment)
            #expect(set.status == 0, "\(set.text)")
            #expect(Leaks.find(Canary.secret, in: try real(place, "got")).isEmpty == false)
            try put(place, "broken")
            let failed = await place.run(
                "secret", "set", "confluent_api_key.a", input: Canary.secret, environment: Self.environment)
            #expect(failed.status == 1)
            unlink(place.path("broken"))
            _ = await place.run("apply", "-auto-approve", environment: Self.environment)
            #expect(try real(place, "names") == "a\na\na\n")
            #expect(Leaks.find(Canary.secret, in: set.text + failed.text).isEmpty)
        }
    }

    @Test("Several keys that would go to one file are refused, and a path can tell them apart")
    func files() async throws {
        try await Workplace.with { place in
            try place.configure(Configurations.provider + Configurations.key("a", more: "count = 2"))
            func block(_ file: String) -> String {
                "deliver \"f\" {\n  keys = [confluent_api_key.a]\n  format = \"json\"\n  file = \"\(file)\"\n}"
            }
            settle(place, block("one.json"))
            let refused = await place.run("apply", "-auto-approve")
            #expect(refused.status == 1)
            #expect(refused.errors.replacing("\n", with: " ").contains("Several keys may go to the same file"))
            settle(place, block("{name}.json").replacing("key.a]", with: "key.aa]"))
            let unknown = await place.run("plan")
            #expect(unknown.output.contains("Did you mean") && unknown.output.contains("confluent_api_key.a\""))
            settle(place, block("{name}.json"))
            let done = await place.run("apply", "-auto-approve")
            #expect(done.status == 0, "\(done.text)")
            #expect(place.text("a-0.json") != nil && place.text("a-1.json") != nil && place.text("one.json") == nil)
        }
    }

    @Test("What is exported is what the readers of each format read")
    func export() async throws {
        try await Workplace.with { place in
            try place.configure(Configurations.provider + Configurations.key("a") + Configurations.key("b"))
            _ = await place.run("apply", "-auto-approve")
            let key = try #require(try place.managed()["confluent_api_key.a"])
            let secret = try #require(await place.secret(of: key))
            func read(_ arguments: [String], _ program: String) async throws -> String {
                let shown = await place.run(["secret", "export"] + arguments)
                #expect(shown.status == 0, "\(shown.text)")
                let child = ChildProgram(
                    ["sh", "-c", program], environment: Self.environment, directory: place.directory,
                    timeout: .seconds(60))
                let outcome = try await child.run(input: Array(shown.output.utf8))
                #expect(outcome.status == 0, "\(String(decoding: outcome.errors, as: UTF8.self))")
                return String(decoding: outcome.output, as: UTF8.self)
            }
            let one = "confluent_api_key.a"
            #expect(
                try await read(
                    ["-format=json"],
                    "python3 -c 'import json,sys; k = json.load(sys.stdin)[\"\(one)\"]; print(k[\"id\"], k[\"secret\"])'"
                )
                    == "\(key) \(secret)\n")
            #expect(
                try await read(["-format=dotenv"], "cat > env; . ./env; echo \"$A_API_KEY $A_API_SECRET\"")
                    == "\(key) \(secret)\n")
            #expect(
                try await read(
                    ["-format=netrc", key],
                    "cat > netrc; python3 -c 'import netrc; print(netrc.netrc(\"netrc\").hosts)'")
                    == "{'flink.us-east-1.aws.confluent.cloud': ('\(key)', '', '\(secret)')}\n")
            #expect(
                try await read(
                    ["-format=kubernetes", one],
                    "sed -n 's/^  api-secret: \"\\(.*\\)\"$/\\1/p' | base64 -d") == secret)
            let clash = await place.run("secret", "export", "-format=netrc")
            #expect(clash.status == 1 && clash.errors.contains("Two keys of one name"))
            let many = await place.run("secret", "export", "-format=properties")
            #expect(many.status == 1 && many.errors.contains("One key at a time"))
            let unknown = await place.run("secret", "export", "-format=yaml")
            #expect(unknown.status == 1 && unknown.errors.contains("Unknown format"))
            let out = await place.run("secret", "export", "-format=json", "-out=keys.json")
            #expect(out.status == 0 && !out.text.contains(secret))
            #expect(place.text("keys.json")?.contains(secret) == true)
            #expect(!place.files.isOpenToOthers(place.path("keys.json")))
        }
    }
}
