package document

// japanese is titled, for a seller in Japan, as 消費税法 has it: qualified invoice (第57条の4 第1項; a corrected one is
// its 第4項) and qualified return invoice (第3項): issuer with registration number, dates of return and of the
// original, content, and amounts and tax by rate.
func japanese(country string) catalogue {
	memo, invoice, taxID := "クレジットノート", "請求書", "税務登録番号"
	if country == "JP" {
		memo, invoice, taxID = "適格返還請求書", "適格請求書", "登録番号"
	}
	return catalogue{
		continued: "{title} {number}（続き）", page: "{page} / {pages} ページ",
		date: "発行日", original: "元の請求書", originalDate: "請求書発行日", originalStamp: "税務当局の番号", supply: "対象期間", account: "お客様番号",
		customerTaxID: "貴社登録番号", caseNumber: "お問い合わせ番号", due: "お支払期限", order: "ご注文番号",
		ref: "{number}（{date}付）", comma: "、", and: "、", reason: "理由",
		creditMemo: billWords{
			title: memo, number: "書類番号", total: "返還金額合計", settlement: "ご精算方法",
			introOne: "本書は、請求書 {list} の金額を訂正し、減額するものです。", introMany: "本書は、次の請求書の金額を訂正し、減額するものです：{list}。",
		},
		accountCredit: billWords{
			title: memo, number: "書類番号", total: "返還金額合計", settlement: "ご精算方法",
			intro: "本書は、お客様の口座に下記の金額を計上するものです。特定の請求書を訂正するものではありません。",
		},
		debitMemo: billWords{
			title: "追加請求書", number: "書類番号", total: "追加ご請求金額",
			intro:    "下記のとおりご請求申し上げます。",
			introOne: "本書は、請求書 {list} について、下記の金額を追加でご請求するものです。", introMany: "本書は、次の請求書について、下記の金額を追加でご請求するものです：{list}。",
		},
		invoice: billWords{
			title: invoice, number: "請求書番号", total: "ご請求金額",
			introOne: "本書は、請求書 {list} を修正し、これに代わるものです。", introMany: "本書は、次の請求書を修正し、これらに代わるものです：{list}。",
		},
		reversal: billWords{
			title: memo + "の取消", number: "書類番号", total: "再度のご請求金額", settlement: "取消による変更",
			introOne: "本書は、" + memo + " {list} を取り消すものです。減額した金額は改めてご請求となります。",
		},
		accountReversal: billWords{
			title: "クレジットノートの取消", number: "書類番号", total: "再度のご請求金額", settlement: "取消による変更",
			introOne: "本書は、クレジットノート {list} を取り消すものです。計上した金額は改めてご請求となります。",
		},
		kinds: map[Kind]string{
			InvoiceKind: "請求書", DebitMemoKind: "追加請求書", CreditMemoKind: memo, PaymentKind: "ご入金", RefundKind: "ご返金",
			WriteOffKind: "貸倒処理", TransferKind: "残高振替", ChargebackKind: "チャージバック", ReversalKind: "取消",
		},
		lines: lineWords{
			description: "内容", quantity: "数量", unitPrice: "単価", discount: "値引", rate: "{tax}",
			net: "税抜金額（{currency}）", amount: "金額（{currency}）", grossAmount: "税込金額（{currency}）",
			linesTotal: "明細合計", discountShare: "書類全体の値引の按分", charge: "書類全体の追加料金", afterDiscount: "値引後合計",
			taxSummary: "税率別内訳（{currency}）", taxable: "税抜金額", tax: "税額", gross: "税込金額", roundingBack: "端数調整（請求書と同じ）", rounding: "端数調整",
			homeTax: "{tax}（{currency}）：{amount}（為替レート {rate}、{source}、{date}）", homeTotal: "合計（{currency}）：{amount}", inclusive: "明細の金額は{tax}を含みます。",
			replaced:     "元の請求書は" + memo + " {list} により取り消されました。",
			withheldBack: "この金額のうち {amount} は、元の請求書に記載した源泉徴収税額に対応する分で、徴収の必要はなくなります。",
		},
		paying: payWords{
			heading: "お支払方法", by: "{date}までに {amount} をお支払いください。", amountDue: "お支払金額", nothing: "お支払いは完了しています。",
			withholding: "お支払金額のうち {amount} は、お客様が源泉徴収される税額です。", reference: "お振込時の記載事項：{reference}", online: "{amount} は次のリンクからもお支払いいただけます：",
		},
		refund:    japaneseRefund(memo),
		statement: japaneseStatement(),
		taxName:   "消費税",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "税率0%", Exempt: "非課税", ReverseCharge: "リバースチャージ",
			IntraCommunity: "EU域内供給", Export: "輸出免税", OutOfScope: "不課税",
		},
		reverseChargeNote: "リバースチャージ方式：お客様に消費税の申告義務があります。",
		buckets: map[Bucket]string{
			ReducesInvoice: "請求書 {ref} のご請求額から差し引きます", CustomerBalance: "お客様の口座残高とし、次回以降のご請求に充当します",
			Refunded: "ご返金 {ref}", SettledOutside: "本口座外にて精算 {ref}",
		},
		undone: map[Bucket]string{
			ReducesInvoice: "請求書 {ref} のご請求額に戻します", CustomerBalance: "お客様の口座残高から差し引きます",
			Refunded: "ご返金分のご返却をお願いします {ref}", SettledOutside: "本口座外にて精算します {ref}",
		},
		openAfter: "差引後のご請求残高：{amount}", openAgain: "取消後のご請求残高：{amount}", taxID: taxID, honorific: " 御中", undatedMemo: "クレジットノート",
		dateFormat: "2006年1月2日", shortDate: "2006/01/02", decimalPoint: ".", grouping: ",", percent: "{n}%",
	}
}

