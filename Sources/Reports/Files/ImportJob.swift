package import Catalog
package import Engine
import Foundation

/// The import job that takes an export as its input: with it, a migration from one org to another is two
/// commands.
package enum ImportJob {
    /// Where it is: beside the export.
    package static func path(of export: String) -> String {
        var name = export
        for suffix in [".gz", ".zst", ".xz", ".bz2", ".lz4"] where name.lowercased().hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        return (name as NSString).deletingPathExtension + ".job.yaml"
    }

    /// Nil where no import takes what the listing gives.
    package static func text(_ listing: Listing, _ order: ExportOrder, export path: String) -> String? {
        guard let endpoint = listing.imports, let record = record(listing, order) else { return nil }
        let file = (path as NSString).lastPathComponent
        let name = "import-" + file.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        return """
            # Written by sluice export: imports the exported items into another org.
            #   sluice run THIS --connection NAME
            # Name the connection, so that nothing is imported into its own org by accident.
            job: \(String(name.prefix(60)))
            endpoint: \(endpoint)
            connection: name-the-other-org

            input:
              files: \(quoted(path))

            \(record)
            """
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }

    private static func record(_ listing: Listing, _ order: ExportOrder) -> String? {
        switch listing.name {
        case "stores":
            """
            record:
              fields:
                code: code
                name: name
                externalIds:
                  - { from: external_id, empty: omit }
                  - { from: external_id_1, empty: omit }
                  - { from: external_id_2, empty: omit }

            """
        case "customers":
            """
            record:
              fields:
                profiles:       profiles
                loyaltyInfo:    { from: loyaltyInfo, empty: omit }
                extendedFields: { from: extendedFields, empty: omit }

            """
        case "transactions", "transactions.byNumber", "transactions.byID": bills(listing, order)
        case "badges.ofCustomers":
            """
            # A customer's id is valid only in its own org: in another, it is another customer.
            record:
              fields:
                badgeMetaId:   badgeMetaId
                customerId:    customerId
                earnEventDateISO: earnEventDateISO
                earnExpiresOnISO: expiresOnISO

            \(repeats)
            """
        default: nil
        }
    }

    private static func bills(_ listing: Listing, _ order: ExportOrder) -> String {
        let by = listing.showsKey ? order.by ?? "id" : "id"
        let who =
            by == "id"
            ? """
                # An id is valid only in its own org: in another, it is another customer. Export by another identifier.
                identifierType:  { value: id }
                identifierValue: { from: customerId, as: text }
            """
            : """
                identifierType:  { value: \(by) }
                identifierValue: { from: _key, as: text }
            """
        return """
            record:
              fields:
            \(who)
                type:         type
                source:
                  from: source
                  map: { instore: INSTORE, wechat: WECHAT, martjack: MARTJACK, web_engage: WEB_ENGAGE, ecommerce: ECOMMERCE, jd: JD, taobao: TAOBAO, tmall: TMALL, facebook: FACEBOOK, website: WEBSITE, others: OTHERS }
                billNumber:   billDetails.billNumber
                billingDate:  billDetails.billingTime
                billAmount:   billDetails.amount
                grossAmount:  { from: billDetails.grossAmount, empty: omit }
                discount:     { from: billDetails.discount, empty: omit }
                lineItemsV2:  { from: lineItems, empty: omit }

            send:
              attribution: { type: TILL, from: attribution.createdBy.code }

            \(repeats)
            """
    }

    /// An export has each item once, by its id.
    private static let repeats = """
        # Equal items were different items there, and stay different here.
        repeats: count

        """
}
