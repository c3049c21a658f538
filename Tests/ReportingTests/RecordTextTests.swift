import JSON
import Reporting
import Testing

@Suite("Records as text")
struct RecordTextTests {
    private func region(_ isCurrent: Bool, _ name: String, _ cloud: String, _ region: String) -> Record {
        Record([
            .init("Current", "is_current", .flag(isCurrent)), .init("Name", "name", .text(name)),
            .init("Cloud", "cloud", .text(cloud)), .init("Region", "region", .text(region)),
        ])
    }

    @Test("A table is laid out like the Confluent CLI's")
    func table() {
        // The sample is the beginning of a longer table; the row that makes it so wide is the last one here.
        let text = RecordText.list(
            [
                region(true, "Europe (eu-west-1)", "AWS", "eu-west-1"),
                region(false, "Iowa (centralus)", "AZURE", "centralus"),
                region(false, "Tex., US (southcentralus)", "AZURE", "southcentralus"),
                region(false, "São Paulo, B (brazilsouth)", "AZURE", "brazilsouth"),
            ], .human)
        #expect(
            text == """
                  Current |            Name            | Cloud |     Region
                ----------+----------------------------+-------+-----------------
                  *       | Europe (eu-west-1)         | AWS   | eu-west-1
                          | Iowa (centralus)           | AZURE | centralus
                          | Tex., US (southcentralus)  | AZURE | southcentralus
                          | São Paulo, B (brazilsouth) | AZURE | brazilsouth

                """)
    }

    @Test("A box is laid out like the Confluent CLI's")
    func box() {
        let record = Record([
            .init("API Key", "api_key", .text("MYKEY18")), .init("API Secret", "api_secret", .text("MYSECRET18")),
        ])
        #expect(
            RecordText.one(record, .human) == """
                +------------+------------+
                | API Key    | MYKEY18    |
                | API Secret | MYSECRET18 |
                +------------+------------+

                """)
        #expect(
            RecordText.one(record, .json) == "{\n  \"api_key\": \"MYKEY18\",\n  \"api_secret\": \"MYSECRET18\"\n}\n")
        #expect(RecordText.one(record, .yaml) == "api_key: MYKEY18\napi_secret: MYSECRET18\n")
    }

    @Test("A long cell is broken between words, where the column says so")
    func wrapping() {
        let long = "a description of more than thirty characters, with aVeryLongWordThatHasNoPlaceToBreakIt"
        let record = Record([
            .init("ID", "id", .text("sa-1")), .init("Description", "description", .text(long), wrap: 30),
        ])
        #expect(
            RecordText.list([record], .human) == """
                   ID  |             Description
                -------+---------------------------------------
                  sa-1 | a description of more than
                       | thirty characters, with
                       | aVeryLongWordThatHasNoPlaceToBreakIt

                """)
        #expect(RecordText.list([record], .json).contains(long))
    }

    @Test("Nothing is said so, in each format")
    func empty() {
        #expect(RecordText.list([], .human) == "None found.\n")
        #expect(RecordText.list([], .json) == "[]\n")
        #expect(RecordText.list([], .yaml) == "[]\n")
    }

    @Test("A flag that machines see only when it is set is left out when it is not")
    func flags() {
        func text(_ isSet: Bool) -> String {
            RecordText.list(
                [Record([.init("Current", "is_current", .flagIfSet(isSet)), .init("Key", "key", .text("K"))])], .yaml)
        }
        #expect(text(true) == "- is_current: true\n  key: K\n")
        #expect(text(false) == "- key: K\n")
        #expect(RecordText.list([region(false, "", "", "")], .yaml).hasPrefix("- is_current: false\n"))
    }

    @Test("What a terminal would obey is escaped in tables")
    func escapes() {
        let record = Record([.init("Name", "name", .text("a\u{1b}[31mb"))])
        #expect(RecordText.list([record], .human).contains("a\\u001b[31mb"))
    }

    @Test(
        "A text stays a text in YAML",
        arguments: [
            ("plain", "plain"), ("two words", "two words"), ("<service account>", "<service account>"), ("", "\"\""),
            ("true", "\"true\""), ("No", "\"No\""), ("null", "\"null\""), ("~", "\"~\""), ("12", "\"12\""),
            ("1.5e3", "\"1.5e3\""), ("0x1F", "\"0x1F\""), (".inf", "\".inf\""), ("+1", "\"+1\""), ("-", "\"-\""),
            ("2024-01-02T03:04:05Z", "\"2024-01-02T03:04:05Z\""), ("1:30", "\"1:30\""),
            ("2024-01-02", "\"2024-01-02\""), ("1_000", "\"1_000\""), ("0b11", "\"0b11\""),
            ("5F3KQ", "5F3KQ"), ("12AB", "12AB"), ("1E5", "\"1E5\""), ("2024-notes", "2024-notes"),
            ("10.0.0.1 x", "10.0.0.1 x"), ("- a", "\"- a\""),
            ("a: b", "\"a: b\""), ("a:", "\"a:\""), ("a:b", "a:b"), ("a #b", "\"a #b\""), ("#a", "\"#a\""),
            ("*", "\"*\""), ("it's", "it's"), ("say \"so\"", "say \"so\""), ("\"so\"", "\"\\\"so\\\"\""),
            (" lead", "\" lead\""), ("trail ", "\"trail \""), ("a\nb", "\"a\\nb\""), ("tab\t", "\"tab\\t\""),
            ("back\\slash", "back\\slash"), ("[a]", "\"[a]\""), ("@a", "\"@a\""), ("\u{7}", "\"\\u0007\""),
            ("\u{feff}a", "\"\\ufeffa\""), ("ü", "ü"), ("🙂", "🙂"), ("3 apples, 2 pears", "3 apples, 2 pears"),
        ])
    func yaml(_ text: String, _ written: String) {
        #expect(RecordText.one(Record([.init("T", "t", .text(text))]), .yaml) == "t: \(written)\n")
    }
}
