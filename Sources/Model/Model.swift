// Model: the words every layer shares.
//
// Plain values only: no I/O, no clock, no API facts. A record travels through them in this order:
//
//   Position          where it is in the input
//   Evidence          what the ledger keeps of it so that it can be recognised on the server
//   Request, Reply    what leaves and what comes back; `Sender` is the seam to the network
//   Verdict           what a reply means for its request; `Disposition`, for each of its records
//   RecordState       where the record is in its life; the only place that says which step may follow
//   Refusal, Reason   why it was not accepted, and what to do next
//
// `Connection` and the `…Settings` are what job and connection files say once they are checked.
