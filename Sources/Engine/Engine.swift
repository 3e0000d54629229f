// Engine: takes a plan to its end, and through every stop and crash on the way.
//
//   RecordSource ─ RecordPreparer ─ ReadStage ─ admission ─ OrderingQueues ─ BatchBuilder ─ RequestPipeline
//                                       one PreparedBatch                     └ exceptions ─ doubts, retries
//
//   Plan              what a job asks for, checked
//   RecordSource      one file read and mapped, a window of records at a time
//   RecordPreparer    checks an item and makes its keys: for run, validate, plan, retry and benchmarks alike
//   ReadStage         a thread that reads, maps and checks: input in, batches out, a bounded number ahead
//   PreparedBatch     consecutive records as arrays; a record on its way is a batch and an index
//   Execution         one go at a run: lets batches in, cuts requests, sends, settles, until nothing is left
//   OrderingQueues    which records may go: those that share an order key go one after the other
//   DeferredKeys      what depends on a record that waits for another run's
//   BatchBuilder      the ready records, and the next request made of them
//   RequestPipeline   the way of one request: slot, intent, send, read, settle
//   PendingDoubt      a record of which nobody knows: looks, misses, a control, the server's queue
//   RetryPolicy       how long to wait, how often to try, what to spend, and when trying again ends the run
//   RunTally          what was judged: one denominator for every threshold
//   StopController    why and how a run ends, and the result that makes
//   BalanceCheck      does what was read balance with what was recorded
//   EngineNote        what people are told, as a code with its values; EngineWords are the sentences, from Reports
//
// The network is `any Sender`; the clock and chance are `Environment`. Every decision that a test
// wants to hold still is a value or takes its time as an argument.
