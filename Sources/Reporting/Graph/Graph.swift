import Configuring

/// Things and what each of them needs, for whoever looks at them as a picture.
package struct Graph: Sendable {
    /// What a thing is, or what becomes of it: decides about its shape and its colour.
    package enum Kind: String, Sendable, CaseIterable {
        /// A managed resource.
        case resource
        /// A data source.
        case data
        /// An input variable, a local value, an output or a module call.
        case value
        /// A provider configuration.
        case provider
        /// An object that is made.
        case create
        /// An object that is changed in place.
        case update
        /// An object that is replaced.
        case replace
        /// An object that is destroyed.
        case delete
        /// A data source that is read.
        case read
        /// An object that stays as it is.
        case unchanged
        /// What only stands between others.
        case other
    }

    /// One thing.
    package struct Node: Sendable {
        /// What tells it from all others.
        package var name: String
        /// What it is called in its module.
        package var label: String
        /// The module that it is in; empty for the root module.
        package var module = ""
        /// What it is.
        package var kind: Kind
        /// Said beside the label, such as a number of instances; empty for nothing.
        package var remark = ""
        /// Where in the page more is told of it, such as `#change-1`; empty for nowhere.
        package var link = ""

        /// Makes a thing.
        package init(name: String, label: String, module: String = "", kind: Kind) {
            self.name = name
            self.label = label
            self.module = module
            self.kind = kind
        }
    }

    /// The things, in the order in which a text has them.
    package var nodes: [Node]
    /// For each thing the positions of what it needs, ascending.
    package var needs: [[Int]]

    /// Makes a graph; what a thing needs may be named twice and in any order.
    package init(_ nodes: [Node], needs: [[Int]]) {
        self.nodes = nodes
        self.needs = needs.enumerated().map { place, list in Set(list).subtracting([place]).sorted() }
    }

    /// The positions, each after those that it needs; what is in a cycle, or needs one, comes last.
    var order: [Int] {
        let order = DependencyOrder(needs)
        return order.positions + order.missing
    }

    /// The graph without what follows from the rest: a need that another need has already.
    package var reduced: Graph {
        var result = self
        var rank = Array(repeating: 0, count: nodes.count)
        let order = order
        for (position, place) in order.enumerated() { rank[place] = position }
        var reachedBy = Array(repeating: -1, count: nodes.count)
        for place in order where result.needs[place].count > 1 {
            // From those that come last: they may need the others.
            let sorted = result.needs[place].sorted { rank[$0] > rank[$1] }
            let least = sorted.last.map { rank[$0] } ?? 0
            var kept: [Int] = []
            for need in sorted where reachedBy[need] != place {
                kept.append(need)
                var work = [need]
                while let next = work.popLast() {
                    for further in result.needs[next] where reachedBy[further] != place && rank[further] >= least {
                        reachedBy[further] = place
                        work.append(further)
                    }
                }
            }
            result.needs[place] = kept.sorted()
        }
        return result
    }
}
