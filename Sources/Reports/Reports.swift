// Reports: a running or finished run, for people and machines. From the ledger, and from what the layers below tell
// by code, to text, and nothing else: nothing here decides about records, prints, or asks the time.
//
//   RunReport       one run: its one table, its reasons, its inputs, and what to type next
//   RunList         all runs, a line each
//   StatusReport    what is open, and how each job ended last
//   RecordHistory   everything the ledger knows of one key, over all runs
//   RejectFiles     the records that were not accepted: their own bytes, and the reasons beside them
//   ProgressLine    a run under way, in one line
//   NextStep        what a person does now; every report ends with it
//   ReasonText      the next step of each reason, by its code, and who must act
//   Catalog/        the calls of the catalog, as `sluice endpoints` shows them
//   Engine/         the sentences of what the engine tells, and of its errors; those of the ledger are in Text/
//
//   Masking         what keeps personal data out of texts that get mailed
//   Wording         counts, durations and rates as people read them; untrusted text made harmless
//   ReadableCSV     CSV for spreadsheets, which a cell cannot turn into a formula
//   MarkdownText    the documents as text for a terminal, for `sluice help TOPIC`
//   ReportJSON      how every report is written as JSON
//
// Every JSON has `"schema": 1`. Names in it are never removed nor changed in meaning under that number;
// new ones may be added. Times are ISO 8601 in UTC, durations are seconds, names are in snake_case.
