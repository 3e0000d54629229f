import Model

/// A chart over the slices of a run, as SVG: columns or lines, an axis, and what it says in words.
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
    /// What the chart shows, for whoever does not see it.
    var words: String
    var kind: Kind
    var series: [Series]
    /// A line across: the most that is allowed.
    var limit: (name: String, value: Double)?
    /// Words below the first and the last slice.
    var ends: (first: String, last: String)
    /// Slices that begin behind a pause.
    var pauses: [Int]
    /// How a value is written at the axis.
    var label: (Double) -> String

    private static let width = 720.0
    private static let height = 208.0
    private static let left = 72.0
    private static let right = 8.0
    private static let top = 12.0
    private static let bottom = 36.0

    private var count: Int { series.first?.values.count ?? 0 }

    /// A round value that no value exceeds.
    private var highest: Double {
        var most = series.flatMap { $0.values.compactMap { $0 } }.max() ?? 0
        if let limit, limit.value < most * 4 { most = max(most, limit.value) }
        guard most > 0 else { return 1 }
        var step = 1.0
        while step < most { step *= 10 }
        while step / 10 >= most { step /= 10 }
        for part in [0.1, 0.2, 0.25, 0.5] where step * part >= most { return step * part }
        return step
    }

    private func x(_ slice: Int) -> Double {
        Self.left + (Self.width - Self.left - Self.right) * Double(slice) / Double(max(count, 1))
    }

    private func y(_ value: Double) -> Double {
        Self.top + (Self.height - Self.top - Self.bottom) * (1 - min(1, value / highest))
    }

    /// Two digits behind the point are more than a screen shows.
    private func p(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        return hundredths % 100 == 0
            ? String(hundredths / 100) : String(Double(hundredths) / 100)
    }

    var svg: String {
        var svg =
            "<svg viewBox=\"0 0 \(p(Self.width)) \(p(Self.height))\" role=\"img\" "
            + "aria-labelledby=\"\(id)-t \(id)-d\"><title id=\"\(id)-t\">\(HTML.text(title))</title>"
            + "<desc id=\"\(id)-d\">\(HTML.text(words))</desc>\n"
        let floor = Self.height - Self.bottom
        for part in [0.0, 0.5, 1.0] {
            let value = highest * part
            svg +=
                "<line class=\"grid\" x1=\"\(p(Self.left))\" x2=\"\(p(Self.width - Self.right))\" y1=\"\(p(y(value)))\" y2=\"\(p(y(value)))\"/>"
                + "<text class=\"axis\" x=\"\(p(Self.left - 6))\" y=\"\(p(y(value) + 4))\" text-anchor=\"end\">\(HTML.text(label(value)))</text>\n"
        }
        for pause in pauses {
            svg +=
                "<line class=\"pause\" x1=\"\(p(x(pause)))\" x2=\"\(p(x(pause)))\" y1=\"\(p(Self.top))\" y2=\"\(p(floor))\"/>\n"
        }
        for one in series { svg += kind == .columns ? columns(one, floor) : line(one) }
        if let limit, limit.value <= highest {
            svg +=
                "<line class=\"limit\" x1=\"\(p(Self.left))\" x2=\"\(p(Self.width - Self.right))\" y1=\"\(p(y(limit.value)))\" y2=\"\(p(y(limit.value)))\"/>\n"
        }
        svg +=
            "<text class=\"axis\" x=\"\(p(Self.left))\" y=\"\(p(Self.height - 8))\">\(HTML.text(ends.first))</text>"
            + "<text class=\"axis\" x=\"\(p(Self.width - Self.right))\" y=\"\(p(Self.height - 8))\" text-anchor=\"end\">\(HTML.text(ends.last))</text>\n</svg>\n"
        return svg
    }

    private func columns(_ series: Series, _ floor: Double) -> String {
        let width = max(0.5, (x(1) - x(0)) * 0.86)
        var path = ""
        for (index, value) in series.values.enumerated() {
            guard let value, value > 0 else { continue }
            path += "M\(p(x(index))) \(p(floor))V\(p(y(value)))h\(p(width))V\(p(floor))z"
        }
        return "<path class=\"\(series.style)\" d=\"\(path)\"/>\n"
    }

    private func line(_ series: Series) -> String {
        var path = ""
        var isOn = false
        let half = (x(1) - x(0)) / 2
        var dots = ""
        for (index, value) in series.values.enumerated() {
            guard let value else {
                isOn = false
                continue
            }
            let here = "\(p(x(index) + half)) \(p(y(value)))"
            // A point with no neighbour has no line to show it.
            let next = index + 1 < series.values.count ? series.values[index + 1] : nil
            if !isOn, next == nil {
                dots +=
                    "<circle class=\"\(series.style)\" cx=\"\(p(x(index) + half))\" cy=\"\(p(y(value)))\" r=\"3\"/>"
            }
            path += (isOn ? "L" : "M") + here
            isOn = true
        }
        return "<path class=\"line \(series.style)\" d=\"\(path)\"/>\(dots)\n"
    }
}
