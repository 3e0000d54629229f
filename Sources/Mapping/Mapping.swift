// Mapping: rows to the API's items. Knows JSON and columns, nothing of endpoints.
//
//   MappingSpec       what a job's `record:` says: groups, fields, rules, conversions
//   Mapper            runs it over blocks of rows; keeps the open group and the counters of templates
//   RecordBatch       what comes out: items and stored bytes in two arenas, one MappedRecord each
//   Program           a spec compiled against the columns of one input: a flat list of steps
//   Conversion        one cell to one JSON value: NumberText, DatePattern and ZoneTable do the parsing
//   RepeatCounter     how often a text was seen, for `{#}` and for groups that come back
//
// A cell goes this way: trim, spreadsheet check, digits only, value map, empty and default, `as`.
// Numbers are moved as text and never become a floating-point value. A record whose rows or cells
// have a problem comes out with the reasons and is not to be sent; its neighbours are not touched.
