import Configuring
import Planning
import Testing

@testable import Reporting

@Suite("Graphs")
struct GraphTests {
    private static func graph(_ needs: [[Int]]) -> Graph {
        Graph(needs.indices.map { Graph.Node(name: "n\($0)", label: "type.n\($0)", kind: .resource) }, needs: needs)
    }

    @Test("What follows from the rest is left out")
    func reduction() {
        #expect(Self.graph([[], [0], [0, 1], [0, 1, 2]]).reduced.needs == [[], [0], [1], [2]])
        // Two ways, neither of which follows from the other.
        #expect(Self.graph([[], [0], [0], [1, 2, 0]]).reduced.needs == [[], [0], [0], [1, 2]])
        // Numbered against their order.
        #expect(Self.graph([[1, 2], [2], []]).reduced.needs == [[1], [2], []])
        // A cycle ends, too.
        #expect(Self.graph([[1], [0], [0, 1]]).reduced.needs.map(\.isEmpty) == [false, false, false])
    }

    @Test("A chain whose links all need the first is reduced in linear time")
    func longReduction() {
        let needs = (0..<20_000).map { $0 == 0 ? [] : [$0 - 1, 0] }
        #expect(Self.graph(needs).reduced.needs.map(\.count).max() == 1)
    }

    @Test("Things do not lie on one another, and what is needed stands on the left", arguments: [1, 2, 3, 4, 5, 6])
    func layout(_ seed: UInt64) {
        var state = seed
        func random(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(limit))
        }
        let needs = (0..<60).map { place in place < 4 ? [] : (0..<random(4)).map { _ in random(place) } }
        let graph = Self.graph(needs).reduced
        let layout = GraphLayout(graph, widths: graph.nodes.map { _ in Double(64 + random(200)) })
        for (first, one) in layout.corners.enumerated() {
            #expect(one.x >= 0 && one.y >= 0)
            #expect(one.x + layout.widths[first] <= layout.width + 0.01)
            #expect(one.y + GraphLayout.nodeHeight <= layout.height + 0.01)
            for (second, other) in layout.corners.enumerated() where second > first {
                let isApart =
                    one.x + layout.widths[first] <= other.x || other.x + layout.widths[second] <= one.x
                    || abs(one.y - other.y) >= GraphLayout.nodeHeight
                #expect(isApart, "\(first) and \(second)")
            }
            for (index, need) in graph.needs[first].enumerated() {
                #expect(layout.corners[need].x + layout.widths[need] < one.x)
                let line = layout.lines[first][index]
                #expect(line.first?.x == one.x)
                #expect(line.last?.x == layout.corners[need].x + layout.widths[need])
                #expect(line.last?.y == layout.corners[need].y + GraphLayout.nodeHeight / 2)
            }
        }
    }

    @Test("A tree has no crossings, and a thing stands beside the middle of those that need it")
    func tree() {
        // 0 is needed by 1, 2 and 3, of which each is needed by two; given in an order that would cross.
        let needs = [[], [0], [0], [0], [3], [1], [2], [1], [3], [2]]
        let part = LayeredPart(Self.graph(needs), Array(needs.indices), bendsMaximum: 100)
        let columns = part.ordered(sweeps: 12)
        let middle = columns[1]
        #expect(columns[2].map { needs[$0][0] } == middle.flatMap { [$0, $0] })
        let layout = GraphLayout(Self.graph(needs), widths: needs.map { _ in 100 })
        let rows = middle.map { layout.corners[$0].y }
        #expect(abs(layout.corners[0].y - rows.reduce(0, +) / 3) < 2)
    }

    @Test("A large graph is drawn in no time")
    func large() {
        let needs = (0..<10_000).map { $0.isMultiple(of: 10) ? [] : [$0 - 1] }
        let layout = GraphLayout(Self.graph(needs), widths: needs.map { _ in 100 })
        #expect(layout.corners.count == 10_000 && layout.width > 1_000)
    }

    @Test("Names from outside are text in DOT and in SVG")
    func hostile() {
        let name = "terraform_data.a[\"</title><script>alert(1)</script>\\\" & 'x\u{202e}\u{7}\"]"
        var node = Graph.Node(name: name, label: name, module: "module.m[\"<b>\"]", kind: .create)
        node.remark = "<i>"
        node.link = "\"><script>"
        let graph = Graph([node, node], needs: [[], [0]])
        let svg = SVGText(graph).file
        for bad in ["<script", "<b>", "<i>", "\u{202e}", "\u{7}", "& "] { #expect(!svg.contains(bad), "\(bad)") }
        let dot = DOTText.summary(graph)
        #expect(dot.contains(#"[\"</title><script>alert(1)</script>\\\" & 'x\\u202e\\u0007\"]""#), "\(dot)")
        #expect(!DOTText.operation(graph).contains("\u{7}"))
    }

    @Test("Numbers have two digits behind the point at most")
    func numbers() {
        #expect([0, 1, 1.5, 1.005, -0.25, 12.3456].map(Markup.number) == ["0", "1", "1.50", "1", "-0.25", "12.35"])
    }
}
