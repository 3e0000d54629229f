// swift-tools-version: 6.2
// The architecture: one target a layer; an import only ever points down this list.
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6), .strictMemorySafety(), .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    // Records pass through all layers: their small functions are compiled into their callers.
    .unsafeFlags(["-cross-module-optimization"], .when(configuration: .release)),
]
let spans = settings + [.enableExperimentalFeature("Lifetimes")]
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let nio = ["NIOCore", "NIOHTTP1", "NIOPosix"].map {
    Target.Dependency.product(name: $0, package: "swift-nio")
}

let package = Package(
    name: "sluice", platforms: [.macOS(.v15)],
    products: [.executable(name: "sluice", targets: ["sluice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"])]),
        .systemLibrary(
            name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(
            name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),
        .target(name: "Hashing", dependencies: ["CCrypto"], swiftSettings: settings),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "Model", swiftSettings: settings),
        .target(
            name: "Records", dependencies: ["CArchive", "CExpat", "CZlib", "Model"],
            swiftSettings: spans),
        .target(
            name: "Mapping", dependencies: ["Hashing", "Model", "Records", sqlite],
            swiftSettings: settings),
        .target(
            name: "Catalog", dependencies: ["Hashing", "Mapping", "Model", "Records"],
            swiftSettings: settings),
        .target(
            name: "Transport", dependencies: ["CCurl", "Hashing", "Model", logging],
            swiftSettings: settings),
        .target(name: "Ledger", dependencies: ["Model", grdb], swiftSettings: settings),
        .target(
            name: "Engine",
            dependencies: [
                "Catalog", "Hashing", "Ledger", "Mapping", "Model", "Records", deque, logging,
            ],
            swiftSettings: settings),
        .target(
            name: "Reports", dependencies: ["Catalog", "Engine", "Ledger", "Model"],
            swiftSettings: settings),
        .target(
            name: "Jobs", dependencies: ["Catalog", "Mapping", "Model", "Records", yams],
            swiftSettings: settings),
        // Not the Catalog: a misreading of the API must not hide in both.
        .target(
            name: "Sandbox", dependencies: ["Model", "Records", grdb] + nio, swiftSettings: settings),
        .target(
            name: "App",
            dependencies: [
                "Catalog", "Engine", "Hashing", "Jobs", "Ledger", "Mapping", "Model", "Records",
                "Reports", "Sandbox", "Transport", logging,
            ], swiftSettings: settings),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "App", "Catalog", "Jobs", "Ledger", "Model", "Records", "Reports",
                "Sandbox", argumentParser,
            ],
            // Links to the documents that `sluice help TOPIC` shows.
            resources: ["JobFiles", "OperatingGuide", "README", "Security"].map {
                .embedInCode("Help/\($0).md")
            },
            swiftSettings: settings),
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["Catalog", "Engine", "Mapping", "Model", "Records", argumentParser],
            path: "Tests/Benchmarks/Program", swiftSettings: settings),
        .executableTarget(
            name: "Torture", dependencies: ["Model", "Records", "TestSupport", argumentParser, grdb],
            path: "Tests/Torture/Program", swiftSettings: settings),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "HashingTests", dependencies: ["Hashing"], swiftSettings: settings),
        .testTarget(
            name: "ModelTests", dependencies: ["Model", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "RecordsTests", dependencies: ["Model", "Records", "TestSupport"],
            resources: [.copy("Fixtures")],
            swiftSettings: spans),
        .testTarget(
            name: "MappingTests", dependencies: ["Mapping", "Model", "Records", "TestSupport"],
            swiftSettings: settings
        ),
        .testTarget(
            name: "CatalogTests", dependencies: ["Catalog", "Model", "Records", "TestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: settings),
        .testTarget(
            name: "TransportTests", dependencies: ["Model", "TestSupport", "Transport", logging],
            swiftSettings: settings),
        .testTarget(
            name: "LedgerTests", dependencies: ["Ledger", "Model", "Reports", "TestSupport", grdb],
            swiftSettings: settings),
        .testTarget(
            name: "EngineTests",
            dependencies: [
                "Catalog", "Engine", "Ledger", "Mapping", "Model", "Records", "Reports", "TestSupport",
                grdb, logging,
            ],
            swiftSettings: settings),
        .testTarget(
            name: "JobsTests", dependencies: ["Catalog", "Jobs", "Mapping", "Model", "Records"],
            swiftSettings: settings),
        .testTarget(
            name: "SandboxTests",
            dependencies: ["Catalog", "Jobs", "Mapping", "Model", "Records", "Sandbox"]
                + nio,
            swiftSettings: settings),
        .testTarget(
            name: "ReportsTests",
            dependencies: ["Engine", "Ledger", "Model", "Reports", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SluiceTests",
            dependencies: ["sluice", "App", "Model", "TestSupport", argumentParser, grdb],
            exclude: ["Fixtures"], swiftSettings: settings),
    ]
)

if Context.environment["SLUICE_FUZZ"] != nil {  // libFuzzer brings its own `main`
    package.targets.append(
        .executableTarget(
            name: "FuzzRecords", dependencies: ["Model", "Records"], path: "Tests/Fuzz",
            swiftSettings: spans + [.unsafeFlags(["-parse-as-library"])]))
}
