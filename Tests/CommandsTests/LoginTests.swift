import Emulator
import EngineSupport
import Storage
import Testing

/// The login as it rests on the disk.
@Suite struct LoginTests {
    private static let path = "config/flinkform/login.json"

    private func environment(_ place: Workplace, withKey: Bool) -> [String: String] {
        var variables = ["XDG_CONFIG_HOME": place.path("config")]
        if !withKey { (variables["CONFLUENT_CLOUD_API_KEY"], variables["CONFLUENT_CLOUD_API_SECRET"]) = ("", "") }
        return variables
    }

    @Test("It is for its owner only, and is used when nothing else gives credentials")
    func login() async throws {
        try await Workplace.with { place in
            let login = await place.run("login", environment: environment(place, withKey: true))
            #expect(login.status == 0, "\(login.text)")
            let status = try place.files.status(place.path(Self.path))
            #expect(status?.permissions == 0o600)
            try place.configure(Configurations.key("k"))
            let applied = await place.run(
                "apply", "-auto-approve", environment: environment(place, withKey: false))
            #expect(applied.status == 0, "\(applied.text)")
            #expect(try await place.emulator.keys().map(\.name) == ["k"])
            #expect(try await place.leaks(login, applied) == [])
        }
    }

    @Test("It is refused when others can read it, and where nobody needs it nobody looks")
    func openToOthers() async throws {
        try await Workplace.with { place in
            _ = await place.run("login", environment: environment(place, withKey: true))
            let bytes = try #require(place.files.bytes(place.path(Self.path)))
            place.files.put(bytes, at: place.path(Self.path), isOpenToOthers: true)
            let refused = await place.run("environment", "list", environment: environment(place, withKey: false))
            #expect(refused.status == 1)
            #expect(refused.errors.contains("Others than its owner"), "\(refused.text)")
            let other = await place.run("environment", "list", environment: environment(place, withKey: true))
            #expect(other.status == 0, "\(other.text)")
        }
    }

    @Test("It is not followed through a symbolic link")
    func link() async throws {
        try await Workplace.with { place in
            place.files.putLink(at: place.path(Self.path))
            let refused = await place.run("environment", "list", environment: environment(place, withKey: false))
            #expect(refused.errors.contains("It is a symbolic link"), "\(refused.text)")
        }
    }

    @Test("A login that fails leaves an earlier one as it was")
    func failure() async throws {
        try await Workplace.with { place in
            _ = await place.run("login", environment: environment(place, withKey: true))
            let before = place.files.bytes(place.path(Self.path))
            var wrong = environment(place, withKey: true)
            wrong["CONFLUENT_CLOUD_API_SECRET"] = "wrong"
            #expect(await place.run("login", environment: wrong).status == 1)
            place.files.arrange(.full, atEffect: 1)
            #expect(await place.run("login", environment: environment(place, withKey: true)).status == 1)
            #expect(place.files.bytes(place.path(Self.path)) == before)
        }
    }
}
