import JSON
import Testing

/// How JSON is laid out and escaped.
@Suite struct JSONWriterTests {
    @Test("Strings are escaped as Go's encoder escapes them")
    func escapes() {
        let controls = (0..<0x20).map { String(Character(Unicode.Scalar(UInt8($0)))) }.joined()
        let expected =
            #""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#
            + #"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#
        #expect(JSONValue.string(controls).text(.compact) == expected)
        #expect(JSONValue.string("<a href='x'>&\"\\/").text(.compact) == #""\u003ca href='x'\u003e\u0026\"\\/""#)
        // The neighbours of the two separators are written as they are.
        let text = "\u{7f}\u{80}\u{2027}\u{2028}\u{2029}\u{202a}é日😀\u{feff}"
        #expect(JSONValue.string(text).text(.compact) == "\"\u{7f}\u{80}\u{2027}\\u2028\\u2029\u{202a}é日😀\u{feff}\"")
        #expect(JSONValue.object(["<k>": 1]).text(.compact) == #"{"\u003ck\u003e":1}"#)
        // A sequence that begins like a separator, at the end.
        #expect(JSONValue.string("\u{2020}").text(.compact) == "\"\u{2020}\"")
    }

    @Test("Every character below U+3000 and some above come back")
    func characters() throws {
        let scalars = (0...0x3000).compactMap { Unicode.Scalar($0 as Int) } + ["\u{D7FF}", "\u{E000}", "\u{10FFFF}"]
        for chunk in stride(from: 0, to: scalars.count, by: 64) {
            var text = ""
            text.unicodeScalars.append(contentsOf: scalars[chunk..<min(chunk + 64, scalars.count)])
            let value = JSONValue.string(text)
            #expect(try JSONValue(parsing: value.bytes(.compact)) == value)
        }
    }

    @Test("Two layouts")
    func layouts() throws {
        let value: JSONValue = [
            "a": 1, "b": [true, nil, "x", []], "c": [:], "d": ["e": ["f": [[1], [:]]]],
        ]
        #expect(value.text(.compact) == #"{"a":1,"b":[true,null,"x",[]],"c":{},"d":{"e":{"f":[[1],{}]}}}"#)
        #expect(
            value.text(.indented) == """
                {
                  "a": 1,
                  "b": [
                    true,
                    null,
                    "x",
                    []
                  ],
                  "c": {},
                  "d": {
                    "e": {
                      "f": [
                        [
                          1
                        ],
                        {}
                      ]
                    }
                  }
                }
                """)
        for layout in [JSONLayout.compact, .indented] {
            #expect(try JSONValue(parsing: value.bytes(layout)) == value)
            for scalar: JSONValue in [nil, true, false, 7, "s", [], [:]] {
                #expect(scalar.text(layout) == scalar.text(.compact))
            }
        }
    }

    @Test("Written piece by piece, it is the same as at once", arguments: [JSONLayout.compact, .indented])
    func pieces(_ layout: JSONLayout) throws {
        var writer = JSONWriter(layout)
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.string("x")
        writer.int(-7)
        writer.bool(true)
        writer.bool(false)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.value(["k": [1]])
        writer.endArray()
        writer.key("<b>")
        writer.beginObject()
        writer.key("c")
        writer.value(1)
        writer.endObject()
        writer.key("d")
        writer.beginArray()
        writer.endArray()
        writer.endObject()
        let value: JSONValue = [
            "a": ["x", -7, true, false, nil, [:], ["k": [1]]], "<b>": ["c": 1], "d": [],
        ]
        #expect(writer.bytes == value.bytes(layout))
    }
}
