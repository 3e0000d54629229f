package import Model

// What people read of a reason. Codes, classes and their order are in the Model; the words are here alone.

extension Reason {
    /// What to do now: one sentence. A code that this version does not know is the server's to explain.
    package var nextStep: String { Self.nextSteps[code] ?? "Look at the server's message." }

    /// Whether this version has words of its own for it.
    package var hasNextStep: Bool { Self.nextSteps[code] != nil }

    private static let nextSteps: [String: String] = [
        // Found while reading and mapping.
        "unreadable": "Fix the row at the position shown and send it again.",
        "field-count": "Give the row the same number of fields as the header.",
        "encoding": "Save the file as UTF-8, or name its encoding in the job.",
        "missing": "Fill in the field.",
        "type": "Give the field a value of the expected type.",
        "format": "Write the value in the expected format, or change the format in the job.",
        "spreadsheet-damage": "Copy the value from its source again: a spreadsheet has rounded it.",
        "invisible-character":
            """
        Remove the character, or set `trim: true` for the field, which removes invisible \
        ones.
        """,
        "not-listed": "Use one of the values listed, or map this one in the job.",
        "too-long": "Shorten the value.",
        "out-of-range": "Correct the value to be within the expected range.",
        "unknown-field": "Remove the field or correct its name.",
        "no-offset": "Add an offset to the date, or a `zone` to its field in the job.",
        "rule": "Make the fields agree with the rule shown.",
        "too-large": "Make the record smaller, or raise the limit shown.",
        "orphan-row":
            """
        Fill in the columns shown, or remove the row if it is not part of a record, such \
        as a total.
        """,
        "repeated-key":
            "Give each record its own key, or set `repeats: never` or `repeats: count` in the job.",
        "conflicting-key":
            "An earlier record has the same key with other content: correct one of the two.",
        "unmatched": "Add the file with the rest of the record, and run the job again.",
        "repeated-mark":
            "Keep the `_sluice` cell in the record it belongs to, and empty it in the other.",
        "group-reopened":
            """
        Remove `sorted: true` from the job, or sort the file so that the rows of each \
        record are next to each other.
        """,
        // Found before sending.
        "repeated": "Nothing: it repeats an earlier record of this input.",
        "accepted-before": "Nothing: an earlier run imported it.",
        "on-server": "Nothing: the server has it, with equal content.",
        "reserved":
            """
        Another run has this key reserved: finish that run with `sluice resume` or \
        `sluice reconcile`.
        """,
        "maybe-on-server":
            """
        Compare it with the server's entry shown; if that is another record, `sluice \
        retry RUN --key KEY` sends this one.
        """,
        "cannot-look-up":
            """
        Check in the org whether it arrived; if not, `sluice retry RUN --key KEY` sends \
        it, and `--reason cannot-look-up` all of them.
        """,
        "waiting": "It waits for a record it depends on: `sluice resume`.",
        "input-gone":
            """
        Run the job with the old file again: the input was replaced before the record \
        was sent.
        """,
        "stopped": "The run stopped before sending it: `sluice resume`.",
        // What the server says.
        "duplicate": "Compare it with the server's copy: `sluice explain KEY`.",
        "exists-unverified":
            """
        The server has a record with that key; set `verify_existing: all` to compare \
        each one.
        """,
        "conflict":
            "The server has a record with that key and other content: decide which one is right.",
        "repeated-request":
            """
        An earlier request had this request id: check in the org what it did, then \
        decide with `sluice reconcile`, or give the record an id of its own and `sluice \
        retry`.
        """,
        "customer-unknown": "Import the customer, then `sluice retry`.",
        "customer-blocked": "Have the customer unblocked, then `sluice retry`.",
        "original-unknown": "Import the original bill, then `sluice retry`.",
        "target-unknown":
            """
        The server does not know this id or number: import it and `sluice retry`, or \
        correct it.
        """,
        "not-returnable":
            "Correct the return: only what was bought and not yet returned can be returned.",
        "refused-value": "Correct the field named in the server's message.",
        "refused-setup":
            "Set up in the org what the server's message asks for, then `sluice retry`.",
        "refused": "Read the server's message and correct the record.",
        "parked": "Fix the master data named in its error, then `sluice rejected retrigger`.",
        "batch-too-large": "Nothing: sluice sends the batch in halves.",
        "record-too-large":
            """
        Make the record smaller, with fewer lines or shorter texts: the server refuses \
        it even on its own.
        """,
        "busy": "Nothing: sluice sends it again.",
        "throttled": "Nothing: sluice sends more slowly.",
        "gave-up": "Send it again: `sluice retry`.",
        "no-answer": "`sluice resume` looks up whether it arrived.",
        "unbound-answer": "`sluice resume` looks up whether it arrived.",
        "contradiction":
            "The answer has both an id and an error: `sluice resume` looks up which one is right.",
        "unauthorized": "Check the connection's credentials, then `sluice resume`.",
        "forbidden": "Have the API client granted access, then `sluice resume`.",
        "endpoint-not-found": "Check the connection's base URL.",
        "server-trouble": "Wait, then `sluice resume`.",
        "maintenance-page":
            "The server showed a maintenance page: `sluice resume` when it is back.",
        "unlisted-status": "`sluice resume` looks up whether it arrived.",
    ]
}

extension Reason.Turn {
    /// Who must act.
    package var owner: String {
        switch self {
        case .fixData, .needsPerson: "you"
        case .tryLater: "retry later"
        case .alreadyDone: "nobody"
        case .parked: "the server"
        }
    }
}

extension Refusal {
    /// What to do next, with the record concerned where it is another than the one refused.
    ///
    /// - Parameter key: What people know the refused record by.
    package func nextStep(of key: String) -> String {
        guard reason == .groupReopened, !key.isEmpty else { return reason.nextStep }
        return "\(key) may lack this row: compare it with the server. \(reason.nextStep)"
    }
}
