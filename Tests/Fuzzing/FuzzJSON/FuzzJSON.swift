import JSON

/// What is read can be written, and what is written is read as the same value; nothing ends in a trap.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    guard let value = try? JSONValue(parsing: bytes) else { return 0 }
    for layout in [JSONLayout.compact, .indented] {
        let written = value.bytes(layout)
        let again = try? JSONValue(parsing: written)
        precondition(again == value, "what was written is not what was read")
        precondition(again?.bytes(layout) == written, "the second writing differs from the first")
    }
    return 0
}
