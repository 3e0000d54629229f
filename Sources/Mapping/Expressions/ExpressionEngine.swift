private import GRDBSQLite
import Hashing
import Model

/// Why an expression has no value for a row.
struct ExpressionFault: Error, Equatable {
    var reason: Reason
    var message: String
}

/// Evaluates expressions by SQLite, over values that are bound: a database in memory with no table in it, of which
/// nothing but `SELECT` and known functions is allowed.
///
/// Not deterministic by SQLite's flag, though they are: it would call functions of bound values once and in advance,
/// also those behind a `WHEN` that does not hold.
///
/// `@unchecked`: a mapper has one of its own and calls it from one thread at a time.
@safe final class ExpressionEngine: @unchecked Sendable {
    enum Parameter {
        case null
        case text(Range<Int>)
        case integer(Int64)
        case real(Double)
    }

    private let database: OpaquePointer
    private var statements: [OpaquePointer] = unsafe []
    private var boxes: [FunctionBox] = []
    fileprivate var calls: ExpressionCalls
    fileprivate var ticks = 0

    private init(owning database: OpaquePointer, _ calls: ExpressionCalls) {
        unsafe self.database = database
        self.calls = calls
    }

    deinit {
        while let statement = unsafe statements.popLast() { _ = unsafe sqlite3_finalize(statement) }
        _ = unsafe sqlite3_close_v2(database)
    }

    /// - Parameter number: How the job writes numbers.
    /// - Throws: What SQLite has against one of the expressions, with its index.
    static func open(
        _ expressions: [CompiledExpression], number: NumberText
    ) throws(EngineError) -> ExpressionEngine {
        var opened: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX
        let code = unsafe sqlite3_open_v2(":memory:", &opened, flags, nil)
        guard code == SQLITE_OK, let database = unsafe opened else {
            if let database = unsafe opened { _ = unsafe sqlite3_close_v2(database) }
            throw EngineError(index: 0, message: "SQLite cannot be opened: code \(code).")
        }
        let engine = unsafe ExpressionEngine(owning: database, ExpressionCalls(number: number))
        try engine.prepare(expressions)
        return engine
    }

    struct EngineError: Error {
        var index: Int
        var message: String
    }

    private func prepare(_ expressions: [CompiledExpression]) throws(EngineError) {
        unsafe _disableDoubleQuotedStringLiterals(database)
        for (limit, value) in [
            (SQLITE_LIMIT_LENGTH, 1 << 24), (SQLITE_LIMIT_SQL_LENGTH, 1 << 16),
            (SQLITE_LIMIT_EXPR_DEPTH, 500), (SQLITE_LIMIT_ATTACHED, 0),
            (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000), (SQLITE_LIMIT_TRIGGER_DEPTH, 0),
            (SQLITE_LIMIT_WORKER_THREADS, 0),
        ] as [(Int32, Int32)] {
            _ = unsafe sqlite3_limit(database, limit, value)
        }
        for own in ExpressionFunctions.Own.allCases {
            let box = FunctionBox(own, self)
            boxes.append(box)
            let count: [Int32] =
                switch own {
                // Beside SQLite's own of the same name.
                case .lower, .upper: [1]
                case .date: [2, 3]
                default: [-1]
                }
            for count in count {
                _ = unsafe sqlite3_create_function_v2(
                    database, own.rawValue, count, SQLITE_UTF8,
                    Unmanaged.passUnretained(box).toOpaque(), callFunction, nil, nil, nil)
            }
        }
        let context = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe sqlite3_progress_handler(database, 1000, countSteps, context)
        _ = unsafe sqlite3_set_authorizer(database, authorize, nil)
        for (index, expression) in expressions.enumerated() {
            var statement: OpaquePointer?
            let code = unsafe sqlite3_prepare_v3(
                database, expression.sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
            guard code == SQLITE_OK, let statement = unsafe statement else {
                let words = unsafe sqlite3_errmsg(database).map { unsafe String(cString: $0) }
                throw EngineError(index: index, message: "SQLite: \(words ?? "error \(code)").")
            }
            unsafe statements.append(statement)
        }
    }

    /// The value of one expression.
    ///
    /// - Parameters:
    ///   - bytes: What the ranges of texts point into; never empty.
    ///   - parameters: One a slot.
    func run(
        _ index: Int, _ bytes: [UInt8], _ parameters: [Parameter]
    ) throws(ExpressionFault) -> ExpressionValue {
        let statement = unsafe statements[index]
        ticks = 0
        calls.fault = nil
        let (value, code) = unsafe bytes.withUnsafeBytes { text -> (ExpressionValue, Int32) in
            let base = unsafe text.baseAddress?.assumingMemoryBound(to: CChar.self)
            for (at, parameter) in parameters.enumerated() {
                let slot = Int32(at + 1)
                switch parameter {
                case .null: _ = unsafe sqlite3_bind_null(statement, slot)
                case .integer(let number): _ = unsafe sqlite3_bind_int64(statement, slot, number)
                case .real(let number): _ = unsafe sqlite3_bind_double(statement, slot, number)
                case .text(let range):
                    // Read before the statement is reset, so nothing is copied.
                    _ = unsafe sqlite3_bind_text(
                        statement, slot, base?.advanced(by: range.lowerBound), Int32(range.count), nil)
                }
            }
            let code = unsafe sqlite3_step(statement)
            let value = unsafe code == SQLITE_ROW ? Self.value(of: statement) : .null
            _ = unsafe sqlite3_reset(statement)
            return (value, code)
        }
        if let fault = calls.fault { throw fault }
        switch code {
        case SQLITE_ROW: return value
        case SQLITE_INTERRUPT: throw ExpressionFault(reason: .rule, message: "It takes too long.")
        default:
            let words =
                unsafe sqlite3_errstr(code).map { unsafe String(cString: $0) } ?? "error \(code)"
            throw ExpressionFault(reason: .rule, message: "SQLite: \(words).")
        }
    }

    private static func value(of statement: OpaquePointer) -> ExpressionValue {
        switch unsafe sqlite3_column_type(statement, 0) {
        case SQLITE_NULL: return .null
        case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(statement, 0))
        case SQLITE_FLOAT: return .real(unsafe sqlite3_column_double(statement, 0))
        default:
            guard let text = unsafe sqlite3_column_text(statement, 0) else { return .text([]) }
            let count = Int(unsafe sqlite3_column_bytes(statement, 0))
            return .text(unsafe Array(UnsafeBufferPointer(start: text, count: count)))
        }
    }

