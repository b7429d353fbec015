package document

// chinese calls an invoice of a seller in China 账单: a 发票 there is only what the tax authority's own system issues
// (发票管理办法).
func chinese(country string) catalogue {
	title, number, total := "发票", "发票编号", "发票总额"
	if country == "CN" {
		title, number, total = "账单", "账单编号", "账单总额"
	}
	return catalogue{
		continued: "{title} {number}（续）", page: "第 {page} 页，共 {pages} 页",
		date: "日期", original: "原发票", originalDate: "发票日期", originalStamp: "税务机关编号", supply: "服务期间", account: "客户编号",
		customerTaxID: "贵方税号", caseNumber: "案件编号", due: "付款到期日", order: "贵方订单号",
		ref: "{number}（{date}）", comma: "、", and: "、", reason: "原因",
		creditMemo: billWords{
			title: "贷项通知单", number: "单据编号", total: "贷记总额", settlement: "贷记款项的处理",
			introOne: "本通知单更正发票 {list}。", introMany: "本通知单更正以下发票：{list}。",
		},
		accountCredit: billWords{
			title: "贷项通知单", number: "单据编号", total: "贷记总额", settlement: "贷记款项的处理",
			intro: "本通知单为贵方账户贷记一笔款项，不针对某一张发票。",
		},
		debitMemo: billWords{
			title: "借项通知单", number: "单据编号", total: "借记总额",
			intro:    "本通知单向贵方账户计收下列款项。",
			introOne: "本通知单就发票 {list} 补收下列款项。", introMany: "本通知单就以下发票补收款项：{list}。",
		},
		invoice: billWords{
			title: title, number: number, total: total,
			introOne: "本" + title + "替代发票 {list}。", introMany: "本" + title + "替代以下发票：{list}。",
		},
		reversal: billWords{
			title: "贷项冲销通知单", number: "单据编号", total: "恢复应付总额", settlement: "由此产生的变动",
			introOne: "本通知单冲销贷项通知单 {list}，原贷记款项恢复为应付款项。",
		},
		kinds: map[Kind]string{
			InvoiceKind: "发票", DebitMemoKind: "借项通知单", CreditMemoKind: "贷项通知单", PaymentKind: "付款", RefundKind: "退款",
			WriteOffKind: "坏账核销", TransferKind: "余额划转", ChargebackKind: "拒付退单", ReversalKind: "冲销",
		},
		lines: lineWords{
			description: "说明", quantity: "数量", unitPrice: "单价", discount: "折扣", rate: "{tax}",
			net: "净额（{currency}）", amount: "金额（{currency}）", grossAmount: "含税金额（{currency}）",
			linesTotal: "明细合计", discountShare: "整单折扣分摊", charge: "整单附加费", afterDiscount: "折后合计",
			taxSummary: "税额汇总（{currency}）", taxable: "净额", tax: "税额", gross: "价税合计", roundingBack: "尾数调整（与发票相同）", rounding: "尾数调整",
			homeTax: "{tax}（{currency}）：{amount}（汇率 {rate}，{source}，{date}）", homeTotal: "总额（{currency}）：{amount}", inclusive: "明细价格均已含{tax}。",
			replaced:     "被替代的发票已由贷项通知单 {list} 全额冲回。",
			withheldBack: "本贷项中 {amount} 为原发票上注明的代扣代缴税款，不再需要代扣。",
		},
		paying: payWords{
			heading: "付款方式", by: "请于 {date} 前支付 {amount}。", amountDue: "应付金额", nothing: "款项已结清，无需付款。",
			withholding: "应付金额中有 {amount} 为贵方代扣代缴的税款。", reference: "付款附言：{reference}",
			online: "也可通过以下链接在线支付 {amount}：",
		},
		refund:    chineseRefund(),
		statement: chineseStatement(),
		taxName:   "增值税",
		categories: map[string]string{
			Standard: "{tax} {rate}", ZeroRated: "零税率", Exempt: "免税", ReverseCharge: "反向征收",
			IntraCommunity: "欧盟内部供应", Export: "出口", OutOfScope: "不征税",
		},
		reverseChargeNote: "反向征收：由客户申报并缴纳税款。",
		buckets: map[Bucket]string{
			ReducesInvoice: "抵减发票 {ref}", CustomerBalance: "计入贵方账户余额，用于抵扣后续发票",
			Refunded: "退款 {ref}", SettledOutside: "在本账户之外结清 {ref}",
		},
		undone: map[Bucket]string{
			ReducesInvoice: "发票 {ref} 恢复应付", CustomerBalance: "从贵方账户余额中扣减",
			Refunded: "退款需退回 {ref}", SettledOutside: "在本账户之外另行结清 {ref}",
		},
		openAfter: "该发票尚未结清：{amount}", openAgain: "该发票未结清金额：{amount}", taxID: "税号",
		dateFormat: "2006年1月2日", shortDate: "2006-01-02", decimalPoint: ".", grouping: ",", percent: "{n}%",
	}
}

func chineseRefund() refundWords {
	return refundWords{
		title: "退款通知书", number: "退款编号", intro: "我方将向贵方退还 {amount}。",
		sources: "退款来源", document: "单据", amount: "金额（{currency}）", total: "退款金额",
		how: "退款方式", method: "支付方式", destination: "收款账户", day: "付款日期", reference: "附言",
		balance: "贵方账户剩余余额", noTax: "本通知仅告知付款事宜，不是发票或贷项通知单，不改变税额。",
		methods: map[string]string{
			BankTransfer: "银行转账", CardRefund: "退回至原银行卡", DirectCredit: "通过代扣渠道退回", Check: "支票",
		},
	}
}

func chineseStatement() statementWords {
	return statementWords{
		title: "对账单", day: "日期", period: "期间",
		intro:    "本对账单列示期间内贵方账户的全部记账，以及截至 {date} 尚未结清的款项。",
		knownOn:  "本对账单反映截至 {date} 日终已入账的情况。",
		currency: "币种", opening: "期初余额", debits: "借方合计", credits: "贷方合计", closing: "期末余额",
		inFavour: "余额为负数表示贵方有贷项结余。",
		open:     "截至 {date} 未结清", disputed: "争议金额，裁定前无需支付", notYetDue: "尚未到期", payNow: "现应支付",
		deducted:   "减：尚未使用的贷项",
		nothingDue: "目前没有到期款项", unused: "尚未使用的贷项，上方未予扣减",
		movements: "账户明细（{currency}）", document: "单据", date: "日期", due: "到期日", debit: "借方", credit: "贷方", balance: "余额",
		concerns: "关于 {number}", carried: "过次页", brought: "承前页", none: "本期间没有记账。",
		openItems: "未结清单据（{currency}）", issued: "日期", overdue: "逾期\n天数", openAmount: "未结清", disputedAmount: "争议金额",
		undisputed: "无争议金额", total: "合计",
		creditsHead: "尚未使用的贷项（{currency}）", creditsNote: "请告知用于抵扣哪些发票。未结清单据中未扣减这些款项。",
		original: "金额", available: "可用金额",
		aging: "未结清单据账龄（{currency}，按逾期天数，不含争议金额）", ages: [ageGroups]string{"未到期", "1–30", "31–60", "61–90", "91–120", "超过 120"},
		agingDisputed: "争议金额", agingTotal: "未结清",
	}
}
