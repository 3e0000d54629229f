import Reports
import Testing

@Suite("Documents as text for a terminal") struct MarkdownTextTests {
    private let document = """
        # Title

        [One](#one) · [Two](#two)

        ## One

        Some **bold** words with `code` and
        a [link](other.md#place).

        - first
        - second that goes over
          two lines

        ```sh
        # One
        sluice run
        ```

        ### Below

        | key | meaning | default |
        |---|---|---|
        | `a` | one or `b|c` | none |
        | `longer than the column` | two | 2 |

        ## Two

        The end.
        """

    @Test("A section ends where the next of its level begins; headings within code are none")
    func sections() {
        #expect(MarkdownText.section("Two", of: document) == "## Two\n\nThe end.")
        #expect(MarkdownText.section("One", of: document)?.hasSuffix("| two | 2 |\n") == true)
        #expect(MarkdownText.section("Three", of: document) == nil)
        let without = MarkdownText.without("One", document)
        #expect(without == "# Title\n\n[One](#one) · [Two](#two)\n\n## Two\n\nThe end.")
        #expect(MarkdownText.without("Three", document) == document)
    }

    @Test("Blocks lose their marks; code in a sentence keeps them; the contents of a page are left out")
    func plain() {
        #expect(
            MarkdownText.plain(document, width: 40) == """
                TITLE

                ONE

                Some bold words with `code` and a link.

                - first
                - second that goes over two lines

                  # One
                  sluice run

                Below

                  a                       one or `b|c`
                                          default: none
                  longer than the column  two
                                          default: 2

                TWO

                The end.
                """)
    }

    @Test(
        "A mark that is never closed is text; a link is its words",
        arguments: [
            ("a * b", ["plain a * b"]), ("`x", ["plain `x"]), ("[no link]", ["plain [no link]"]),
            ("*a* **b**", ["emphasis a", "plain  ", "strong b"]),
            ("see [`x` here](y.md).", ["plain see ", "code x", "plain  here."]),
        ])
    func runs(line: String, runs: [String]) {
        #expect(MarkdownText.runs(of: line).map { "\($0.style) \($0.text)" } == runs)
    }
}
