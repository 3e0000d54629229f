/// Why a text is not JSON as RFC 8259 has it.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Code: Equatable, Sendable {
        case empty, unexpectedByte, unexpectedEnd, textAfterValue
        case badNumber, badLiteral, badEscape, loneSurrogate, controlCharacter, invalidUTF8
        /// Deeper than the limit.
        case tooDeep
        /// A name occurs twice in one object.
        case duplicateName
        /// Longer than 2 GiB.
        case tooLong
    }

    package var code: Code
    /// Index into the bytes parsed, where the error starts.
    package var offset: Int

    package init(_ code: Code, at offset: Int) {
        self.code = code
        self.offset = offset
    }

    package var description: String {
        switch code {
        case .empty: "there is no JSON value"
        case .unexpectedByte: "this byte is not allowed here in JSON"
        case .unexpectedEnd: "the JSON value is cut off"
        case .textAfterValue: "there is text after the JSON value"
        case .badNumber: "this is not a JSON number"
        case .badLiteral: "only true, false and null are allowed here without quotes"
        case .badEscape: "this escape is not allowed in JSON"
        case .loneSurrogate: "this surrogate has no other half"
        case .controlCharacter: "a control character in a string must be escaped"
        case .invalidUTF8: "this is not UTF-8"
        case .tooDeep: "the JSON value is nested deeper than the limit"
        case .duplicateName: "this name occurs twice in one object"
        case .tooLong: "the JSON value is longer than 2 GiB"
        }
    }
}
