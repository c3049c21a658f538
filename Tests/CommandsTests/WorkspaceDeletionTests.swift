import EngineSupport
import TestSupport
import Testing

/// What is left of a workspace that was deleted.
@Suite struct WorkspaceDeletionTests {
    @Test("A deleted workspace is gone, with the backups of commands that changed its state, and can be made again")
    func backups() async throws {
        try await Workplace.with { place in
            try place.configure("resource \"terraform_data\" \"a\" {}\n")
            for line in [
                "workspace new other", "apply -auto-approve", "state mv terraform_data.a terraform_data.b",
                "workspace select default", "workspace delete -force other",
            ] {
                let run = await place.run(line.split(separator: " ").map(String.init))
                #expect(run.status == 0, "\(line): \(run.text)")
            }
            #expect(await place.run("workspace", "list").output == "* default\n\n")
            #expect(await place.run("workspace", "new", "other").status == 0)
        }
    }
}
