import Glibc
import Synchronization

/// Whether the terminal shows what is typed.
enum Echo {
    /// The settings of the terminal while they are changed; nil while they are as they were found.
    private static let saved = Mutex<termios?>(nil)

    /// Does something while typing is not shown; where standard input is no terminal, it is just done.
    static func off<Result>(_ work: () -> Result) -> Result {
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return work() }
        saved.withLock { $0 = settings }
        settings.c_lflag &= ~tcflag_t(ECHO)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
        defer { restore() }
        return work()
    }

    /// Shows again what is typed; called before the process ends early, too.
    static func restore() {
        saved.withLock { saved in
            guard var settings = saved else { return }
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            saved = nil
        }
    }
}
