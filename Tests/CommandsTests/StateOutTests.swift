import EngineSupport
import Testing

/// What is written in the place of something else: an earlier state of the same lineage, and nothing more.
@Suite struct StateOutTests {
    private static let configuration = "resource \"terraform_data\" \"a\" { input = 1 }\n"

    @Test(
        "Another state, secrets and settings are not overwritten",
        arguments: [
            "{\"version\":4,\"terraform_version\":\"1.11.4\",\"serial\":3,\"lineage\":\"other\",\"outputs\":{},\"resources\":[]}",
            "{\"store\":\"s\",\"secrets\":{}}", "secrets \"file\" {}\n",
        ])
    func guarded(_ content: String) async throws {
        try await Workplace.with { place in
            try place.configure(Self.configuration)
            #expect(await place.run("apply", "-auto-approve").status == 0)
            try place.configure(Self.configuration.replacing("1", with: "2"))
            place.files.put(Array(content.utf8), at: place.path("there"))
            let run = await place.run("apply", "-auto-approve", "-state-out=there")
            #expect(run.status == 1 && run.errors.contains("State cannot be kept there"), "\(run.text)")
            #expect(place.files.bytes(place.path("there")) == Array(content.utf8))
            guard !content.contains("lineage") else { return }
            let backup = await place.run("apply", "-auto-approve", "-backup=there")
            #expect(backup.status == 1 && backup.errors.contains("State cannot be kept there"), "\(backup.text)")
            #expect(place.files.bytes(place.path("there")) == Array(content.utf8))
        }
    }

    @Test("One file is one, however its path is written; and backups of one second are several")
    func paths() async throws {
        try await Workplace.with { place in
            try place.configure(Self.configuration)
            #expect(await place.run("apply", "-auto-approve", "-state-out=.//flinkform.tfstate").status == 0)
            for (from, to) in [("a", "b"), ("b", "c"), ("c", "a")] {
                let run = await place.run(
                    "state", "mv", "-state-out=./flinkform.tfstate", "terraform_data.\(from)", "terraform_data.\(to)")
                #expect(run.status == 0, "\(run.text)")
            }
            let backups = place.files.paths.filter { $0.hasSuffix(".backup") }
            #expect(backups.count >= 3, "\(backups)")
        }
    }
}
