import Testing

@testable import Storage

struct XMLElementTests {
    private func read(_ text: String) -> XMLElement? { XMLElement(Array(text.utf8)) }

    @Test func whatStoresAnswer() throws {
        let list = try #require(
            read(
                """
                <?xml version="1.0" encoding="UTF-8"?>
                <s:List xmlns:s='http://example' a="1"><!-- c --><K>a&amp;b &#252;&#x2F;</K><K/><E></E></s:List>

                """))
        #expect(list.name == "List")
        #expect(list.text("K") == "a&b ü/")
        #expect(list.children.map(\.name) == ["K", "K", "E"])
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a><b></a></b>", "<a/><b/>", "<a>&x;</a>", "<a>&#xD800;</a>", "<a b></a>",
        "<a b=c/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a><![CDATA[x]]></a>", "<a", "<a b='", "<?xml", "<a><!-- </a>",
    ])
    func whatIsNoDocument(_ text: String) { #expect(read(text) == nil) }

    @Test func depthIsBounded() {
        let deep = String(repeating: "<a>", count: 100_000) + String(repeating: "</a>", count: 100_000)
        #expect(read(deep) == nil)
    }
}
