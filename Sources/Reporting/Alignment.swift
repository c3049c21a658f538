/// Two sequences side by side: what is in both, in the longest common subsequence that Terraform finds, and what is between.
struct Alignment {
    /// What became of a stretch of elements.
    enum Stretch {
        /// One that is in both; its places in the old and in the new sequence.
        case same(old: Int, new: Int)
        /// Those that went, by their places in the old sequence, and what came for them, by its places in the new one.
        case changed(removed: Range<Int>, inserted: Range<Int>)
    }

    /// The stretches in order; no two that changed stand side by side.
    let stretches: [Stretch]

    /// The greatest number of pairs that are compared one by one; beyond it, equal ends are set aside first, and if that is not
    /// enough, all between them counts as changed.
    private static let pairsMaximum = 1_000_000

    init<Element: Equatable>(_ old: [Element], _ new: [Element]) {
        let isShort = old.count * new.count <= Self.pairsMaximum
        let shorter = isShort ? 0 : min(old.count, new.count)
        var start = 0
        while start < shorter, old[start] == new[start] { start += 1 }
        var end = 0
        while end < shorter - start, old[old.count - 1 - end] == new[new.count - 1 - end] { end += 1 }
        let common = Self.common(old[start..<old.count - end], new[start..<new.count - end])
        var stretches = (0..<start).map { Stretch.same(old: $0, new: $0) }
        var (first, second) = (start, start)
        func note(_ removed: Range<Int>, _ inserted: Range<Int>) {
            if !removed.isEmpty || !inserted.isEmpty {
                stretches.append(.changed(removed: removed, inserted: inserted))
            }
        }
        for element in common {
            // The first that is equal is taken, in both.
            let (one, other) = (
                old[first...].firstIndex(of: element) ?? first, new[second...].firstIndex(of: element) ?? second
            )
            note(first..<one, second..<other)
            stretches.append(.same(old: one, new: other))
            (first, second) = (one + 1, other + 1)
        }
        note(first..<old.count - end, second..<new.count - end)
        stretches += (0..<end).reversed().map { .same(old: old.count - 1 - $0, new: new.count - 1 - $0) }
        self.stretches = stretches
    }

    /// The longest common subsequence: of several, the one that a walk from the end finds which leaves out of the new sequence
    /// first.
    private static func common<Element: Equatable>(
        _ old: ArraySlice<Element>, _ new: ArraySlice<Element>
    ) -> [Element] {
        let (old, new) = (Array(old), Array(new))
        guard !old.isEmpty, !new.isEmpty, old.count * new.count <= pairsMaximum else { return [] }
        let width = old.count + 1
        var lengths = [Int32](repeating: 0, count: width * (new.count + 1))
        for row in 1...new.count {
            for column in 1...old.count {
                let place = row * width + column
                lengths[place] =
                    old[column - 1] == new[row - 1]
                    ? lengths[place - width - 1] + 1 : max(lengths[place - 1], lengths[place - width])
            }
        }
        var result: [Element] = []
        var (column, row) = (old.count, new.count)
        while column > 0, row > 0 {
            if old[column - 1] == new[row - 1] {
                result.append(old[column - 1])
                (column, row) = (column - 1, row - 1)
            } else if lengths[row * width + column - 1] > lengths[(row - 1) * width + column] {
                column -= 1
            } else {
                row -= 1
            }
        }
        return result.reversed()
    }
}
