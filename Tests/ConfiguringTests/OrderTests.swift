import Configuring
import Testing

struct OrderTests {
    private func thing(_ name: String) -> Node {
        .resource(ResourceAddress(mode: .managed, type: "test_thing", name: name))
    }

    @Test func eachNodeComesAfterWhatItNeeds() {
        let loaded = Loaded(
            """
            output "o" { value = local.a }
            locals { a = test_thing.b[*].id }
            resource "test_thing" "b" { count = var.n }
            variable "n" {}
            resource "test_thing" "c" {
              for_each   = { for k in [1] : k => test_thing.b[0].id }
              depends_on = [test_thing.d]
              dynamic "rule" {
                for_each = local.ports
                content { port = rule.value + local.base }
              }
            }
            resource "test_thing" "d" {}
            locals {
              ports = []
              base  = 1
            }
            """)
        #expect(loaded.summaries == [], "\(loaded.shown())")
        let configuration = loaded.configuration
        let order = configuration.topologicalOrder().nodes
        #expect(order.count == 8)
        for (place, node) in order.enumerated() {
            for need in configuration.dependencies(of: node) {
                #expect(order.firstIndex(of: need).map { $0 < place } == true, "\(node) before \(need)")
            }
        }
        #expect(
            Set(configuration.dependencies(of: thing("c"))) == [
                thing("b"), thing("d"), .local("ports"), .local("base"),
            ])
        #expect(configuration.resourcesBehind(.output("o")).map(\.name) == ["b"])
    }

    @Test func dependenciesOfResourcesGoThroughLocals() {
        let loaded = Loaded(
            """
            resource "test_thing" "a" {}
            resource "test_thing" "b" { name = test_thing.a.id }
            locals { l = test_thing.b.id }
            resource "test_thing" "c" {
              name = local.l
              lifecycle { create_before_destroy = true }
            }
            resource "test_thing" "d" { name = test_thing.c.id }
            """)
        let address = { (name: String) in ResourceAddress(mode: .managed, type: "test_thing", name: name) }
        #expect(loaded.summaries == [])
        #expect(loaded.configuration.resourceDependencies(of: address("c")) == [address("a"), address("b")])
        #expect(
            loaded.configuration.resourceDependencies(of: address("d")) == [address("a"), address("b"), address("c")])
        let all = loaded.configuration.resources.map(\.address)
        #expect(loaded.configuration.precreated(by: all) == [address("a"), address("b"), address("c")])
        #expect(loaded.configuration.precreated(by: [address("a"), address("b")]) == [])
    }

    @Test func theOrderOfFilesDoesNotMatter() {
        let parts = (0..<20).map {
            "resource \"test_thing\" \"r\($0)\" {\n  name = test_thing.r\(($0 * 7 + 1) % 20 > $0 ? ($0 * 7 + 1) % 20 : 20).id\n}\n"
        }
        let last = "resource \"test_thing\" \"r20\" {}\n"
        let first = Loaded((parts + [last]).enumerated().map { ("f\($0).tf", $1) })
        let second = Loaded(([last] + parts.reversed()).enumerated().map { ("f\($0).tf", $1) })
        #expect(first.summaries == [] && second.summaries == [])
        for number in 0...20 {
            let node = thing("r\(number)")
            #expect(first.configuration.dependencies(of: node) == second.configuration.dependencies(of: node))
        }
        #expect(Set(first.configuration.topologicalOrder().nodes) == Set(second.configuration.topologicalOrder().nodes))
    }

    @Test func longCyclesAreFoundWithoutRecursion() {
        let count = 5000
        let text = (0..<count).map { "  l\($0) = local.l\(($0 + 1) % count)\n" }.joined()
        let loaded = Loaded("locals {\n\(text)}\n")
        #expect(loaded.summaries == ["Cycle"])
        #expect(loaded.configuration.topologicalOrder().nodes.isEmpty)
    }

    /// Ten thousand blocks of each kind, all referring to one another: a quadratic step would take minutes.
    @Test(.timeLimit(.minutes(1))) func costIsLinear() {
        let count = 10_000
        var text = "locals {\n  all = [\n"
        for index in 0..<count { text += "    test_thing.r\(index).id,\n" }
        text += "  ]\n}\n"
        for index in 0..<count {
            text += "variable \"v\(index)\" {\n  default = \(index)\n}\n"
            text += "locals {\n  l\(index) = var.v\(index)\n}\n"
            text += "resource \"test_thing\" \"r\(index)\" {\n  name = local.l\(index)\n}\n"
            text += "resource \"test_thing\" \"s\(index)\" {\n  input = local.all\n}\n"
            text += "output \"o\(index)\" {\n  value = [test_thing.s\(index).id, local.undeclared\(index)]\n}\n"
        }
        let loaded = Loaded(text)
        #expect(loaded.summaries.count == count)
        #expect(Set(loaded.summaries) == ["Reference to undeclared local value"])
        #expect(loaded.configuration.topologicalOrder().nodes.count == 5 * count + 1)
        let address = ResourceAddress(mode: .managed, type: "test_thing", name: "s7")
        #expect(loaded.configuration.resourceDependencies(of: address).count == count)
    }
}
