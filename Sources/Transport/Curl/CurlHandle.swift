import CCurl
import Model

/// How every exchange of a client is made.
struct CurlSettings: Sendable {
    var userAgent: String
    var connectTimeout: Duration
    /// From the start of the exchange, connecting included, to the last byte in.
    var timeout: Duration
    var certificateFile: String?
    /// An idle connection older than this is not used again.
    var idleLimit: Duration
    /// Nor one that was made longer ago than this.
    var lifetimeLimit: Duration
}

/// One easy handle, used for one exchange after the other. The loop's thread owns it.
@safe final class CurlHandle {
    let easy: UnsafeMutableRawPointer
    private var list: UnsafeMutablePointer<curl_slist>?
    private let errorText: UnsafeMutablePointer<CChar>

    private init(owning easy: UnsafeMutableRawPointer) {
        unsafe self.easy = easy
        unsafe errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
        unsafe errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    }

    deinit {
        unsafe curl_easy_cleanup(easy)
        unsafe curl_slist_free_all(list)
        unsafe errorText.deallocate()
    }

    /// Nil when libcurl has no memory or does not know an option.
    static func open(_ settings: CurlSettings) -> CurlHandle? {
        guard let easy = unsafe curl_easy_init() else { return nil }
        // Owned from here on.
        let handle = unsafe CurlHandle(owning: easy)
        return handle.applyConstants(settings) ? handle : nil
    }

    private func applyConstants(_ settings: CurlSettings) -> Bool {
        var codes: [CURLcode] = []
        func set(_ option: CURLoption, _ value: Int) {
            unsafe codes.append(sluice_set_long(easy, option, value))
        }
        func set(_ option: CURLoption, _ value: String) {
            unsafe codes.append(sluice_set_string(easy, option, value))
        }
        set(CURLOPT_NOSIGNAL, 1)
        unsafe codes.append(sluice_allow_http_only(easy))
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_TCP_NODELAY, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // libcurl allocates this again for each request; above 64 KiB that makes malloc tidy up each time.
        set(CURLOPT_UPLOAD_BUFFERSIZE, 32_768)
        set(CURLOPT_SSL_VERIFYPEER, 1)
        set(CURLOPT_SSL_VERIFYHOST, 2)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: settings.connectTimeout.milliseconds))
        set(CURLOPT_TIMEOUT_MS, Int(clamping: settings.timeout.milliseconds))
        set(CURLOPT_MAXAGE_CONN, Int(clamping: max(1, settings.idleLimit.components.seconds)))
        set(CURLOPT_MAXLIFETIME_CONN, Int(clamping: max(1, settings.lifetimeLimit.components.seconds)))
        set(CURLOPT_USERAGENT, settings.userAgent)
        if let file = settings.certificateFile { codes.append(trust(file)) }
        unsafe codes.append(sluice_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText))
        unsafe codes.append(sluice_set_transfer(easy, CURLOPT_READFUNCTION, readBody))
        unsafe codes.append(sluice_set_transfer(easy, CURLOPT_WRITEFUNCTION, writeBody))
        unsafe codes.append(sluice_set_transfer(easy, CURLOPT_HEADERFUNCTION, takeHeader))
        unsafe codes.append(sluice_set_prereq(easy, noteStart))
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    /// Trusts the certificates of `file` besides the system's: the files are joined in memory.
    private func trust(_ file: String) -> CURLcode {
        guard let own = FileBytes.read(file, limit: 16 << 20) else { return CURLE_SSL_CACERT_BADFILE }
        let bundles = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"]
        let system = bundles.lazy.compactMap { FileBytes.read($0, limit: 16 << 20) }.first ?? []
        var all = system + [0x0A] + own
        return unsafe all.withUnsafeMutableBytes { bytes in
            var blob = unsafe curl_blob(
                data: bytes.baseAddress, len: bytes.count, flags: UInt32(CURL_BLOB_COPY))
            return unsafe sluice_set_blob(easy, CURLOPT_CAINFO_BLOB, &blob)
        }
    }

    /// Makes the handle ready for `transfer`, which it does not keep alive.
    func prepare(for transfer: Transfer) -> Bool {
        let order = transfer.order
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        var codes: [CURLcode] = []
        unsafe errorText[0] = 0
        unsafe curl_slist_free_all(list)
        unsafe list = nil
        // A proxy may take the headers of a request meant for the server; these never are.
        for line in order.headers + ["Expect:"] {
            guard let longer = unsafe curl_slist_append(list, line) else { return false }
            unsafe list = longer
        }
        unsafe codes.append(sluice_set_list(easy, CURLOPT_HTTPHEADER, list))
        unsafe codes.append(sluice_set_string(easy, CURLOPT_URL, order.url))
        // A loopback server is never reached through a proxy, whatever the environment says.
        unsafe codes.append(sluice_set_string(easy, CURLOPT_PROXY, isLoopback(order.url) ? "" : nil))
        for option in [
            CURLOPT_READDATA, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_PREREQDATA,
            CURLOPT_SEEKDATA,
            CURLOPT_PRIVATE,
        ] {
            unsafe codes.append(sluice_set_pointer(easy, option, context))
        }
        if order.method == .get {
            unsafe codes.append(sluice_set_long(easy, CURLOPT_HTTPGET, 1))
        } else {
            unsafe codes.append(sluice_set_long(easy, CURLOPT_POST, 1))
            unsafe codes.append(
                sluice_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(order.body.count)))
        }
        unsafe codes.append(
            sluice_set_string(
                easy, CURLOPT_CUSTOMREQUEST,
                [.put, .delete].contains(order.method) ? order.method.rawValue : nil))
        // The three that keep libcurl from sending twice what adds; see the front page.
        unsafe codes.append(sluice_set_seek(easy, order.adds ? nil : rewindBody))
        unsafe codes.append(
            sluice_set_long(easy, CURLOPT_FRESH_CONNECT, order.adds && order.body.isEmpty ? 1 : 0))
        unsafe codes.append(
            sluice_set_long(
                easy, CURLOPT_HTTP_VERSION,
                order.adds ? Int(CURL_HTTP_VERSION_1_1) : Int(CURL_HTTP_VERSION_2TLS)))
        return codes.allSatisfy { $0 == CURLE_OK }
    }

    /// Continues with a transfer that paused.
    func proceed() { _ = unsafe curl_easy_pause(easy, 0) }

    /// The status of the last reply, 0 when there was none.
    var status: Int {
        var value = 0
        _ = unsafe sluice_get_long(easy, CURLINFO_RESPONSE_CODE, &value)
        return value
    }

    /// The `errno` of the last failure to connect, 0 when there was none.
    var systemError: Int32 {
        var value = 0
        _ = unsafe sluice_get_long(easy, CURLINFO_OS_ERRNO, &value)
        return Int32(truncatingIfNeeded: value)
    }

    /// What libcurl says went wrong while connecting: names a host, never a path or a body.
    var connectError: String { unsafe String(cString: errorText) }
}

