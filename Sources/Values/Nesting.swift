extension Value {
    /// How deep the collections of a value may be nested.
    ///
    /// Expressions nest as deep as their text does, but values named by one another have no such bound, and whatever walks over a
    /// value, or reads it back from a state file, goes as deep.
    package static let nestingMaximum = 200

    /// Whether collections are nested in it deeper than so many levels; a value that is no collection has none.
    package func isNested(deeperThan levels: Int = Value.nestingMaximum) -> Bool {
        guard let inner = elements ?? fields?.values else { return false }
        return levels == 0 || inner.contains { $0.isNested(deeperThan: levels - 1) }
    }
}
