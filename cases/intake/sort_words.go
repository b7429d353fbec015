package intake

import "makegood/cases"

type wording struct {
	to    Sorting
	weak  bool
	words []string
}

func dispute(reason string) Sorting {
	return Sorting{Type: cases.Dispute, Topic: reason, Reason: reason}
}

// near finds two words within a short distance, in either order.
func near(a, b string) string {
	return `(?:` + a + `)[^.!?。]{0,60}?(?:` + b + `)|(?:` + b + `)[^.!?。]{0,60}?(?:` + a + `)`
}

const (
	wrong = `wrong|incorrect|mistake|error|falsch|fehlerhaft|fehler|nicht korrekt|stimmt nicht|erroné|incorrect|erreur|faux|fausse|errón|incorrect|equivocad|` +
		`errad|incorret|erro\b|間違|誤り|誤って|誤った|おかしい|错误|不正确|有误|不对|錯誤|有誤`
	notYet = `not (?:yet )?(?:been |be )?|n't |never|nicht|noch kein|keine|pas |non |jamais|\bno\b|todavía|não|ainda|いません|ません|ていない|未|没有|没|尚未`
	charge = `charg|bill|invoic|deduct|debit|berechn|abgebucht|belast|rechnung|fakturier|factur|prélev|débit|cobr|fatur|請求|引き落|課金|收费|扣款|扣费|开票|账单|計費|收費`
)

// vocabulary are the rules, the more particular before the more general.
func vocabulary() []wording {
	return append(append(remittances(), disputes()...), requests()...)
}

func remittances() []wording {
	return []wording{{to: Sorting{Type: cases.Remittance, Topic: "remittance"}, words: []string{
		`remittance advice|payment advice|zahlungsavis|überweisungsavis|avis de (?:paiement|virement|règlement)|aviso de (?:pago|remesa|transferencia|pagamento|transferência)|` +
			`remesa de pago|送金通知|支払通知|振込通知|汇款通知|付款通知|匯款通知`,
	}}}
}

