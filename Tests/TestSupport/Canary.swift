/// A made-up secret that tests plant where a real one would be, to search everything for it afterwards.
package enum Canary {
    /// The secret: 64 characters of the form of a Confluent Cloud API secret, with the right checksum at its end.
    ///
    /// It has the characters `+` and `/`, which escaping changes, so that a search for escaped forms can fail.
    package static let secret = "cfltCanary+Of/Tests+That/Must+Never/Sing+Outside/012345678l9Cs6Q"
}
