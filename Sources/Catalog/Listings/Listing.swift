package import Model

/// A read whose items may be exported: where it is, how it pages, where its items are.
///
/// ``all`` is the only list of them, and an export calls nothing else: not every GET of this API
/// reads (one of them deletes). A plain value; every function in it is pure.
package struct Listing: Sendable {
    /// How a listing is asked that cannot be requested all at once.
    package struct Key: Sendable, Equatable {
        /// As `--by` names it: `id`, `mobile`.
        package let name: String
        /// With `{key}` where the key stands; nil: it is in the query.
        package let path: String
        /// The parameter that carries it, where the path does not.
        package let query: String?
        /// What else is sent with keys of this kind.
        package let fixed: [String: String]
        /// Keys that one request may carry, with commas between them.
        package let most: Int

        init(
            _ name: String, _ path: String, query: String? = nil, fixed: [String: String] = [:],
            most: Int = 1
        ) {
            self.name = name
            self.path = path
            self.query = query
            self.fixed = fixed
            self.most = most
        }
    }

    /// The parameters that bound a listing in time.
    package struct Span: Sendable, Equatable {
        /// How an instant is written in a query.
        package enum Style: Sendable, Equatable {
            /// `2026-02-03T14:15:00Z`
            case iso
            /// `2026-02-03`, in the server's zone; the end is included.
            case day
            /// `2026-02-03 14:15:00`
            case clock
            /// Milliseconds since 1970.
            case milliseconds
        }
        /// The parameter of the first instant.
        package var from: String
        /// The parameter of the last instant.
        package var to: String
        /// Of both.
        package var style: Style
        /// Longer spans are requested in pieces.
        package var longest: Duration?
        /// How far back it goes where nobody says; nil: as far as the server does.
        package var usual: Duration?
        /// The call wants both.
        package var isRequired = false
    }

    /// A further call for each item, whose reply is the item then.
    package struct Detail: Sendable, Equatable {
        /// With `{id}`, and the field of the item that it is.
        package let path: String
        /// The field of the item that `{id}` stands for.
        package let id: String
        /// A parameter, the field of the item it comes from, and what it may be where the item does not
        /// tell: one after the other.
        package let parameter: String
        /// The item's own value of it.
        package let field: String
        /// Tried in this order.
        package let values: [String]
    }

    /// As `sluice export` takes it: `customers.updated`.
    package let name: String
    /// What it holds, in a few words.
    package let summary: String
    /// Some listings are requested by POST.
    package var method = Request.Method.get
    /// Of the connection's two.
    package var host = Request.Host.api
    /// Empty where each kind of key has its own.
    package var path = ""
    /// Where it may be as well: sources disagree. Asked, one after the other, after a 404 to its first request.
    package var otherPaths: [String] = []
    /// What is always sent.
    package var fixed: [(String, String)] = []
    /// Filters that a person may give.
    package var parameters: [Parameter] = []
    /// Filters that a server may not know, as they are sent, and the member of an item that tells whether it did
    /// as it was asked.
    package var echoes: [String: String] = [:]
    /// How the next page is requested.
    package var paging = Paging.none
    /// Where the items are in a reply: the first of these paths that leads somewhere. `*` is the only
    /// list in an object; an empty path is the whole reply.
    package var items: [[String]] = [["data"]]
    /// The names that tell items apart, as dotted paths: all of the first group of which none is missing.
    /// None at all: the item as a whole.
    package var id: [[String]] = [["id"]]
    /// Kinds of keys it is asked by; none: it gives all by itself.
    package var keys: [Key] = []
    /// An item means something only together with the key that it was asked by, which then is in it
    /// as `_key`.
    package var belongsToKey = false
    /// The key is in an item as `_key`, although the item means something without it: whose it is can
    /// be told in another org, too.
    package var showsKey = false
    /// There is something under each key that is right.
    package var wantsEach = false
    /// Nil where it cannot be bound in time.
    package var span: Span?
    /// The parameter that asks for what was changed since a day.
    package var since: String?
    /// What was added stays as it is, and the span is of the time it was added at: what is new can be
    /// requested by it.
    package var onlyGrows = false
    /// Nil where the list has all of an item.
    package var detail: Detail?
    /// Members, wherever in an item, that hold personal data.
    package var personal: Set<String> = []
    /// Members, wherever in an item, that never reach a file.
    package var withheld: Set<String> = []
    /// The columns that a CSV of it has in any case.
    package var columns: [String] = []
    /// Codes by which a reply says that there is nothing.
    package var nothing: Set<Int> = []
    /// The import that takes these items.
    package var imports: String?
    /// What to know before relying on it.
    package var note = ""
    /// Where these facts are from.
    package let source: String

    init(
        _ name: String, _ summary: String, path: String = "", source: String,
        _ more: (inout Listing) -> Void = { _ in }
    ) {
        self.name = name
        self.summary = summary
        self.path = path
        self.source = source
        more(&self)
    }

    /// The listing of that name.
    package static func named(_ name: String) -> Listing? { all.first { $0.name == name } }

    /// Every path it may be under, the likeliest first.
    package var paths: [String] { [path] + otherPaths }

    /// The filter that a page does not keep to; nil where its items show no other value.
    package func ignoredFilter(_ items: [PageItem], _ asking: Asking) -> (name: String, value: String)?
    {
        asking.parameters.first { name, value in
            guard let member = echoes[name] else { return false }
            // Several values may be in one text.
            return items.contains { item in
                let words = item.texts[member]?.split { $0 != "_" && !$0.isLetter && !$0.isNumber }
                return words.map { !$0.contains { $0.lowercased() == value.lowercased() } } ?? false
            }
        }.map { ($0.0, $0.1) }
    }

    /// Whether an item may tell who somebody is.
    package var holdsPersonalData: Bool { !personal.isEmpty }
}
