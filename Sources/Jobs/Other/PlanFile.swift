import Records

/// Jobs in an order: a migration.
///
/// It names other job files, each by its path from where the plan's own file is.
package struct PlanFile: Sendable {
    /// How well a step must have ended for those after it to begin.
    package enum Need: String, Sendable, CaseIterable {
        /// Every record accepted or skipped.
        case landed
        /// Every record has its outcome: none in doubt, none unsent.
        case settled
        /// However it ended.
        case ended
    }

    /// One job of the plan.
    package struct Step: Sendable {
        /// The job file.
        package var path: String
        /// The names of the jobs that have to have ended well enough.
        package var after: [String]
        /// How well the jobs before it must have ended.
        package var need: Need

        package init(path: String, after: [String], need: Need = .settled) {
            self.path = path
            self.after = after
            self.need = need
        }
    }

    /// The plan's.
    package var name: String
    /// In the order of the file.
    package var steps: [Step]

    static let key = "plan"

    static func parse(_ root: YAMLNode, file: String) throws(JobError) -> PlanFile {
        let keys = try root.members([key, "jobs"])
        let name = try Job.name(try keys.required(key))
        let jobs = try keys.required("jobs")
        guard let elements = jobs.elements, !elements.isEmpty else {
            throw jobs.error("expected a list of jobs, such as `- job: stores.yaml`.")
        }
        // What came through a pipe is nowhere: its jobs are where the command is called.
        let slash = Spool.isOnceOnly(file) ? nil : file.lastIndex(of: "/")
        let folder = slash.map { String(file[...$0]) } ?? ""
        var steps: [Step] = []
        for element in elements {
            let members = try element.members(["job", "after", "needs"])
            let path = try members.required("job").string()
            var step = Step(path: path.hasPrefix("/") ? path : folder + path, after: [])
            if let after = members["after"] {
                step.after = after.elements?.isEmpty == true ? [] : try after.strings()
            }
            if let needs = members["needs"] {
                step.need = try needs.choice(Need.allCases.map { ($0.rawValue, $0) })
                guard !step.after.isEmpty else {
                    throw needs.error(
                        "`needs` needs `after`: it says how the jobs named there must have ended.")
                }
            }
            steps.append(step)
        }
        return PlanFile(name: name, steps: steps)
    }
}
