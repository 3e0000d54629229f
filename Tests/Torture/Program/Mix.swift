/// Named troubles. Lateness and lags stay below `doubt.wait` together, unless a mix says otherwise.
enum Mix {
    static let names = [
        "all", "lost", "answers", "server", "looks", "late", "blind", "bare", "forms", "none",
    ]

    /// The faults of a mix, or of a list of faults as `sluice sandbox --list-faults` explains them.
    static func faults(_ name: String) -> [String]? {
        switch name {
        case "all": calm + lost + answers + server + looks + bare
        case "lost": calm + lost
        case "answers": calm + answers
        // A server that finds a batch too large makes all later ones smaller: by itself only.
        case "server": calm + server + ["batch-too-large:at=50"]
        case "looks": calm + lost + looks
        case "late":
            calm + ["late:3%:50ms-250ms", "late:1%:50ms-250ms:rst:reused", "lag:30%:50ms-150ms"]
        case "bare": calm + bare + ["bare-400:2%", "cut-after:0.2%", "cut-before:0.2%"]
        case "blind": calm + lost + ["looks-till", "looks-no-returns:on=look"]
        case "forms":
            calm + lost + ["lag:20%:50ms-150ms", "stale-look:1%", "stale-look:1%:on=customer"]
        case "none": calm
        default:
            name.contains(":") || name.contains("-") ? name.split(separator: " ").map(String.init) : nil
        }
    }

    /// How the sandbox is started: one that shows what it was sent in another form, for good.
    static func sandbox(_ name: String) -> [String] {
        name == "forms" ? ["--rewrite", "upper,round,seconds"] : []
    }

    private static let calm = ["latency:1ms-5ms:on=add"]

    private static let lost = [
        "cut-request:0.2%", "cut-request:0.1%:rst", "cut-before:0.3%", "cut-before:0.1%:rst:reused",
        "cut-after:0.4%", "cut-after:0.2%:rst", "cut-answer:0.2%", "cut-answer:0.1%:rst",
        "late:0.3%:50ms-250ms", "late:0.1%:50ms-250ms:rst", "hang-before:0.03%", "hang-after:0.03%",
    ]

    private static let answers = [
        "short:0.2%", "short:0.05%:size=5", "extra:0.2%", "shuffled:0.3%", "unlabelled:0.2%",
        "unlabelled:0.05%:size=1000", "wrong-key:0.2%", "cut-json:0.2%", "failed-id:1%",
        "no-result:0.5%", "id-with-errors:0.02%", "empty-reply:0.2%", "trickle:0.02%:on=add:0ms",
        "huge:0.02%:size=3000000", "endless:0.02%",
    ]

    private static let server = [
        "error-before:0.2%", "error-after:0.3%", "unavailable:0.1%", "unauthorized:0.1%",
        "expire:0.1%", "forbidden:0.03%", "forbidden-field:0.02%", "not-found:0.03%",
        "maintenance:0.05%", "bad-request:0.03%", "bare-400:0.03%:body=empty",
        "busy:0.1%", "busy-item:0.03%", "throttle:0.01%:retry=1",
        "throttle:0.005%:retry=date", "throttle:0.005%:retry=none", "park-behind:0.01%",
        "error-before:0.5%:on=look", "error-before:1%:on=organization", "error-before:1%:on=token",
    ]

    /// A request with a bad record is refused as a whole, without a word.
    private static let bare = ["bare-400:30%:bad:on=add", "bare-400:0.03%:body=json"]

    private static let looks = [
        "lag:20%:50ms-150ms", "small-pages:20%:size=1", "ghosts:20%:size=4", "cut-json:0.5%:on=look",
        "maintenance:0.5%:on=look", "cut-before:0.5%:on=look", "error-after:1%:on=customer",
        "error-before:1%:on=queue", "stale-look:0.5%", "stale-look:0.5%:on=customer",
        "rewrite:1%:form=lower", "rewrite:1%:form=round", "rewrite:1%:form=seconds",
    ]

    /// Stretches in which one thing goes wrong for everybody.
    static let storms = [
        "error-before:status=503:for=2s", "error-after:status=504:for=2s", "maintenance:for=1s",
        "unauthorized:for=1s", "cut-before:for=2s", "hang-after:30%:for=1s", "error-after:50%:for=3s",
        "forbidden:for=1s", "cut-after:50%:for=3s", "unlabelled:size=1000:for=2s",
    ]
}
