/// The methods that the API knows.
package enum Method: String, Hashable, Sendable {
    /// Reads.
    case get = "GET"
    /// Makes a new object; never repeated when it may have worked.
    case post = "POST"
    /// Changes an object; repeating it changes nothing.
    case patch = "PATCH"
    /// Removes an object; repeating it finds it gone.
    case delete = "DELETE"
}
