/// Two sequences side by side, with as few changes as can be.
struct Alignment {
    /// What became of a stretch of elements.
    enum Stretch {
        /// One that is in both; its place in the new sequence.
        case same(Int)
        /// Those that went, by their places in the old sequence, and what came for them, by its places in the new one.
        case changed(removed: [Int], inserted: [Int])
    }

    /// The stretches in order; no two that changed stand side by side.
    let stretches: [Stretch]

    init<Element: Equatable>(_ old: [Element], _ new: [Element]) {
        var (gone, come): (Set<Int>, Set<Int>) = ([], [])
        for change in new.difference(from: old) {
            switch change {
            case .remove(let offset, _, _): gone.insert(offset)
            case .insert(let offset, _, _): come.insert(offset)
            }
        }
        var stretches: [Stretch] = []
        var (first, second) = (0, 0)
        while first < old.count || second < new.count {
            var (removed, inserted): ([Int], [Int]) = ([], [])
            while gone.contains(first) {
                removed.append(first)
                first += 1
            }
            while come.contains(second) {
                inserted.append(second)
                second += 1
            }
            if !removed.isEmpty || !inserted.isEmpty {
                stretches.append(.changed(removed: removed, inserted: inserted))
            } else {
                stretches.append(.same(second))
                first += 1
                second += 1
            }
        }
        self.stretches = stretches
    }
}
