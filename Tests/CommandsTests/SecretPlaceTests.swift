import Diagnostics
import EngineSupport
import Storage
import Testing

/// Where secrets go, when the state goes elsewhere.
@Suite struct SecretPlaceTests {
    private static let key = Configurations.provider + Configurations.key("a")
    private static let remote = "terraform {\n  backend \"pg\" {}\n}\n" + key

    private static func plan(
        _ text: String, settings: String? = nil, check: @Sendable (_ shown: String) -> Void
    ) async throws {
        try await Workplace.with { place in
            let backend = MemoryBackend()
            place.keepState { kind, _, _, _ throws(Diagnostic) in kind == .local ? nil : backend }
            try place.configure(text)
            if let settings { place.files.put(Array(settings.utf8), at: place.path("flinkform.hcl")) }
            _ = await place.run("init")
            let plan = await place.run("plan")
            #expect(plan.status == 0, "\(plan.text)")
            check(plan.text)
        }
    }

    @Test("A plan that makes keys warns when others get the state, but not the secrets")
    func warning() async throws {
        try await Self.plan(Self.remote) { #expect($0.contains("Secrets stay on this machine")) }
    }

    @Test("It does not when the settings say where they go, or the state stays here, too")
    func noWarning() async throws {
        try await Self.plan(Self.remote, settings: "secrets \"file\" {}\n") { #expect(!$0.contains("Secrets stay")) }
        try await Self.plan(Self.key) { #expect(!$0.contains("Secrets stay")) }
    }
}
