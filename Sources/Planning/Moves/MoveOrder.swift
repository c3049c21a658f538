import Configuring

/// In which order moves are followed: what leads to an address comes before what leads away from it, and what is inside of
/// something before the whole.
struct MoveOrder {
    /// The positions of the moves, as they are followed; those of a cycle are missing.
    let positions: [Int]
    /// The moves that lead in a circle, by their positions; one list for each circle.
    let cycles: [[Int]]

    init(_ moves: [MovedBlock]) {
        let order = DependencyOrder(Self.needs(of: moves).map(Array.init))
        positions = order.positions
        cycles = order.knots
    }

    /// What each move comes after.
    private static func needs(of moves: [MovedBlock]) -> [Set<Int>] {
        var (origins, destinations) = (MoveIndex(), MoveIndex())
        for (position, move) in moves.enumerated() {
            origins.add(position, MovePath(move.from, in: move.module))
            destinations.add(position, MovePath(move.to, in: move.module))
        }
        return moves.enumerated().map { position, move in
            let from = MovePath(move.from, in: move.module)
            // What leads to where it begins, or into it; what begins inside of it; and what makes the place that it leads into.
            let leading = destinations.found(at: from, around: true)
            let inner = origins.found(at: from, around: false)
            let outer = destinations.found(around: MovePath(move.to, in: move.module))
            let all = leading.union(inner).union(outer).subtracting([position])
            guard move.from.resource == nil else { return all }
            // What a module itself declares comes after the module has moved.
            return all.filter { !move.takesAlong(moves[$0].module) }
        }
    }
}

extension MovedBlock {
    /// Whether the module is one of those that are moved, or is in one, before or afterwards.
    fileprivate func takesAlong(_ other: ModuleAddress) -> Bool {
        [from, to].contains { subject in
            let moved = subject.inside(module).module.inConfiguration.steps
            return other.steps.count >= moved.count && other.steps.starts(with: moved)
        }
    }
}

/// An address as the steps that lead to it from the root module.
struct MovePath {
    /// A step: to a module or a resource, whatever its instances, or from there to one of them.
    enum Step: Hashable {
        case name(String)
        case instance(InstanceKey)
        case anyInstance
    }

    let steps: [Step]

    /// The path of something that is written in a module, any instance of which is meant.
    init(_ subject: MoveSubject, in module: ModuleAddress) {
        var steps = module.steps.flatMap { [Step.name("module.\($0.name)"), .anyInstance] }
        steps += subject.module.steps.flatMap { [Step.name("module.\($0.name)"), .instance($0.key)] }
        switch subject {
        case .call: steps.removeLast()
        case .module: break
        case .resource(let resource): steps.append(.name(resource.nameInModule))
        case .instance(let address):
            steps += [.name(address.resource.nameInModule), .instance(address.key)]
        }
        self.steps = steps
    }
}

/// Moves by one of their addresses, as a tree of steps: those that meet an address are found without looking at the others.
private struct MoveIndex {
    private struct Branch {
        var children: [MovePath.Step: Int] = [:]
        var moves: [Int] = []
    }

    private var branches = [Branch()]

    mutating func add(_ move: Int, _ path: MovePath) {
        var branch = 0
        for step in path.steps {
            if let next = branches[branch].children[step] {
                branch = next
                continue
            }
            branches[branch].children[step] = branches.count
            branch = branches.count
            branches.append(Branch())
        }
        branches[branch].moves.append(move)
    }

    /// The moves whose addresses are inside of a path, and, if asked, those at it and around it.
    func found(at path: MovePath, around: Bool) -> Set<Int> {
        var (result, level) = walk(path)
        if !around { result = [] }
        if around { for branch in level { result.formUnion(branches[branch].moves) } }
        var work = level.flatMap { branches[$0].children.values }
        while let branch = work.popLast() {
            result.formUnion(branches[branch].moves)
            work += branches[branch].children.values
        }
        return result
    }

    /// The moves whose addresses a path is inside of.
    func found(around path: MovePath) -> Set<Int> { walk(path).passed }

    /// The moves on the way along a path, and the branches where it ends.
    private func walk(_ path: MovePath) -> (passed: Set<Int>, ends: [Int]) {
        var passed: Set<Int> = []
        var level = [0]
        for step in path.steps {
            for branch in level { passed.formUnion(branches[branch].moves) }
            level = level.flatMap { branch -> [Int] in
                let children = branches[branch].children
                switch step {
                case .name: return [children[step]].compactMap { $0 }
                case .instance: return [children[step], children[.anyInstance]].compactMap { $0 }
                // Behind a name there are instances alone.
                case .anyInstance: return Array(children.values)
                }
            }
            if level.isEmpty { break }
        }
        return (passed, level)
    }
}
