import CYAML
import Glibc

/// Why a text is not the YAML that is wanted.
struct YAMLProblem: Error {
    let reason: String
    /// Where: the line from 0, as Terraform counts it, and the column from 0; nil when that is not told.
    var place: (line: Int, column: Int)?

    /// What is wrong, in Terraform's form, which leaves the first line out.
    var text: String {
        guard let place, place.line > 0 else { return reason }
        return "on line \(place.line), column \(place.column + 1): \(reason)"
    }
}

/// One thing that a YAML text says.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case alias(String)
        case scalar(String, isPlain: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    let kind: Kind
    let anchor: String?
    let tag: String?
    let place: (line: Int, column: Int)
}

/// The functions of libyaml that read, loaded when they are first needed.
///
/// It is not linked: a machine without it could run no command otherwise.
private struct LibYAML: @unchecked Sendable {
    let initialize: yaml_parser_initialize_function
    let deleteParser: yaml_parser_delete_function
    let setInput: yaml_parser_set_input_string_function
    let parse: yaml_parser_parse_function
    let deleteEvent: yaml_event_delete_function

    static let loaded: LibYAML? = LibYAML()

    private init?() {
        guard let library = dlopen("libyaml-0.so.2", RTLD_NOW | RTLD_LOCAL) else { return nil }
        func function<Function>(_ name: String) -> Function? {
            dlsym(library, name).map { unsafeBitCast($0, to: Function.self) }
        }
        guard let initialize: yaml_parser_initialize_function = function("yaml_parser_initialize"),
            let deleteParser: yaml_parser_delete_function = function("yaml_parser_delete"),
            let setInput: yaml_parser_set_input_string_function = function("yaml_parser_set_input_string"),
            let parse: yaml_parser_parse_function = function("yaml_parser_parse"),
            let deleteEvent: yaml_event_delete_function = function("yaml_event_delete")
        else { return nil }
        (self.initialize, self.deleteParser, self.setInput) = (initialize, deleteParser, setInput)
        (self.parse, self.deleteEvent) = (parse, deleteEvent)
    }
}

/// The events of a YAML text, and what ends them.
enum YAMLEvents {
    /// The events up to the end or to the first problem, which is told, too.
    static func read(_ text: String) throws(YAMLProblem) -> (events: [YAMLEvent], problem: YAMLProblem?) {
        guard let library = LibYAML.loaded else {
            throw YAMLProblem(
                reason:
                    "YAML is read by the library libyaml, which this machine has not; install libyaml-0-2 or libyaml")
        }
        // The library keeps the parser's address.
        let parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        parser.initialize(to: yaml_parser_t())
        defer { parser.deallocate() }
        guard library.initialize(parser) == 1 else { throw YAMLProblem(reason: "there is not enough memory") }
        defer { library.deleteParser(parser) }
        let bytes = Array(text.utf8)
        return bytes.withUnsafeBufferPointer { buffer in
            // An empty buffer has no address.
            let empty: [UInt8] = [0]
            return empty.withUnsafeBufferPointer { spare in
                library.setInput(parser, buffer.baseAddress ?? spare.baseAddress, buffer.count)
                var events: [YAMLEvent] = []
                while true {
                    var event = yaml_event_t()
                    guard library.parse(parser, &event) == 1 else { return (events, problem(of: parser.pointee)) }
                    let read = YAMLEvent(event)
                    library.deleteEvent(&event)
                    guard let read else { return (events, nil) }
                    events.append(read)
                    if case .streamEnd = read.kind { return (events, nil) }
                }
            }
        }
    }

    private static func problem(of parser: yaml_parser_t) -> YAMLProblem {
        let reason = parser.problem.map { String(cString: $0) } ?? "unknown problem parsing YAML content"
        var place: (line: Int, column: Int)?
        for mark in [parser.problem_mark, parser.context_mark] where place == nil && mark.line != 0 {
            // What the scanner finds is placed at the line alone.
            let isScanner = parser.error == YAML_SCANNER_ERROR
            place = (Int(mark.line) + (isScanner ? 1 : 0), isScanner ? 0 : Int(mark.column))
        }
        return YAMLProblem(reason: reason, place: place)
    }
}

extension YAMLEvent {
    /// Copies an event; nil for none.
    fileprivate init?(_ event: yaml_event_t) {
        func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? { pointer.map { String(cString: $0) } }
        var (anchor, tag): (String?, String?)
        switch event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT: kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: kind = .alias(text(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = event.data.scalar
            let bytes = UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            kind = .scalar(
                String(decoding: bytes, as: UTF8.self), isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
            (anchor, tag) = (text(scalar.anchor), text(scalar.tag))
        case YAML_SEQUENCE_START_EVENT:
            kind = .sequenceStart
            (anchor, tag) = (text(event.data.sequence_start.anchor), text(event.data.sequence_start.tag))
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            kind = .mappingStart
            (anchor, tag) = (text(event.data.mapping_start.anchor), text(event.data.mapping_start.tag))
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: return nil
        }
        (self.anchor, self.tag) = (anchor, tag)
        place = (Int(event.start_mark.line), Int(event.start_mark.column))
    }
}
