/// A part of a graph in columns, with a bend in each column that a line goes through without ending there.
struct LayeredPart {
    /// The positions in the graph of the things; bends follow them in the numbering of items.
    let members: [Int]
    /// The column of each item, from the left.
    private(set) var column: [Int] = []
    /// The items that each is joined to in the column on its left, and in the one on its right.
    private(set) var left: [[Int]]
    private(set) var right: [[Int]]
    /// For each thing, for each of its needs, the items that the line goes through: bends, and at the end what is needed.
    private(set) var chains: [[[Int]]]

    init(_ graph: Graph, _ members: [Int], bendsMaximum: Int) {
        self.members = members
        let places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1, $0) })
        let needs = members.map { graph.needs[$0].compactMap { places[$0] } }
        column = Self.columns(needs)
        left = Array(repeating: [], count: members.count)
        right = Array(repeating: [], count: members.count)
        chains = Array(repeating: [], count: members.count)
        var bends = 0
        for (item, list) in needs.enumerated() {
            for need in list {
                let span = column[item] - column[need]
                bends += max(0, span - 1)
                // Where a picture is full of lines already, and in a cycle, they go straight.
                guard span > 0, bends <= bendsMaximum else {
                    chains[item].append([need])
                    continue
                }
                var chain: [Int] = []
                var last = item
                for step in stride(from: column[item] - 1, to: column[need], by: -1) {
                    column.append(step)
                    left.append([])
                    right.append([])
                    join(last, column.count - 1)
                    last = column.count - 1
                    chain.append(last)
                }
                join(last, need)
                chains[item].append(chain + [need])
            }
        }
    }

    private mutating func join(_ item: Int, _ need: Int) {
        left[item].append(need)
        right[need].append(item)
    }

    /// Whether an item is no thing, but where a line goes through.
    func isBend(_ item: Int) -> Bool { item >= members.count }

    /// The column of each thing: right of all that it needs, and as near as can be to those that need it.
    private static func columns(_ needs: [[Int]]) -> [Int] {
        let nodes = needs.indices.map { Graph.Node(name: String($0), label: "", kind: .other) }
        let order = Graph(nodes, needs: needs).order
        var column = Array(repeating: 0, count: needs.count)
        var isDone = Array(repeating: false, count: needs.count)
        for item in order {
            for need in needs[item] where isDone[need] { column[item] = max(column[item], column[need] + 1) }
            isDone[item] = true
        }
        // What needs nothing stands beside what needs it first.
        var nearest: [Int?] = Array(repeating: nil, count: needs.count)
        for item in needs.indices {
            for need in needs[item] { nearest[need] = min(nearest[need] ?? .max, column[item] - 1) }
        }
        for item in needs.indices where needs[item].isEmpty {
            if let near = nearest[item] { column[item] = max(0, near) }
        }
        return column
    }

    // MARK: - Order

    /// The items of each column, from the top, in the order with the fewest crossings that was found.
    func ordered(sweeps: Int) -> [[Int]] {
        var columns: [[Int]] = Array(repeating: [], count: (column.max() ?? 0) + 1)
        for item in column.indices { columns[column[item]].append(item) }
        var rank = Array(repeating: 0, count: column.count)
        func number(_ items: [Int]) { for (place, item) in items.enumerated() { rank[item] = place } }
        for items in columns { number(items) }
        var best = columns
        var fewest = crossings(columns, rank)
        for sweep in 0..<sweeps where fewest > 0 {
            let goesRight = sweep.isMultiple(of: 2)
            for index in goesRight ? Array(columns.indices) : columns.indices.reversed() {
                let neighbours = goesRight ? left : right
                let wishes = columns[index].map { item -> Double in
                    let ranks = neighbours[item].map { rank[$0] }
                    return ranks.isEmpty
                        ? Double(rank[item]) : Double(ranks.reduce(0, +)) / Double(ranks.count)
                }
                let sorted = columns[index].indices.sorted { (wishes[$0], $0) < (wishes[$1], $1) }
                columns[index] = sorted.map { columns[index][$0] }
                number(columns[index])
            }
            let count = crossings(columns, rank)
            if count < fewest { (best, fewest) = (columns, count) }
        }
        return best
    }

    /// How often lines cross between neighbouring columns.
    private func crossings(_ columns: [[Int]], _ rank: [Int]) -> Int {
        var count = 0
        for index in columns.indices.dropFirst() {
            // Lines in the order of their right ends; each crosses those before it whose left end lies lower.
            var seen = Array(repeating: 0, count: columns[index - 1].count + 1)
            var total = 0
            for item in columns[index] {
                let ends = left[item].map { rank[$0] }.sorted()
                for end in ends {
                    var place = end + 1
                    var notLower = 0
                    while place > 0 {
                        notLower += seen[place]
                        place -= place & -place
                    }
                    count += total - notLower
                }
                for end in ends {
                    var place = end + 1
                    while place < seen.count {
                        seen[place] += 1
                        place += place & -place
                    }
                    total += 1
                }
            }
        }
        return count
    }
}
