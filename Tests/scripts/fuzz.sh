#!/usr/bin/env bash
# Feeds the parsers random bytes, guided by coverage. Findings and the grown corpus stay in .build/fuzz.
# usage: [SECONDS_EACH=60] fuzz.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
seconds=${SECONDS_EACH:-60}
place=.build/fuzz

mkdir -p "$place"
ln -sfn "$root/Sources" "$place/Sources"
ln -sfn "$root/Tests/Fuzzing" "$place/Fuzzing"

# A package of its own, since instrumented modules must not get into the ordinary build.
bigint=$(grep -o '\.package(url: "[^"]*BigInt", exact: "[^"]*")' Package.swift)
cat >"$place/Package.swift" <<EOF
// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"]),
]

func fuzzed(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Fuzzing/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "flinkform",
    platforms: [.macOS(.v15)],
    products: ["FuzzJSON", "FuzzHCL"].map { name in .library(name: name, type: .static, targets: [name]) },
    dependencies: [$bigint],
    targets: [
        .systemLibrary(name: "CJSONC", pkgConfig: "json-c"),
        .target(name: "JSON", dependencies: ["CJSONC"], swiftSettings: strict),
        .target(name: "Diagnostics", dependencies: ["JSON"], swiftSettings: strict),
        .target(
            name: "Values", dependencies: ["JSON", .product(name: "BigInt", package: "BigInt")], swiftSettings: strict),
        .target(name: "HCL", dependencies: ["Values", "Diagnostics", "JSON"], swiftSettings: strict),
        fuzzed("FuzzJSON", ["JSON"]),
        fuzzed("FuzzHCL", ["HCL", "Diagnostics"]),
    ]
)
EOF

# A crash would wait minutes for a backtrace, and the leak checker cannot follow Swift's globals.
export SWIFT_BACKTRACE=enable=no
export ASAN_OPTIONS=detect_leaks=0

fuzz() { # program, what its seeds are called
    local program=$1 ending=$2 corpus=$place/corpus/$1
    mkdir -p "$corpus" "$place/findings"
    find fixtures -type f -name "*.$ending" -size -64k -exec cp -n {} "$corpus/" \;
    echo "Building: $program. The first time takes two minutes."
    swift build -c release --package-path "$place" --product "$program"
    # SwiftPM gives a program a main of its own, where the fuzzer brings one; so the linking is done here.
    swiftc -use-ld=lld -sanitize=fuzzer,address -o "$place/$program" "$place/.build/release/lib$program.a" -ljson-c
    echo "Fuzzing: $program, $seconds seconds."
    if ! "$place/$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -verbosity=0 \
        -print_final_stats=1 -artifact_prefix="$place/findings/$program-" "$corpus" >"$place/$program.log" 2>&1; then
        tail -n 60 "$place/$program.log" >&2
        echo "error: $program found something; it lies in $place/findings." >&2
        exit 1
    fi
    sed -n 's/^stat::number_of_executed_units: */  inputs tried: /p' "$place/$program.log"
}

fuzz FuzzJSON json
fuzz FuzzHCL hcl
echo "Nothing found."
