package import Catalog
import Foundation
package import Ledger

/// From the whole `.part` file to the file under its own name.
package enum ExportFinish {
    /// - Returns: The columns of a CSV.
    /// - Throws: An error of files; it may be done again then.
    package static func finish(
        _ row: ExportRow, _ order: ExportOrder, listing: Listing, former: [String]
    ) throws -> [String]? {
        try ExportFile.rename(row.path + ".part", to: row.path)
        return nil
    }
}
