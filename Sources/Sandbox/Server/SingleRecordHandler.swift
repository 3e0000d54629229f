import Records

/// The way every call goes that takes one record and answers in the form E2.
struct SingleRecordHandler {
    struct Done {
        var id: Int64
        var warnings: [Complaint] = []
    }

    /// The member of the reply that has the id.
    var name = "entity"
    /// What the body means, and its doing.
    let judge: (Document) throws(Complaint) -> Done

    init(name: String = "entity", judge: @escaping (Document) throws(Complaint) -> Done) {
        self.name = name
        self.judge = judge
    }

    func answer(_ service: Service, _ call: Call, _ troubles: [Trouble]) -> Answer {
        guard let body = Document(call.body), body.kind(body.root) == .object else {
            return .error(400, code: 400, "the body is no object")
        }
        if service.hasItemFaults, service.rollItem(.busyItem) != nil {
            service.tally.items += 1
            return refusal(
                Complaint(521, "another request is at work on the same customer"), service)
        }
        return answer(service, body)
    }

    /// The same for one that nothing else is in the way of.
    func answer(_ service: Service, _ body: Document) -> Answer {
        service.tally.items += 1
        let done: Done
        do throws(Complaint) {
            done = try judge(body)
        } catch {
            return refusal(error, service)
        }
        var out: [UInt8] = []
        out.add(text: #"{"\#(name)":\#(done.id),"warnings":["#)
        for (index, warning) in done.warnings.enumerated() {
            if index > 0 { out.add(",") }
            out.addError(warning.code, warning.message)
        }
        out.add("]")
        if service.hasItemFaults, service.rollItem(.idWithErrors) != nil {
            out.add(#","errors":["#)
            out.addError(500, "unexpected server error")
            out.add("]")
        }
        out.add("}")
        return Answer(out)
    }

    /// Sources disagree whether the status says it as well.
    private func refusal(_ complaint: Complaint, _ service: Service) -> Answer {
        var answer = Answer()
        if service.options.singleStatus {
            switch complaint.code {
            case 3000, 3004: answer.status = 404
            case 3009, 3045, 1220, 8006: answer.status = 409
            case 521: answer.status = 521
            default: answer.status = 400
            }
        }
        answer.body.add(#"{"warnings":[],"errors":["#)
        answer.body.addError(complaint.code, complaint.message)
        answer.body.add("]}")
        return answer
    }
}
