/// The cycles among nodes that no order can be found for.
struct Cycles {
    /// The members of each cycle, each followed by one that it depends on; a node is in one of them at most.
    private(set) var found: [[Node]] = []

    /// Searches in the order of the nodes, and visits each once.
    ///
    /// - Parameters:
    ///   - nodes: Members of cycles, and nodes that depend on such.
    ///   - dependencies: What a node depends on.
    init(among nodes: [Node], dependencies: (Node) -> [Node]) {
        let candidates = Set(nodes)
        var finished: Set<Node> = []
        for start in nodes where !finished.contains(start) {
            var path: [(node: Node, rest: ArraySlice<Node>)] = []
            var places: [Node: Int] = [:]
            func enter(_ node: Node) {
                places[node] = path.count
                path.append((node, dependencies(node).filter { candidates.contains($0) }[...]))
            }
            enter(start)
            while let last = path.indices.last {
                guard let next = path[last].rest.popFirst() else {
                    finished.insert(path[last].node)
                    places[path[last].node] = nil
                    path.removeLast()
                    continue
                }
                if finished.contains(next) { continue }
                guard let place = places[next] else {
                    enter(next)
                    continue
                }
                found.append(path[place...].map(\.node))
                // What is reported is left alone, so that cycles that share a member are told one at a time.
                for index in place..<path.count {
                    finished.insert(path[index].node)
                    places[path[index].node] = nil
                }
                path.removeSubrange(place...)
            }
        }
    }
}
