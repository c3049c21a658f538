import ArgumentParser
import Emulator

/// What goes wrong on purpose.
struct FailureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Let requests fail. May be repeated; the first that strikes counts.",
            discussion: """
                EFFECT[,NAME=VALUE]… with one of the effects

                  500 (or any status from 400)  an error of the service
                  429, 429:SECONDS, 429:bare    too many requests; with Retry-After 1, or SECONDS, or no headers
                  html, html:STATUS             a gateway's page in HTML, status 502 or STATUS
                  empty, empty:STATUS           no body, status 503 or STATUS
                  drop                          the connection closes without an answer
                  truncate                      the connection closes in the middle of the answer
                  stall:MILLISECONDS            the true answer, late

                and any of

                  when=before|after             before the request takes effect (default), or after it has
                  method=POST                   for requests of this method (default POST), any for all
                  path=/iam/v2/api-keys         for requests whose path starts so (default: all)
                  every=N                       for each N-th of these requests (default: each)
                  on=1+4+7                      for the first, fourth and seventh of them
                  chance=0.1                    for one in ten of them, by --fault-seed

                Example: --fault drop,when=after,on=2 carries out the second POST and hangs up.
                """,
            valueName: "fault"))
    var fault: [String] = []

    @Option(help: ArgumentHelp("What decides faults that strike by chance.", valueName: "number"))
    var faultSeed: UInt64 = 1

    func apply(to switches: inout Switches) throws {
        switches.faults = try fault.map { text in
            do {
                return try Fault(parsing: text)
            } catch {
                throw ValidationError("--fault \(text): \(error)")
            }
        }
        switches.faultSeed = faultSeed
    }
}
