package document_test

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing/document"
	"makegood/internal/money"
)

func day(text string) time.Time {
	t, err := time.Parse(time.DateOnly, text)
	if err != nil {
		panic(err)
	}
	return t
}

func dec(text string) decimal.Decimal { return decimal.RequireFromString(text) }

func some(text string) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: dec(text), Valid: true}
}

// samples are one memo per language, each with something of its own: two rates, reverse charge, yen without
// decimals, names in other scripts, several originals, a refund.
func samples() map[string]document.CreditMemo {
	return map[string]document.CreditMemo{
		"en": english(), "de": german(), "zh": chinese(), "ja": japanese(), "pt": portuguese(),
	}
}

func seller() document.Entity {
	return document.Entity{
		Name: "Nordlicht Cloud GmbH", Address: []string{"Hafenstraße 12", "20457 Hamburg", "Deutschland"},
		TaxIDs: []document.TaxID{{Number: "DE318842071"}, {Label: "Steuernummer", Number: "22/714/00915"}}, Country: "DE", Brand: "#1F5C7A",
		Legal: []string{"Amtsgericht Hamburg, HRB 151234", "Geschäftsführung: Dr. Antje Söhlke, Paulo Brandão", "billing@nordlicht.example"},
		Bank:  []string{"Elbkontor Bank", "IBAN DE02 2005 0000 1234 5678 90", "BIC ELBKDEHHXXX"},
	}
}

func german() document.CreditMemo {
	eur := money.Currency("EUR")
	open := money.MustParse("11395.10", eur)
	return document.CreditMemo{
		Language: document.German, Currency: eur, Number: "CM-DE-2026-00403", Date: day("2026-11-12"),
		Originals:  []document.InvoiceRef{{Number: "DE-2026-01877", Date: day("2026-10-31")}},
		SupplyFrom: day("2026-10-01"), SupplyTo: day("2026-10-31"), CaseNumber: "MG-004182",
		Reason: "Der Speicherplatz wurde für Oktober zweimal berechnet; die zweite Berechnung nehmen wir zurück. Das Handbuch wurde mit dem falschen Preis abgerechnet.",
		Entity: seller(),
		Customer: document.Customer{
			Name: "Brücke & Söhne Maschinenbau AG", Contact: "Buchhaltung, Frau Jana Öztürk",
			Address: []string{"Werkstraße 4–8", "70469 Stuttgart", "Deutschland"}, Account: "C-10482", TaxID: document.TaxID{Number: "DE811223344"},
		},
		Lines: []document.Line{
			{Description: "Objektspeicher Standard, Region Frankfurt", Detail: "Rechnungszeile 3 · 01.10.2026 – 31.10.2026", Quantity: some("12400"), Unit: "GB", UnitPrice: some("0.0525"), Net: money.MustParse("651.00", eur), Category: "S", TaxRate: dec("19")},
			{Description: "Handbuch „Betrieb“, gedruckt", Detail: "Rechnungszeile 7", Quantity: some("2"), Unit: "St.", UnitPrice: some("32.89"), Net: money.MustParse("65.78", eur), Category: "S", TaxRate: dec("7")},
		},
		Taxes: []document.TaxGroup{
			{Category: "S", Rate: dec("19"), Net: money.MustParse("651.00", eur), Tax: money.MustParse("123.69", eur)},
			{Category: "S", Rate: dec("7"), Net: money.MustParse("65.78", eur), Tax: money.MustParse("4.60", eur)},
		},
		Net: money.MustParse("716.78", eur), Tax: money.MustParse("128.29", eur), Total: money.MustParse("845.07", eur),
		Settlements: []document.Settlement{
			{Bucket: document.ReducesInvoice, Reference: "DE-2026-01877", Amount: money.MustParse("645.07", eur), OpenAfter: &open},
			{Bucket: document.CustomerBalance, Amount: money.MustParse("200.00", eur)},
		},
	}
}

