// Records: bytes to rows and back. Knows nothing of the API.
//
//   InputOptions      what a job says of its input; whatever it leaves open is detected
//   InputList         patterns -> InputFile, one for each file or member, in natural order
//   Input/            Spool copies what can be read only once; Layers stacks feeds of bytes: a file, what
//                     decompresses it, the archive within; OddContent names what holds no rows
//   Worksheet/        a sheet of an Excel workbook as one more feed: CSV, a line for each of its rows
//   ByteSource        the bytes of one input: a plain file, a stack of feeds, memory
//   Window            the stretch of text that is being read; turns UTF-16 and Windows-1252 to UTF-8
//                     and keeps the stored bytes beside it
//   CSVParser, JSONLinesParser, JSONArrayParser
//                     find the rows in a window; never decide anything that more bytes could change
//   RowReader         opens an input, detects, reads the header, fills one RowBlock after another
//   JSONTape          an index of one JSON text; JSONWriter writes
//   FileFingerprint   tells whether a file is still the one it was
//   Converter         any readable input as JSON Lines or CSV
//
// What is promised: every byte of an input lies in exactly one row, header, blank stretch, unreadable
// span or in the rest that was not read; `ByteAccount` holds the sums, and at the end they are the bytes read.
// Every member of a compressed file is proved, and nothing may be after the last one. Where the input happens to be
// cut by `read` makes no difference to any row.
