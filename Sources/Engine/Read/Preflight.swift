import Mapping
import Model
package import Records

/// A first check of every file of an input, before anything is kept or sent: one that is no input is named, and
/// refuses no other in silence.
package enum Preflight {
    /// The files with something in them.
    ///
    /// - Parameter passOver: Told the name of each empty file that is passed over, where the job wants that said.
    /// - Throws: ``ReadError`` for a file that cannot be opened or is not what it should be; ``InputError`` for one
    ///   that is empty where the job does not allow it.
    package static func filled(
        _ files: [InputFile], options: InputOptions, passOver: (String) -> Void
    ) throws -> [InputFile] {
        try files.filter { file in
            try look(at: file, index: 0, options: options, passOver: passOver) { _ in }
        }
    }

    /// The same for the files of a plan, whose columns have to be those that the mapping names.
    ///
    /// - Throws: ``MappingError`` as well, with the file's name.
    package static func filled(_ plan: Plan, passOver: (String) -> Void) throws -> [InputFile] {
        var files: [InputFile] = []
        for (index, file) in plan.inputs.enumerated() {
            let isFilled = try look(
                at: file, index: index, options: plan.inputOptions, passOver: passOver
            ) { reader in
                do throws(MappingError) {
                    _ = try Mapper(
                        spec: plan.mapping, columns: reader.columns,
                        attribution: plan.send.attribution)
                } catch {
                    var error = error
                    if error.code == .unknownColumn {
                        error.message = "\(InputName.bare(file.name)): \(error.message)"
                    }
                    throw error
                }
            }
            if isFilled { files.append(file) }
        }
        return files
    }

    private static func look(
        at file: InputFile, index: Int, options: InputOptions, passOver: (String) -> Void,
        _ body: (RowReader) throws -> Void
    ) throws -> Bool {
        let reader = try RowReader.open(file, index: index, options: options)
        guard reader.isEmpty else {
            try body(reader)
            return true
        }
        switch options.emptyFiles {
        case .skip: break
        case .warn: passOver(file.name)
        case .fail: throw InputError(.format, name: file.name, .empty)
        }
        return false
    }
}
