import Foundation

/// Phone numbers and e-mail addresses among the values of a column.
package struct PhoneGuess: Sendable, Equatable {
    /// Two letters; nil where the values do not tell.
    package var country: String?
    /// All of them name their country.
    package var isInternational = false
    /// The share of values that are phone numbers, 0 to 1.
    package var share = 0.0
    /// What tells the country.
    package var why = ""

    /// - Parameter language: Of the names of the columns: `de`.
    package static func of(_ values: [String], language: String?) -> PhoneGuess? {
        guard !values.isEmpty else { return nil }
        var guess = PhoneGuess()
        var countries: [String: Int] = [:]
        var national: [String] = []
        var good = 0
        var international = 0
        for value in values {
            let text = value.trimmingCharacters(in: .whitespaces)
            let digits = text.filter(\.isASCIIDigit)
            guard (7...15).contains(digits.count),
                text.allSatisfy({ $0.isASCIIDigit || "+()/-. \u{A0}".contains($0) })
            else { continue }
            good += 1
            guard text.hasPrefix("+") || digits.hasPrefix("00") else {
                national.append(text)
                continue
            }
            international += 1
            let rest = text.hasPrefix("+") ? digits : String(digits.dropFirst(2))
            let code = (1...3).reversed().lazy.map { String(rest.prefix($0)) }.first {
                Country.byCode[$0] != nil
            }
            countries[code ?? "", default: 0] += 1
        }
        guess.share = Double(good) / Double(values.count)
        guard guess.share >= 0.7 else { return nil }
        guess.isInternational = international == good
        let most = countries.max { $0.value < $1.value }
        if let most, !most.key.isEmpty, most.value * 10 >= international * 9 {
            guess.country = Country.byCode[most.key]
            guess.why = "numbers that begin with +\(most.key)"
        }
        guard !guess.isInternational else { return guess }
        // A few numbers from abroad say nothing of those without a code.
        let known = international * 5 >= good ? guess.country : nil
        let seen = pattern(national, language)
        if known == nil, international == 0 || seen?.0 == guess.country, let seen {
            guess.country = seen.0
            guess.why = seen.1
        } else {
            guess.country = known
        }
        return guess
    }

    /// How mobile numbers are written within one country, where its language is known.
    private static func pattern(_ values: [String], _ language: String?) -> (String, String)? {
        let digits = values.map { $0.filter(\.isASCIIDigit) }
        func most(_ fits: (String) -> Bool) -> Bool {
            digits.count(where: fits) * 10 >= digits.count * 9
        }
        func starts(_ text: String, _ words: [String]) -> Bool { words.contains { text.hasPrefix($0) } }
        switch language {
        case "de":
            if most({ starts($0, ["015", "016", "017"]) && (11...12).contains($0.count) }) {
                return ("DE", "German mobile numbers")
            }
            if most({ starts($0, ["065", "066", "067", "068", "069"]) }) {
                return ("AT", "Austrian mobile numbers")
            }
            if most({ starts($0, ["075", "076", "077", "078", "079"]) && $0.count == 10 }) {
                return ("CH", "Swiss mobile numbers")
            }
        case "fr":
            if most({ starts($0, ["06", "07"]) && $0.count == 10 }) {
                return ("FR", "French mobile numbers")
            }
        case "es":
            if most({ starts($0, ["6", "7"]) && $0.count == 9 }) {
                return ("ES", "Spanish mobile numbers")
            }
        case "it":
            if most({ $0.hasPrefix("3") && $0.count == 10 }) { return ("IT", "Italian mobile numbers") }
        case "en", nil:
            let written = values.count { $0.hasPrefix("(") && $0.contains(") ") && $0.contains("-") }
            if written * 10 >= values.count * 9, most({ $0.count == 10 }) {
                return ("US", "numbers such as (212) 555-0100")
            }
            if most({ $0.hasPrefix("07") && $0.count == 11 }) {
                return ("GB", "British mobile numbers")
            }
        default: break
        }
        return nil
    }

    static func isEmail(_ text: String) -> Bool {
        let parts = text.trimmingCharacters(in: .whitespaces).split(
            separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !text.contains(" ")
    }
}

/// What a country tells about its files.
package enum Country {
    static let byCode: [String: String] = [
        "1": "US", "7": "RU", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES",
        "36": "HU", "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE",
        "47": "NO", "48": "PL", "49": "DE", "52": "MX", "54": "AR", "55": "BR", "56": "CL", "57": "CO",
        "60": "MY", "61": "AU", "62": "ID", "63": "PH", "64": "NZ", "65": "SG", "66": "TH", "81": "JP",
        "82": "KR", "84": "VN", "86": "CN", "90": "TR", "91": "IN", "92": "PK", "94": "LK", "351": "PT",
        "352": "LU", "353": "IE", "358": "FI", "420": "CZ", "421": "SK", "852": "HK", "880": "BD",
        "966": "SA", "968": "OM", "971": "AE", "973": "BH", "974": "QA", "965": "KW", "254": "KE",
        "234": "NG", "20": "EG",
    ]

    /// Zones of a country, the most used first; one where all of it has the same time.
    package static func zones(_ country: String) -> [String] { zones[country] ?? [] }

    private static let zones: [String: [String]] = [
        "DE": ["Europe/Berlin"], "AT": ["Europe/Vienna"], "CH": ["Europe/Zurich"],
        "FR": ["Europe/Paris"], "IT": ["Europe/Rome"], "NL": ["Europe/Amsterdam"],
        "BE": ["Europe/Brussels"], "LU": ["Europe/Luxembourg"], "PL": ["Europe/Warsaw"],
        "CZ": ["Europe/Prague"], "SK": ["Europe/Bratislava"], "HU": ["Europe/Budapest"],
        "RO": ["Europe/Bucharest"], "GR": ["Europe/Athens"], "DK": ["Europe/Copenhagen"],
        "SE": ["Europe/Stockholm"], "NO": ["Europe/Oslo"], "FI": ["Europe/Helsinki"],
        "GB": ["Europe/London"], "IE": ["Europe/Dublin"], "TR": ["Europe/Istanbul"],
        "IN": ["Asia/Kolkata"], "LK": ["Asia/Colombo"], "PK": ["Asia/Karachi"], "BD": ["Asia/Dhaka"],
        "AE": ["Asia/Dubai"], "SA": ["Asia/Riyadh"], "QA": ["Asia/Qatar"], "KW": ["Asia/Kuwait"],
        "BH": ["Asia/Bahrain"], "OM": ["Asia/Muscat"], "SG": ["Asia/Singapore"],
        "MY": ["Asia/Kuala_Lumpur"], "TH": ["Asia/Bangkok"], "VN": ["Asia/Ho_Chi_Minh"],
        "PH": ["Asia/Manila"], "HK": ["Asia/Hong_Kong"], "CN": ["Asia/Shanghai"],
        "JP": ["Asia/Tokyo"], "KR": ["Asia/Seoul"], "ZA": ["Africa/Johannesburg"],
        "KE": ["Africa/Nairobi"], "NG": ["Africa/Lagos"], "EG": ["Africa/Cairo"],
        "CO": ["America/Bogota"], "AR": ["America/Argentina/Buenos_Aires"],
        "ES": ["Europe/Madrid", "Atlantic/Canary"], "PT": ["Europe/Lisbon", "Atlantic/Azores"],
        "US": ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"],
        "MX": ["America/Mexico_City", "America/Tijuana"], "CL": ["America/Santiago", "Pacific/Easter"],
        "BR": ["America/Sao_Paulo", "America/Manaus"],
        "AU": ["Australia/Sydney", "Australia/Brisbane", "Australia/Perth"],
        "NZ": ["Pacific/Auckland", "Pacific/Chatham"],
        "ID": ["Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"],
        "RU": ["Europe/Moscow", "Asia/Yekaterinburg"],
    ]

    /// Zones where files in a language may be from.
    static func zones(language: String?) -> [String] {
        switch language {
        case "de": ["Europe/Berlin", "Europe/Vienna", "Europe/Zurich"]
        case "fr": ["Europe/Paris", "Europe/Brussels", "America/Montreal", "Africa/Casablanca"]
        case "es":
            [
                "Europe/Madrid", "America/Mexico_City", "America/Bogota",
                "America/Argentina/Buenos_Aires",
            ]
        case "it": ["Europe/Rome"]
        case "pt": ["Europe/Lisbon", "America/Sao_Paulo"]
        case "nl": ["Europe/Amsterdam", "Europe/Brussels"]
        default: ["Europe/London", "America/New_York", "Asia/Kolkata"]
        }
    }
}
