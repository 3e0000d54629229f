import Glibc

/// Files of office programs that hold no rows as they are: each named for what it is, with the way on.
enum OfficeFile {
    private static let save = "Save the sheet as .xlsx or as “CSV UTF-8”, and use that file."
    private static let convert =
        "Open it in Excel or LibreOffice and save it as .xlsx or CSV, or run `soffice --headless --convert-to xlsx "
        + "FILE`."

    /// What the names of an archive's members say.
    static func archive(_ members: [String]) -> OddContent? {
        let names = Set(members.map { $0.lowercased().replacing("\\", with: "/") })
        if names.contains("xl/workbook.bin") {
            return OddContent(what: "a binary Excel workbook (.xlsb)", next: save)
        }
        if names.contains("[content_types].xml") {
            return OddContent(
                what: "an Office document without sheets", next: "Export its table as CSV.")
        }
        if names.contains("content.xml"), names.contains("mimetype") {
            return OddContent(what: "an OpenDocument file (.ods)", next: convert)
        }
        if names.contains("index/document.iwa") {
            return OddContent(
                what: "an Apple Numbers document",
                next: "Export it: File > Export To > CSV or Excel.")
        }
        return nil
    }

    static let signature: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]

    /// What is in the container of old Office files at `path`: encrypted workbooks are in such a one as well.
    ///
    /// Source: [MS-CFB], sections 2.2 and 2.6.1; [MS-OFFCRYPTO], section 2.3.
    static func container(_ path: String) -> OddContent {
        let names = directory(path)
        if names.contains("EncryptedPackage") {
            return OddContent(
                what: "an encrypted workbook (with a password)",
                next:
                    "Open it in Excel, remove the password (File > Info > Protect Workbook), and save it as .xlsx."
            )
        }
        if names.contains("WordDocument") {
            return OddContent(what: "an old Word document (.doc)", next: "Export its table as CSV.")
        }
        return OddContent(what: "an old Excel workbook (.xls)", next: convert)
    }

    /// The names in the first sector of its directory.
    private static func directory(_ path: String) -> [String] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        let head = bytes(file, 0, 512)
        guard head.count == 512, (9...12).contains(head[30]) else { return [] }
        let size = 1 << Int(head[30])
        let first = head[48..<52].reversed().reduce(0) { $0 << 8 | Int($1) }
        let sector = bytes(file, (first + 1) * size, size)
        return stride(from: 0, to: sector.count - 127, by: 128).map { at in
            let count = max(0, min(64, Int(sector[at + 64]) - 2))
            let units = stride(from: at, to: at + count & ~1, by: 2).map {
                UInt16(sector[$0]) | UInt16(sector[$0 + 1]) << 8
            }
            return String(decoding: units, as: UTF16.self)
        }
    }

    private static func bytes(_ file: Int32, _ offset: Int, _ count: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        let got = unsafe result.withUnsafeMutableBytes {
            unsafe pread(file, $0.baseAddress, count, off_t(offset))
        }
        return Array(result[..<max(0, got)])
    }
}
