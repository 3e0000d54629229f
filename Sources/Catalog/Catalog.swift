// Catalog: what the API is. Pure: no I/O, no clock, no chance.
//
//   Endpoint              one API call as a value; `Endpoint.all`, `Endpoint.named(_:)`
//   TransactionsAdd…      the first of them: descriptor, fields, keys, reply, recovery
//   Schema                a list of `Field`s made ready to check items against, digesting on the way
//   BulkReply             reply shape E1: items bound to records by key, judged one by one
//   WholeReply            what a reply without readable items means, by status and envelope
//   CodeTable             what an endpoint's item codes mean
//   BillSearch            finding a transaction again: by bill number, by id, by the older call;
//                         `ServerBill` compares it, `TransactionEvidence` is what was kept of ours
//   RejectedQueue         the server's own queue of rejected transactions
//   OrgConfiguration      the settings of an org that change what a repeat means
//
// A record's way: its item's tape goes through `Endpoint.prepare`, which checks it and derives the
// three keys and the evidence; what came back goes through `Endpoint.read` with that evidence; a
// lost answer goes through `Endpoint.recovery`.
//
// A new endpoint is one file: its fields, its `prepare` (the rules beyond single fields, the
// keys), its code table, and the name of a body, a reply shape and a recovery rule.
