import Configuring
import Testing

@Suite struct DependencyOrderTests {
    @Test(
        "Each comes after what it needs; what cannot is missing, and only a circle is a knot",
        arguments: [
            ([], [], []), ([[], []], [0, 1], []), ([[1], []], [1, 0], []), ([[1, 1, 2], [2], []], [2, 1, 0], []),
            // 0 is behind the knot of 1 and 2; 3 is not.
            ([[1], [2], [1], []], [3], [[1, 2]]),
            ([[0], [0]], [], [[0]]),
            // Two knots that share a member are one.
            ([[1], [0, 2], [1], [4], [3]], [], [[0, 1, 2], [3, 4]]),
        ] as [([[Int]], [Int], [[Int]])])
    func order(_ needs: [[Int]], _ positions: [Int], _ knots: [[Int]]) {
        let order = DependencyOrder(needs)
        #expect(order.positions == positions)
        #expect(order.knots.sorted { $0[0] < $1[0] } == knots)
        #expect(Set(order.missing).isDisjoint(with: positions) && order.missing.count + positions.count == needs.count)
    }

    @Test("A long chain costs no stack") func deep() {
        let count = 100_000
        let chain = (0..<count).map { $0 + 1 < count ? [$0 + 1] : [0] }
        #expect(DependencyOrder(chain).knots.map(\.count) == [count])
        #expect(DependencyOrder(Array(chain.dropLast()) + [[]]).positions == Array((0..<count).reversed()))
    }
}
