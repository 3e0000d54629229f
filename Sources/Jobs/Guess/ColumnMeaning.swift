import Foundation

/// What a column may hold, whatever the language of its name.
package enum ColumnMeaning: String, Sendable, CaseIterable {
    case billNumber, originalBill, billDate, time, billTotal, amount, grossAmount, discount, store,
        storeName, till
    case mobile, email, customer, card, item, quantity, rate, itemName, type, note, currency
    case firstName, lastName, name, city, address, ean, price, brand, category, coupon, points, badge
}

/// Names of columns in several languages. A name is compared without case, accents, spaces and punctuation.
enum ColumnWords {
    /// By meaning, then by language; a name that all languages share is English.
    private static let words: [ColumnMeaning: [String: String]] = [
        .billNumber: [
            "en":
                "bill no, bill number, bill num, bill id, billno, billnumber, bill, invoice, invoice no, "
                + "invoice number, invoice id, inv no, inv number, receipt, receipt no, receipt number, receipt id, "
                + "transaction id, transaction no, transaction number, trans id, trans no, txn id, txn no, txn number, "
                + "order id, order no, order number, voucher no, memo no, cash memo no, document no, ticket no, ticket number, docket no",
            "de":
                "bon, bonnr, bon nr, bonnummer, bon no, beleg, belegnr, beleg nr, belegnummer, rechnung, "
                + "rechnungsnr, rechnungs nr, rechnungsnummer, rechnung nr, kassenbon, kassenbonnummer, kassenbonnr, "
                + "vorgangsnummer, vorgangsnr, quittungsnummer, auftragsnummer, transaktionsnummer",
            "fr":
                "facture, no facture, n facture, numero facture, numero de facture, n de facture, ticket, no ticket, "
                + "n ticket, numero ticket, numero de ticket, n de ticket, num ticket, numero de vente, no de ticket, recu, no de recu",
            "es":
                "factura, n factura, no factura, num factura, numero factura, numero de factura, nro factura, "
                + "n de factura, ticket de venta, numero de ticket, nro ticket, n ticket es, folio, comprobante, nro comprobante, boleta, recibo, numero de recibo",
            "it":
                "fattura, numero fattura, n fattura, scontrino, numero scontrino, nr scontrino, ricevuta, numero ricevuta",
            "pt":
                "fatura, numero da fatura, nota fiscal, numero da nota, cupom fiscal, recibo pt, numero do recibo",
            "nl": "bonnummer, bon nummer, factuurnummer, factuur, factuurnr, kassabon",
        ],
        .originalBill: [
            "en":
                "original bill, original bill no, original bill number, original invoice, original invoice no, "
                + "original invoice number, original receipt, original receipt no, ref bill no, reference bill, "
                + "parent bill, parent bill number, return against, against bill",
            "de":
                "originalbon, originalbeleg, originalbonnr, original bon, original beleg, ursprungsbon, "
                + "ursprungsbeleg, bezugsbeleg, bezugsbon, zu bon, zu beleg",
            "fr": "facture origine, facture d origine, ticket origine, ticket d origine",
            "es": "factura original, ticket original, factura de origen",
        ],
        .billDate: [
            "en":
                "date, bill date, billing date, invoice date, transaction date, trans date, txn date, sale date, "
                + "sales date, order date, purchase date, receipt date, sold at, sold on, date time, datetime, timestamp, "
                + "created at, bill datetime, transaction time, billed on, billdate, document date, posting date",
            "de":
                "datum, belegdatum, bondatum, bon datum, rechnungsdatum, kaufdatum, verkaufsdatum, buchungsdatum, "
                + "transaktionsdatum, datum uhrzeit, datum zeit, zeitpunkt, verkauft am, gekauft am, tag",
            "fr":
                "date facture, date de facture, date ticket, date du ticket, date vente, date de vente, date achat, "
                + "date d achat, date heure, date et heure, horodatage, jour",
            "es":
                "fecha, fecha factura, fecha de factura, fecha venta, fecha de venta, fecha compra, fecha de compra, "
                + "fecha hora, fecha y hora, fecha emision, fecha de emision, fecha ticket",
            "it": "data, data fattura, data scontrino, data vendita, data acquisto, data ora",
            "pt": "data da compra, data da venda, data emissao, data de emissao, data hora pt",
            "nl": "datum bon, factuurdatum, verkoopdatum, aankoopdatum, bondatum nl",
        ],
        .time: [
            "en": "time, bill time, sale time, invoice time, txn time",
            "de": "uhrzeit, zeit, bonzeit, uhr",
            "fr": "heure, heure vente, heure de vente", "es": "hora, hora venta, hora de venta",
            "it": "ora", "nl": "tijd",
        ],
        .billTotal: [
            "en":
                "total, bill total, bill amount, bill value, bill amt, invoice amount, invoice total, invoice value, "
                + "grand total, total amount, total value, net total, net amount, net bill amount, order total, receipt total, "
                + "transaction amount, transaction value, txn amount, amount paid, amount payable, total paid, net payable",
            "de":
                "summe, gesamt, gesamtbetrag, gesamtsumme, bonsumme, belegsumme, rechnungsbetrag, rechnungssumme, "
                + "bonbetrag, belegbetrag, endbetrag, zahlbetrag, umsatz",
            "fr":
                "total ttc, montant total, montant ttc, montant facture, montant du ticket, total facture, total ticket, net a payer",
            "es":
                "importe total, total factura, monto total, total venta, total a pagar, importe factura, total ticket es, valor total",
            "it": "totale, importo totale, totale fattura, totale scontrino",
            "pt": "total da nota, total da fatura, valor pago, valor total pt",
            "nl": "totaal, totaalbedrag, factuurbedrag, bonbedrag",
        ],
        .amount: [
            "en":
                "amount, amt, value, line amount, line total, line value, item amount, item total, net, net value, sales, "
                + "net sales, sales amount, extended price, ext price, row total, net amt, subtotal",
            "de":
                "betrag, positionsbetrag, zeilenbetrag, nettobetrag, bruttobetrag, netto, brutto, wert, warenwert, "
                + "positionssumme, zeilensumme, umsatz brutto, umsatz netto, betrag eur, betrag in eur",
            "fr": "montant, montant ligne, total ligne, prix total, montant net, montant eur",
            "es": "importe, monto, importe linea, total linea, importe neto, valor, subtotal es",
            "it": "importo, importo riga, totale riga",
            "pt": "valor pt, montante, valor liquido", "nl": "bedrag, regelbedrag, regeltotaal",
        ],
        .grossAmount: [
            "en": "gross, gross amount, gross total, gross value, mrp total",
            "de": "bruttosumme, brutto gesamt",
        ],
        .discount: [
            "en": "discount, discount amount, disc, disc amount, rebate",
            "de": "rabatt, rabattbetrag, nachlass, preisnachlass",
            "fr": "remise, montant remise, rabais", "es": "descuento, dto, importe descuento",
            "it": "sconto", "pt": "desconto", "nl": "korting",
        ],
        .store: [
            "en":
                "store, store code, store id, store no, store number, shop, shop code, shop id, outlet, outlet code, "
                + "outlet id, branch, branch code, location, location code, site, site code, storecode, storeid",
            "de":
                "filiale, filialnr, filial nr, filialnummer, filial nummer, filialcode, laden, geschaft, markt, marktnummer, "
                + "standort, betriebsstatte, verkaufsstelle, haus, niederlassung",
            "fr":
                "magasin, code magasin, no magasin, boutique, code boutique, point de vente, code point de vente, pdv",
            "es":
                "tienda, codigo tienda, cod tienda, codigo de tienda, sucursal, codigo sucursal, local, almacen, punto de venta",
            "it": "negozio, codice negozio, punto vendita, filiale it",
            "pt": "loja, codigo da loja, codigo loja, filial",
            "nl": "winkel, winkelcode, winkelnummer, filiaal, filiaalnummer, vestiging",
        ],
        .storeName: [
            "en": "store name, shop name, outlet name, branch name, location name",
            "de": "filialname, ladenname", "fr": "nom magasin, nom du magasin",
            "es": "nombre tienda, nombre de la tienda",
        ],
        .till: [
            "en":
                "till, till code, till id, till no, register, register no, register id, pos, pos id, terminal, terminal id, counter, counter no",
            "de": "kasse, kassennr, kassen nr, kassennummer, kassenplatz",
            "fr": "caisse, no caisse, numero de caisse",
            "es": "caja, codigo caja, numero de caja, n caja", "it": "cassa", "pt": "caixa",
            "nl": "kassa, kassanummer",
        ],
        .mobile: [
            "en":
                "mobile, mobile no, mobile number, mobile phone, phone, phone no, phone number, telephone, tel, cell, "
                + "cell phone, cellphone, contact, contact no, contact number, customer mobile, customer phone, msisdn, whatsapp, mobileno, customer mobile no",
            "de":
                "handy, handynr, handynummer, handy nr, mobilnummer, mobilnr, mobil, mobiltelefon, telefon, telefonnummer, "
                + "telefonnr, tel nr, rufnummer, kundentelefon",
            "fr":
                "portable, telephone, no telephone, numero telephone, numero de telephone, tel portable, telephone portable, numero de portable, gsm",
            "es":
                "movil, telefono, telefono movil, celular, numero de telefono, numero movil, nro celular, tel movil, n telefono",
            "it": "cellulare, telefono it, numero di telefono, telefonino",
            "pt": "celular pt, telefone, telemovel, numero de telefone pt",
            "nl": "mobiel, telefoon, telefoonnummer, gsm nummer, mobiele nummer",
        ],
        .email: [
            "en": "email, e mail, mail, email id, email address, e mail address, customer email",
            "de": "e mail adresse, mailadresse, emailadresse",
            "fr": "courriel, adresse mail, adresse email, adresse e mail",
            "es": "correo, correo electronico", "it": "posta elettronica",
        ],
        .customer: [
            "en":
                "customer, customer id, customer no, customer number, customer code, cust id, cust no, cust code, member, "
                + "member id, member no, member number, loyalty id, loyalty no, external id, client, client id",
            "de":
                "kunde, kundennr, kunden nr, kundennummer, kunden id, kundenid, mitglied, mitgliedsnummer, mitgliedsnr",
            "fr":
                "code client, no client, n client, numero client, numero de client, id client, fidelite, no fidelite",
            "es":
                "cliente, codigo cliente, cod cliente, id cliente, numero de cliente, n cliente, socio, numero de socio",
            "it": "cliente it, codice cliente, numero cliente",
            "pt": "codigo do cliente, codigo cliente", "nl": "klant, klantnummer, klantnr, lidnummer",
        ],
        .card: [
            "en": "card, card no, card number, loyalty card, loyalty card no, membership card",
            "de": "karte, kartennr, kartennummer, karten nr, kundenkarte, kundenkartennummer",
            "fr": "carte, no carte, numero carte, numero de carte, carte fidelite",
            "es": "tarjeta, numero de tarjeta, numero tarjeta, n tarjeta",
            "it": "carta, numero carta it, numero tessera, tessera", "nl": "kaart, kaartnummer",
        ],
        .item: [
            "en":
                "sku, sku code, item, item code, item no, item number, item id, product, product code, product id, "
                + "product no, article, article no, article number, article code, style code, plu, stock code, itemcode, part no",
            "de":
                "artikel, artikelnr, artikel nr, artikelnummer, art nr, artnr, artikelcode, produktnummer, warennummer",
            "fr":
                "article, code article, ref article, reference, reference article, ref, code produit, produit",
            "es":
                "articulo, codigo articulo, cod articulo, codigo de articulo, referencia, producto, codigo producto, cod producto, codigo de producto",
            "it": "articolo, codice articolo, codice prodotto, prodotto",
            "pt": "artigo, codigo do produto, codigo produto, produto",
            "nl": "artikelnummer nl, artikelcode nl",
        ],
        .quantity: [
            "en": "qty, quantity, units, pcs, pieces, item qty, no of units, units sold",
            "de": "menge, anzahl, stuck, stueck, stk, stuckzahl",
            "fr": "quantite, qte, nb, nombre", "es": "cantidad, cant, unidades, uds",
            "it": "quantita, qta, pezzi", "pt": "quantidade, qtd, qtde", "nl": "aantal, hoeveelheid",
        ],
        .rate: [
            "en": "rate, unit price, price, item price, selling price, price per unit",
            "de": "einzelpreis, stuckpreis, preis, epreis, e preis, vk preis, verkaufspreis",
            "fr": "prix unitaire, pu, prix, prix unitaire ttc",
            "es": "precio, precio unitario, precio unidad, p unitario", "it": "prezzo, prezzo unitario",
            "pt": "preco, preco unitario", "nl": "prijs, stukprijs, eenheidsprijs",
        ],
        .itemName: [
            "en":
                "description, item description, item name, product name, product description, article name, article description",
            "de":
                "bezeichnung, artikelbezeichnung, artikelname, beschreibung, produktname, artikeltext, warenbezeichnung",
            "fr": "libelle, designation, libelle article, nom produit, nom article",
            "es": "descripcion, descripcion articulo, nombre producto, nombre articulo",
            "it": "descrizione", "pt": "descricao", "nl": "omschrijving, artikelomschrijving",
        ],
        .type: [
            "en":
                "type, transaction type, trans type, txn type, bill type, invoice type, sale type, document type, doc type",
            "de": "belegart, vorgangsart, bonart, art, typ, transaktionsart, buchungsart, vorgang",
            "fr": "type de vente, type ticket, nature",
            "es": "tipo, tipo de venta, tipo documento, tipo de documento, tipo transaccion",
            "it": "tipo it, tipologia", "nl": "soort, type bon",
        ],
        .note: [
            "en": "note, notes, comment, comments, remark, remarks, narration",
            "de": "notiz, bemerkung, kommentar, anmerkung, hinweis", "fr": "commentaire, remarque",
            "es": "nota, observacion, observaciones, comentario",
        ],
        .currency: [
            "en": "currency, currency code, curr", "de": "wahrung, waehrung, wkz",
            "fr": "devise, monnaie", "es": "moneda, divisa", "it": "valuta",
        ],
        .firstName: [
            "en": "first name, firstname, given name, forename, first", "de": "vorname", "fr": "prenom",
            "es": "nombre de pila, primer nombre", "it": "nome", "pt": "primeiro nome",
            "nl": "voornaam",
        ],
        .lastName: [
            "en": "last name, lastname, surname, family name, last",
            "de": "nachname, familienname, zuname", "fr": "nom de famille", "es": "apellido, apellidos",
            "it": "cognome", "pt": "sobrenome, apelido", "nl": "achternaam",
        ],
        .name: ["en": "name", "de": "kundenname", "fr": "nom", "es": "nombre"],
        .city: [
            "en": "city, town", "de": "stadt, ort", "fr": "ville", "es": "ciudad", "it": "citta",
            "pt": "cidade",
        ],
        .address: [
            "en": "address, street", "de": "adresse, anschrift, strasse", "fr": "adresse fr, rue",
            "es": "direccion, calle", "it": "indirizzo",
        ],
        .ean: [
            "en": "ean, barcode, gtin, upc, ean code", "de": "strichcode, eancode",
            "fr": "code barre, code barres", "es": "codigo de barras",
        ],
        .brand: ["en": "brand, brand code", "de": "marke, hersteller", "fr": "marque", "es": "marca"],
        .category: [
            "en": "category, category code, department", "de": "kategorie, warengruppe, abteilung",
            "fr": "categorie, rayon", "es": "categoria, familia",
        ],
        .coupon: [
            "en": "coupon, coupon code, voucher, voucher code, promo code",
            "de": "gutschein, gutscheincode, coupon nr", "fr": "bon de reduction, code promo",
            "es": "cupon, codigo cupon",
        ],
        .points: [
            "en": "points, loyalty points, points balance", "de": "punkte, punktestand, treuepunkte",
            "fr": "points fidelite, solde points", "es": "puntos, saldo puntos",
        ],
        .badge: ["en": "badge, badge id, badge meta id"],
    ]

