import Configuring
import Planning
import Testing
import Values

/// What becomes of a value whose parts are ignored, as Terraform 1.11.4 was seen to do it.
@Suite struct IgnoredPartsTests {
    private static let (a1, a2) = (Value.string("1"), Value.string("2"))
    private static let both = Value.object(["a": a1, "b": a1])
    private static let map = Value.map(.string, ["a": a1, "b": a1])

    private static func kept(_ steps: [IgnoredChanges.Step], _ given: Value, _ prior: Value?) -> Value {
        IgnoredParts.kept(IgnoredChanges(paths: [steps]), given, prior)
    }

    @Test("An attribute of an object is as it was, where both have it")
    func attributes() {
        let given = Value.object(["a": Self.a2, "b": Self.a2])
        #expect(Self.kept([.attribute("a")], given, Self.both) == .object(["a": Self.a1, "b": Self.a2]))
        let fewer = Value.object(["b": Self.a2])
        #expect(Self.kept([.attribute("a")], fewer, Self.both) == fewer)
        #expect(Self.kept([.attribute("a")], given, .object(["b": Self.a1])) == given)
        #expect(Self.kept([.attribute("a")], given, Self.map) == given)
    }

    @Test("A key of a map is set, added or taken out, as the old map has it")
    func keys() {
        let given = Value.map(.string, ["a": Self.a2, "b": Self.a2])
        #expect(Self.kept([.key("a")], given, Self.map) == .map(.string, ["a": Self.a1, "b": Self.a2]))
        #expect(
            Self.kept([.key("a")], .map(.string, ["b": Self.a2]), Self.map)
                == .map(.string, ["a": Self.a1, "b": Self.a2]))
        #expect(Self.kept([.key("a")], given, .map(.string, ["b": Self.a1])) == .map(.string, ["b": Self.a2]))
        #expect(Self.kept([.key("a")], given, .null(.dynamic)) == .map(.string, ["b": Self.a2]))
        #expect(Self.kept([.key("a")], given, Self.both) == .map(.string, ["a": Self.a1, "b": Self.a2]))
    }

    @Test(
        "A key of what is no map keeps the whole old value",
        arguments: [
            Value.object(["a": .string("2"), "c": .string("2")]), .null(.dynamic), .string("s"), .unknown(.dynamic),
            .tuple([.string("2")]),
        ])
    func noMap(_ given: Value) {
        #expect(Self.kept([.key("a")], given, Self.both) == Self.both)
        #expect(Self.kept([.key("a")], given, .null(.dynamic)) == .null(.dynamic))
    }

    @Test("An element of a list or tuple is as it was, where both have it")
    func elements() {
        let given = Value.tuple([Self.a2, Self.a2])
        #expect(Self.kept([.index(0)], given, .tuple([Self.a1])) == .tuple([Self.a1, Self.a2]))
        #expect(Self.kept([.index(1)], given, .tuple([Self.a1])) == given)
        #expect(Self.kept([.index(5)], given, given) == given)
        #expect(
            Self.kept([.index(1)], .list(.string, [Self.a2, Self.a2]), .list(.string, [Self.a1, Self.a1]))
                == .list(.string, [Self.a2, Self.a1]))
        #expect(Self.kept([.index(0)], .null(.dynamic), given) == .null(.dynamic))
    }

    @Test("Ways go through objects, lists and maps, and end where a step does not fit")
    func nesting() {
        let prior = Value.object([
            "n": Self.both, "m": .map(Self.both.type, ["k": Self.both]), "l": .tuple([Self.both]),
        ])
        let changed = Value.object(["a": Self.a2, "b": Self.a2])
        let given = Value.object(["n": changed, "m": .map(changed.type, ["k": changed]), "l": .tuple([changed])])
        let mixed = Value.object(["a": Self.a1, "b": Self.a2])
        #expect(Self.kept([.attribute("n"), .attribute("a")], given, prior).fields?["n"] == mixed)
        #expect(Self.kept([.attribute("l"), .index(0), .attribute("a")], given, prior).fields?["l"] == .tuple([mixed]))
        #expect(
            Self.kept([.attribute("m"), .key("k"), .attribute("a")], given, prior).fields?["m"]
                == .map(changed.type, ["k": mixed]))
        #expect(Self.kept([.key("n"), .attribute("a")], given, prior) == given)
    }

    @Test("What is sensitive in the configuration stays so")
    func marks() {
        let given = Value.object(["a": Self.a2.withMarks(.sensitive), "b": Self.a2])
        #expect(
            Self.kept([.attribute("a")], given, Self.both)
                == .object(["a": Self.a1.withMarks(.sensitive), "b": Self.a2]))
    }
}