func english() document.CreditMemo {
	usd := money.Currency("USD")
	return document.CreditMemo{
		Language: document.English, Currency: usd, Number: "CM-IE-2026-00071", Date: day("2026-11-12"),
		Originals: []document.InvoiceRef{
			{Number: "IE-2026-00911", Date: day("2026-08-31")}, {Number: "IE-2026-01022", Date: day("2026-09-30")}, {Number: "IE-2026-01140", Date: day("2026-10-31")},
		},
		CaseNumber: "MG-004207",
		Reason:     "Your partner discount of 12 % was not applied from August to October. We are sorry about that; the contract is corrected, and November's invoice already shows it.",
		Entity: document.Entity{
			Name: "Kestrel Metering Ltd", Address: []string{"4 Quay Yard", "Cork T12 X7Y3", "Ireland"}, Brand: "#7A2E3A",
			TaxIDs: []document.TaxID{{Number: "IE 4471289KH"}}, Country: "IE",
			Legal: []string{"Registered in Ireland no. 681204", "Directors: A. Ní Bhriain, T. Okafor"}, Bank: []string{"Lee Street Bank", "IBAN IE64 LSBK 9311 5212 3456 78"},
		},
		Customer: document.Customer{
			Name: "株式会社ひかり物流 (Hikari Logistics Europe)", Contact: "Accounts payable · 吉田 みどり",
			Address: []string{"Keizersgracht 881", "1017 DX Amsterdam", "Netherlands"}, Account: "C-20917", TaxID: document.TaxID{Number: "NL859012345B01"},
		},
		Lines: []document.Line{
			{Description: "Partner discount, August 2026", Detail: "Invoice IE-2026-00911, lines 1–4", Net: money.MustParse("1248.36", usd), Category: "AE", TaxRate: dec("0")},
			{Description: "Partner discount, September 2026", Detail: "Invoice IE-2026-01022, lines 1–4", Net: money.MustParse("1310.04", usd), Category: "AE", TaxRate: dec("0")},
			{Description: "Partner discount, October 2026, with the two meters 検針器 A-17 and A-18 that were added in the middle of the month", Detail: "Invoice IE-2026-01140, lines 1–6", Net: money.MustParse("1402.80", usd), Category: "AE", TaxRate: dec("0")},
		},
		Taxes: []document.TaxGroup{{Category: "AE", Rate: dec("0"), Net: money.MustParse("3961.20", usd), Tax: money.Zero(usd)}},
		Net:   money.MustParse("3961.20", usd), Tax: money.Zero(usd), Total: money.MustParse("3961.20", usd),
		Settlements: []document.Settlement{{Bucket: document.CustomerBalance, Amount: money.MustParse("3961.20", usd)}},
	}
}

func japanese() document.CreditMemo {
	jpy := money.Currency("JPY")
	open := money.MustParse("0", jpy)
	return document.CreditMemo{
		Language: document.Japanese, Currency: jpy, Number: "CM-JP-2026-0018", Date: day("2026-11-12"),
		Originals: []document.InvoiceRef{{Number: "JP-2026-0412", Date: day("2026-10-31")}}, CaseNumber: "MG-004211",
		Reason: "10月分のサポート料金を二重に計上しておりましたので、訂正いたします。ご迷惑をおかけしましたことをお詫び申し上げます。",
		Entity: document.Entity{
			Name: "あけぼのデータ株式会社", Address: []string{"〒220-0012", "神奈川県横浜市西区みなとみらい9丁目4番1号"}, Country: "JP", Brand: "#5B3A86",
			TaxIDs: []document.TaxID{{Number: "T9810456723001"}},
			Legal:  []string{"お問い合わせ：seikyu@akebono.example"}, Bank: []string{"みなと海運銀行 本店営業部", "普通 0123456", "アケボノデータ（カ"},
		},
		Customer: document.Customer{Name: "有限会社髙橋製作所", Contact: "経理部 渡邉様", Address: []string{"〒541-0041", "大阪府大阪市中央区北浜8丁目2番7号", "北浜テラス 12階"}, Account: "C-30055"},
		Lines: []document.Line{
			{Description: "プレミアムサポート（10月分）", Detail: "請求書明細 2", Quantity: some("1"), Unit: "式", UnitPrice: some("84500"), Net: money.MustParse("84500", jpy), Category: "S", TaxRate: dec("10")},
			{Description: "研修時の飲料 ※軽減税率対象", Detail: "請求書明細 5", Quantity: some("24"), Unit: "本", UnitPrice: some("130"), Net: money.MustParse("3120", jpy), Category: "S", TaxRate: dec("8")},
		},
		Taxes: []document.TaxGroup{
			{Category: "S", Rate: dec("10"), Net: money.MustParse("84500", jpy), Tax: money.MustParse("8450", jpy)},
			{Category: "S", Rate: dec("8"), Net: money.MustParse("3120", jpy), Tax: money.MustParse("250", jpy), Note: "※ 8%は軽減税率の対象です。"},
		},
		Net: money.MustParse("87620", jpy), Tax: money.MustParse("8700", jpy), Total: money.MustParse("96320", jpy),
		Settlements: []document.Settlement{{Bucket: document.ReducesInvoice, Reference: "JP-2026-0412", Amount: money.MustParse("96320", jpy), OpenAfter: &open}},
	}
}

