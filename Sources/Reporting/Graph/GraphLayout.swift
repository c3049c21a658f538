/// Where the things of a graph stand in a picture of it: in columns, what is needed on the left of what needs it.
///
/// Parts that nothing joins stand below one another; what is joined to nothing stands in rows at the end. The order in a column is
/// found by going back and forth, putting each thing between its neighbours, and keeping the order with the fewest crossings.
struct GraphLayout {
    /// A place.
    struct Point: Hashable {
        var x: Double
        var y: Double
    }

    /// The left upper corners of the things.
    private(set) var corners: [Point]
    /// The points that each line goes through, from what needs to what is needed: for each thing, in the order of its needs.
    private(set) var lines: [[[Point]]]
    /// The size of the picture.
    private(set) var width = 0.0
    private(set) var height = 0.0

    /// How wide each thing is drawn: as wide as the others in its column.
    private(set) var widths: [Double]

    private let graph: Graph

    /// The height of a thing.
    static let nodeHeight = 40.0
    private static let rowGap = 14.0
    private static let columnGap = 56.0
    private static let partGap = 28.0
    private static let sweeps = 12
    /// A picture with more lines than this through its columns lets the long ones go straight.
    private static let bendsMaximum = 20_000

    /// Places the things of a graph, which are at least as wide as is given.
    init(_ graph: Graph, widths: [Double]) {
        self.graph = graph
        self.widths = widths
        corners = Array(repeating: Point(x: 0, y: 0), count: graph.nodes.count)
        lines = graph.needs.map { $0.map { _ in [] } }
        let parts = Self.parts(of: graph)
        for part in parts.joined {
            place(LayeredPart(graph, part, bendsMaximum: Self.bendsMaximum))
        }
        placeInRows(parts.alone)
    }

    /// The parts of a graph that nothing joins, the greatest first, and what is joined to nothing.
    private static func parts(of graph: Graph) -> (joined: [[Int]], alone: [Int]) {
        var neighbours = graph.needs
        for (place, needs) in graph.needs.enumerated() { for need in needs { neighbours[need].append(place) } }
        var isSeen = Array(repeating: false, count: graph.nodes.count)
        var joined: [[Int]] = []
        var alone: [Int] = []
        for start in graph.nodes.indices where !isSeen[start] {
            isSeen[start] = true
            var part = [start]
            var next = 0
            while next < part.count {
                for neighbour in neighbours[part[next]] where !isSeen[neighbour] {
                    isSeen[neighbour] = true
                    part.append(neighbour)
                }
                next += 1
            }
            if part.count > 1 { joined.append(part.sorted()) } else { alone.append(start) }
        }
        return (joined.sorted { ($0.count, $1[0]) > ($1.count, $0[0]) }, alone)
    }

    // MARK: - Places

    private mutating func place(_ part: LayeredPart) {
        let columns = part.ordered(sweeps: Self.sweeps)
        let rows = Self.rows(columns, part)
        var left = 0.0
        var edges: [(left: Double, right: Double)] = []
        for column in columns {
            let members = column.filter { !part.isBend($0) }.map { part.members[$0] }
            let wide = members.map { widths[$0] }.max() ?? 0
            for member in members { widths[member] = wide }
            edges.append((left, left + wide))
            left += wide + Self.columnGap
        }
        let top = height + (height > 0 ? Self.partGap : 0)
        for (index, column) in columns.enumerated() {
            for item in column where !part.isBend(item) {
                corners[part.members[item]] = Point(x: edges[index].left, y: top + rows[item] - Self.nodeHeight / 2)
            }
        }
        for item in part.members.indices {
            for (place, chain) in part.chains[item].enumerated() {
                // From the left side of what needs to the right side of what is needed.
                var points = [Point(x: edges[part.column[item]].left, y: top + rows[item])]
                for bend in chain.dropLast() {
                    let edge = edges[part.column[bend]]
                    points.append(Point(x: edge.right, y: top + rows[bend]))
                    points.append(Point(x: edge.left, y: top + rows[bend]))
                }
                if let end = chain.last {
                    points.append(Point(x: edges[part.column[end]].right, y: top + rows[end]))
                }
                lines[part.members[item]][place] = points
            }
        }
        height = top + (rows.max() ?? 0) + Self.nodeHeight / 2
        width = max(width, left - Self.columnGap)
    }

