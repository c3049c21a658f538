import Benchmark
import Configuring
import HCL
import JSON
import Planning

// What a plan of many keys is made of, each part alone, at a thousand keys and at five thousand: the second should take five
// times as long as the first.

for count in [1_000, 5_000] {
    let workload = Workload(keys: count)
    let name = "\(count) keys"

    benchmark("JSON: read a state of \(name)") {
        _ = try? JSONValue(parsing: workload.stateBytes)
    }
    benchmark("state: read a file of \(name)") {
        guard let json = try? JSONValue(parsing: workload.stateBytes), (try? State(json: json)) != nil else {
            fatalError("the state cannot be read")
        }
    }
    benchmark("state: write a file of \(name)") {
        _ = workload.state.fileBytes()
    }
    benchmark("HCL: parse \(count) blocks") {
        var files = SourceFilesOfOne(bytes: workload.manyBlocks)
        precondition(files.parse() == count)
    }
    benchmark("configuration: load \(count) blocks") {
        _ = Configuration.load([("main.tf", workload.manyBlocks)], catalog: Workload.catalog)
    }
    benchmark("plan: create \(name)") {
        precondition(workload.plan(from: State(lineage: Workload.lineage)) == count)
    }
    benchmark("plan: no changes, \(name)") {
        precondition(workload.plan(from: workload.state) == 0)
    }
}

Benchmark.main()