func chinese() document.CreditMemo {
	cny := money.Currency("CNY")
	return document.CreditMemo{
		Language: document.Chinese, Currency: cny, Number: "CM-CN-2026-0009", Date: day("2026-11-12"),
		Originals: []document.InvoiceRef{{Number: "CN-2026-0207", Date: day("2026-10-31")}}, CaseNumber: "MG-004219",
		Reason: "十月份云主机因机房停电中断 7 小时 40 分钟，可用性为 98.97%，低于合同约定的 99.9%。依据服务等级协议，返还当月费用的 10%。",
		Entity: document.Entity{
			Name: "青屿云计算（杭州）有限公司", Address: []string{"浙江省杭州市滨江区江虹路 9988 号 3 幢", "310052"}, Country: "CN", Brand: "#0F6B5C",
			TaxIDs: []document.TaxID{{Label: "统一社会信用代码", Number: "91330108MA2XQ7K61B"}}, Legal: []string{"账务咨询：billing@qingyu.example"}, Bank: []string{"开户行：钱江商业银行滨江支行", "账号：3301 0400 1234 5678"},
		},
		Customer: document.Customer{Name: "苏州晴川精密机械有限公司", Contact: "财务部 沈女士", Address: []string{"江苏省苏州市工业园区星湖街 1288 号", "215123"}, Account: "C-40231", TaxID: document.TaxID{Number: "91320594MA1N5T8P4E"}},
		Lines: []document.Line{
			{Description: "云主机 c6.4xlarge 服务等级赔付（十月）", Detail: "发票第 1 行 · 当月费用 128,400.00 × 10%", Net: money.MustParse("12840.00", cny), Category: "S", TaxRate: dec("6")},
		},
		Taxes: []document.TaxGroup{{Category: "S", Rate: dec("6"), Net: money.MustParse("12840.00", cny), Tax: money.MustParse("770.40", cny)}},
		Net:   money.MustParse("12840.00", cny), Tax: money.MustParse("770.40", cny), Total: money.MustParse("13610.40", cny),
		Settlements: []document.Settlement{{Bucket: document.Refunded, Reference: "尾号 4471", Amount: money.MustParse("13610.40", cny)}},
	}
}

func portuguese() document.CreditMemo {
	usd, eur := money.Currency("USD"), money.Currency("EUR")
	return document.CreditMemo{
		Language: document.Portuguese, Currency: usd, Number: "NC 2026/118", Date: day("2026-11-12"),
		Originals: []document.InvoiceRef{{Number: "FT 2026/2204", Date: day("2026-10-31")}}, CaseNumber: "MG-004223",
		Reason: "Anulação das licenças não utilizadas desde 16 de outubro, conforme acordado por telefone.\nAs restantes mantêm-se.",
		Entity: document.Entity{
			Name: "Maré Alta Software, Lda.", Address: []string{"Rua das Gáveas, 31", "4050-290 Porto", "Portugal"}, Country: "PT", Brand: "#F2B705",
			TaxIDs: []document.TaxID{{Label: "NIF", Number: "PT 517 204 883"}}, Legal: []string{"Capital social 50.000 €", "C.R.C. do Porto n.º 517204883"}, Bank: []string{"Banco da Ribeira", "IBAN PT50 0099 0000 1234 5678 9015 4"},
		},
		Customer: document.Customer{Name: "Café Ateliê São João, S.A.", Address: []string{"Av. da Liberdade, 902, 3.º Esq.", "1250-096 Lisboa"}, Account: "C-50110", TaxID: document.TaxID{Label: "NIF", Number: "PT 509 112 004"}},
		Lines: []document.Line{
			{Description: "Licenças “Equipa”, parte de mês", Detail: "Fatura, linha 1 · 16/10/2026 – 31/10/2026", Quantity: some("41.290323"), Unit: "un.", UnitPrice: some("31"), Net: money.MustParse("1280.00", usd), Category: "S", TaxRate: dec("23")},
		},
		Taxes: []document.TaxGroup{{Category: "S", Rate: dec("23"), Net: money.MustParse("1280.00", usd), Tax: money.MustParse("294.40", usd)}},
		Net:   money.MustParse("1280.00", usd), Tax: money.MustParse("294.40", usd), Total: money.MustParse("1574.40", usd),
		HomeTax:     &document.HomeTax{Tax: money.MustParse("271.08", eur), Rate: dec("0.92080"), Source: "BCE", Date: day("2026-10-30")},
		Settlements: []document.Settlement{{Bucket: document.SettledOutside, Reference: "(marketplace)", Amount: money.MustParse("1574.40", usd)}},
	}
}

// long is the German memo with so many lines that it needs several pages.
func long(lines int) document.CreditMemo {
	m := german()
	m.Lines = nil
	eur := m.Currency
	for i := range lines {
		m.Lines = append(m.Lines, document.Line{
			Description: fmt.Sprintf("Rechenzeit, Knoten %03d", i+1), Detail: "Rechnungszeile " + fmt.Sprint(i+1),
			Net: money.MustParse("1.00", eur), Category: "S", TaxRate: dec("19"),
		})
	}
	net := money.Of(decimal.NewFromInt(int64(lines)), eur)
	tax := money.Of(net.Decimal().Mul(dec("0.19")), eur)
	total := money.Of(net.Decimal().Add(tax.Decimal()), eur)
	m.Taxes = []document.TaxGroup{{Category: "S", Rate: dec("19"), Net: net, Tax: tax}}
	m.Net, m.Tax, m.Total = net, tax, total
	m.Settlements = []document.Settlement{{Bucket: document.CustomerBalance, Amount: total}}
	return m
}
