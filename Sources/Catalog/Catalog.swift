// Catalog: what the API is. Pure: no I/O, no clock, no chance.
//
//   Endpoint              one API call as a value; `Endpoint.all`, `Endpoint.named(_:)`
//   TransactionsAdd…      the first of them: descriptor, fields, keys, reply, recovery
//   TransactionsUpdate …  the others, a file each; what a family shares is beside them
//                         (`Customers`, `CardCodes`, `BadgeCodes`, `CouponCodes`)
//   Parameter             what a job gives to a call as a whole: in its path, its query or its body
//   Schema                a list of `Field`s made ready to check items against, digesting on the way
//   Draft                 one item on its way through its endpoint's checks, rules and keys
//   BulkReply             an item a record, bound by key or by a place that is proved: shape E1, and by
//                         a `Form` E3 in lists, E15
//   SingleReply           one record a request: shape E2
//   TwoListReply          what was done in one list, what was not in another: shapes E9, E10, E16
//   V1Reply               the calls of v1.1: shape E5b
//   LoneReply             one record whose reply has a form of its own: E8, E12
//   Endpoint+Facts        what follows from an endpoint's facts; most endpoints are no more than these
//   Preparation           what is asked again before each request: a store that is to be replaced
//   EndpointSpec          one call as data, built-in or described by a job
//   WholeReply            what a reply without readable items means, by status and envelope
//   CodeTable             what an endpoint's item codes mean
//   BillSearch            finding a transaction again: by bill number, by id, by the v1 call;
//                         `ServerBill` compares it, `TransactionEvidence` is what was kept of ours
//   StoreSearch …         the same of stores, badges, cards, products
//   RejectedQueue         the server's own queue of rejected transactions
//   OrgConfiguration      the settings of an org that change what a repeat means
//
// A record's way: its item's tape goes through `Endpoint.prepare`, which checks it and derives the
// three keys and the evidence; what came back goes through `Endpoint.read` with that evidence; a
// lost answer goes through `Endpoint.recovery`.
//
// A new endpoint is one file here and one in the Sandbox: see AddingAnEndpoint.md.
