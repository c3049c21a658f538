import Configuring
import Planning
import Testing
import Values

@testable import Reporting

@Suite("Plans as pages")
struct PlanPageTests {
    private func page(_ changes: [Change], _ more: (inout Plan) -> Void = { _ in }) -> String {
        var plan = Sample.plan(changes)
        more(&plan)
        return PlanPage(plan, Configuration(), catalog: Sample.catalog).text
    }

    private var change: Change {
        Sample.change(.update, before: Sample.key(id: "K1", name: "one"), after: Sample.key(id: "K1", name: "two"))
    }

    @Test("What a plan's text says is on the page, what destroys first")
    func groups() throws {
        let gone = Sample.change(
            .delete, before: Sample.key(id: "K2", name: "old"), after: .null(Sample.key(id: nil, name: "").type),
            key: .key("gone"))
        let page = page([gone, change])
        #expect(page.contains("<title>Plan: 0 to add, 1 to change, 1 to destroy.</title>"))
        let destroy = try #require(page.firstRange(of: "<section id=\"destroy\""))
        let update = try #require(page.firstRange(of: "<section id=\"update\""))
        #expect(destroy.lowerBound < update.lowerBound)
        #expect(page.contains("&quot;one&quot; <span class=\"change\">-&gt;</span> &quot;two&quot;"))
        #expect(page.contains("# (1 unchanged attribute hidden)"))
        #expect(page.contains("<span class=\"why\">will be updated in-place</span>"))
        #expect(page.contains("sample_key.k[&quot;gone&quot;]"))
    }

    @Test("A secret and sensitive values are not on it")
    func secrets() {
        let canary = "canary-value"
        let before = Sample.key(id: "K1", nameValue: Value.string(canary).withMarks(.sensitive))
        let after = Sample.key(id: "K1", nameValue: Value.string(canary + "2").withMarks(.sensitive))
        let page = page([Sample.change(.update, before: before, after: after)]) { plan in
            plan.outputs = [
                OutputChange(
                    name: "o", action: .update, before: .string(canary), after: .string(canary), isSensitive: true)
            ]
            plan.sensitiveVariables = ["v"]
        }
        #expect(!page.contains(canary))
        #expect(page.contains("(sensitive value)"))
    }

    @Test("What only has another address was not changed by another hand")
    func moves() {
        var moved = Sample.change(
            .noOp, before: Sample.key(id: "K1", name: "one"), after: Sample.key(id: "K1", name: "one"))
        moved.previous = InstanceAddress(ResourceAddress(mode: .managed, type: "sample_key", name: "old"), .none)
        let page = page([]) { $0.drift = [moved] }
        #expect(page.contains("<section id=\"moves\"") && !page.contains("by another hand"))
        #expect(page.contains("<span class=\"why\">was sample_key.old</span>"))
    }

    @Test("Whatever comes from outside is text")
    func hostile() throws {
        let evil =
            "</pre></style></title><script>alert(1)</script><img src=x onerror=alert(1)>\"'\u{202e}\u{1b}[31m&amp;"
        let address = InstanceAddress(ResourceAddress(mode: .managed, type: "sample_key", name: "k"), .key(evil))
        var change = change
        change = Change(
            address: address, provider: "sample", action: .update, before: Sample.key(id: evil, name: "a"),
            after: Sample.key(id: evil, name: evil))
        let page = page([change]) { plan in
            plan.workspace = evil
            plan.timestamp = evil
            plan.origin = Origin(organization: evil, endpoint: evil, secretStore: nil, run: "")
            plan.variables = ["v": .string(evil)]
            plan.sensitiveVariables = [evil]
            plan.outputs = [
                OutputChange(
                    name: "o", action: .create, before: .null(.string), after: .string(evil), isSensitive: false)
            ]
            plan.drift = [change]
            plan.checks.note(CheckResults.Subject(.check, evil), evil, .fail, [evil])
            plan.lookAlikes = [Plan.LookAlike(address: address, importID: evil)]
        }
        for bad in ["<script", "<img", "\u{202e}", "\u{1b}", "&amp;amp;&amp;", "onerror=alert(1)>\""] {
            #expect(!page.contains(bad), "\(bad)")
        }
        #expect(page.ranges(of: "</style>").count == 1)
        #expect(page.ranges(of: "</title>").count == 1)
        #expect(page.contains("&lt;img src=x onerror=alert(1)&gt;"))
        // Every name and value stands in one of these, whose text is escaped: no attribute but those written here.
        let attributes = Set(
            page.matches(of: #/ (on[a-z]+|src|style|srcdoc|formaction)="/#).map { String($0.output.1) })
        #expect(attributes.isEmpty, "\(attributes)")
        #expect(
            page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-"))
    }

    @Test("A plan of very many changes says first how many of which kind")
    func overview() throws {
        let many = (0..<120).map { index in
            let value = Sample.key(id: nil, name: "n\(index)")
            return Sample.change(.create, before: .null(value.type), after: value, key: .index(index))
        }
        let text = Sample.text(many + [change])
        #expect(
            text.hasPrefix(
                """
                flinkform plans 121 changes, by resource type and action:

                              update  create
                  sample_key       1     120

                flinkform used the selected providers
                """), "\(text.prefix(300))")
        #expect(Sample.text(Array(many.prefix(99))).hasPrefix("flinkform used the selected providers"))
        #expect(Sample.text(Array(many.prefix(100))).hasPrefix("flinkform plans 100 changes"))
    }

    @Test("Colours of a terminal become classes, and nothing else does")
    func colours() {
        let paint = Paint(isColored: true)
        #expect(
            DiffMarkup.lines(["  \(paint.add("+")) a = \"<\""])
                == "<span class=\"row plus\">  <span class=\"add\">+</span> a = &quot;&lt;&quot;</span>")
        #expect(DiffMarkup.lines([""]) == "<span class=\"row\"> </span>")
        #expect(DiffMarkup.lines(["\u{1b}[5mx"]) == "<span class=\"row\">x</span>")
        #expect(DiffMarkup.lines(["\u{1b}x"]) == "<span class=\"row\">\\u001bx</span>")
    }
}
