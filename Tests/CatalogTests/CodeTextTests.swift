import Foundation
import Model
import Records
import Testing

@testable import Catalog

/// What the checks of every call hold identifiers, codes and days to.
@Suite("Codes and days of every endpoint")
struct CodeTextTests {
    /// The item with another text in one of its own fields.
    private func changed(_ sample: String, _ field: String, to text: String) throws -> String? {
        guard
            var object = try JSONSerialization.jsonObject(with: Data(sample.utf8)) as? [String: Any],
            object[field] is String
        else { return nil }
        object[field] = text
        return String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
    }

    @Test(
        "A word that means null is no code, nor are characters that do not show",
        arguments: Endpoint.all)
    func codes(_ endpoint: Endpoint) throws {
        for sample in Specimen.of(endpoint)?.items ?? [] {
            for field in endpoint.fields where field.role == .code || field.role == .place {
                for (text, reason) in [
                    ("NULL", Reason.missing), ("\\N", .missing), ("N/A", .missing),
                    (" NULL ", .missing), (" #N/A", .spreadsheet), ("919876543210.0 ", .spreadsheet),
                    ("A\u{200B}1", .invisible), ("A\u{0}1", .invisible), ("A\n1", .invisible),
                    ("\u{FEFF}A1", .invisible), ("9.19876543210E11", .spreadsheet),
                    ("#NV", .spreadsheet),
                ] {
                    guard let item = try changed(sample, field.name, to: text) else { continue }
                    let problems = try prepare(item, endpoint: endpoint).problems
                    #expect(
                        problems.contains { $0.reason == reason && $0.field == field.name },
                        "\(field.name) \(text): \(problems)")
                }
            }
        }
    }

    @Test("What tells records apart is a code", arguments: Endpoint.all)
    func identities(_ endpoint: Endpoint) throws {
        for sample in Specimen.of(endpoint)?.items ?? [] {
            let prepared = try prepare(sample, endpoint: endpoint)
            for field in endpoint.fields {
                // Of deductions all counts, the words too.
                guard field.role == .words, field.name != "reasonOfReturn", case .text = field.kind,
                    let item = try changed(sample, field.name, to: "abcd1"),
                    case let other = try prepare(item, endpoint: endpoint), other.problems.isEmpty
                else { continue }
                #expect(other.identity == prepared.identity, "\(field.name)")
                #expect(other.binding == prepared.binding, "\(field.name)")
            }
        }
    }

    @Test(
        "Days before 2000 and after 2100 are no days of a sale",
        arguments: [
            "0001-01-01T00:00:00Z", "1899-12-30T00:00:00Z", "1970-01-21T10:00:00Z",
            "1999-12-31T23:59:59Z",
            "2101-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        ])
    func days(text: String) throws {
        let item = bill(["billingDate": "\"\(text)\""])
        #expect(try prepare(item).problems.map(\.reason) == [.outOfRange])
        for endpoint in Endpoint.all {
            for sample in Specimen.of(endpoint)?.items ?? [] {
                for field in endpoint.fields where field.role == .event && field.kind == .instant {
                    guard let item = try changed(sample, field.name, to: text) else { continue }
                    let problems = try prepare(item, endpoint: endpoint).problems
                    #expect(
                        problems.contains { $0.reason == .outOfRange && $0.field == field.name },
                        "\(endpoint.name) \(field.name)")
                }
            }
        }
    }

    @Test("The first and the last day count; the job may say others")
    func edges() throws {
        for day in ["2000-01-01T00:00:00+14:00", "2100-12-31T23:59:59-11:00"] {
            #expect(try prepare(bill(["billingDate": "\"\(day)\""])).problems == [])
        }
        let from = try #require(CivilDay(iso8601: "1980-01-01"))
        let to = try #require(CivilDay(iso8601: "1989-12-31"))
        let dates = DayRange(from: from, to: to)
        #expect(dates.words == "1980-01-01 to 1989-12-31")
        #expect(DayRange.usual.words == "2000-01-01 to 2100-12-31")
        let checks = ItemChecks(codes: true, nullWords: true, damage: true, dates: dates)
        for (day, isFit) in [("1985-06-01T10:00:00Z", true), ("2026-02-03T10:15:00Z", false)] {
            let bytes = Array(bill(["billingDate": "\"\(day)\""]).utf8)
            var tape = JSONTape()
            try tape.parse(bytes, in: 0..<bytes.count)
            var prepared = PreparedItem()
            Endpoint.transactionsAdd.prepare(
                Item(
                    bytes: bytes, range: 0..<bytes.count, tape: tape, attribution: nil, checks: checks),
                &prepared)
            #expect(prepared.problems.isEmpty == isFit)
        }
    }
}
