package importer

// The names below are written as people write them; they are compared by plainName. The first that a file has wins.
// A name that may as well mean something else, such as "rounding" (a mode) or "withholding tax" (a rate), is none: whoever brings the
// file in says which column it is.

const (
	invoiceNumberNames = "number, invoice number, invoice no, invoice num, invoice #, invoice id, invoice, document number, doc no, " +
		"transaction number, bill number, tax invoice number, Rechnungsnummer, Rechnungsnr, Rechnung, Belegnummer, Belegnr, Beleg, " +
		"numéro de facture, n° de facture, n° facture, no facture, facture, número de factura, n° de factura, factura, número da fatura, " +
		"número da nota, fatura, nota fiscal, numero fattura, fattura, factuurnummer, factuur, 請求書番号, 发票号码, 發票號碼, id"
	noteNumberNames = "number, credit note number, credit memo number, credit note, credit memo, credit note no, document number, " +
		"doc no, transaction number, Gutschriftsnummer, Gutschriftnummer, Gutschrift, Belegnummer, numéro d'avoir, avoir, " +
		"nota de crédito, número da nota de crédito, nota di credito, creditnota, creditnotanummer, 貸方票番号, 贷项通知单号, id"
	customerNames = "customer id, customer number, customer no, customer account, customer code, account number, account id, " +
		"bill-to account, client id, client number, debtor number, Kundennummer, Kundennr, Debitorennummer, numéro client, code client, " +
		"número de cliente, código de cliente, código do cliente, codice cliente, klantnummer, 顧客番号, 得意先コード, 客户编号, 客戶編號, " +
		"customer, account, bill to, debtor, Debitor, Kunde, client, cliente, klant"
	customerNameNames = "customer name, account name, client name, bill to name, company, company name, Kundenname, Firma, nom du client, " +
		"raison sociale, nombre del cliente, razón social, nome do cliente, razão social, ragione sociale, nome cliente, klantnaam, " +
		"顧客名, 得意先名, 客户名称, 客戶名稱"
	currencyNames = "currency, currency code, currency iso code, invoice currency, iso currency, transaction currency, Währung, Währungscode, " +
		"devise, monnaie, moneda, divisa, moeda, valuta, 通貨, 币种, 幣別"
	issuedNames = "issued on, invoice date, document date, issue date, date, transaction date, billing date, bill date, posting date, " +
		"created, created date, Rechnungsdatum, Belegdatum, Datum, date de facture, date facture, date d'émission, fecha de factura, " +
		"fecha, fecha de emisión, data da fatura, data de emissão, data, data fattura, factuurdatum, 請求日, 発行日, 发票日期, 开票日期"
	noteDateNames = "issued on, credit note date, credit memo date, document date, issue date, date, transaction date, posting date, " +
		"Gutschriftsdatum, Belegdatum, Datum, date d'avoir, fecha, fecha de emisión, data de emissão, data, data documento, " +
		"factuurdatum, 発行日, 开票日期"
	dueNames = "due on, due date, payment due date, date due, Fälligkeitsdatum, Fälligkeit, fällig am, Nettofälligkeit, date d'échéance, échéance, " +
		"fecha de vencimiento, vencimiento, data de vencimento, vencimento, data di scadenza, scadenza, vervaldatum, 支払期日, 支払期限, " +
		"到期日, 付款期限"
	openNames = "open, open amount, open balance, balance, balance due, amount due, amount remaining, remaining, outstanding, " +
		"outstanding amount, due amount, offener Betrag, offen, Restbetrag, solde, reste à payer, montant dû, saldo, importe pendiente, " +
		"pendiente, saldo em aberto, valor em aberto, saldo aperto, openstaand bedrag, openstaand, 残高, 未収額, 未付金额, 余额"
	totalNames = "total, total amount, invoice total, invoice amount, gross amount, gross, amount incl tax, total incl tax, grand total, amount, " +
		"amount total, Gesamtbetrag, Bruttobetrag, Rechnungsbetrag, Betrag, Brutto, montant ttc, total ttc, montant, importe total, " +
		"importe, valor total, valor bruto, valor, totale, importo totale, importo, totaalbedrag, totaal, bedrag, 合計, 請求金額, 总金额, 金额, 金額"
	disputedNames = "disputed, in dispute, dispute, strittig, contesté, en disputa, em disputa, contestato, betwist, 係争中, 有争议"
	appliesNames  = "invoice, applied to, applies to, applies to invoice, applied invoice, original invoice, original invoice number, created from, " +
		"related invoice, reference invoice, invoice number, Bezugsrechnung, Rechnungsnummer, facture d'origine, factura original, " +
		"factura rectificada, fatura original, fattura originale, oorspronkelijke factuur, 元請求書番号, 原发票号码"
)

