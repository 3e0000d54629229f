import Catalog
import Engine
import Mapping
import Model
import Records

/// A preview as one JSON document, a record on each line. Numbers are as they would be sent.
enum PreviewJSON {
    static func text(_ preview: Preview, _ plan: Plan, _ window: PreviewWindow) -> String {
        var out =
            "{\"schema\":1,\"job\":\(string(plan.job)),\"endpoint\":\(string(plan.endpoint.name)),"
            + "\"rows_read\":\(window.rows),\"rows_shown\":\(window.shown),"
            + "\"is_whole_input\":\(window.isWhole),\"records\":["
        for (index, entry) in preview.entries.enumerated() {
            out += (index > 0 ? "," : "") + "\n" + record(entry, plan)
        }
        return out + "\n]}\n"
    }

    private static func record(_ entry: Preview.Entry, _ plan: Plan) -> String {
        let file = entry.rows.first?.position.file ?? 0
        let lines = entry.rows.map { String($0.position.line) }.joined(separator: ",")
        let state =
            entry.isFiltered ? "filtered" : entry.refusals.isEmpty ? "ready" : "invalid"
        var members = [
            "\"input\":" + string(plan.inputs[file].name), "\"lines\":[\(lines)]",
            "\"state\":" + string(state),
        ]
        if !entry.refusals.isEmpty {
            let problems = entry.refusals.map { refusal in
                "{\"reason\":\(string(refusal.reason.code)),\"field\":\(string(refusal.field ?? "")),"
                    + "\"message\":\(string(refusal.message))}"
            }
            members.append("\"problems\":[\(problems.joined(separator: ","))]")
        }
        if let attribution = entry.attribution {
            members.append(
                "\"attribution\":{\"type\":\(string(attribution.kind.rawValue)),"
                    + "\"code\":\(string(attribution.code))}")
        }
        members.append(
            "\"read\":[" + entry.rows.map { row($0, entry.columns) }.joined(separator: ",") + "]")
        members.append("\"item\":" + item(entry, plan))
        return "{" + members.joined(separator: ",") + "}"
    }

    private static func item(_ entry: Preview.Entry, _ plan: Plan) -> String {
        guard !entry.item.isEmpty else { return "null" }
        let origins = FieldOrigins(plan.mapping, columns: entry.columns)
        var lookups: [String: String] = [:]
        for leaf in ItemTree.leaves(entry.item) {
            guard let by = origins.origin(of: leaf.path)?.lookup else { continue }
            lookups[leaf.field] = PreviewTable.lookup(by)
        }
        return ItemTree.replacing(lookups, in: entry.item)
    }

    private static func row(_ row: Preview.Row, _ columns: [String]?) -> String {
        guard let columns else {
            let bytes = Array(row.json.utf8)
            var tape = JSONTape(depthLimit: 512)
            let isJSON = (try? tape.parse(bytes, in: bytes.indices)) != nil
            return isJSON ? row.json : string(row.json)
        }
        let cells = row.cells.enumerated().map { index, cell in
            let name = index < columns.count ? columns[index] : "column_\(index + 1)"
            return string(name) + ":" + string(cell)
        }
        return "{" + cells.joined(separator: ",") + "}"
    }

    private static func string(_ text: String) -> String {
        var out: [UInt8] = []
        JSONWriter.appendString(text, to: &out)
        return String(decoding: out, as: UTF8.self)
    }
}
