package import Diagnostics
import Values

/// One node of a tree: what it is, where it stands, and up to three numbers whose meaning depends on that.
struct Node: Sendable {
    enum Kind: UInt8, Sendable {
        /// `a`: index into `constants`.
        case constant
        /// A name; `a`: index into `texts`.
        case variable
        /// Parts that make a string: `a`, `b`: first and count in `lists`.
        case template
        /// A template of one interpolation alone, which keeps its type; `a`: the expression.
        case wrap
        /// `%{if}`: `a` condition, `b`, `c`: template nodes; `c` may be `none`.
        case templateIf
        /// `%{for}`: `a`: index into `loops`.
        case templateFor
        /// `[…]`: `a`, `b`: first and count in `lists`.
        case tuple
        /// `{…}`: `a`, `b`: first and count in `lists`, keys and values in turn.
        case object
        /// A for expression; `a`: index into `loops`.
        case loop
        /// `a`: base; `b`, `c`: first and count in `lists` of the steps.
        case chain
        /// `.name`; `a`: index into `texts`.
        case attribute
        /// `[expression]`; `a`: expression.
        case index
        /// `.*`: the attributes after it belong to it.
        case attributeSplat
        /// `[*]`: all steps after it belong to it.
        case fullSplat
        /// `a ? b : c`.
        case conditional
        /// `a` operator `b`; `c`: the operator's token kind.
        case binary
        /// Operator `a`; `c`: the operator's token kind.
        case unary
        /// A call; `a`: index into `calls`.
        case call
        /// `(a)`.
        case parentheses
        /// What could not be read; reported already.
        case invalid
    }

    static let none = UInt32.max

    var kind: Kind
    var start: UInt32
    var end: UInt32
    var a: UInt32 = none
    var b: UInt32 = none
    var c: UInt32 = none
}

/// A for expression or a `%{for}`.
struct Loop: Sendable {
    /// The name of the key; nil when only the value has one.
    var keyName: String?
    var valueName: String
    var collection: UInt32
    /// The key of an object's elements; `none` for a tuple.
    var key = Node.none
    var value = Node.none
    var condition = Node.none
    /// Whether values of equal keys are gathered: `...`.
    var isGrouping = false
}

/// A function call.
struct Call: Sendable {
    var name: String
    var nameStart: UInt32
    var nameEnd: UInt32
    var arguments: [UInt32]
    /// Whether the last argument is expanded: `...`.
    var isExpanding: Bool
}

/// A body as it was read.
struct RawBody: Sendable {
    var attributes: [RawAttribute] = []
    var blocks: [RawBlock] = []
    var start = 0
    var end = 0
}

/// An argument as it was read.
struct RawAttribute: Sendable {
    var name: String
    var nameStart: Int
    var nameEnd: Int
    var node: UInt32
    var end: Int
}

/// A block as it was read.
struct RawBlock: Sendable {
    var type: String
    var typeStart: Int
    var typeEnd: Int
    var labels: [(text: String, start: Int, end: Int)]
    var headerEnd: Int
    var body: RawBody
    var end: Int
}

/// A text of the language as a tree: flat nodes with byte ranges, made once and never changed.
///
/// A class, so that each expression can hold on to the tree that it is part of at no cost.
package final class SyntaxTree: Sendable {
    let file: SourceFileID
    let bytes: [UInt8]
    let nodes: [Node]
    let lists: [UInt32]
    let texts: [String]
    let constants: [Value]
    let loops: [Loop]
    let calls: [Call]
    private let root: RawBody

    init(_ parser: Parser, root: RawBody) {
        file = parser.file
        bytes = parser.lexer.bytes
        nodes = parser.nodes
        lists = parser.lists
        texts = parser.texts
        constants = parser.constants
        loops = parser.loops
        calls = parser.calls
        self.root = root
    }

    /// Reads a configuration file.
    ///
    /// Never fails: what cannot be read is reported and left out.
    package static func parse(_ bytes: [UInt8], file: SourceFileID) -> (SyntaxTree, [Diagnostic]) {
        var parser = Parser(bytes, file: file)
        let body = parser.parseFile()
        return (SyntaxTree(parser, root: body), parser.diagnostics)
    }

    /// Reads one expression, such as the value of an environment variable.
    package static func parseExpression(_ bytes: [UInt8], file: SourceFileID) -> (Expression, [Diagnostic]) {
        var parser = Parser(bytes, file: file)
        let node = parser.parseWholeExpression()
        return (Expression(tree: SyntaxTree(parser, root: RawBody()), node: node), parser.diagnostics)
    }

    /// Reads a text as a template, such as a file for `templatefile`.
    package static func parseTemplate(_ bytes: [UInt8], file: SourceFileID) -> (Expression, [Diagnostic]) {
        var parser = Parser(bytes, file: file)
        let node = parser.parseWholeTemplate()
        return (Expression(tree: SyntaxTree(parser, root: RawBody()), node: node), parser.diagnostics)
    }

    /// The arguments and blocks of the file.
    package var body: Body { Body(tree: self, raw: root) }

    func range(_ start: Int, _ end: Int) -> SourceRange { SourceRange(file: file, start: start, end: end) }

    func range(of node: UInt32) -> SourceRange {
        let node = nodes[Int(node)]
        return range(Int(node.start), Int(node.end))
    }

    func list(_ first: UInt32, _ count: UInt32) -> ArraySlice<UInt32> {
        lists[Int(first)..<Int(first) + Int(count)]
    }
}

/// The arguments and blocks between braces, or of a file.
package struct Body: Sendable {
    let tree: SyntaxTree
    let raw: RawBody

    /// The arguments, in the order of the source.
    package var attributes: [Attribute] {
        raw.attributes.map { raw in
            Attribute(
                name: raw.name, nameRange: tree.range(raw.nameStart, raw.nameEnd),
                range: tree.range(raw.nameStart, raw.end), expression: Expression(tree: tree, node: raw.node))
        }
    }

    /// The blocks, in the order of the source.
    package var blocks: [Block] { raw.blocks.map { Block(tree: tree, raw: $0) } }

    /// Everything between the braces, or the whole file.
    package var range: SourceRange { tree.range(raw.start, raw.end) }
}

/// An argument: `name = expression`.
package struct Attribute: Sendable {
    /// The name.
    package let name: String
    /// Where the name stands.
    package let nameRange: SourceRange
    /// Where the whole argument stands.
    package let range: SourceRange
    /// The expression.
    package let expression: Expression
}

/// A block: a type, labels, and a body.
package struct Block: Sendable {
    let tree: SyntaxTree
    let raw: RawBlock

    /// A label of a block.
    package struct Label: Sendable {
        /// Its text.
        package let text: String
        /// Where it stands.
        package let range: SourceRange
    }

    /// The block's type, such as `resource`.
    package var type: String { raw.type }
    /// Where the type stands.
    package var typeRange: SourceRange { tree.range(raw.typeStart, raw.typeEnd) }
    /// The labels, in order.
    package var labels: [Label] { raw.labels.map { Label(text: $0.text, range: tree.range($0.start, $0.end)) } }
    /// What is between the braces.
    package var body: Body { Body(tree: tree, raw: raw.body) }
    /// The type and the labels.
    package var headerRange: SourceRange { tree.range(raw.typeStart, raw.headerEnd) }
    /// The brace that opens it.
    package var openingRange: SourceRange { tree.range(raw.body.start - 1, raw.body.start) }
    /// The whole block.
    package var range: SourceRange { tree.range(raw.typeStart, raw.end) }
}