// documentNames are the names that differ between invoices and credit notes.
type documentNames struct{ issued, invoice string }

func invoiceNames() documentNames {
	return documentNames{issuedNames, "applied to, applies to, applies to invoice, original invoice, original invoice number, created from, related invoice, Bezugsrechnung"}
}

func noteNames() documentNames { return documentNames{noteDateNames, appliesNames} }

func documentSpecs(n documentNames) []spec {
	return []spec{
		{FieldType, aText, "type, document type, doc type, transaction type, class, transaction class, Belegart, type de document, tipo de documento, tipo, documenttype, 伝票種別, 单据类型"},
		{FieldCustomer, aText, customerNames},
		{FieldCustomerName, aText, customerNameNames},
		{FieldSoldTo, aText, "sold to, sold-to, ship to, end customer, Warenempfänger, Auftraggeber, destinataire, cliente final, eindklant"},
		{FieldEntity, aText, "entity, legal entity, company code, business unit, subsidiary, Buchungskreis, Gesellschaft, société, sociedad, sociedade, società, vennootschap, 会社コード"},
		{FieldCurrency, aText, currencyNames},
		{FieldIssuedOn, aDate, n.issued},
		{FieldDueOn, aDate, dueNames},
		{FieldServiceFrom, aDate, "service from, service start, period start, start date, usage period start date, Leistungsbeginn, Leistung von, début de période, inicio del periodo, início do período, inizio periodo"},
		{FieldServiceTo, aDate, "service to, service end, period end, end date, usage period end date, Leistungsende, Leistung bis, fin de période, fin del periodo, fim do período, fine periodo"},
		{FieldPurchaseOrder, aText, "purchase order, po, po number, po no, po #, order number, customer reference, Bestellnummer, Bestellung, bon de commande, orden de compra, pedido, ordem de compra, ordine d'acquisto, bestelnummer, 注文番号, 采购订单号"},
		{FieldStatus, aText, "status, invoice status, document status, state, Status, statut, estado, situação, stato, 状態, 状态"},
		{FieldTaxInclusive, aText, "tax inclusive, prices include tax, Bruttopreise"},
		{FieldNet, aNumber, "net, net amount, subtotal, amount excl tax, total excl tax, net total, Nettobetrag, Netto, montant ht, total ht, base imponible, subtotal neto, valor líquido, imponibile, netto bedrag, 税抜金額, 不含税金额"},
		{FieldTax, aNumber, "tax, tax amount, vat, vat amount, tax total, gst, Steuer, Steuerbetrag, MwSt, Umsatzsteuer, USt, tva, montant tva, iva, impuesto, importe iva, imposto, imposta, btw, btw bedrag, 消費税, 税额, 稅額"},
		{FieldTotal, aNumber, totalNames},
		{FieldPaid, aNumber, "paid, paid amount, amount paid, bezahlt, gezahlt, payé, montant payé, pagado, pago, valor pago, pagato, betaald, 入金額, 已付金额"},
		{FieldOpen, aNumber, openNames},
		{FieldSettledOn, aDate, "settled on, settled date, paid on, paid date, payment date, date paid, closed date, bezahlt am, Zahlungsdatum, payé le, date de paiement, fecha de pago, data de pagamento, data pagamento, betaald op, 入金日, 付款日期"},
		{FieldDisputed, aText, disputedNames},
		{FieldInvoice, aText, n.invoice},
		{FieldReason, aText, "reason, reason code, credit reason, Grund, Gutschriftsgrund, motif, motivo, razón, reden, 理由, 原因"},
		{FieldMemo, aText, "memo, comment, comments, note, notes, remark, remarks, Bemerkung, Kommentar, commentaire, comentario, observação, nota, opmerking, 備考, 备注"},
		{FieldToInvoice, aNumber, "to invoice, applied to invoice amount"},
		{FieldToBalance, aNumber, "to balance"},
		{FieldToRefund, aNumber, "to refund, refunded amount"},
		{FieldOutside, aNumber, "settled outside, out of band amount"},
		{FieldRefunds, aText, "refunds"},
		{FieldDiscount, aNumber, "document discount, invoice discount, header discount, Belegrabatt, Rechnungsrabatt, remise globale, descuento global, desconto global"},
		{FieldDiscountLabel, aText, "discount label"},
		{FieldCharge, aNumber, "document charge, document charges, invoice charge, header charge, freight charge, shipping charge, Frachtkosten, Versandkosten, frais de port"},
		{FieldChargeLabel, aText, "charge label, charge reason, charge name"},
		{FieldChargeCategory, aText, "charge tax category, charge tax code"},
		{FieldChargeRate, aNumber, "charge tax rate, charge vat rate"},
		{FieldRounding, aNumber, "cash rounding, rounding adjustment, Rundungsbetrag"},
		{FieldWithholding, aNumber, "withheld amount, withholding amount, amount withheld, tax withheld"},
	}
}

