internal import CJSONC

extension JSONValue {
    /// No caller can allow more nested containers: values are walked, and freed, by recursion.
    private static let depthMaximum = 2048

    /// Parses a text.
    ///
    /// - Parameters:
    ///   - bytes: The text, UTF-8.
    ///   - repeatedKeys: What repeated keys mean.
    ///   - maximumDepth: How many containers may be nested; 2048 at most.
    package init(
        parsing bytes: [UInt8], repeatedKeys: RepeatedKeys = .refused, maximumDepth: Int = 512
    ) throws(JSONError) {
        let depth = min(maximumDepth, Self.depthMaximum)
        var scanner = JSONScanner(bytes, repeatedKeys: repeatedKeys, maximumDepth: depth)
        try scanner.check()
        guard let value = JSONTree.value(of: Self.marked(bytes, scanner.marked), maximumDepth: depth) else {
            throw JSONError("The text cannot be read: it may be too large", at: 0, in: bytes)
        }
        self = value
    }

    /// Parses a text.
    ///
    /// - Parameters:
    ///   - text: The text.
    ///   - repeatedKeys: What repeated keys mean.
    ///   - maximumDepth: How many containers may be nested; 2048 at most.
    package init(
        parsing text: String, repeatedKeys: RepeatedKeys = .refused, maximumDepth: Int = 512
    ) throws(JSONError) {
        try self.init(parsing: Array(text.utf8), repeatedKeys: repeatedKeys, maximumDepth: maximumDepth)
    }

    /// The text with a mark on each number that json-c would change.
    private static func marked(_ bytes: [UInt8], _ ranges: [Range<Int>]) -> [UInt8] {
        guard !ranges.isEmpty else { return bytes }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 5 * ranges.count)
        var end = 0
        for range in ranges {
            result += bytes[end..<range.lowerBound]
            result += NumberMark.marked(bytes[range])
            end = range.upperBound
        }
        return result + bytes[end...]
    }
}

/// json-c's tree, and its way into values.
private enum JSONTree {
    /// Reads a text that was checked; nil when json-c cannot hold it.
    static func value(of bytes: [UInt8], maximumDepth: Int) -> JSONValue? {
        guard bytes.count < Int32.max, let tokener = json_tokener_new_ex(Int32(max(maximumDepth, 0) + 2)) else {
            return nil
        }
        defer { json_tokener_free(tokener) }
        json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | 0x10)
        // A number at the top level ends only with the NUL that follows it.
        let terminated = bytes + [0]
        let root = terminated.withUnsafeBufferPointer { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                json_tokener_parse_ex(tokener, $0.baseAddress, Int32($0.count))
            }
        }
        guard json_tokener_get_error(tokener) == json_tokener_success else {
            if let root { json_object_put(root) }
            return nil
        }
        // A null document is no object for json-c.
        guard let root else { return .null }
        defer { json_object_put(root) }
        return value(of: root)
    }

    private static func value(of object: OpaquePointer?) -> JSONValue {
        guard let object else { return .null }
        switch json_object_get_type(object) {
        case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
        case json_type_int: return .number(JSONNumber(Int(json_object_get_int64(object))))
        case json_type_double:
            return .number(JSONNumber(checked: NumberMark.unmarked(String(cString: json_object_get_string(object)))))
        case json_type_string: return .string(text(json_object_get_string(object), json_object_get_string_len(object)))
        case json_type_array:
            let count = json_object_array_length(object)
            return .array((0..<count).map { value(of: json_object_array_get_idx(object, $0)) })
        case json_type_object: return .object(members(of: object))
        default: return .null
        }
    }

    private static func members(of object: OpaquePointer) -> JSONObject {
        var result = JSONObject()
        var entry = json_object_get_object(object)?.pointee.head
        while let current = entry {
            if let key = current.pointee.k {
                let name = String(cString: key.assumingMemoryBound(to: CChar.self))
                result.append(name, value(of: current.pointee.v.map { OpaquePointer($0) }))
            }
            entry = current.pointee.next
        }
        return result
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ count: Int32) -> String {
        guard let start else { return "" }
        return UnsafeBufferPointer(start: start, count: Int(count)).withMemoryRebound(to: UInt8.self) {
            String(decoding: $0, as: UTF8.self)
        }
    }
}
