import Foundation
import Glibc
import Synchronization

/// A server on a real loopback socket that does what a test tells it, request by request.
final class LoopbackServer: Sendable {
    /// What happens to one request.
    enum Step: Sendable {
        /// These bytes are the answer; the connection stays open.
        case answer(String)
        /// These bytes are sent, then the connection is closed.
        case answerAndClose(String)
        /// The connection is reset when it was accepted, before anything is read.
        case resetUnread
        /// These bytes are sent when the connection was accepted, before anything is read.
        case greet(String)
        /// The request is read, then the connection is closed.
        case closeRead
        /// The request is read, then the connection is reset.
        case resetRead
        /// The request is read, and nothing ever comes.
        case silence
        /// The request is read; the answer comes when the test calls `release`.
        case hold(String)
        /// This many bytes of a 200 answer's body are sent, as fast as they are taken.
        case flood(Int)
    }

    struct Received: Hashable, Sendable {
        var line: String
        var headers: [String: String]
        var body: String
        var connection: Int
    }

    private struct State {
        var steps: [Step]
        var received: [Received] = []
        var open: Set<Int32> = []
        var isClosed = false
    }

    let port: Int
    private let listener: Int32
    private let gate = DispatchSemaphore(value: 0)
    private let state: Mutex<State>

    convenience init(_ steps: Step...) {
        self.init(steps)
    }

    /// With `listens` false the port is taken, so that nobody else gets it, but every connection to it is refused.
    init(_ steps: [Step], listens: Bool = true) {
        state = Mutex(State(steps: steps))
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                _ = bind(listener, pointer, size)
                if listens { _ = listen(listener, 128) }
                _ = getsockname(listener, pointer, &size)
            }
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        if listens { Thread { [self] in acceptAll() }.start() }
    }

    var url: String { "http://127.0.0.1:\(port)" }
    var received: [Received] { state.withLock { $0.received } }

    deinit {
        // A server that listens is kept by its thread, which closes the socket.
        if !state.withLock({ $0.isClosed }) { _ = Glibc.close(listener) }
    }

    /// Lets one request that is held be answered.
    func release() { gate.signal() }

    /// Ends all connections and takes no more.
    ///
    /// Descriptors are closed by the threads that use them, since another test may be given the same number at once.
    func close() {
        state.withLock { state in
            if state.isClosed { return }
            state.isClosed = true
            for socket in state.open { _ = shutdown(socket, Int32(SHUT_RDWR)) }
            _ = shutdown(listener, Int32(SHUT_RDWR))
        }
    }

    /// A whole answer with its length.
    static func http(_ status: String, _ headers: [String] = [], body: String = "") -> String {
        let lines = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)"]
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private func acceptAll() {
        for number in 0..<10_000 {
            let socket = accept(listener, nil, nil)
            let isClosed = state.withLock { state in
                if socket >= 0 { state.open.insert(socket) }
                return state.isClosed
            }
            if isClosed && socket >= 0 { finish(socket) }
            if isClosed || socket < 0 { break }
            Thread { [self] in serve(socket, number: number) }.start()
        }
        state.withLock { state in
            state.isClosed = true
            _ = Glibc.close(listener)
        }
    }

    private func serve(_ socket: Int32, number: Int) {
        let first = state.withLock { state -> Step? in
            switch state.steps.first {
            case .resetUnread, .greet: return state.steps.removeFirst()
            default: return nil
            }
        }
        if case .resetUnread? = first { return reset(socket) }
        if case .greet(let text)? = first { _ = Self.write(socket, Array(text.utf8)) }
        var rest: [UInt8] = []
        while var request = Self.read(socket, &rest) {
            request.connection = number
            let step = state.withLock { state in
                state.received.append(request)
                return state.steps.isEmpty ? .answer(Self.http("599 No Step Left")) : state.steps.removeFirst()
            }
            switch step {
            case .answer(let text):
                if !Self.write(socket, Array(text.utf8)) { return finish(socket) }
            case .hold(let text):
                gate.wait()
                if !Self.write(socket, Array(text.utf8)) { return finish(socket) }
            case .answerAndClose(let text):
                _ = Self.write(socket, Array(text.utf8))
                return finish(socket)
            case .closeRead: return finish(socket)
            case .resetRead, .resetUnread, .greet: return reset(socket)
            case .silence: break
            case .flood(let count):
                _ = Self.write(socket, Array("HTTP/1.1 200 OK\r\nContent-Length: \(count)\r\n\r\n".utf8))
                let part = [UInt8](repeating: 0x20, count: 1 << 16)
                var left = count
                while left > 0, Self.write(socket, Array(part.prefix(left))) { left -= min(left, part.count) }
                return finish(socket)
            }
        }
        finish(socket)
    }

    private func finish(_ socket: Int32) {
        state.withLock { state in
            state.open.remove(socket)
            _ = shutdown(socket, Int32(SHUT_RDWR))
            _ = Glibc.close(socket)
        }
    }

    private func reset(_ socket: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        _ = setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        state.withLock { state in
            state.open.remove(socket)
            _ = Glibc.close(socket)
        }
    }

    private static func write(_ socket: Int32, _ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                send(socket, buffer.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return false }
            sent += count
        }
        return true
    }

    private static func read(_ socket: Int32, _ rest: inout [UInt8]) -> Received? {
        let end = Array("\r\n\r\n".utf8)
        for _ in 0..<10_000 {
            if let split = rest.firstRange(of: end) {
                let lines = String(decoding: rest[..<split.lowerBound], as: UTF8.self).split(separator: "\r\n")
                var headers: [String: String] = [:]
                for line in lines.dropFirst() {
                    let parts = line.split(separator: ":", maxSplits: 1)
                    headers[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
                }
                let length = Int(headers["content-length"] ?? "0") ?? 0
                if rest.count >= split.upperBound + length {
                    let body = rest[split.upperBound..<split.upperBound + length]
                    rest.removeFirst(split.upperBound + length)
                    return Received(
                        line: String(lines[0]), headers: headers, body: String(decoding: body, as: UTF8.self),
                        connection: 0)
                }
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = recv(socket, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            rest += buffer.prefix(count)
        }
        return nil
    }
}
