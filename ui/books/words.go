package books

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"makegood/internal/money"
	"makegood/ui/kit"
)

// paper is the words and formats of a document as the customer got it.
type paper struct {
	paperWords
	amounts amountWords
}

type paperWords struct {
	lang                                                          string
	invoice, memo, issued, period, due, account, order, taxID     string
	position, item, quantity, price, net, netTotal, tax, total    string
	correction, memoTotal, refers, supply, payBy, setOff, balance string
}

// amountWords are the words of what stands between the lines and the total.
type amountWords struct{ amount, gross, lines, discount, charge, rounding, withheld string }

func amountWordsIn(short string) amountWords {
	switch short {
	case "de":
		return amountWords{"Betrag", "Brutto", "Summe der Zeilen", "Rabatt", "Zuschlag", "Rundung", "davon einzubehalten"}
	case "pt":
		return amountWords{"Valor", "Bruto", "Total das linhas", "Desconto", "Encargo", "Arredondamento", "a reter"}
	case "ja":
		return amountWords{"金額", "税込額", "明細合計", "値引", "追加料金", "端数調整", "うち源泉徴収額"}
	case "zh":
		return amountWords{"金额", "含税额", "明细合计", "折扣", "附加费", "尾差", "其中代扣税额"}
	}
	return amountWords{"Amount", "With tax", "Total of the lines", "Discount", "Charge", "Rounding", "of which to be withheld"}
}

// paperIn gives the words of a language; English where we have none.
func paperIn(language string) paper {
	short, _, _ := strings.Cut(strings.ToLower(language), "-")
	return paper{wordsIn(short), amountWordsIn(short)}
}

func wordsIn(short string) paperWords {
	switch short {
	case "de":
		return paperWords{
			"de", "Rechnung", "Rechnungskorrektur", "Rechnungsdatum", "Leistungszeitraum", "Fällig am", "Kundennummer", "Bestellung", "USt-IdNr.",
			"Pos.", "Leistung", "Menge", "Preis", "Netto", "Nettobetrag", "Umsatzsteuer", "Rechnungsbetrag",
			"Korrektur", "Gutschrift", "Zu Rechnung {number} vom {date}", "Leistungszeitraum {period}", "Zahlbar ohne Abzug bis {date}.",
			"{amount} wurden mit der Rechnung verrechnet.", "{amount} stehen als Guthaben auf dem Kundenkonto.",
		}
	case "pt":
		return paperWords{
			"pt", "Fatura", "Nota de crédito", "Data da fatura", "Período do serviço", "Vencimento", "Cliente n.º", "Encomenda", "N.º de IVA",
			"Pos.", "Descrição", "Quant.", "Preço", "Líquido", "Total líquido", "Imposto", "Total da fatura",
			"Correção", "Total creditado", "Relativa à fatura {number} de {date}", "Período do serviço {period}", "A pagar até {date}.",
			"{amount} foram deduzidos à fatura.", "{amount} ficam como saldo a favor na sua conta.",
		}
	case "ja":
		return paperWords{
			"ja", "請求書", "返還請求書", "請求日", "サービス期間", "支払期限", "お客様番号", "注文番号", "登録番号",
			"番号", "内容", "数量", "単価", "税抜額", "税抜合計", "消費税", "請求金額",
			"訂正内容", "返還金額", "請求書 {number}（{date}）に対して", "サービス期間 {period}", "お支払期限 {date}",
			"{amount} を請求書に充当しました。", "{amount} をお客様の残高に計上しました。",
		}
	case "zh":
		return paperWords{
			"zh", "账单", "贷项通知单", "账单日期", "服务期间", "到期日", "客户编号", "订单号", "税号",
			"序号", "项目", "数量", "单价", "净额", "净额合计", "税额", "账单金额",
			"更正", "贷记金额", "针对账单 {number}（{date}）", "服务期间 {period}", "请于 {date} 前付款。",
			"{amount} 已抵减该账单。", "{amount} 已记入您的账户余额。",
		}
	}
	return paperWords{
		"en", "Invoice", "Credit memo", "Invoice date", "Service period", "Due", "Customer no.", "Purchase order", "VAT ID",
		"Pos.", "Item", "Quantity", "Price", "Net", "Net total", "VAT", "Invoice total",
		"Correction", "Total credit", "On invoice {number} of {date}", "Service period {period}", "Payable without deduction by {date}.",
		"{amount} were set against the invoice.", "{amount} are kept as credit on your account.",
	}
}

func (p paper) number(a money.Amount) string { return kit.FormatNumber(a, p.lang) }
func (p paper) money(a money.Amount) string  { return kit.FormatMoney(a, p.lang) }

// day writes a date as the documents of the language do.
func (p paper) day(t time.Time) string {
	switch p.lang {
	case "de":
		return t.Format("02.01.2006")
	case "pt":
		return t.Format("02/01/2006")
	case "ja", "zh":
		return t.Format("2006年1月2日")
	}
	return t.Format("2 Jan 2006")
}

func (p paper) span(from, to time.Time) string {
	if from.Equal(to) {
		return p.day(from)
	}
	return p.day(from) + " – " + p.day(to)
}

// figure writes a quantity or a price with as many decimals as it has.
func (p paper) figure(d decimal.Decimal) string {
	whole, fraction, _ := strings.Cut(d.String(), ".")
	amount, err := money.Parse(whole, "JPY") // a currency without decimals, for its grouping alone
	if err != nil {
		return d.String()
	}
	text := kit.FormatNumber(amount, p.lang)
	if fraction == "" {
		return text
	}
	if p.lang == "de" || p.lang == "pt" {
		return text + "," + fraction
	}
	return text + "." + fraction
}

// unit writes a unit price with at least two decimals, where the currency has them.
func (p paper) unit(d decimal.Decimal, currency money.Currency) string {
	if d.Equal(d.Round(currency.Digits())) {
		return p.number(money.Of(d, currency))
	}
	return p.figure(d)
}

// rate writes a tax rate: 19 %.
func (p paper) rate(d decimal.Decimal) string {
	return p.figure(d) + " %"
}

func fill(template string, pairs ...string) string {
	for i := 0; i+1 < len(pairs); i += 2 {
		template = strings.ReplaceAll(template, "{"+pairs[i]+"}", pairs[i+1])
	}
	return template
}
