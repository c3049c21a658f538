import Configuring
import Diagnostics
import Testing

struct AddressTests {
    private static let resource = ResourceAddress(mode: .managed, type: "confluent_api_key", name: "k")

    @Test(arguments: [
        InstanceAddress(resource), InstanceAddress(resource, .index(0)), InstanceAddress(resource, .index(12)),
        InstanceAddress(resource, .key("")), InstanceAddress(resource, .key("a b")),
        InstanceAddress(resource, .key("\"\\\n\r\t\u{1}\u{7f}")), InstanceAddress(resource, .key("${x} %{y} $${z} $%")),
        InstanceAddress(resource, .key("é🇨🇭")),
        InstanceAddress(ResourceAddress(mode: .data, type: "confluent_environment", name: "e-1"), .key("x")),
    ]) func printedAddressesAreReadBack(_ address: InstanceAddress) throws {
        #expect(try InstanceAddress(parsing: address.description) == address)
    }

    @Test func resources() throws {
        #expect(try ResourceAddress(parsing: "confluent_api_key.k") == Self.resource)
        #expect(try ResourceAddress(parsing: "data.a.b") == ResourceAddress(mode: .data, type: "a", name: "b"))
        #expect(throws: Diagnostic.self) { try ResourceAddress(parsing: "a.b[0]") }
    }

    @Test(arguments: [
        ("", "It is empty."), ("confluent_api_key", "After the type comes a name."),
        ("data.x", "come a type and a name"),
        ("a.b.c", "After the name comes nothing"), ("a.b[0].id", "It goes on after the instance"),
        ("a.b[-1]", "is not the address"), ("a.b[1.5]", "An index is a whole number"),
        ("a.b[k]", "It is not one reference."),
        ("a.b[*]", "It is not one reference."), ("a.b[", "It is not one reference."),
        ("\"a.b\"", "It is not one reference."),
        ("a.b c.d", "It is not one reference."), ("a.b[99999999999999999999]", "An index is a whole number"),
        (String(repeating: "a", count: 5000), "It is longer than"), ("a.b[true]", "An index is a whole number"),
        ("a.\u{1b}[31m", "\\u001b"),
    ]) func badOnesAreExplained(_ text: String, _ why: String) {
        do throws(Diagnostic) {
            let address = try InstanceAddress(parsing: text)
            Issue.record("\(address)")
        } catch {
            #expect(error.summary == "Invalid address")
            #expect(error.detail.contains(why), "\(error.detail)")
            #expect(error.detail.contains("confluent_api_key.name"))
        }
    }

    @Test(arguments: [
        "module.m.a.a", "module.m[0].a.a", "module.m[\"k.\\\"]\"].module.n.data.a.a[1]", "module.module.module.a.a.a",
    ]) func modulesAreNamed(_ text: String) throws {
        let address = try InstanceAddress(parsing: text)
        #expect(address.description == text)
        #expect(!address.resource.module.isRoot)
        #expect(address.resource.inConfiguration.module.steps.allSatisfy { $0.key == .none })
        #expect(address.resource.inConfiguration.inInstance(address.resource.module) == address.resource)
    }

    @Test func order() throws {
        let texts = [
            "data.z.z", "a.a", "a.a[0]", "a.a[2]", "a.a[10]", "a.a[\"B\"]", "a.a[\"a\"]", "a.b", "b.a",
            "module.b.a.a", "module.c[1].a.a", "module.c[\"a\"].a.a", "module.a.module.a.a.a",
        ]
        let addresses = try texts.map { try InstanceAddress(parsing: $0) }
        #expect(addresses.reversed().sorted().map(\.description) == texts)
    }
}
