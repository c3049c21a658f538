import Configuring
import Diagnostics
import Planning
import Testing
import Values

/// Configuration for objects that exist.
@Suite struct GeneratedConfigurationTests {
    private func place(_ id: String, name: String) -> RemoteObject {
        RemoteObject(
            type: "cloud_place", id: id, importID: id, createdAt: nil,
            object: .object([
                "id": .string(id), "display_name": .string(name),
                "resource_name": .string("crn://cloud/organization=o/place=\(id)"),
            ]))
    }

    private func grant(_ id: String, to principal: String, on pattern: String) -> RemoteObject {
        RemoteObject(
            type: "cloud_grant", id: id, importID: "o/\(id)", createdAt: nil,
            object: .object([
                "id": .string(id), "principal": .string(principal), "pattern": .string(pattern),
                "note": .string("of \(principal)"), "waits": .bool(false), "size": .number(5),
            ]))
    }

    private static let catalog: Catalog = {
        let place = Schema(
            block: BlockSchema(attributes: [
                AttributeSchema("id", .string, .computed), AttributeSchema("display_name", .string, .required),
                AttributeSchema("resource_name", .string, .computed),
            ]))
        let grant = Schema(
            block: BlockSchema(attributes: [
                AttributeSchema("id", .string, .computed), AttributeSchema("principal", .string, .required),
                AttributeSchema("pattern", .string, .required), AttributeSchema("note", .string, .optional),
                AttributeSchema("waits", .bool, .optional, defaultValue: .bool(false)),
                AttributeSchema("size", .number, .optionalComputed),
            ]))
        return Catalog([
            ProviderSchema(
                name: "cloud", source: "cloud", configuration: Schema(block: BlockSchema(attributes: [])),
                resourceTypes: ["cloud_place": place, "cloud_grant": grant], dataSources: [:])
        ])
    }()

    private func generated(
        _ objects: [RemoteObject], beside text: String = "", state: State = State(lineage: "l")
    ) throws -> String {
        let (configuration, problems) = Configuration.load(
            [(name: "main.tf", bytes: Array(text.utf8))], catalog: Self.catalog)
        try #require(problems.isEmpty)
        let result = GeneratedConfiguration(
            objects: objects, configuration: configuration, state: state, catalog: Self.catalog)
        // It is itself a configuration, beside the other.
        let (_, faults) = Configuration.load(
            [(name: "main.tf", bytes: Array(text.utf8)), (name: "found.tf", bytes: Array(result.text.utf8))],
            catalog: Self.catalog)
        #expect(faults.isEmpty)
        return result.text
    }

    @Test("What is generated refers to what is generated with it, whole or in part")
    func references() throws {
        let text = try generated([
            place("p-1", name: "Berlin"), grant("g-1", to: "User:p-1", on: "crn://cloud/organization=o/place=p-1/x=*"),
            grant("g-2", to: "p-1", on: "crn://cloud/organization=o/place=p-1"),
        ])
        #expect(
            text == """
                import {
                  to = cloud_place.berlin
                  id = "p-1"
                }

                resource "cloud_place" "berlin" {
                  display_name = "Berlin"
                }

                import {
                  to = cloud_grant.object_g_1
                  id = "o/g-1"
                }

                resource "cloud_grant" "object_g_1" {
                  note      = "of User:${cloud_place.berlin.id}"
                  pattern   = "${cloud_place.berlin.resource_name}/x=*"
                  principal = "User:${cloud_place.berlin.id}"
                  size      = 5
                }

                import {
                  to = cloud_grant.object_g_2
                  id = "o/g-2"
                }

                resource "cloud_grant" "object_g_2" {
                  note      = "of p-1"
                  pattern   = cloud_place.berlin.resource_name
                  principal = cloud_place.berlin.id
                  size      = 5
                }

                """)
    }

    @Test("Names are valid, and nobody else's")
    func names() throws {
        let objects = ["Berlin", "berlin", "Berlin!", "1st", "${x}", "Zürich", "", "_", "berlin_2"].enumerated()
            .map { place("p-\($0)", name: $1) }
        let text = try generated(objects, beside: #"resource "cloud_place" "berlin" { display_name = "b" }"#)
        let addresses = text.split(separator: "\n").compactMap { line in
            line.hasPrefix("  to = ") ? String(line.dropFirst("  to = cloud_place.".count)) : nil
        }
        #expect(
            addresses == [
                "berlin_2", "berlin_3", "berlin_4", "_1st", "x", "z_rich", "object_p_6", "object_p_7", "berlin_2_2",
            ])
        #expect(text.contains(#"display_name = "$${x}""#))
    }

    @Test("What a terminal or an editor would not show is written as an escape")
    func invisible() throws {
        let text = try generated([place("p-1", name: "a\u{202e}b\u{1b}c\u{2028}\nd")], beside: "")
        #expect(text.contains(#"display_name = "a\u202eb\u001bc\u2028\nd""#))
    }

    @Test("What the state has is referred to only where the configuration has it, too")
    func managed() throws {
        var state = State(lineage: "l")
        for (name, id) in [("here", "p-1"), ("gone", "p-2")] {
            let object = try ObjectState(
                place(id, name: name).object, schema: try #require(Self.catalog.schema(for: Self.address(name))),
                record: ObjectRecord(), dependencies: [], createBeforeDestroy: false)
            state.set(object, at: InstanceAddress(Self.address(name)), deposed: nil, provider: "cloud")
        }
        let text = try generated(
            [grant("g", to: "p-1", on: "p-2")], beside: #"resource "cloud_place" "here" { display_name = "b" }"#,
            state: state)
        #expect(text.contains("principal = cloud_place.here.id\n"))
        #expect(text.contains("pattern   = \"p-2\"\n"))
    }

    private static func address(_ name: String) -> ResourceAddress {
        ResourceAddress(mode: .managed, type: "cloud_place", name: name)
    }

    @Test(
        "A filter's pattern is matched as a whole",
        arguments: [
            ("abc", "abc", true), ("abc", "ab", false), ("abc", "a*", true), ("abc", "*c", true), ("abc", "a?c", true),
            ("abc", "*", true), ("", "*", true), ("", "", true), ("abc", "a*b", false), ("aXbXc", "a*b*c", true),
            ("abc", "abc?", false), ("ab", "*?*?*", true), ("a", "*?*?*", false),
            (String(repeating: "a", count: 200), String(repeating: "*a", count: 20) + "b", false),
        ])
    func patterns(name: String, pattern: String, matches: Bool) {
        var filter = ObjectFilter()
        filter.name = pattern
        #expect(filter.accepts(place("p", name: name)) == matches)
    }
}