/// True where the host of `url` is written as an address of this machine.
func isLoopback(_ url: String) -> Bool {
    guard let scheme = url.firstRange(of: "://") else { return false }
    let authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    return authority == "localhost" || authority.hasPrefix("localhost:") || authority.hasPrefix("127.")
        || authority.hasPrefix("[::1]")
}

private func transfer(_ context: UnsafeMutableRawPointer) -> Transfer {
    unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
}

private let readBody: sluice_transfer = { bytes, size, count, context in
    guard let bytes = unsafe bytes, let context = unsafe context else {
        return Int(CURL_READFUNC_ABORT)
    }
    return unsafe transfer(context).read(into: .init(start: bytes, count: size * count))
}

private let writeBody: sluice_transfer = { bytes, size, count, context in
    guard let context = unsafe context else { return 0 }
    switch unsafe transfer(context).write(.init(start: bytes, count: size * count)) {
    case .taken: return size * count
    case .paused: return Int(CURL_WRITEFUNC_PAUSE)
    // Any other count than the one given stops the transfer.
    case .stopped: return size * count == 0 ? 1 : 0
    }
}

private let takeHeader: sluice_transfer = { bytes, size, count, context in
    guard let context = unsafe context else { return 0 }
    unsafe transfer(context).header(.init(start: bytes, count: size * count))
    return size * count
}

private let rewindBody: sluice_seek = { context, offset, origin in
    guard let context = unsafe context, origin == SEEK_SET else { return CURL_SEEKFUNC_FAIL }
    return unsafe transfer(context).rewind(to: Int(offset)) ? CURL_SEEKFUNC_OK : CURL_SEEKFUNC_FAIL
}

private let noteStart: sluice_prereq = { context, _, _, _, _ in
    guard let context = unsafe context else { return CURL_PREREQFUNC_ABORT }
    unsafe transfer(context).started = true
    return CURL_PREREQFUNC_OK
}
