extension PagedCall {
    /// A reply with these items.
    func page(_ items: [String], _ window: Window, total: Int, _ service: Service) -> String {
        let list = "[" + items.joined(separator: ",") + "]"
        let limit = window.limit
        let pages = total / max(1, limit) + (total % max(1, limit) > 0 ? 1 : 0)
        let isLast = window.start + items.count >= total
        let tail = #""warnings":[],"errors":[]"#
        switch form {
        case .offset(let name):
            return
                #"{"pagination":{"limit":"\#(limit)","offset":"\#(window.start)","total":\#(total)},"\#(name)":\#(list),\#(tail)}"#
        case .untold(let name): return #"{"\#(name)":\#(list),\#(tail)}"#
        case .series:
            return
                #"{"entity":\#(list),"pageDetails":{"offset":\#(window.start),"limit":\#(limit),"numberOfElements":\#(items.count)},\#(tail)}"#
        case .ledger:
            return
                #"{"ledgerDetails":{"pageNumber":\#(window.number),"pageSize":\#(limit),"totalEntries":\#(total),"pageCount":\#(pages)},"ledgerEntries":\#(list)}"#
        case .older(let names), .following(let names):
            let isLone = items.count == 1 && service.options.loneItemIsObject
            var text = isLone ? items[0] : list
            for name in names.reversed() { text = #"{"\#(name)":\#(text)}"# }
            text.removeFirst()
            return
                #"{"response":{"status":{"success":"true","code":"200","message":"SUCCESS"},"pagination":{"limit":"\#(limit)","offset":"\#(window.start)","total":"\#(total)"},\#(text)}"#
        case .badges(let name):
            return
                #"{"data":{"\#(name)":\#(list),"pagination":{"page":\#(window.number),"size":\#(limit),"total":\#(total),"totalPages":\#(pages)}},\#(tail)}"#
        case .rewards(let name, let details, _):
            return
                #"{"status":{"success":true,"code":6101,"message":"ok"},"\#(name)":\#(list),"\#(details)":{"first":\#(window.start == 0),"last":\#(isLast),"totalElements":\#(total),"totalPages":\#(pages),"numberOfElements":\#(items.count),"size":\#(limit),"number":\#(window.number)}}"#
        case .content:
            return
                #"{"data":{"content":\#(list),"first":\#(window.start == 0),"last":\#(isLast),"totalElements":\#(total),"totalPages":\#(pages),"number":\#(window.number)},"errors":null}"#
        case .details(_, _, _, let inside, let name):
            let text =
                #""\#(name)":\#(list),"pageDetails":{"pageNumber":\#(window.number),"pageSize":\#(limit),"totalEntries":\#(total),"pageCount":\#(pages)}"#
            return inside.map { #"{"\#($0)":{\#(text)},\#(tail)}"# } ?? "{\(text),\(tail)}"
        case .deliveries:
            return
                #"{"data":{"data":\#(list),"page":\#(window.number),"pageSize":\#(limit),"totalElements":\#(total),"totalPages":\#(pages)},"errors":[]}"#
        case .labels(let name, let inside):
            let counts = #""totalCount":\#(total),"limit":\#(limit),"offset":\#(window.start)"#
            return inside.map { #"{"\#(name)":\#(list),"\#($0)":{\#(counts)}}"# }
                ?? #"{\#(counts),"\#(name)":\#(list)}"#
        case .body: return #"{"data":\#(list),\#(tail)}"#
        case .limited(let name): return #"{"\#(name)":\#(list),\#(tail)}"#
        case .workflow:
            return
                #"{"data":\#(list),"pagination":{"totalElements":\#(total),"totalPages":\#(pages),"numberOfElements":\#(items.count),"number":\#(window.number)},\#(tail)}"#
        case .numbered: return #"{"data":\#(list),\#(tail)}"#
        case .whole(let names):
            return names.reversed().reduce(list) { #"{"\#($1)":\#($0)}"# }
        case .single(let name):
            let one = items.first ?? "{}"
            return name.map { #"{"\#($0)":\#(one),"warnings":[]}"# } ?? one
        }
    }
}
