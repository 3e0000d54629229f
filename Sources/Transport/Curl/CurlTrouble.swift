import CCurl
import Glibc
import Model

/// What a transfer that ended with `code` means.
///
/// Only one that never came to its first byte is ``Exchange/notSent(_:)``: what libcurl calls a
/// failure to connect may be its second try, after a first that was sent.
func outcome(of transfer: Transfer, _ code: CURLcode, _ handle: CurlHandle) -> Exchange {
    if transfer.cancelled {
        let trouble = Trouble(.cancelled, "the request was cancelled")
        return transfer.started ? .unanswered(trouble) : .notSent(trouble)
    }
    if code == CURLE_OK {
        return .reply(Reply(status: handle.status, headers: transfer.headers, body: transfer.body))
    }
    if transfer.tooLarge {
        return .unanswered(
            Trouble(.replyTooLarge, "the reply is longer than \(transfer.limit) bytes"))
    }
    let kind = troubleCode(code, started: transfer.started)
    let words =
        transfer.started
        ? unsafe String(cString: curl_easy_strerror(code))
        : connectWords(kind, code, handle, transfer.order.url)
    let trouble = Trouble(kind, words)
    return transfer.started ? .unanswered(trouble) : .notSent(trouble)
}

/// Why no connection came about, with whom.
private func connectWords(
    _ kind: Trouble.Code, _ code: CURLcode, _ handle: CurlHandle, _ url: String
) -> String {
    let place = authority(of: url)
    let text = handle.connectError
    let detail = text.isEmpty ? unsafe String(cString: curl_easy_strerror(code)) : text
    switch kind {
    case .resolve: return "the name of \(place) cannot be resolved"
    case .certificate: return "the certificate of \(place) is not accepted: \(detail)"
    case .tls: return "TLS with \(place) failed: \(detail)"
    case .connect where code == CURLE_OPERATION_TIMEDOUT:
        return "no connection to \(place) within the time limit"
    case .connect where handle.systemError == ECONNREFUSED: return "connection refused by \(place)"
    case .connect where [EHOSTUNREACH, ENETUNREACH].contains(handle.systemError):
        return "no route to \(place)"
    default: return detail
    }
}

/// Host and port of a URL.
package func authority(of url: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return url }
    let rest = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" }
    let place = String(rest.split(separator: "@").last ?? rest)
    let hasPort = place.last != "]" && place.split(separator: "]").last?.contains(":") == true
    return hasPort ? place : place + (url.hasPrefix("https") ? ":443" : ":80")
}

private func troubleCode(_ code: CURLcode, started: Bool) -> Trouble.Code {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connect
    // These do not pass by themselves.
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CACERT_BADFILE,
        CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
        CURLE_SSL_CRL_BADFILE, CURLE_SSL_CLIENTCERT:
        started ? .tls : .certificate
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND,
        CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED:
        .tls
    case CURLE_OPERATION_TIMEDOUT: started ? .timeout : .connect
    case CURLE_SEND_FAIL_REWIND: .rewind
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
        started ? .reset : .connect
    default: .protocolViolation
    }
}
