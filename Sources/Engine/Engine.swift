// Engine: takes a plan to its end, and through every stop and crash on the way.
//
//   Plan          what a job asks for, checked
//   ReadStage        a thread that reads, maps and checks: input in, chunks out, a bounded number ahead
//   Execution     one go at a run: lets chunks in, cuts requests, sends, settles, until nothing is left
//   OrderingQueues         which records may go: those that share an order key go one after the other
//   BatchBuilder        the ready records, and the next request made of them
//   RequestPipeline      the way of one request: slot, intent, send, read, settle
//   Reconciler    settles records in doubt: looks, misses, a control, the server's queue
//   Account       does what was read balance with what was recorded
//   Load/         how many at once, how long to wait, how much to spend on repeats
//
// The network is `any Sender`; the clock and chance are `Environment`. Every decision that a test
// wants to hold still is a value or takes its time as an argument.
