import Networking

extension Answer {
    /// The server's clock when it answered, nil when it did not say.
    var date: CloudTime? { header("date").flatMap(CloudTime.init(httpDate:)) }
}
