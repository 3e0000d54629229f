import NIOCore
import NIOHTTP1
import NIOPosix

/// The API's stand-in, serving on loopback until it is stopped.
package final class SandboxServer: Sendable {
    /// The port it listens on.
    package let port: Int
    /// What a connection names as its base URL.
    package var baseURL: String {
        "http://127.0.0.1:\(port)" + (service.options.token.map { "/" + $0 } ?? "")
    }

    private let group: MultiThreadedEventLoopGroup
    private let channel: any Channel
    private let service: Service

    /// Reads the state file, if there is one, and listens.
    ///
    /// - Throws: ``SandboxError`` for a state file that is another's; what the system throws where the
    ///   port cannot be had.
    package static func start(_ options: SandboxOptions) async throws -> SandboxServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let loop = group.next()
            let service = try await loop.submit { try Service(options, on: loop) }.get()
            let channel: any Channel
            do { channel = try await listen(options.port, group, service) } catch {
                try? await loop.submit { try service.shutDown() }.get()
                throw error
            }
            return SandboxServer(group, channel, service)
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    private static func listen(
        _ port: Int, _ group: MultiThreadedEventLoopGroup, _ service: Service
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 4096, initial: 65_536, maximum: 1 << 20)
            )
            .childChannelInitializer { channel in
                channel.pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    .flatMapThrowing {
                        try channel.pipeline.syncOperations.addHandler(HTTPConnection(service))
                    }
            }
            .bind(host: "127.0.0.1", port: port).get()
    }

    private init(_ group: MultiThreadedEventLoopGroup, _ channel: any Channel, _ service: Service) {
        self.group = group
        self.channel = channel
        self.service = service
        port = channel.localAddress?.port ?? 0
    }

    /// Changes the faults from now on.
    package func setFaults(_ plan: FaultPlan) async {
        try? await service.loop.submit { [service] in service.setFaults(plan) }.get()
    }

    /// Ends all connections and closes the state file. Work that was to be done late is not done.
    package func stop() async {
        try? await channel.close()
        try? await service.loop.submit { [service] in try service.shutDown() }.get()
        try? await group.shutdownGracefully()
    }
}
