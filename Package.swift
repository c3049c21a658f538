// swift-tools-version: 6.2

import PackageDescription

/// Strict settings for every target of ours; dependencies keep their own.
let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A library target of ours.
///
/// What each one is for, and what it may import, is in docs/architecture.md.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies,
        swiftSettings: strict)
}

let package = Package(
    name: "flinkform",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "flinkform", targets: ["flinkform"]),
        .executable(name: "confluent-emulator", targets: ["confluent-emulator"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/attaswift/BigInt", exact: "6.0.1"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/google/swift-benchmark", exact: "0.1.2"),
    ],
    targets: [
        .systemLibrary(name: "CJSONC", pkgConfig: "json-c", providers: [.apt(["libjson-c-dev"])]),
        // No pkgConfig: that would link libpq, which is loaded when it is needed.
        .systemLibrary(name: "CPostgres", providers: [.apt(["libpq-dev"])]),
        // Loaded when it is needed, too.
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

        module("JSON", ["CJSONC"]),
        module("Diagnostics", ["JSON"]),
        module("Values", ["JSON", .product(name: "BigInt", package: "BigInt")]),
        module(
            "Networking",
            [
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        module("HCL", ["Values", "Diagnostics", "JSON"]),
        module(
            "Functions",
            [
                "HCL", "Values", "Diagnostics", "JSON", "CYAML", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        module("Configuring", ["HCL", "Values", "Diagnostics", "JSON"]),
        module("Planning", ["Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        module("Reporting", ["Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        module("Applying", ["Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        module(
            "Storage",
            [
                "Applying", "Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON", "Networking",
                "CPostgres", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "CryptoExtras", package: "swift-crypto"),
            ]),
        module("ConfluentClient", ["Networking", "JSON"]),
        module(
            "ConfluentProvider",
            [
                "ConfluentClient", "Networking", "Applying", "Planning", "Configuring", "HCL", "Values", "Diagnostics",
                "JSON",
                "CZlib",
            ]),
        module(
            "BuiltinProvider", ["Applying", "Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        module(
            "Emulator",
            [
                "JSON", "CZlib",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        module(
            "Commands",
            [
                "ConfluentProvider", "BuiltinProvider", "ConfluentClient", "Networking", "Storage", "Applying",
                "Reporting", "Planning",
                "Configuring", "Functions", "HCL", "Values", "Diagnostics", "JSON",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]),
        .executableTarget(
            name: "flinkform", dependencies: ["Commands"], swiftSettings: strict,
            // A program that nobody loads needs no table of its symbols, and equal functions are needed once: 2.5 MB.
            linkerSettings: [
                .unsafeFlags(
                    ["-Xlinker", "--no-export-dynamic", "-Xlinker", "--icf=safe"], .when(configuration: .release))
            ]),
        .executableTarget(
            name: "confluent-emulator",
            dependencies: [
                "Emulator", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),

        .target(
            name: "TestSupport", dependencies: ["Diagnostics", "JSON"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .target(
            name: "EngineSupport",
            dependencies: ["Commands", "ConfluentProvider", "Storage", "Applying", "Emulator", "TestSupport", "JSON"],
            path: "Tests/EngineSupport", swiftSettings: strict),
        .target(
            name: "StateServer",
            dependencies: [
                "JSON", .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"), .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            path: "Tests/StateServer", swiftSettings: strict),
        .executableTarget(
            name: "state-server", dependencies: ["StateServer"], path: "Tests/StateServerProgram", swiftSettings: strict
        ),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], swiftSettings: strict),
        tests(of: "JSON"),
        tests(of: "Diagnostics", ["JSON"]),
        tests(of: "Values", ["JSON"]),
        tests(of: "Networking"),
        tests(of: "HCL", ["Values", "Diagnostics", "JSON"]),
        tests(of: "Functions", ["HCL", "Values", "Diagnostics", "JSON"]),
        tests(of: "Configuring", ["HCL", "Values", "Diagnostics", "JSON"]),
        tests(of: "Planning", ["Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        tests(
            of: "BuiltinProvider",
            ["Applying", "Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        tests(of: "Reporting", ["Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        tests(
            of: "Applying",
            ["Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON"]),
        tests(
            of: "Storage",
            [
                "Applying", "Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON", "Networking",
                "EngineSupport", "StateServer", .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ]),
        tests(
            of: "ConfluentClient",
            [
                "Networking", "JSON", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
            ]),
        tests(
            of: "ConfluentProvider",
            [
                "ConfluentClient", "Networking", "Applying", "Planning", "Configuring", "Values", "Diagnostics", "JSON",
                "Emulator",
                "EngineSupport",
            ]),
        tests(
            of: "Emulator",
            [
                "JSON", "confluent-emulator", .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
            ]),
        tests(
            of: "Commands",
            [
                "EngineSupport", "BuiltinProvider", "ConfluentProvider", "Emulator", "Storage", "Applying", "Reporting",
                "Planning", "Configuring", "HCL", "Values", "Diagnostics", "JSON",
                "flinkform",
            ]),
        .testTarget(name: "TidyTests", swiftSettings: strict),
        .executableTarget(
            name: "flinkform-benchmark",
            dependencies: [
                "Planning", "Configuring", "Functions", "HCL", "Values", "Diagnostics", "JSON",
                .product(name: "Benchmark", package: "swift-benchmark"),
            ],
            path: "Tests/Benchmarks", swiftSettings: strict),
    ],
    cxxLanguageStandard: .cxx17
)