    /// The sum of texts that are decimals, as dec_sum has it.
    func sum(_ values: [ExpressionValue]) throws(ExpressionFault) -> ExpressionValue {
        try calls.sum(values)
    }
}

/// What a function's callback is given.
private final class FunctionBox {
    let own: ExpressionFunctions.Own
    unowned let engine: ExpressionEngine

    init(_ own: ExpressionFunctions.Own, _ engine: ExpressionEngine) {
        self.own = own
        self.engine = engine
    }
}

private let callFunction:
    @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = {
        context, count, arguments in
        guard let data = unsafe sqlite3_user_data(context) else { return }
        let box = unsafe Unmanaged<FunctionBox>.fromOpaque(data).takeUnretainedValue()
        var values: [ExpressionValue] = []
        values.reserveCapacity(Int(count))
        for index in 0..<Int(count) { unsafe values.append(argument(arguments?[index])) }
        do throws(ExpressionFault) {
            switch try box.engine.calls.call(box.own, values) {
            case .null: unsafe sqlite3_result_null(context)
            case .integer(let number): unsafe sqlite3_result_int64(context, number)
            case .real(let number): unsafe sqlite3_result_double(context, number)
            case .text(let bytes):
                unsafe bytes.withUnsafeBytes { text in
                    let base = unsafe text.baseAddress?.assumingMemoryBound(to: CChar.self)
                    // SQLITE_TRANSIENT: it is copied.
                    unsafe sqlite3_result_text(
                        context, base ?? emptyText, Int32(text.count),
                        unsafeBitCast(-1, to: sqlite3_destructor_type.self))
                }
            }
        } catch {
            box.engine.calls.fault = error
            unsafe sqlite3_result_error(context, "no value", -1)
        }
    }

/// What SQLite is given for an empty text, which has no address of its own. `nonisolated(unsafe)`: it is made once and
/// never written again.
nonisolated(unsafe) private let emptyText: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    unsafe byte.initialize(to: 0)
    return unsafe UnsafePointer(byte)
}()

private func argument(_ value: OpaquePointer?) -> ExpressionValue {
    switch unsafe sqlite3_value_type(value) {
    case SQLITE_NULL: return .null
    case SQLITE_INTEGER: return .integer(unsafe sqlite3_value_int64(value))
    case SQLITE_FLOAT: return .real(unsafe sqlite3_value_double(value))
    default:
        guard let text = unsafe sqlite3_value_text(value) else { return .text([]) }
        let count = Int(unsafe sqlite3_value_bytes(value))
        return .text(unsafe Array(UnsafeBufferPointer(start: text, count: count)))
    }
}

/// A statement that takes too many steps is stopped.
private let countSteps: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { context in
    guard let context = unsafe context else { return 1 }
    let engine = unsafe Unmanaged<ExpressionEngine>.fromOpaque(context).takeUnretainedValue()
    engine.ticks += 1
    return engine.ticks > 100 ? 1 : 0
}

/// Nothing but `SELECT` and the functions of ``ExpressionFunctions``.
private let authorize:
    @convention(c) (
        UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
        UnsafePointer<CChar>?,
        UnsafePointer<CChar>?
    ) -> Int32 = { _, action, _, name, _, _ in
        switch action {
        case SQLITE_SELECT: return SQLITE_OK
        case SQLITE_FUNCTION:
            guard let name = unsafe name else { return SQLITE_DENY }
            return ExpressionFunctions.isKnown(unsafe String(cString: name)) ? SQLITE_OK : SQLITE_DENY
        default: return SQLITE_DENY
        }
    }
