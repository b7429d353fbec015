package importer

func paymentSpecs() []spec {
	return []spec{
		{FieldNumber, aText, "number, payment number, payment no, payment id, receipt number, receipt no, receipt, transaction id, transaction number, document number, Zahlungsnummer, Belegnummer, numéro de paiement, número de pago, número do pagamento, numero pagamento, betalingsnummer, 入金番号, 付款编号, id"},
		{FieldType, aText, "type, transaction type, document type, entry type"},
		{FieldStatus, aText, "status, payment status"},
		{FieldCustomer, aText, customerNames},
		{FieldCustomerName, aText, customerNameNames + ", payer, payer name, Zahler"},
		{FieldEntity, aText, "entity, legal entity, company code, business unit, subsidiary, Buchungskreis, société, sociedad, sociedade"},
		{FieldCurrency, aText, "payment currency, " + currencyNames},
		{FieldAmount, aNumber, "amount, payment amount, amount paid, paid amount, received amount, receipt amount, gross amount, total, Betrag, Zahlbetrag, Zahlungsbetrag, montant, importe, valor, valor pago, importo, bedrag, 入金額, 金額, 付款金额, 金额"},
		{FieldFee, aNumber, "fee, fees, fee amount, charges, Gebühr, frais, comisión, taxa, tarifa, commissione, kosten, 手数料, 手续费"},
		{FieldReceivedOn, aDate, "received on, payment date, receipt date, date received, value date, date, paid on, paid date, settlement date, transaction date, Zahlungsdatum, Eingangsdatum, Valuta, Wertstellung, Datum, date de paiement, fecha de pago, fecha, data de pagamento, data, data pagamento, betaaldatum, 入金日, 付款日期"},
		{FieldMethod, aText, "method, payment method, payment type, Zahlungsart, Zahlungsweg, mode de paiement, forma de pago, método de pago, forma de pagamento, metodo di pagamento, betaalmethode, 支払方法, 付款方式"},
		{FieldBankReference, aText, "bank reference, reference, payment reference, check number, cheque number, remittance reference, end to end id, Verwendungszweck, Referenz, référence, referencia, referência, riferimento, referentie, 参照番号, 参考号"},
		{FieldInvoice, aText, "invoice, invoice number, invoice no, applied to, applied invoice, Rechnungsnummer, Rechnung, facture, factura, fatura, fattura, factuurnummer, 請求書番号, 发票号码"},
		{FieldApplied, aNumber, "applied amount, amount applied, allocated amount, zugeordneter Betrag, montant affecté, importe aplicado, valor aplicado"},
	}
}

func customerSpecs() []spec {
	return []spec{
		{FieldAccount, aText, customerNames + ", internal id, id"},
		{FieldName, aText, "name, " + customerNameNames + ", Name, nom, nombre, nome, naam, 名称"},
		{FieldKind, aText, "kind, customer type, customer kind, type, Kundenart"},
		{FieldParent, aText, "parent, parent account, parent customer, partner, parent id, übergeordneter Kunde, société mère, matriz"},
		{FieldTier, aText, "tier, service level, segment, support tier, level"},
		{FieldRegion, aText, "region, territory, Region, région, región, região"},
		{FieldSalesOwner, aText, "sales owner, account owner, account manager, sales rep, Vertriebsbetreuer, Kundenbetreuer, responsable comercial, 担当営業"},
		{FieldCountry, aText, "country, country code, billing country, Land, Länderkennzeichen, pays, país, paese, 国"},
		{FieldLanguage, aText, "language, locale, preferred language, Sprache, langue, idioma, lingua, taal, 言語, 语言"},
		{FieldEntity, aText, "entity, legal entity, company code, business unit, subsidiary, Buchungskreis"},
		{FieldCurrency, aText, currencyNames},
		{FieldTermsDays, aNumber, "terms days, payment terms, terms, net days, payment terms days, Zahlungsziel, Zahlungsbedingung, délai de paiement, plazo de pago, prazo de pagamento, termini di pagamento, betalingstermijn, 支払条件"},
		{FieldTaxID, aText, "tax id, vat id, vat number, vat registration number, tax number, tax reg number, USt-IdNr, Umsatzsteuer-ID, Steuernummer, numéro de tva, nif, cif, cnpj, partita iva, btw nummer, 税番号, 登録番号, 税号"},
		{FieldTaxExempt, aText, "tax exempt, tax exemption"},
		{FieldAddress, aText, "address, billing address, street, address line 1, Adresse, Anschrift, Straße, adresse, rue, dirección, endereço, indirizzo, adres, 住所, 地址"},
		{FieldPostcode, aText, "postcode, zip, zip code, postal code, Postleitzahl, PLZ, code postal, código postal, cep, cap, 郵便番号, 邮编"},
		{FieldCity, aText, "city, town, Ort, Stadt, ville, ciudad, cidade, città, plaats, 市区町村, 城市"},
		{FieldPhone, aText, "phone, phone number, telephone, Telefon, téléphone, teléfono, telefone, telefono, telefoon, 電話番号, 电话"},
		{FieldContactName, aText, "contact name, contact, contact person, Ansprechpartner, interlocuteur, contacto, contato, referente, contactpersoon, 担当者, 联系人"},
		{FieldEmails, aText, "emails, email, e-mail, email address, billing email, E-Mail-Adresse, courriel, correo electrónico, correo, e-mailadres, メール, メールアドレス, 邮箱"},
	}
}

func balanceSpecs() []spec {
	return []spec{
		{FieldNumber, aText, invoiceNumberNames},
		{FieldType, aText, "type, document type, doc type, transaction type, class, Belegart, type de document, tipo de documento"},
		{FieldCustomer, aText, customerNames},
		{FieldCustomerName, aText, customerNameNames},
		{FieldEntity, aText, "entity, legal entity, company code, business unit, subsidiary, Buchungskreis, société, sociedad, sociedade"},
		{FieldCurrency, aText, currencyNames},
		{FieldIssuedOn, aDate, issuedNames},
		{FieldDueOn, aDate, dueNames},
		{FieldOriginal, aNumber, "original, original amount, " + totalNames},
		{FieldOpen, aNumber, openNames},
		{FieldDisputed, aNumber, "disputed amount, amount in dispute, strittiger Betrag, " + disputedNames},
	}
}

func rateSpecs() []spec {
	return []spec{
		{FieldBase, aText, "base, base currency, from currency, from, currency from, source currency, currency, Währung, Ausgangswährung, devise, moneda, moeda, 通貨, 币种"},
		{FieldQuote, aText, "quote, quote currency, to currency, to, currency to, target currency, counter currency, Zielwährung"},
		{FieldOn, aDate, "on, date, rate date, effective date, valid from, conversion date, Datum, gültig ab, date de valeur, fecha, data, 日付, 日期"},
		{FieldRate, aNumber, "rate, exchange rate, conversion rate, fx rate, value, Kurs, Wechselkurs, Umrechnungskurs, taux, cours, tipo de cambio, tasa, taxa, taxa de câmbio, cambio, wisselkoers, koers, 為替レート, 汇率"},
		{FieldSource, aText, "source, rate source, rate type, conversion type, Quelle, Kursart, fuente, fonte, bron, 出典, 来源"},
	}
}