func disputes() []wording {
	return []wording{
		{to: dispute("charged_after_cancellation"), words: []string{
			near(`after|despite|since|even though|nach|trotz|obwohl|après|malgré|después|pese a|tras|após|apesar|後|にもかかわらず|之后|以后|後|尽管`,
				`cancel(?:l?ation|l?ed|l?ing)|terminat|kündig|gekündigt|résili|annul|cancelaci|cancelado|cancelamos|cancelamento|rescisão|解約|キャンセル|取消|解约|退订`) +
				`|解約後|解約した(?:のに|にも)|取消后|解约后|退订后`,
		}},
		{to: dispute("duplicate_charge"), words: []string{
			near(charge, `twice|double|duplicate|doppelt|zweimal|zwei Mal|deux fois|en double|dos veces|doble|duplicad|duas vezes|em dobro|em duplicidade|二重|重複|２回|2回|二度|重复|两次|兩次`) +
				`|duplicate (?:invoice|charge|bill|payment)|double[- ](?:charge|billing|billed|booked)|doppelt|double facturation|doublon|cobro duplicado|二重請求|重复(?:收费|扣款|开票|计费)|多扣了一次`,
		}},
		{to: dispute("refund_not_received"), words: []string{
			near(`refund|erstattung|rückzahlung|remboursement|reembolso|devolución|返金|退款`, notYet) + `|where is (?:my|our) refund|wo bleibt die (?:rück)?erstattung`,
		}},
		{to: dispute("payment_not_applied"), words: []string{
			near(`payment|zahlung|paiement|pago|pagamento|入金|支払|付款`, `(?:`+notYet+`)[^.!?。]{0,20}(?:appl|credited|allocat|reflect|record|zugeordnet|verbucht|gutgeschrieben|affect|imput|enregistr|aplicad|registrad|contabilizad|baixad|反映|入账|核销|到账)`) +
				`|already (?:been )?paid|bereits (?:bezahlt|beglichen|überwiesen)|déjà (?:été )?(?:payé|réglé)|ya (?:está |fue |hemos |la )?pagad|já (?:foi |está )?pag|支払い?済|お支払い済|已(?:经)?(?:付款|支付|付清)`,
		}},
		{to: dispute("sla_credit"), words: []string{
			`sla[- ](?:credit|breach|penalty|gutschrift|violation)|service[- ]credit|service level (?:credit|breach)|crédit (?:de service|sla)|crédito (?:de servicio|sla|de serviço)|SLA.{0,20}(?:違反|クレジット|赔偿|补偿)|服务(?:赔偿|抵扣)`,
		}},
		{to: dispute("tax_wrong"), words: []string{
			near(`\bvat\b|\btax(?:es)?\b|\bgst\b|sales tax|mwst|umsatzsteuer|mehrwertsteuer|steuersatz|\btva\b|\biva\b|impuesto|imposto|\bicms\b|\biss\b|消費税|税率|税金|税额|增值税|稅`,
				wrong+`|exempt|befreit|reverse[- ]charge|exonér|exent|isent|should (?:not|be)|免税|非課税|免稅`) + `|tax[- ]exempt|reverse[- ]charge`,
		}},
		{to: dispute("wrong_currency"), words: []string{
			near(`currency|währung|devise|monnaie|moneda|divisa|moeda|通貨|货币|币种|幣種`, wrong+`|instead|statt|au lieu|en lugar|em vez|ではなく|而不是`),
		}},
		{to: dispute("wrong_bill_to"), words: []string{
			near(`bill[- ]to|billing address|company name|legal name|cost cent(?:er|re)|rechnungsadresse|rechnungsanschrift|rechnungsempfänger|kostenstelle|firmenname|adresse de facturation|raison sociale|dirección de facturación|razón social|endereço de (?:cobrança|faturamento)|razão social|請求先|宛名|抬头|抬頭|开票信息`,
				wrong+`|missing|change|fehlt|manqu|falta|不足|変更|更改|修改`) +
				`|(?:po|purchase order)(?: number)? (?:is )?missing|missing (?:the )?(?:po|purchase order)|(?:bestellnummer|po-nummer)[^.]{0,20}fehlt`,
		}},
		{to: dispute("discount_missing"), words: []string{
			near(`discount|promo(?:tion)?|coupon|voucher|rebate|rabatt|nachlass|skonto|gutschein|remise|réduction|descuento|promoción|desconto|promoção|割引|値引|クーポン|折扣|优惠|優惠`,
				notYet+`|missing|fehlt|manqu|falta|forgot|vergessen|without|ohne|sans|sin |sem |抜け|漏れ|少`),
		}},
		{to: dispute("usage_wrong"), words: []string{
			near(`usage|quantity|seats?|licen[cs]es|users|consumption|units|menge|anzahl|verbrauch|nutzung|lizenzen|quantité|consommation|licences|cantidad|consumo|licencias|quantidade|licenças|使用量|数量|ライセンス数|用量|席位|許可數`,
				wrong+`|too (?:many|high)|zu (?:viele|hoch)|only (?:have|use)|nur|trop|demasiad|a mais|多すぎ|过多|太多`),
		}},
		{to: dispute("not_delivered"), words: []string{
			near(`deliver|install|activat|provision|geliefert|lieferung|installiert|freigeschaltet|bereitgestellt|livr|installé|activé|entreg|instalad|activad|ativad|納品|納入|設置|開通|交付|送货|安装|开通|到貨`, notYet),
		}},
		{to: dispute("contract_terms"), words: []string{
			near(`contract|agreement|agreed (?:price|rate|terms)|vertrag|vereinbart|rahmenvertrag|contrat|accord|contrato|acuerdo|acordado|acordo|契約|合意|合同|协议|約定|约定`,
				wrong+`|differ|higher|instead|not match|match|abweich|höher|statt|supérieur|au lieu|mayor|distinct|en lugar|maior|different|em vez|異な|違|高い|不符|不一致|高于`),
		}},
		{to: dispute("unknown_charge"), words: []string{
			`(?:unknown|unrecogni[sz]ed|unauthori[sz]ed|unexpected|suspicious) (?:charge|item|position|amount|invoice|fee)|do(?:n't| not) recogni[sz]e|never ordered|did(?:n't| not) order|unbekannte (?:position|abbuchung|rechnung)|nie bestellt|nicht bestellt|(?:jamais|n'avons pas) commandé|` +
				`(?:cargo|cobro) (?:desconocido|no reconocido)|no reconocemos|(?:cobrança|valor) (?:desconhecid|não reconhecid)|não reconhecemos|覚えのない|身に覚え|不明な請求|不明(?:费用|扣款|收费)|未授权`,
		}},
		{to: dispute("overcharge"), words: []string{
			`over[- ]?charg|over[- ]?bill|charged too much|billed too much|too much (?:was|has been) (?:charged|billed)|too high|wrong (?:price|rate|amount)|incorrect (?:price|rate|amount)|price (?:is|was) (?:wrong|incorrect)|` +
				`zu (?:viel|hoch)(?:en|er|e)? (?:berechnet|preis|betrag)?|falsche[rnms]? (?:preis|betrag|tarif|summe)|(?:preis|betrag|tarif)[^.]{0,20}(?:falsch|stimmt nicht|zu hoch)|` +
				`trop (?:facturé|perçu|élevé)|surfactur|prix (?:erroné|incorrect)|montant (?:erroné|incorrect)|sobreprecio|cobrad[oa] de más|cobro de más|(?:precio|importe|monto) (?:incorrecto|erróneo|equivocado)|` +
				`cobrad[oa] a mais|cobrança a maior|(?:preço|valor) (?:errado|incorreto)|過大請求|過剰請求|(?:金額|価格|単価)が(?:違|間違|誤|高)|多收|多扣|收费过高|(?:价格|金额|单价)(?:错误|有误|不对|不符)`,
		}},
		{to: dispute("overcharge"), weak: true, words: []string{
			wrong + `|dispute|disput|beanstand|reklam|widersprech|contest|réclam|reclam|contestaç|discrepan|abweichung|écart|differen[ct]|異議|相違|違って|违|争议|异议|爭議|異議`,
		}},
	}
}