    /// The heights of the middles of all items: near those of their neighbours, none on top of another.
    private static func rows(_ columns: [[Int]], _ part: LayeredPart) -> [Double] {
        var rows = Array(repeating: 0.0, count: part.column.count)
        func distance(_ upper: Int, _ lower: Int) -> Double {
            // Lines need less room than things.
            let isBend = (part.isBend(upper), part.isBend(lower))
            if isBend.0 && isBend.1 { return 10 }
            return isBend.0 || isBend.1 ? nodeHeight / 2 + 10 : nodeHeight + rowGap
        }
        for column in columns {
            var row = 0.0
            for (index, item) in column.enumerated() {
                if index > 0 { row += distance(column[index - 1], item) }
                rows[item] = row
            }
        }
        for sweep in 0..<16 {
            let order = sweep.isMultiple(of: 2) ? Array(columns.indices) : columns.indices.reversed()
            for index in order {
                let column = columns[index]
                var wishes: [(row: Double, weight: Double)] = []
                for item in column {
                    let (left, right) = (part.left[item], part.right[item])
                    let neighbours =
                        sweep >= 12 ? left + right : sweep.isMultiple(of: 2) ? left : right
                    guard !neighbours.isEmpty else {
                        wishes.append((rows[item], 0.1))
                        continue
                    }
                    let mean = neighbours.reduce(0) { $0 + rows[$1] } / Double(neighbours.count)
                    wishes.append((mean, part.isBend(item) ? 4 : 1))
                }
                for (item, row) in zip(column, Self.spread(column, wishes, distance)) { rows[item] = row }
            }
        }
        let least = rows.min() ?? 0
        return rows.map { $0 - least + nodeHeight / 2 }
    }

    /// The rows nearest to the wishes that keep the order and the distances: neighbours that would collide stand together.
    private static func spread(
        _ column: [Int], _ wishes: [(row: Double, weight: Double)], _ distance: (Int, Int) -> Double
    ) -> [Double] {
        var offsets = [0.0]
        for index in column.indices.dropFirst() {
            offsets.append(offsets[index - 1] + distance(column[index - 1], column[index]))
        }
        var blocks: [(sum: Double, weight: Double, count: Int)] = []
        for (index, wish) in wishes.enumerated() {
            blocks.append(((wish.row - offsets[index]) * wish.weight, wish.weight, 1))
            while blocks.count > 1 {
                let (upper, lower) = (blocks[blocks.count - 2], blocks[blocks.count - 1])
                guard upper.sum / upper.weight > lower.sum / lower.weight else { break }
                blocks.removeLast()
                blocks[blocks.count - 1] = (
                    upper.sum + lower.sum, upper.weight + lower.weight, upper.count + lower.count
                )
            }
        }
        var rows: [Double] = []
        for block in blocks {
            for _ in 0..<block.count { rows.append(block.sum / block.weight + offsets[rows.count]) }
        }
        return rows
    }

    private mutating func placeInRows(_ alone: [Int]) {
        guard !alone.isEmpty else { return }
        let widest = alone.map { widths[$0] }.max() ?? 0
        let available = max(width, min(Double(alone.count), 4) * (widest + Self.rowGap))
        let count = max(1, Int((available + Self.rowGap) / (widest + Self.rowGap)))
        let top = height + (height > 0 ? Self.partGap : 0)
        for (index, place) in alone.enumerated() {
            widths[place] = widest
            corners[place] = Point(
                x: Double(index % count) * (widest + Self.rowGap),
                y: top + Double(index / count) * (Self.nodeHeight + Self.rowGap))
        }
        height = top + Double((alone.count + count - 1) / count) * (Self.nodeHeight + Self.rowGap) - Self.rowGap
        width = max(width, Double(min(count, alone.count)) * (widest + Self.rowGap) - Self.rowGap)
    }
}
