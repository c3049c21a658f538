import HCL

/// A pattern of paths, such as `templates/**/*.tftpl`.
struct FilePattern {
    /// What stands in one place of a name.
    private indirect enum Piece {
        case character(Unicode.Scalar)
        /// Any one character.
        case any
        /// Any number of characters.
        case rest
        case set([ClosedRange<UInt32>], isNegated: Bool)
        case choice([[Piece]])
    }

    private enum Part {
        case name([Piece])
        /// Any number of directories, none included.
        case directories
    }

    /// How many files and directories are looked at.
    private static let maximumEntries = 1_000_000

    private let isAbsolute: Bool
    private let parts: [Part]

    /// Reads a pattern; the slash divides before anything else does.
    init(_ text: String) throws(FunctionError) {
        isAbsolute = text.hasPrefix("/")
        var parts: [Part] = []
        for name in text.split(separator: "/") where name != "." {
            if name == "**" {
                parts.append(.directories)
                continue
            }
            var rest = Array(name.unicodeScalars)[...]
            guard let pieces = Self.pieces(&rest), rest.isEmpty else {
                let quoted = text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
                throw FunctionError("failed to glob pattern \"\(quoted)\": syntax error in pattern")
            }
            parts.append(.name(pieces))
        }
        self.parts = parts
    }

    // MARK: - Reading

    /// Braces inside one another are followed by recursion.
    private static let depthMaximum = 100

    /// Reads up to the end, or inside braces up to a comma or the closing brace; nil for what is no pattern.
    private static func pieces(_ rest: inout ArraySlice<Unicode.Scalar>, depth: Int = 0) -> [Piece]? {
        guard depth <= depthMaximum else { return nil }
        let isInside = depth > 0
        var pieces: [Piece] = []
        while let scalar = rest.first {
            if isInside, scalar == "," || scalar == "}" { return pieces }
            rest.removeFirst()
            switch scalar {
            case "*": pieces.append(.rest)
            case "?": pieces.append(.any)
            case "\\":
                guard let next = rest.popFirst() else { return nil }
                pieces.append(.character(next))
            case "[":
                guard let set = set(&rest) else { return nil }
                pieces.append(set)
            case "{":
                var choices: [[Piece]] = []
                repeat {
                    guard let choice = Self.pieces(&rest, depth: depth + 1) else { return nil }
                    choices.append(choice)
                } while rest.first == "," && rest.popFirst() != nil
                guard rest.popFirst() == "}" else { return nil }
                pieces.append(.choice(choices))
            default: pieces.append(.character(scalar))
            }
        }
        return isInside ? nil : pieces
    }

    private static func set(_ rest: inout ArraySlice<Unicode.Scalar>) -> Piece? {
        let isNegated = rest.first == "^"
        if isNegated { rest.removeFirst() }
        var ranges: [ClosedRange<UInt32>] = []
        func character() -> UInt32? {
            guard let scalar = rest.popFirst() else { return nil }
            return scalar == "\\" ? rest.popFirst()?.value : scalar.value
        }
        var isFirst = true
        while rest.first != "]" || isFirst {
            if isFirst, rest.first == "]" { return nil }
            isFirst = false
            guard let low = character() else { return nil }
            guard rest.first == "-" else {
                ranges.append(low...low)
                continue
            }
            rest.removeFirst()
            guard rest.first != "]", let high = character() else { return nil }
            if low <= high { ranges.append(low...high) }
        }
        rest.removeFirst()
        return .set(ranges, isNegated: isNegated)
    }

    // MARK: - Matching

    private static func matches(_ pieces: ArraySlice<Piece>, _ name: ArraySlice<Unicode.Scalar>) -> Bool {
        // All places of the name that the pieces so far may end at; so stars cost no more than their number says.
        ends(pieces, from: [name.startIndex], in: name).contains(name.endIndex)
    }

    private static func ends(
        _ pieces: ArraySlice<Piece>, from starts: Set<Int>, in name: ArraySlice<Unicode.Scalar>
    ) -> Set<Int> {
        var places = starts
        for piece in pieces where !places.isEmpty {
            switch piece {
            case .rest:
                places = places.min().map { Set($0...name.endIndex) } ?? []
            case .choice(let choices):
                places = choices.reduce(into: []) { $0.formUnion(ends($1[...], from: places, in: name)) }
            default:
                places = Set(
                    places.compactMap { $0 < name.endIndex && matches(piece, name[$0]) ? $0 + 1 : nil })
            }
        }
        return places
    }

    private static func matches(_ piece: Piece, _ scalar: Unicode.Scalar) -> Bool {
        switch piece {
        case .character(let wanted): scalar == wanted
        case .set(let ranges, let isNegated): ranges.contains { $0.contains(scalar.value) } != isNegated
        case .any: true
        case .rest, .choice: false
        }
    }

    /// The paths of the files that match.
    func matches(_ environment: FunctionEnvironment) throws(FunctionError) -> [String] {
        var found: [String] = []
        var entries = 0
        var work = [(path: isAbsolute ? "/" : "", parts: parts[...])]
        while let (path, parts) = work.popLast() {
            guard let part = parts.first else { continue }
            let following = parts.dropFirst()
            if case .name(let pieces) = part, let literal = Self.literal(pieces) {
                let inner = path + literal
                if following.isEmpty {
                    if environment.kind(inner) == .regular { found.append(inner) }
                } else {
                    work.append((inner + "/", following))
                }
                continue
            }
            if case .directories = part, !following.isEmpty { work.append((path, following)) }
            for name in environment.list(path.isEmpty ? "." : path) {
                entries += 1
                guard entries <= Self.maximumEntries else { throw FunctionError("there are too many files") }
                switch part {
                case .name(let pieces):
                    guard Self.matches(pieces[...], Array(name.unicodeScalars)[...]) else { continue }
                    guard following.isEmpty else {
                        work.append((path + name + "/", following))
                        continue
                    }
                    guard let kind = environment.kind(path + name) else {
                        throw FunctionError(
                            "failed to stat \"\(path)\(name)\": stat \(path)\(name): no such file or directory")
                    }
                    if kind == .regular { found.append(path + name) }
                case .directories:
                    switch environment.kind(path + name) {
                    case .directory: work.append((path + name + "/", parts))
                    case .regular where following.isEmpty: found.append(path + name)
                    default: break
                    }
                }
            }
        }
        return found
    }

    /// The name when it is just that.
    private static func literal(_ pieces: [Piece]) -> String? {
        var name = String.UnicodeScalarView()
        for piece in pieces {
            guard case .character(let scalar) = piece else { return nil }
            name.append(scalar)
        }
        return String(name)
    }
}
