/// An order of things that need one another, by their positions: each comes after what it needs.
///
/// The cost is linear in things and needs.
package struct DependencyOrder: Sendable {
    /// The positions, what needs nothing first and, of those that become possible together, the lowest; those in a knot, or
    /// behind one, are missing.
    package let positions: [Int]
    private let needs: [[Int]]
    private let isMissing: [Bool]

    /// Finds the order.
    ///
    /// - Parameter needs: For each thing the positions of what it needs; one that is named twice counts once.
    package init(_ needs: [[Int]]) {
        var missing = needs.map(\.count)
        var followers: [[Int]] = Array(repeating: [], count: needs.count)
        for (position, others) in needs.enumerated() { for other in others { followers[other].append(position) } }
        var order = needs.indices.filter { missing[$0] == 0 }
        order.reserveCapacity(needs.count)
        var next = 0
        while next < order.count {
            for follower in followers[order[next]] {
                missing[follower] -= 1
                if missing[follower] == 0 { order.append(follower) }
            }
            next += 1
        }
        positions = order
        self.needs = needs
        isMissing = missing.map { $0 > 0 }
    }

    /// Those that the order misses, ascending.
    package var missing: [Int] { isMissing.indices.filter { isMissing[$0] } }

    /// The groups of things that need one another in a circle, by Tarjan's method; each group ascending.
    ///
    /// Empty when nothing is missing. What is only behind a knot is in none.
    package var knots: [[Int]] {
        var result: [[Int]] = []
        var numbers: [Int: Int] = [:]
        var lowest: [Int: Int] = [:]
        var open: [Int] = []
        var isOpen: Set<Int> = []
        for start in missing where numbers[start] == nil {
            var path: [(thing: Int, rest: ArraySlice<Int>)] = []
            func enter(_ thing: Int) {
                (numbers[thing], lowest[thing]) = (numbers.count, numbers.count)
                open.append(thing)
                isOpen.insert(thing)
                path.append((thing, needs[thing].filter { isMissing[$0] }.sorted()[...]))
            }
            enter(start)
            while let last = path.indices.last {
                let thing = path[last].thing
                if let next = path[last].rest.popFirst() {
                    if numbers[next] == nil {
                        enter(next)
                    } else if isOpen.contains(next) {
                        lowest[thing] = min(lowest[thing] ?? 0, numbers[next] ?? 0)
                    }
                    continue
                }
                path.removeLast()
                if let outer = path.last?.thing { lowest[outer] = min(lowest[outer] ?? 0, lowest[thing] ?? 0) }
                guard lowest[thing] == numbers[thing] else { continue }
                var group: [Int] = []
                repeat {
                    group.append(open.removeLast())
                    isOpen.remove(group[group.count - 1])
                } while group.last != thing
                if group.count > 1 || needs[thing].contains(thing) { result.append(group.sorted()) }
            }
        }
        return result
    }
}
