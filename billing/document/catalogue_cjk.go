package document

func chinese() catalogue {
	return catalogue{
		title: "贷项通知单", continued: "{title} {number}（续）", page: "第 {page} 页，共 {pages} 页",
		number: "单据编号", date: "日期", original: "原发票", originalDate: "发票日期",
		supply: "服务期间", account: "客户编号", customerTaxID: "贵方税号", caseNumber: "案件编号",
		introOne: "本通知单更正发票 {list}。", introMany: "本通知单更正以下发票：{list}。",
		ref: "{number}（{date}）", comma: "、", and: "、", reason: "原因",
		description: "说明", quantity: "数量", unitPrice: "单价", rate: "{tax}", net: "净额（{currency}）",
		taxSummary: "税额汇总（{currency}）", taxName: "增值税", taxable: "净额", tax: "税额", gross: "价税合计", total: "贷记总额",
		rounding: "尾数调整（与发票相同）",
		homeTax:  "{tax}（{currency}）：{amount}（汇率 {rate}，{source}，{date}）",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "零税率", Exempt: "免税", ReverseCharge: "反向征收",
			IntraCommunity: "欧盟内部供应", Export: "出口", OutOfScope: "不征税",
		},
		reverseChargeNote: "反向征收：由客户申报并缴纳税款。",
		settlement:        "贷记款项的处理",
		buckets: map[Bucket]string{
			ReducesInvoice: "抵减发票 {ref}", CustomerBalance: "计入贵方账户余额，用于抵扣后续发票",
			Refunded: "退款 {ref}", SettledOutside: "在本账户之外结清 {ref}",
		},
		openAfter: "该发票尚未结清：{amount}", taxID: "税号",
		dateFormat: "2006年1月2日", decimalPoint: ".", grouping: ",", percent: "{n}%",
	}
}

// japanese is titled, for a seller in Japan, as the qualified return invoice of 消費税法 第57条の4 第3項: issuer
// with registration number, dates of return and of the original, content, and amounts and tax by rate.
func japanese(country string) catalogue {
	title, taxID := "クレジットノート", "税務登録番号"
	if country == "JP" {
		title, taxID = "適格返還請求書", "登録番号"
	}
	return catalogue{
		title: title, continued: "{title} {number}（続き）", page: "{page} / {pages} ページ",
		number: "書類番号", date: "発行日", original: "元の請求書", originalDate: "請求書発行日",
		supply: "対象期間", account: "お客様番号", customerTaxID: "貴社登録番号", caseNumber: "お問い合わせ番号",
		introOne: "本書は、請求書 {list} の金額を訂正し、減額するものです。", introMany: "本書は、次の請求書の金額を訂正し、減額するものです：{list}。",
		ref: "{number}（{date}付）", comma: "、", and: "、", reason: "理由",
		description: "内容", quantity: "数量", unitPrice: "単価", rate: "{tax}", net: "税抜金額（{currency}）",
		taxSummary: "税率別内訳（{currency}）", taxName: "消費税", taxable: "税抜金額", tax: "税額", gross: "税込金額", total: "返還金額合計",
		rounding: "端数調整（請求書と同じ）",
		homeTax:  "{tax}（{currency}）：{amount}（為替レート {rate}、{source}、{date}）",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "税率0%", Exempt: "非課税", ReverseCharge: "リバースチャージ",
			IntraCommunity: "EU域内供給", Export: "輸出免税", OutOfScope: "不課税",
		},
		reverseChargeNote: "リバースチャージ方式：お客様に消費税の申告義務があります。",
		settlement:        "ご精算方法",
		buckets: map[Bucket]string{
			ReducesInvoice: "請求書 {ref} のご請求額から差し引きます", CustomerBalance: "お客様の口座残高とし、次回以降のご請求に充当します",
			Refunded: "ご返金 {ref}", SettledOutside: "本口座外にて精算 {ref}",
		},
		openAfter: "差引後のご請求残高：{amount}", taxID: taxID, honorific: " 御中",
		dateFormat: "2006年1月2日", decimalPoint: ".", grouping: ",", percent: "{n}%",
	}
}