func lineSpecs() []spec {
	return []spec{
		{FieldLineNo, aNumber, "line no, line number, line, line #, item no, position, Position, Pos, Zeile, ligne, línea, linha, riga, regel, 行番号, 明細番号, 行号"},
		{FieldLineID, aText, "line id, invoice line id"},
		{FieldInvoiceLine, aText, "invoice line, original line, original invoice line"},
		{FieldProduct, aText, "product, product code, product id, item, item code, sku, stock code, material, Artikel, Artikelnummer, Artikelnr, Material, article, produit, référence, artículo, producto, artigo, produto, articolo, prodotto, artikel, 商品コード, 品番, 产品编号"},
		{FieldDescription, aText, "description, line description, item description, text, Beschreibung, Bezeichnung, Text, désignation, libellé, descripción, concepto, descrição, descrizione, omschrijving, 摘要, 品名, 说明, 描述"},
		{FieldQuantity, aNumber, "quantity, qty, units, Menge, Anzahl, quantité, qté, cantidad, quantidade, quantità, aantal, hoeveelheid, 数量"},
		{FieldUnitPrice, aNumber, "unit price, unit selling price, unit cost, item rate, price, rate, Einzelpreis, Preis, Stückpreis, prix unitaire, precio unitario, precio, preço unitário, preço, prezzo unitario, prezzo, stukprijs, prijs, 単価, 单价"},
		{FieldLineDiscount, aNumber, "line discount, discount, discount amount, Rabatt, remise, descuento, desconto, sconto, korting, 値引, 折扣"},
		{FieldLineNet, aNumber, "line net, line amount, line total, line subtotal, net line amount, extended amount, Positionsbetrag, Zeilenbetrag, montant ligne, importe línea, valor da linha, importo riga, regelbedrag, 明細金額, 行金额"},
		{FieldTaxCategory, aText, "tax category, tax code, vat code, Steuerkennzeichen, Steuercode, code tva, código de iva, codice iva, btw code, 税区分, 税码"},
		{FieldTaxRate, aNumber, "tax rate, vat rate, vat %, tax %, tax percent, Steuersatz, MwSt-Satz, MwSt %, taux de tva, tipo de iva, taxa de iva, aliquota, btw percentage, 税率"},
		{FieldLineTax, aNumber, "line tax, line tax amount, line vat, Positionssteuer"},
		{FieldCostCentre, aText, "cost centre, cost center, department, Kostenstelle, centre de coût, centro de coste, centro de custo, centro di costo, kostenplaats, 原価センタ, 成本中心"},
		{FieldLocation, aText, "location, site, store, Standort, Ort, lieu, ubicación, localização, sede, locatie, 場所, 地点"},
		{FieldLineServiceFrom, aDate, "line service from"},
		{FieldLineServiceTo, aDate, "line service to"},
		{FieldMoreTaxes, aText, "more taxes, further taxes, additional taxes"},
		{FieldLineCharge, aText, "is charge"},
	}
}
