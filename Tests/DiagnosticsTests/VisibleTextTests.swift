import Diagnostics
import Testing

/// Text from outside cannot steer a terminal.
@Suite struct VisibleTextTests {
    static let cases: [(String, String)] = [
        ("", ""), ("plain é日😀 \"x\" \\", "plain é日😀 \"x\" \\"), ("a\nb\r\tc", "a\\nb\\r\\tc"), ("\r\n", "\\r\\n"),
        ("\u{1b}[31mred", "\\u001b[31mred"), ("\u{0}\u{7}\u{8}\u{7f}", "\\u0000\\u0007\\u0008\\u007f"),
        ("\u{9b}31m\u{85}", "\\u009b31m\\u0085"), ("\u{202e}abc\u{2066}\u{200f}", "\\u202eabc\\u2066\\u200f"),
        ("e\u{301}\u{1b}", "e\u{301}\\u001b"), ("👩‍👩‍👧", "👩‍👩‍👧"),
    ]

    @Test("Control characters are written out", arguments: cases)
    func escaped(_ text: String, _ expected: String) {
        #expect(VisibleText.escaped(text) == expected)
        #expect(VisibleText.escaped(expected) == expected)
    }

    @Test("No control or direction character is left, and no other is changed")
    func all() {
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isHarmful =
                scalar.properties.generalCategory == .control || scalar.properties.isBidiControl
                || value == 0x2028 || value == 0x2029
            let text = String(Character(scalar))
            #expect((VisibleText.escaped(text) != text) == isHarmful, "\(value)")
        }
    }
}