    private static let table: [String: [(ColumnMeaning, String)]] = {
        var table: [String: [(ColumnMeaning, String)]] = [:]
        for (meaning, languages) in words.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            for (language, list) in languages.sorted(by: { $0.key < $1.key }) {
                for word in list.split(separator: ",") {
                    // A language's mark after a word that two languages share.
                    let known = word.trimmingCharacters(in: .whitespaces)
                    let parts = known.split(separator: " ")
                    let isMarked =
                        parts.count > 1 && ["es", "fr", "it", "pt", "nl"].contains(parts.last)
                    let name = plain(isMarked ? parts.dropLast().joined(separator: " ") : known)
                    table[name, default: []].append((meaning, language))
                }
            }
        }
        return table
    }()

    /// Without case, accents, spaces and punctuation.
    static func plain(_ text: String) -> String {
        text.folding(options: [.diacriticInsensitive, .caseInsensitive], locale: nil)
            .replacingOccurrences(of: "ß", with: "ss").filter { $0.isLetter || $0.isNumber }
    }

    /// What a name means, surest first, each meaning once; and the languages it is of.
    static func meanings(of name: String) -> (
        all: [(meaning: ColumnMeaning, confidence: Confidence)], languages: Set<String>
    ) {
        var found: [(meaning: ColumnMeaning, confidence: Confidence)] = []
        var languages: Set<String> = []
        func note(_ key: String, _ confidence: Confidence) {
            for (meaning, language) in table[key] ?? [] {
                languages.insert(language)
                if !found.contains(where: { $0.meaning == meaning }) {
                    found.append((meaning, confidence))
                }
            }
        }
        note(plain(name), .sure)
        guard found.isEmpty else { return (found, languages) }
        // A part of the name, the longest first: `Kunden-Handynummer`, `total_amount_eur`.
        let parts = words(of: name)
        guard parts.count > 1, parts.count <= 8 else { return ([], []) }
        for length in (1..<parts.count).reversed() {
            for start in 0...(parts.count - length) {
                note(plain(parts[start..<start + length].joined()), .likely)
            }
            if !found.isEmpty { break }
        }
        return (found, languages)
    }

    /// `billNumber`, `bill_number` and `Bill number` are two words.
    private static func words(of name: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in name {
            let begins = character.isUppercase && word.last?.isLowercase == true
            if begins || !(character.isLetter || character.isNumber) {
                if !word.isEmpty { words.append(word) }
                word = ""
            }
            if character.isLetter || character.isNumber { word.append(character) }
        }
        return word.isEmpty ? words : words + [word]
    }
}
