import Dispatch
import Glibc
import Synchronization

/// Cuts a connection that has been silent for too long, from outside of who waits for it.
///
/// libpq waits for an answer without end, and TCP is content while the other side's kernel acknowledges: a server that is stopped, or
/// whose disk hangs, would keep a run waiting for as long as it lasts.
final class SilenceWatch: Sendable {
    /// The socket that is watched; nil once nobody waits for it any more, since its number may then be another's.
    private let socket: Mutex<Int32?>

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - socket: The descriptor of the connection.
    ///   - patience: After what time it is cut.
    init(of socket: Int32, patience: Duration) {
        self.socket = Mutex(socket)
        DispatchQueue.global().asyncAfter(deadline: .now() + .seconds(Int(patience.components.seconds))) {
            [weak self] in
            self?.cut()
        }
    }

    private func cut() {
        socket.withLock { socket in
            if let open = socket { _ = shutdown(open, Int32(SHUT_RDWR)) }
            socket = nil
        }
    }

    /// Watches no more; returns whether the connection was cut.
    func end() -> Bool {
        socket.withLock { socket in
            defer { socket = nil }
            return socket == nil
        }
    }
}
