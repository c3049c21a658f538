import JSON
import Testing
import Values

@Suite("Values")
struct ValueTests {
    @Test("Marks of every operand are on the result")
    func marks() throws {
        let hidden = Value.number(1).withMarks(.sensitive)
        #expect(try Value.add(hidden, .number(2)) == Value.number(3).withMarks(.sensitive))
        #expect(Value.equals(.tuple([hidden]), .tuple([.number(1)])) == Value.bool(true).withMarks(.sensitive))
        #expect(try Value.object(["a": hidden]).attribute("a").marks == .sensitive)
        #expect(Value.set(.number, [hidden, .number(1)]) == Value.set(.number, [.number(1)]).withMarks(.sensitive))
    }

    @Test("What is not known decides nothing, unless the rest does")
    func unknown() throws {
        let open = Value.unknown(.bool)
        #expect(try Value.and(open, .bool(false)) == .bool(false))
        #expect(try Value.or(open, .bool(true)) == .bool(true))
        #expect(try Value.and(open, .bool(true)).isUnknown)
        #expect(
            Value.equals(.tuple([.unknown(.number), .number(1)]), .tuple([.number(5), .number(2)])) == .bool(false))
        let prefixed = Value.unknown(.string, Refinement(isNotNull: true, prefix: "x-"))
        #expect(Value.equals(prefixed, .string("")) == .bool(false))
        #expect(Value.equals(prefixed, .string("x-1")).isUnknown)
        #expect(Value.equals(prefixed, .null(.string)) == .bool(false))
        let small = Value.unknown(.number, Refinement(minimum: Number(1), maximum: Number(5)))
        #expect(try Value.less(small, .number(10)) == .bool(true))
    }

    @Test(
        "Conversions between primitives",
        arguments: [
            (Value.number(5), ValueType.string, Value.string("5")), (.bool(true), .string, .string("true")),
            (.string("1.50"), .number, .number(Number(literal: "1.5") ?? Number(0))),
            (.string("0"), .bool, .bool(false)),
            (.null(.dynamic), .number, .null(.number)), (.unknown(.dynamic), .string, .unknown(.string)),
        ])
    func conversions(value: Value, type: ValueType, result: Value) throws {
        #expect(try value.converted(to: type) == result)
    }

    @Test(
        "Conversions that there are not",
        arguments: [
            (Value.string("x"), ValueType.number), (.string("yes"), .bool), (.bool(true), .number),
            (.tuple([]), .string),
            (.object(["a": .number(1)]), .list(.number)), (.object([:]), .object(ObjectType(["a": .string]))),
        ])
    func noConversions(value: Value, type: ValueType) {
        #expect(throws: ValueError.self) { try value.converted(to: type) }
    }

    @Test("Tuples become lists of what their elements have in common, objects become maps")
    func collections() throws {
        let list = try Value.tuple([.number(1), .string("a")]).converted(to: .list(.dynamic))
        #expect(list == .list(.string, [.string("1"), .string("a")]))
        let map = try Value.object(["a": .number(1), "b": .bool(true)]).converted(to: .map(.string))
        #expect(map == .map(.string, ["a": .string("1"), "b": .string("true")]))
        #expect(
            try Value.tuple([.string("b"), .string("a"), .string("b")]).converted(to: .set(.string)).elements?.count
                == 2)
    }

    @Test("An error says where it is")
    func paths() {
        let value = Value.object(["owner": .tuple([.object(["id": .tuple([])])])])
        let type = ValueType.object(ObjectType(["owner": .list(.object(ObjectType(["id": .string])))]))
        do {
            _ = try value.converted(to: type)
            Issue.record("It was converted.")
        } catch {
            #expect(error.path.description == ".owner[0].id")
        }
    }

    @Test("Sets iterate in an order that nothing but their elements decides")
    func setOrder() {
        #expect(
            Value.set(.number, [.number(10), .number(2), .number(1)]).elements == [.number(1), .number(2), .number(10)])
        #expect(Value.set(.string, [.string("b"), .string("a")]).elements == [.string("a"), .string("b")])
        let one = Value.set(.tuple([.number]), [.tuple([.number(1)]), .tuple([.number(2)])])
        #expect(one == Value.set(.tuple([.number]), [.tuple([.number(2)]), .tuple([.number(1)])]))
    }

    @Test("State keeps types where they are dynamic, and gives the same value back")
    func json() throws {
        let type = ValueType.object(ObjectType(["a": .dynamic, "b": .list(.number), "c": .map(.string)]))
        let value = Value.object([
            "a": .tuple([.number(1), .string("x")]), "b": .list(.number, [.number(1)]),
            "c": .map(.string, ["k": .string("v")]),
        ])
        let json = try value.json(as: type)
        #expect(json["a"]?["type"]?.text(.compact) == #"["tuple",["number","string"]]"#)
        #expect(try Value(json: json, type: type) == value)
        #expect(throws: ValueError.self) { try Value.unknown(.string).json() }
    }

    @Test("Defaults stand in for what was left out, at every depth")
    func defaults() throws {
        let inner = TypeConstraint.object([
            "id": TypeConstraint.Attribute(.exactly(.string)),
            "size": TypeConstraint.Attribute(.exactly(.number), isOptional: true, defaultValue: .number(3)),
            "note": TypeConstraint.Attribute(.exactly(.string), isOptional: true),
        ])
        let value = Value.tuple([.object(["id": .string("a")]), .object(["id": .number(5), "size": .string("7")])])
        let applied = try TypeConstraint.list(inner).apply(to: value)
        #expect(applied.elements?[0].fields?["size"] == .number(3))
        #expect(applied.elements?[0].fields?["note"] == .null(.string))
        #expect(applied.elements?[1].fields?["id"] == .string("5"))
        #expect(applied.elements?[1].fields?["size"] == .number(7))
        #expect(throws: ValueError.self) { try inner.apply(to: .object([:])) }
    }
}
