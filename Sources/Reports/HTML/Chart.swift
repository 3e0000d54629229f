import Ledger
import Model

/// A chart over the slices of a run: the shape as SVG, which may be stretched, and the words around it as text,
/// which stays readable at any width.
struct Chart {
    struct Series {
        var name: String
        /// Of the style sheet.
        var style: String
        /// One a slice; nil where there is none.
        var values: [Double?]
    }
    enum Kind { case columns, lines }

    var id: String
    var title: String
    /// Beside the title: the figures that matter.
    var remark: String
    /// What the chart shows, for whoever does not see it.
    var words: String
    var kind: Kind
    var series: [Series]
    /// A line across: the most that is allowed.
    var limit: (name: String, value: Double)?
    /// What the whole width stands for.
    var length: Duration
    /// Slices that begin after a pause.
    var pauses: [Int]
    /// How a value is written at the axis.
    var label: (Double) -> String

    private static let width = 1000.0
    private static let height = 100.0

    private var count: Int { series.first?.values.count ?? 0 }

    /// A round value that no value exceeds.
    private var highest: Double {
        var most = series.flatMap { $0.values.compactMap { $0 } }.max() ?? 0
        if let limit, limit.value < most * 4 { most = max(most, limit.value) }
        guard most > 0 else { return 1 }
        var step = 1.0
        while step < most { step *= 10 }
        while step / 10 >= most { step /= 10 }
        for part in [0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8] where step * part >= most {
            return step * part
        }
        return step
    }

    private func x(_ slice: Int) -> Double { Self.width * Double(slice) / Double(max(count, 1)) }

    private func y(_ value: Double) -> Double { Self.height * (1 - min(1, value / highest)) }

    /// Two digits after the point are more than a screen shows.
    private func p(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return hundredths % 100 == 0
            ? String(hundredths / 100) : String(Double(hundredths) / 100)
    }

    var html: String {
        var keys = ""
        if series.count > 1 {
            for one in series {
                keys +=
                    "<span class=\"key\"><i class=\"\(one.style)\"></i>\(HTML.text(one.name))</span>"
            }
        }
        if let limit, limit.value <= highest {
            keys += "<span class=\"key\"><i class=\"limit\"></i>\(HTML.text(limit.name))</span>"
        }
        let levels = [1.0, 0.5, 0.0].map { "<span>\(HTML.text(label(highest * $0)))</span>" }
        let times = [0.0, 0.25, 0.5, 0.75, 1.0].map {
            "<span>\(HTML.text(Wording.duration(length * $0)))</span>"
        }
        return """
            <figure><figcaption><b>\(HTML.text(title))</b><span>\(HTML.text(remark))</span>\(keys)</figcaption>
            <div class="plot"><div class="ys" aria-hidden="true">\(levels.joined())</div>
            \(svg)<div class="xs" aria-hidden="true">\(times.joined())</div></div></figure>

            """
    }

    private var svg: String {
        var svg =
            "<svg viewBox=\"0 0 \(p(Self.width)) \(p(Self.height))\" preserveAspectRatio=\"none\" role=\"img\" "
            + "aria-labelledby=\"\(id)-t \(id)-d\"><title id=\"\(id)-t\">\(HTML.text(title))</title>"
            + "<desc id=\"\(id)-d\">\(HTML.text(words))</desc>\n<path class=\"grid\" d=\"M0 0H1000M0 50H1000M0 100H1000\"/>\n"
        for one in series {
            svg += kind == .columns ? columns(one) : line(one, isFilled: one.style == "high")
        }
        for pause in pauses { svg += "<path class=\"pause\" d=\"M\(p(x(pause))) 0V100\"/>\n" }
        if let limit, limit.value <= highest {
            svg += "<path class=\"limit\" d=\"M0 \(p(y(limit.value)))H1000\"/>\n"
        }
        return svg + "</svg>\n"
    }

    private func columns(_ series: Series) -> String {
        let width = max(0.5, (x(1) - x(0)) * 0.88)
        var path = ""
        for (index, value) in series.values.enumerated() {
            guard let value, value > 0 else { continue }
            path += "M\(p(x(index))) 100V\(p(y(value)))h\(p(width))V100z"
        }
        return "<path class=\"\(series.style)\" d=\"\(path)\"/>\n"
    }

    /// In steps: what is known is of a whole slice, and one without neighbours is seen as well.
    private func line(_ series: Series, isFilled: Bool) -> String {
        var path = ""
        var area = ""
        var isOn = false
        for (index, value) in series.values.enumerated() {
            guard let value else {
                isOn = false
                continue
            }
            path +=
                (isOn ? "V\(p(y(value)))" : "M\(p(x(index))) \(p(y(value)))") + "H\(p(x(index + 1)))"
            if isFilled { area += "M\(p(x(index))) 100V\(p(y(value)))H\(p(x(index + 1)))V100z" }
            isOn = true
        }
        let shade = isFilled ? "<path class=\"shade \(series.style)\" d=\"\(area)\"/>\n" : ""
        return shade + "<path class=\"line \(series.style)\" d=\"\(path)\"/>\n"
    }
}

/// Shares of a whole, side by side. What is few is drawn wider than it is, so that it is seen.
struct ShareBar {
    var id: String
    var title: String
    var parts: [(words: String, style: String, value: Double)]
    var isThin = false

    /// One run's outcomes, small.
    static func outcomes(_ totals: Totals, id: String) -> String {
        ShareBar(
            id: id, title: "Outcomes",
            parts: Overview.outcomes.map {
                ("\(Wording.count(totals[$0])) \($0.word)", $0.jsonWord, Double(totals[$0]))
            }, isThin: true
        ).svg
    }

    var svg: String {
        let shown = parts.filter { $0.value > 0 }
        let words = shown.map(\.words).joined(separator: ", ")
        var svg =
            "<svg class=\"bar\(isThin ? " thin" : "")\" viewBox=\"0 0 1000 10\" preserveAspectRatio=\"none\" role=\"img\" "
            + "aria-labelledby=\"\(id)-t \(id)-d\"><title id=\"\(id)-t\">\(HTML.text(title))</title>"
            + "<desc id=\"\(id)-d\">\(HTML.text(words))</desc>"
        let all = shown.reduce(0) { $0 + $1.value }
        let least = min(6, 1000 / Double(max(shown.count, 1)))
        let room = 1000 - least * Double(shown.count)
        var x = 0.0
        for part in shown {
            let width = least + room * part.value / all
            svg +=
                "<rect class=\"\(part.style)\" x=\"\(Self.tenths(x))\" y=\"0\" width=\"\(Self.tenths(width))\" height=\"10\"/>"
            x += width
        }
        if shown.isEmpty {
            svg += "<rect class=\"unsent\" x=\"0\" y=\"0\" width=\"1000\" height=\"10\"/>"
        }
        return svg + "</svg>\n"
    }

    private static func tenths(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return "\(tenths / 10).\(tenths % 10)"
    }
}