func japaneseRefund(memo string) refundWords {
	return refundWords{
		title: "返金通知書", number: "返金番号", intro: "下記のとおり {amount} をご返金いたします。",
		sources: "ご返金の内訳", document: "書類", amount: "金額（{currency}）", total: "ご返金額",
		how: "ご返金方法", method: "お支払方法", destination: "お振込先", day: "お支払日", reference: "振込摘要",
		balance: "お客様の口座残高（ご返金後）", noTax: "本書はお支払いのご案内です。請求書・" + memo + "ではなく、税額に変更はありません。",
		methods: map[string]string{
			BankTransfer: "銀行振込", CardRefund: "カードへの返金", DirectCredit: "口座振替による返金", Check: "小切手",
		},
	}
}

func japaneseStatement() statementWords {
	return statementWords{
		title: "取引明細書", day: "発行日", period: "対象期間",
		intro:    "対象期間中のお取引と、{date}現在の未決済残高をご案内いたします。",
		knownOn:  "{date} の終業時点で記帳済みの内容によるものです。",
		currency: "通貨", opening: "期首残高", debits: "ご請求", credits: "ご入金・減額", closing: "期末残高",
		inFavour: "残高のマイナスは、お客様の貸方残高（お預かり）を示します。",
		open:     "{date}現在の未決済残高", disputed: "異議申立中（決定までお支払い不要）", notYetDue: "お支払期限前", payNow: "今回お支払いいただく金額",
		deducted:   "未充当の入金・減額の差引",
		nothingDue: "現在お支払期限の到来した金額はありません", unused: "未充当の入金・減額（上記から差し引いていません）",
		movements: "お取引明細（{currency}）", document: "書類", date: "日付", due: "お支払期限", debit: "ご請求", credit: "ご入金・減額", balance: "残高",
		concerns: "対象 {number}", carried: "次頁へ繰越", brought: "前頁より繰越", none: "対象期間中のお取引はありません。",
		openItems: "未決済明細（{currency}）", issued: "日付", overdue: "超過\n日数", openAmount: "未決済額", disputedAmount: "異議申立中",
		undisputed: "異議のない額", total: "合計",
		creditsHead: "未充当の入金・減額（{currency}）", creditsNote: "充当する請求書をお知らせください。未決済明細からは差し引いていません。",
		original: "金額", available: "未充当額",
		aging: "未決済額の期日超過日数別内訳（{currency}、異議申立中を除く）", ages: [ageGroups]string{"期限前", "1–30", "31–60", "61–90", "91–120", "120超"},
		agingDisputed: "異議申立中", agingTotal: "未決済額",
	}
}
