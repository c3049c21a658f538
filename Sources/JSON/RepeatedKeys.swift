/// What repeated keys of an object mean.
package enum RepeatedKeys: Sendable {
    /// They are an error.
    case refused
    /// The last value counts, at the place of the first.
    case lastWins
}
