import Model
import Testing

@Suite("Names of inputs and places") struct InputNameTests {
    @Test("A line of a file, a cell of a sheet")
    func places() {
        let sheet = InputName.worksheet("bills.xlsx", "May 2026")
        #expect(InputName.place("bills.csv", line: 15) == "bills.csv:15")
        #expect(InputName.place(sheet, line: 15) == "bills.xlsx:May 2026!A15")
        #expect(InputName.place(sheet, line: 15, column: 27) == "bills.xlsx:May 2026!AB15")
        #expect(InputName.sentence("bills.csv", line: 1048, as: "1,048") == "bills.csv, line 1,048")
        #expect(InputName.sentence(sheet, line: 1048, as: "1,048") == "bills.xlsx:May 2026!A1048")
        #expect(InputName.bare(sheet) == "bills.xlsx:May 2026" && InputName.bare("a.csv") == "a.csv")
    }

    @Test(
        "Columns as a spreadsheet calls them",
        arguments: [
            (0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA"),
            (16_383, "XFD"),
        ])
    func letters(column: Int, name: String) {
        #expect(InputName.letters(column) == name)
    }
}
