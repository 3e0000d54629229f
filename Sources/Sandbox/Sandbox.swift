// Sandbox: the API's stand-in, on loopback.
//
// Everything happens on one event loop: connections, state, faults and chance. So nothing here is
// locked, requests are judged in the order in which they are complete, and a seed repeats a run.
// The one other thread commits to the file.
//
//   SandboxServer     starts and stops it
//   HTTPConnection    one client's socket: a request in, faults, an answer out, or no answer at all
//   Service           the route table; state, limits and counts that all connections share
//   FaultPlan         which trouble meets which request, from a seed
//   BulkHandler …     one handler an endpoint: reads the body, judges, books, writes the reply
//   handler              the calls beyond those of transactions, one file each; `Store` keeps what they did
//   Books             the bills, packed: 10 million take little more than a gigabyte
//   Journal           what the books took in, in an SQLite file, committed before the answer leaves
//
// It never imports the Catalog's reply readers: a misreading of the API must not hide in both.
// Facts are from the API reference; where that is silent or disagrees with itself, an option in
// ``SandboxOptions`` or a fault gives each reading.
