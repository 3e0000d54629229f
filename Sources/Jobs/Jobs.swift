// Jobs: job and connection files, checked before anything else happens.
//
//   JobFile           which kind of job a file is
//   PlanFile          jobs in an order, each beginning when those before it ended well enough
//   QueueJob          one that replays the server's queue of rejected transactions
//   Job               one that sends records; what it asks for, in the words of the layers below
//   Connections       a file of connections, and where it is looked for
//   JobRecord         the `record:` part, checked against the endpoint's fields
//   YAMLNode          a value of the file with its place; says what it should have been
//   Quantity          durations, sizes, rates, shares and times of day as they are written
//   JobError          file, line, column, what is wrong, what was probably meant
//
// Nothing is guessed: a key that is not known is an error, a number of seconds without its unit too.
