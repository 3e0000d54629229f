// App: what a command does, once its arguments are read.
//
//   Context/      what commands share: options, the ledger, the connection, exit statuses, failures, secrets
//   Jobs/         one runner for each kind of job; resuming what is unfinished
//   Input/        files before they are read: joins, groups, keys, encodings
//   Export/       an export: what is asked for, its run, its estimate
//   Diagnostics/  what `sluice doctor` and `sluice validate` find
//   Console/      stdout, stderr, progress, signals
//
// A command in the target `sluice` parses, calls one function here and prints. Nothing here knows how arguments are
// written, except in messages that name an option.

/// The version of this program.
package enum Version {
    package static let current = "0.1.0"
}
