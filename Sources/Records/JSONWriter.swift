/// Writes JSON text to the end of a buffer.
package enum JSONWriter {
    /// Appends `text`, UTF-8, as a JSON string with its quotes. Only what has to be escaped is.
    package static func appendString(
        _ text: borrowing [UInt8], in range: Range<Int>, to result: inout [UInt8]
    ) {
    }
    package static func appendString(_ text: String, to result: inout [UInt8]) {
    }
}
