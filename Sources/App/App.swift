// App: what a command does, once its arguments are read.
//
//   Context/      what commands share: options, the ledger, the connection, exit statuses, failures, secrets
//   Jobs/         one JobRunner for each kind of job; JobFile.runner chooses it. Imports start and resume here
//   Resume/       what is unfinished: runs that have not started, all of them in turn, a person's decisions
//   Retry/        what was rejected or failed, sent again
//   Input/        files before they are read: joins, groups, keys, encodings
//   Validation/   what a job finds wrong, or would send; offline
//   Export/       an export: what it takes, its run, its estimate
//   Cards/        orders of cards
//   Queue/        the server's queue of rejected transactions
//   Reporting/    runs, records and endpoints, for people and programs
//   Maintenance/  the ledger itself: standing, pruning, closing
//   Diagnostics/  what `sluice doctor` finds
//   Console/      stdout, stderr, progress, signals
//
// A command in the target `sluice` parses, calls one function here and prints. Nothing here knows how arguments are
// written, except in messages that name an option.

/// The version of this program.
package enum Version {
    /// As `sluice --version` prints it.
    package static let current = "0.1.0"
}
