import ArgumentParser
import Emulator

/// What goes wrong on purpose.
struct FailureOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Let requests fail. May be repeated; the first that strikes counts.",
            discussion: """
                EFFECT[,NAME=VALUE]… with one of the effects

                  STATUS            an error of the service: 500, 503, 404 …
                  429, 429:SECONDS  too many requests; come back in 1 or SECONDS
                  429:bare          too many requests, without any headers
                  html, html:200    a gateway's page, status 502 or the given
                  empty, empty:500  no body, status 503 or the given
                  gzip, gzip:500    the true answer, or an error, compressed
                                    although no header says so
                  drop              the connection closes without an answer
                  refuse:30         the same, and for so many seconds no other
                                    is accepted
                  truncate          it closes in the middle of the answer
                  stall:200         the true answer, so many milliseconds late

                and any of

                  when=after        after the request has taken effect;
                                    before is the default
                  when=later:5      5 seconds after its answer
                  method=DELETE     for requests of this method; POST is the
                                    default, any means all
                  path=/iam/v2      for requests whose path starts so
                  every=3           for each third of these requests
                  on=1+4+7          for the first, fourth and seventh of them
                  chance=0.1        for one in ten, decided by --fault-seed
                  outage=10+30      for the tenth of them, and all in the 30
                                    seconds after it

                --fault drop,when=after,on=2 carries out the second POST and
                hangs up.
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
