import CCurl
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
    let text = unsafe String(cString: curl_easy_strerror(code))
    let detail = transfer.started ? "" : handle.connectError
    let trouble = Trouble(
        troubleCode(code, started: transfer.started), detail.isEmpty ? text : detail)
    return transfer.started ? .unanswered(trouble) : .notSent(trouble)
}

private func troubleCode(_ code: CURLcode, started: Bool) -> Trouble.Code {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .resolve
    case CURLE_COULDNT_CONNECT, CURLE_PROXY: .connect
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
        CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_ENGINE_NOTFOUND,
        CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_INVALIDCERTSTATUS,
        CURLE_SSL_CRL_BADFILE, CURLE_SSL_CLIENTCERT, CURLE_USE_SSL_FAILED:
        .tls
    case CURLE_OPERATION_TIMEDOUT: started ? .timeout : .connect
    case CURLE_SEND_FAIL_REWIND: .rewind
    case CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_PARTIAL_FILE:
        started ? .reset : .connect
    default: .protocolViolation
    }
}
