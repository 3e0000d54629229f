import Model

/// The functions that an expression may call: what they take, and what they give.
///
/// All give the same for the same arguments, and reach nothing outside of them.
enum ExpressionFunctions {
    /// What is ours; the rest is SQLite's.
    enum Own: String, CaseIterable, Sendable {
        case num, dec
        case decAdd = "dec_add"
        case decSub = "dec_sub"
        case decMul = "dec_mul"
        case decDiv = "dec_div"
        case decAbs = "dec_abs"
        case decNeg = "dec_neg"
        case decRound = "dec_round"
        case decCmp = "dec_cmp"
        case lower, upper, regexp
        case regexpReplace = "regexp_replace"
        case regexpExtract = "regexp_extract"
        case splitPart = "split_part"
        case padLeft = "pad_left"
        case phone, date, hash
    }

    private enum Takes { case any, number, condition, alike }
    private enum Gives {
        case a(ExpressionType)
        /// A text made of the first argument.
        case ofText
        /// What the first argument is.
        case first
        /// What all arguments are together; for `iif`, without the condition.
        case all
    }

    private struct Signature {
        var count: ClosedRange<Int>
        var takes = Takes.any
        var gives: Gives
    }

    private static let many = 100
    private static let known: [String: Signature] = [
        "num": Signature(count: 1...3, gives: .a(.number)),
        "dec": Signature(count: 1...3, gives: .a(.decimal)),
        "dec_add": Signature(count: 2...2, gives: .a(.decimal)),
        "dec_sub": Signature(count: 2...2, gives: .a(.decimal)),
        "dec_mul": Signature(count: 2...2, gives: .a(.decimal)),
        "dec_div": Signature(count: 3...3, gives: .a(.decimal)),
        "dec_abs": Signature(count: 1...1, gives: .a(.decimal)),
        "dec_neg": Signature(count: 1...1, gives: .a(.decimal)),
        "dec_round": Signature(count: 2...2, gives: .a(.decimal)),
        "dec_sum": Signature(count: 1...1, gives: .a(.decimal)),
        "dec_cmp": Signature(count: 2...2, gives: .a(.integer)),
        "regexp": Signature(count: 2...2, gives: .a(.integer)),
        "regexp_replace": Signature(count: 3...3, gives: .a(.text)),
        "regexp_extract": Signature(count: 2...3, gives: .a(.text)),
        "split_part": Signature(count: 3...3, gives: .ofText),
        "pad_left": Signature(count: 2...3, gives: .a(.text)),
        "phone": Signature(count: 2...2, gives: .a(.text)),
        "date": Signature(count: 2...3, gives: .a(.text)),
        "hash": Signature(count: 1...1, gives: .a(.text)),
        "lower": Signature(count: 1...1, gives: .ofText),
        "upper": Signature(count: 1...1, gives: .ofText),
        "trim": Signature(count: 1...2, gives: .ofText),
        "ltrim": Signature(count: 1...2, gives: .ofText),
        "rtrim": Signature(count: 1...2, gives: .ofText),
        "replace": Signature(count: 3...3, gives: .ofText),
        "substr": Signature(count: 2...3, gives: .ofText),
        "substring": Signature(count: 2...3, gives: .ofText),
        "length": Signature(count: 1...1, gives: .a(.integer)),
        "instr": Signature(count: 2...2, gives: .a(.integer)),
        "unicode": Signature(count: 1...1, gives: .a(.integer)),
        "char": Signature(count: 1...many, takes: .number, gives: .a(.text)),
        "hex": Signature(count: 1...1, gives: .a(.text)),
        "typeof": Signature(count: 1...1, gives: .a(.text)),
        "format": Signature(count: 1...many, gives: .a(.text)),
        "printf": Signature(count: 1...many, gives: .a(.text)),
        "abs": Signature(count: 1...1, takes: .number, gives: .first),
        "round": Signature(count: 1...2, takes: .number, gives: .a(.float)),
        "sign": Signature(count: 1...1, takes: .number, gives: .a(.integer)),
        "min": Signature(count: 2...many, takes: .alike, gives: .all),
        "max": Signature(count: 2...many, takes: .alike, gives: .all),
        "coalesce": Signature(count: 2...many, gives: .all),
        "ifnull": Signature(count: 2...2, gives: .all),
        "iif": Signature(count: 3...3, takes: .condition, gives: .all),
        "nullif": Signature(count: 2...2, takes: .alike, gives: .first),
    ]