func requests() []wording {
	return []wording{
		{to: Sorting{Type: cases.Concession, Topic: "goodwill"}, words: []string{
			`goodwill|good will|as a courtesy|kulanz|entgegenkommen|geste commercial|buena voluntad|cortesía comercial|cortesia comercial|boa vontade|善意|ご厚意|好意による|补偿|補償`,
		}},
		{to: Sorting{Type: cases.Cancellation, Topic: "cancellation"}, words: []string{
			`\bcancel|terminate (?:our|my|the) (?:contract|subscription|agreement|service)|kündig|stornier|résili|annul(?:er|ation)|cancelar|cancelación|cancelamento|rescindir|rescisão|解約|キャンセル|取消|解约|退订|終止合約`,
		}},
		{to: Sorting{Type: cases.Refund, Topic: "refund"}, words: []string{
			`refund|money back|rückerstatt|erstattung|erstatten|geld zurück|rückzahlung|rembours|reembols|devolución|devoluç|estorno|返金|払い戻し|退款|退还|退費`,
		}},
		{to: Sorting{Type: cases.Inquiry, Topic: "invoice_missing", Reason: "invoice_missing"}, words: []string{
			near(`invoice|rechnung|facture|factura|fatura|請求書|发票|發票|账单`, `missing|(?:`+notYet+`)[^.!?。]{0,20}(?:receiv|arriv|erhalten|bekommen|eingegangen|reçu|recibid|llegad|recebid|cheg|届|受け取|收到)|copy|kopie|copie|copia|cópia|再発行|副本|补开`),
		}},
		{to: Sorting{Type: cases.Inquiry, Topic: "payment"}, words: []string{
			`payment terms|bank details|due date|payment plan|instal?lments|zahlungsziel|bankverbindung|fälligkeit|ratenzahlung|coordonnées bancaires|échéance|datos bancarios|vencimiento|dados bancários|vencimento|支払期限|振込先|付款期限|银行账户|到期`,
		}},
	}
}
