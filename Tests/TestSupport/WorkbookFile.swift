import Foundation

/// An Excel workbook as a test needs it, made of its parts.
package struct WorkbookFile {
    package enum Cell {
        case text(String)
        case number(String, style: Int = 0)
        /// The text of that number among the shared ones.
        case shared(Int)
        case formula(String?)
        case nothing
        /// The element as it is; `@` stands for the reference.
        case raw(String)
    }

    /// What is in the archive, in its order.
    package var parts: [(name: String, text: String)] = []

    /// - Parameters:
    ///   - sheets: The name, the rows as elements, and an attribute such as `state="hidden"`.
    ///   - formats: Codes of the styles from 1 on; a number is a format that Excel knows.
    ///   - strings: The `si` elements of the shared texts; nil: there is no such part.
    ///   - properties: What the workbook says beside its sheets.
    package init(
        _ sheets: [(name: String, rows: String, attribute: String)], formats: [String] = [],
        strings: [String]? = nil, properties: String = "", tail: String = ""
    ) {
        let xml = #"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>"#
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        let relations = "http://schemas.openxmlformats.org/package/2006/relationships"
        let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
        var list = ""
        var targets = ""
        for (index, sheet) in sheets.enumerated() {
            list +=
                "<sheet name=\"\(sheet.name)\" sheetId=\"\(index + 7)\" r:id=\"r\(index)\" \(sheet.attribute)/>"
            targets +=
                "<Relationship Id=\"r\(index)\" Type=\"\(office)/worksheet\" Target=\"worksheets/s\(index).xml\"/>"
        }
        targets += "<Relationship Id=\"st\" Type=\"\(office)/styles\" Target=\"/xl/styles.xml\"/>"
        if strings != nil {
            targets +=
                "<Relationship Id=\"ss\" Type=\"\(office)/sharedStrings\" Target=\"sharedStrings.xml\"/>"
        }
        parts = [
            (
                "[Content_Types].xml",
                xml + "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>"
            ),
            (
                "_rels/.rels",
                xml
                    + "<Relationships xmlns=\"\(relations)\"><Relationship Id=\"a\" Type=\"\(office)/officeDocument\" "
                    + "Target=\"xl/workbook.xml\"/></Relationships>"
            ),
            (
                "xl/workbook.xml",
                xml
                    + "<workbook xmlns=\"\(main)\" xmlns:r=\"\(office)\">\(properties)<sheets>\(list)</sheets></workbook>"
            ),
            (
                "xl/_rels/workbook.xml.rels",
                xml + "<Relationships xmlns=\"\(relations)\">\(targets)</Relationships>"
            ),
        ]
        var codes = ""
        var styles = "<xf numFmtId=\"0\"/>"
        for (index, format) in formats.enumerated() {
            let known = format.hasPrefix("0") ? nil : Int(format)
            let id = known ?? 164 + index
            if known == nil {
                codes += "<numFmt numFmtId=\"\(id)\" formatCode=\"\(Self.escaped(format))\"/>"
            }
            styles += "<xf numFmtId=\"\(id)\" applyNumberFormat=\"1\"/>"
        }
        parts.append(
            (
                "xl/styles.xml",
                xml
                    + "<styleSheet xmlns=\"\(main)\"><numFmts>\(codes)</numFmts><cellStyleXfs><xf numFmtId=\"14\"/>"
                    + "</cellStyleXfs><cellXfs>\(styles)</cellXfs></styleSheet>"
            ))
        if let strings {
            parts.append(
                ("xl/sharedStrings.xml", xml + "<sst xmlns=\"\(main)\">\(strings.joined())</sst>"))
        }
        for (index, sheet) in sheets.enumerated() {
            parts.append(
                (
                    "xl/worksheets/s\(index).xml",
                    xml
                        + "<worksheet xmlns=\"\(main)\"><dimension ref=\"A1:XFD1048576\"/><sheetData>\(sheet.rows)"
                        + "</sheetData>\(tail)</worksheet>"
                ))
        }
    }

    /// One sheet, called Sheet1.
    package init(
        _ rows: [[Cell]], formats: [String] = [], strings: [String]? = nil, properties: String = "",
        tail: String = ""
    ) {
        self.init(
            [("Sheet1", Self.rows(rows), "")], formats: formats, strings: strings,
            properties: properties, tail: tail)
    }

    /// The elements of rows from the first on; a row without cells is left out, as Excel does.
    package static func rows(_ rows: [[Cell]]) -> String {
        var text = ""
        for (index, cells) in rows.enumerated() where !cells.isEmpty {
            text += "<row r=\"\(index + 1)\">"
            for (column, cell) in cells.enumerated() {
                text += element(cell, name(column) + String(index + 1))
            }
            text += "</row>"
        }
        return text
    }

    private static func element(_ cell: Cell, _ name: String) -> String {
        switch cell {
        case .text(let text):
            "<c r=\"\(name)\" t=\"inlineStr\"><is><t xml:space=\"preserve\">\(escaped(text))</t></is></c>"
        case .number(let value, let style): "<c r=\"\(name)\" s=\"\(style)\"><v>\(value)</v></c>"
        case .shared(let index): "<c r=\"\(name)\" t=\"s\"><v>\(index)</v></c>"
        case .formula(let value):
            "<c r=\"\(name)\"><f>SUM(A1:A2)</f>\(value.map { "<v>\($0)</v>" } ?? "<v/>")</c>"
        case .nothing: ""
        case .raw(let element): element.replacingOccurrences(of: "@", with: name)
        }
    }

    private static func name(_ column: Int) -> String {
        column < 26
            ? String(UnicodeScalar(UInt8(65 + column))) : name(column / 26 - 1) + name(column % 26)
    }

    package static func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
            .replacingOccurrences(of: "\"", with: "&quot;").replacingOccurrences(
                of: "\r", with: "_x000D_")
    }

    /// Changes one text of a part.
    package mutating func change(_ part: String, _ old: String, to new: String) {
        for index in parts.indices where parts[index].name == part {
            precondition(parts[index].text.contains(old), "\(part) has no \(old)")
            parts[index].text = parts[index].text.replacingOccurrences(of: old, with: new)
        }
    }

    /// The zip file, its members stored as they are.
    package var bytes: [UInt8] { Self.zip(parts.map { ($0.name, Array($0.text.utf8)) }) }

    package static func zip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
        var file: [UInt8] = []
        var directory: [UInt8] = []
        for member in members {
            let name = Array(member.name.utf8)
            let size = member.bytes.count
            let about =
                little(20, 2) + little(0, 2) + little(0, 2) + little(0, 2) + little(0x21, 2)
                + little(Int(checksum(member.bytes)), 4) + little(size, 4) + little(size, 4)
                + little(name.count, 2) + little(0, 2)
            directory +=
                [0x50, 0x4B, 1, 2] + little(20, 2) + about + little(0, 10) + little(file.count, 4)
                + name
            file += [0x50, 0x4B, 3, 4] + about + name + member.bytes
        }
        let end =
            [0x50, 0x4B, 5, 6] + little(0, 4) + little(members.count, 2) + little(members.count, 2)
            + little(directory.count, 4) + little(file.count, 4) + little(0, 2)
        return file + directory + end
    }

    private static func little(_ number: Int, _ count: Int) -> [UInt8] {
        (0..<count).map { $0 < 8 ? UInt8(number >> (8 * $0) & 0xFF) : 0 }
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        let table = (0..<256 as Range<UInt32>).map { start in
            (0..<8).reduce(start) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
        }
        return ~bytes.reduce(0xFFFF_FFFF) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xFF)] }
    }
}
