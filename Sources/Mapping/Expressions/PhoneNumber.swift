import Model

/// Phone numbers as people write them, as the digits of E.164.
enum PhoneNumber {
    struct Country: Sendable, Equatable {
        /// `49`
        let code: String
        /// What is before a national number and is no part of it, as `0`; empty where nothing is.
        let trunk: String

        /// By its two letters, or by its calling code.
        init?(_ name: String) {
            let name = name.uppercased()
            if let code = PhoneNumber.codes[name] {
                self.code = code
            } else {
                let digits = name.hasPrefix("+") ? String(name.dropFirst()) : name
                guard Set(PhoneNumber.codes.values).contains(digits) else { return nil }
                code = digits
            }
            // Source: ITU-T, "List of national and international prefixes". The most have 0.
            switch code {
            case "1": trunk = "1"
            case "7": trunk = "8"
            case "36": trunk = "06"
            case "39", "34", "45", "47", "420", "421", "48", "351", "30", "352", "356", "357", "371",
                "372", "354",
                "65", "852", "853", "968", "974", "973", "965", "507", "506", "502", "503", "504",
                "505", "509":
                // Slovakia dials a 0, the others nothing; Italy's 0 is a part of the number.
                trunk = code == "421" ? "0" : ""
            default: trunk = "0"
            }
        }
    }

    /// The digits, the calling code first; nil where it cannot be a phone number.
    ///
    /// What parts digits (white space, dots, dashes, slashes, brackets) is dropped, and so is a 0 in brackets after
    /// the calling code: `+49 (0)151` is `49151`.
    static func digits(_ text: String, in country: Country) -> String? {
        var digits = ""
        var isInternational = false
        var scalars = Array(text.unicodeScalars)
        while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
        var at = 0
        while at < scalars.count {
            let scalar = scalars[at]
            switch scalar {
            case "0"..."9": digits.unicodeScalars.append(scalar)
            case "+":
                guard digits.isEmpty, !isInternational else { return nil }
                isInternational = true
            case "("
            where at + 2 < scalars.count && scalars[at + 1] == "0" && scalars[at + 2] == ")"
                && (isInternational || digits.hasPrefix("00")):
                at += 2
            case "(", ")", ".", "-", "/", "\u{2010}", "\u{2011}", "\u{2012}", "\u{2013}", "\u{2212}":
                break
            case _ where scalar.properties.isWhitespace: break
            default: return nil
            }
            at += 1
        }
        if !isInternational, digits.hasPrefix("00") {
            isInternational = true
            digits.removeFirst(2)
        }
        if !isInternational {
            guard let national = national(digits, country) else { return nil }
            digits = country.code + national
        }
        guard (8...15).contains(digits.count), digits.first != "0" else { return nil }
        return digits
    }

    /// The number without what is before it within its country, or with its calling code already.
    private static func national(_ digits: String, _ country: Country) -> String? {
        let isTrunk = !country.trunk.isEmpty && digits.hasPrefix(country.trunk)
        let hasCode = digits.hasPrefix(country.code)
        let bare = isTrunk ? String(digits.dropFirst(country.trunk.count)) : digits
        guard let length = lengths[country.code] else {
            // Where numbers begin with a 0, one that does not has lost it, or has the calling code.
            if isTrunk { return bare }
            let rest = digits.count - country.code.count
            return hasCode && rest >= 9 ? String(digits.dropFirst(country.code.count)) : digits
        }
        if bare.count == length { return bare }
        if digits.count == length { return digits }
        guard hasCode, digits.count == length + country.code.count else { return nil }
        return String(digits.dropFirst(country.code.count))
    }

    /// Of countries where all numbers have as many digits.
    private static let lengths = [
        "1": 10, "27": 9, "30": 10, "33": 9, "34": 9, "41": 9, "45": 8, "47": 8, "48": 9, "65": 8,
        "90": 10,
        "91": 10, "351": 9, "420": 9,
    ]

    /// Source: ITU-T E.164, assigned country codes.
    private static let codes: [String: String] = {
        let text =
            "AD376 AE971 AF93 AG1 AI1 AL355 AM374 AO244 AR54 AS1 AT43 AU61 AW297 AX358 AZ994 BA387 BB1 BD880 BE32 "
            + "BF226 BG359 BH973 BI257 BJ229 BL590 BM1 BN673 BO591 BQ599 BR55 BS1 BT975 BW267 BY375 BZ501 CA1 CC61 "
            + "CD243 CF236 CG242 CH41 CI225 CK682 CL56 CM237 CN86 CO57 CR506 CU53 CV238 CW599 CX61 CY357 CZ420 DE49 "
            + "DJ253 DK45 DM1 DO1 DZ213 EC593 EE372 EG20 EH212 ER291 ES34 ET251 FI358 FJ679 FK500 FM691 FO298 FR33 "
            + "GA241 GB44 GD1 GE995 GF594 GG44 GH233 GI350 GL299 GM220 GN224 GP590 GQ240 GR30 GT502 GU1 GW245 GY592 "
            + "HK852 HN504 HR385 HT509 HU36 ID62 IE353 IL972 IM44 IN91 IO246 IQ964 IR98 IS354 IT39 JE44 JM1 JO962 "
            + "JP81 KE254 KG996 KH855 KI686 KM269 KN1 KP850 KR82 KW965 KY1 KZ7 LA856 LB961 LC1 LI423 LK94 LR231 "
            + "LS266 LT370 LU352 LV371 LY218 MA212 MC377 MD373 ME382 MF590 MG261 MH692 MK389 ML223 MM95 MN976 MO853 "
            + "MP1 MQ596 MR222 MS1 MT356 MU230 MV960 MW265 MX52 MY60 MZ258 NA264 NC687 NE227 NF672 NG234 NI505 NL31 "
            + "NO47 NP977 NR674 NU683 NZ64 OM968 PA507 PE51 PF689 PG675 PH63 PK92 PL48 PM508 PR1 PS970 PT351 PW680 "
            + "PY595 QA974 RE262 RO40 RS381 RU7 RW250 SA966 SB677 SC248 SD249 SE46 SG65 SH290 SI386 SJ47 SK421 SL232 "
            + "SM378 SN221 SO252 SR597 SS211 ST239 SV503 SX1 SY963 SZ268 TC1 TD235 TG228 TH66 TJ992 TK690 TL670 "
            + "TM993 TN216 TO676 TR90 TT1 TV688 TW886 TZ255 UA380 UG256 US1 UY598 UZ998 VA39 VC1 VE58 VG1 VI1 VN84 "
            + "VU678 WF681 WS685 XK383 YE967 YT262 ZA27 ZM260 ZW263"
        var codes: [String: String] = [:]
        for word in text.split(separator: " ") {
            codes[String(word.prefix(2))] = String(word.dropFirst(2))
        }
        return codes
    }()
}