    /// The names of all, for SQLite's authorizer.
    static func isKnown(_ name: String) -> Bool {
        known[name.lowercased()] != nil || ["like", "glob"].contains(name.lowercased())
    }

    /// What a call gives.
    static func type(
        _ name: String, _ arguments: [ExpressionNode], _ types: ExpressionTypes
    ) throws(ExpressionError) -> ExpressionType {
        guard let signature = known[name] else {
            throw ExpressionError(
                "there is no function “\(name)”.",
                suggestion: Suggestion.nearest(to: name, among: known.keys.sorted()))
        }
        guard signature.count.contains(arguments.count) else {
            let (least, most) = (signature.count.lowerBound, signature.count.upperBound)
            let count =
                least == most ? "\(least)" : most == many ? "\(least) or more" : "\(least) to \(most)"
            throw ExpressionError("`\(name)` takes \(count) arguments, not \(arguments.count).")
        }
        var given: [ExpressionType] = []
        for argument in arguments { given.append(try types.type(of: argument)) }
        switch signature.takes {
        case .any: break
        case .number: for argument in arguments { _ = try types.numeric(argument, name) }
        case .condition: try types.condition(arguments[0])
        case .alike:
            for other in arguments.dropFirst() { try types.comparable(name, arguments[0], other) }
        }
        try check(name, arguments)
        switch signature.gives {
        case .a(let type): return type
        case .first: return given[0]
        case .ofText:
            if case .raw = given[0] { return given[0] }
            return .text
        case .all:
            return given.dropFirst(name == "iif" ? 1 : 0).reduce(.null) { $0.merged(with: $1) }
        }
    }

    // MARK: Arguments that are the same in every row

    private static func check(_ name: String, _ arguments: [ExpressionNode]) throws(ExpressionError) {
        switch name {
        case "regexp": try check(pattern: arguments[0])
        case "regexp_replace", "regexp_extract": try check(pattern: arguments[1])
        case "phone":
            guard case .text(let country) = arguments[1] else { return }
            guard PhoneNumber.Country(country) != nil else {
                throw ExpressionError(
                    "phone: “\(country)” is no country: expected two letters such as DE, or a calling code such as 49."
                )
            }
        case "date":
            guard case .text(let format) = arguments[1] else { return }
            let pattern: DatePattern
            do throws(MappingError) {
                pattern = try DatePattern(format)
            } catch {
                throw ExpressionError(error.message)
            }
            guard arguments.count == 3 else {
                guard pattern.mayHaveOffset else {
                    throw ExpressionError(
                        "date: “\(format)” has no offset: name the time zone, `date(…, …, 'Europe/Berlin')`."
                    )
                }
                return
            }
            guard case .text(let zone) = arguments[2] else { return }
            if let candidates = ZoneTable.candidates(for: zone) {
                throw ExpressionError(ZoneTable.ambiguity(of: zone, candidates))
            }
            guard ZoneTable(zone) != nil else {
                throw ExpressionError(
                    "there is no time zone “\(zone)”.", suggestion: ZoneTable.suggestion(for: zone))
            }
        default: break
        }
    }

    static func check(pattern: ExpressionNode) throws(ExpressionError) {
        guard case .text(let text) = pattern else { return }
        do throws(ExpressionError) {
            _ = try TextPattern(text)
        } catch {
            throw ExpressionError("“\(text)”: \(error.message)")
        }
    }
}
