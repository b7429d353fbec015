package ubl

import (
	"strings"

	"makegood/billing/document"
)

// settled says in the customer's language where the money of a credit memo goes, for want of terms of its own (BT-20).
var settled = map[document.Language]map[document.Bucket]string{
	document.English: {
		document.ReducesInvoice:  "{amount} reduce invoice {reference}.",
		document.CustomerBalance: "{amount} are added to your credit balance.",
		document.Refunded:        "{amount} are refunded.",
		document.SettledOutside:  "{amount} are settled elsewhere.",
	},
	document.German: {
		document.ReducesInvoice:  "{amount} mindern die Rechnung {reference}.",
		document.CustomerBalance: "{amount} werden Ihrem Guthaben gutgeschrieben.",
		document.Refunded:        "{amount} werden erstattet.",
		document.SettledOutside:  "{amount} werden anderweitig ausgeglichen.",
	},
	document.Chinese: {
		document.ReducesInvoice:  "{amount} 冲减发票 {reference}。",
		document.CustomerBalance: "{amount} 计入您的账户余额。",
		document.Refunded:        "{amount} 将退还给您。",
		document.SettledOutside:  "{amount} 另行结算。",
	},
	document.Japanese: {
		document.ReducesInvoice:  "{amount} を請求書 {reference} から差し引きます。",
		document.CustomerBalance: "{amount} をお客様の預り残高に加算します。",
		document.Refunded:        "{amount} を返金いたします。",
		document.SettledOutside:  "{amount} は別途精算いたします。",
	},
	document.Portuguese: {
		document.ReducesInvoice:  "{amount} abatem a fatura {reference}.",
		document.CustomerBalance: "{amount} são creditados no seu saldo.",
		document.Refunded:        "{amount} são reembolsados.",
		document.SettledOutside:  "{amount} são regularizados por outra via.",
	},
}

// discountWords name a discount that has no label.
var discountWords = map[document.Language]string{
	document.English: "Discount", document.German: "Rabatt", document.Chinese: "折扣", document.Japanese: "値引", document.Portuguese: "Desconto",
}

func settlementTerms(lang document.Language, list []document.Settlement) string {
	words, known := settled[lang]
	if !known {
		words = settled[document.English]
	}
	var parts []string
	for _, s := range list {
		parts = append(parts, strings.NewReplacer("{amount}", s.Amount.String(), "{reference}", s.Reference).Replace(words[s.Bucket]))
	}
	return strings.Join(parts, " ")
}
