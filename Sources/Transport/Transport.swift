// Transport: requests to replies.
//
//   HTTPClient       the `Sender`: a slot (gate and credential), then one attempt
//     RateGate       when the next request may leave; shared by the processes of one host
//       GateMemory   the few words they share, in a file that is moved on under a lock
//       Pace         requests a minute as a distance between requests
//       RetryAfter   how long a reply asks to wait
//     Credentials    the value of the authorization header; fetches and renews tokens
//     CurlLoop       libcurl's multi interface on a thread of its own
//       Transfer     one exchange under way, seen by libcurl's callbacks
//       CurlHandle   a reused easy handle, and how a request is laid into it
//
// Nothing here repeats a request. A token call is repeated, within bounds: it adds nothing.
//
// What is promised about an exchange rests on two facts of libcurl. `CURLOPT_PREREQFUNCTION` is
// called before the first byte of a request on any connection, so a transfer that failed without
// that call was certainly not sent. And libcurl, which sends a request again by itself when a
// reused connection dies without an answer, can do so only if it can rewind the body: the body of
// a request that adds or sets is read through a function without a seek function, so that the transfer
// fails with `CURLE_SEND_FAIL_REWIND` instead; one without a body always has a new connection,
// on which libcurl never repeats.
