/// Durations as Terraform's progress lines write them.
package enum DurationText {
    /// Whole seconds, as `10s` or `1m0s` or `1h0m0s`.
    package static func text(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        if seconds < 60 { return "\(seconds)s" }
        if seconds < 3600 { return "\(seconds / 60)m\(seconds % 60)s" }
        return "\(seconds / 3600)h\(seconds % 3600 / 60)m\(seconds % 60)s"
    }
}
