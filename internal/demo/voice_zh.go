package demo

func chinese() voice {
	return voice{
		greeting: []string{"您好：", "尊敬的账务团队："},
		closing:  "此致\n{me}\n{company}",
		claims:   chineseClaims(),
		more: []string{
			"感谢您的快速回复。订单确认书与我们的记录一致，之后双方没有另外约定。",
			"账户是 {account}，只涉及“{line}”这一项，发票其余部分没有问题，我们会按时付款。",
		},
		chase:    []string{"请问这件事有进展了吗？我们周五月结，需要给领导一个答复。"},
		thanks:   []string{"谢谢，问题已经解决。", "已收到，可以关闭此事。"},
		hello:    "{name}，您好：",
		looking:  []string{"感谢您就发票 {invoice} 来信。有争议的部分已暂缓催款，我正在与合同核对，明天之前给您答复。"},
		ask:      []string{"为了核实，麻烦您提供当时的订单确认书或报价单。在此期间，发票 {invoice} 有争议的部分暂缓催款。", "请问您具体指发票 {invoice} 中的哪一项，从什么时候开始不符？我会与负责的同事核对。"},
		upstream: []string{"此事需要负责的同事查证，我已转交，预计两个工作日内有结果，届时立即通知您。"},
		posted:   []string{"关于发票 {invoice} 中的“{line}”，您说得对。更正已入账，凭证已另行邮件发送，源头数据也已修正。"},
		refused:  []string{"我们与负责团队核对了发票 {invoice} 中的“{line}”，收费与合同及 {period} 的记录一致，因此发票维持不变。如需详细说明，欢迎来电。"},
		answered: map[string]string{
			"":                "感谢您的提问。发票 {invoice} 第二页有说明：服务期为当月第一天至最后一天，用量在次月结算。",
			"invoice_missing": "发票 {invoice} 已重新发送，请同时查看垃圾邮件文件夹。",
			"remittance":      "感谢通知，款项已核销到发票 {invoice}。",
			"cancellation":    "您的取消申请已登记，将在通知期结束时生效，客户经理会向您确认。",
			"refund":          "您的要求已登记，余额目前保留在账户 {account} 上。",
			"withdrawn":       "感谢告知，发票 {invoice} 的暂缓已解除，此事已结案。",
			"goodwill":        "感谢您的耐心，我已与主管讨论发票 {invoice}，客户经理本周会与您联系。",
		},
	}
}

func chineseClaims() map[string]claim {
	return map[string]claim{
		"overcharge":                 {"发票 {invoice} 价格有误", []string{"发票 {invoice} 中“{line}”的单价与订单不符，多收了 {amount}，请核对并更正。"}},
		"duplicate_charge":           {"重复收费：{invoice}", []string{"“{line}”在 {period} 被重复收费，上一张发票已经收过，{invoice} 又收了一次，金额 {amount}。"}},
		"charged_after_cancellation": {"{invoice}：服务已取消", []string{"“{line}”已于上季度末取消，并有贵司确认，但取消后仍出现在发票 {invoice} 上。请更正 {amount}。"}},
		"not_delivered":              {"服务未开通却已收费：{invoice}", []string{"发票 {invoice} 包含“{line}”，但该服务尚未开通。在开通之前我们对 {amount} 提出异议。"}},
		"usage_wrong":                {"发票 {invoice} 用量不符", []string{"发票 {invoice} 中“{line}”的用量有误，我们的监控显示 {period} 远低于此。涉及金额 {amount}。"}},
		"contract_terms":             {"发票 {invoice} 与合同不符", []string{"合同约定的费率与发票 {invoice} 不一致，“{line}”相差 {amount}。"}},
		"discount_missing":           {"发票 {invoice} 未计折扣", []string{"发票 {invoice} 没有计算今年的折扣，“{line}”应减 {amount}。"}},
		"sla_credit":                 {"{period} 的 SLA 补偿", []string{"{period} 的故障使“{line}”低于承诺的可用性，我们依合同申请服务抵扣，{invoice}，按我们计算为 {amount}。"}},
		"tax_wrong":                  {"发票 {invoice} 税率", []string{"发票 {invoice} 的税额有误，“{line}”应为零税率，涉及 {amount}。"}},
		"wrong_currency":             {"发票 {invoice} 币种", []string{"发票 {invoice} 的币种错误，合同以美元结算，“{line}”涉及 {amount}。"}},
		"wrong_bill_to":              {"发票 {invoice} 抬头有误", []string{"发票 {invoice} 缺少采购订单号 {order}，抬头也需要更改，涉及“{line}” {amount}。"}},
		"payment_not_applied":        {"发票 {invoice} 付款未入账", []string{"发票 {invoice} 两周前已付款 {amount}，但对账单仍显示未付，付款似乎没有入账。"}},
		"refund_not_received":        {"退款未收到", []string{"贵司曾答应就发票 {invoice} 的“{line}”退款 {amount}，至今尚未收到退款。"}},
		"invoice_missing":            {"未收到 {period} 的发票", []string{"我们没有收到 {period} 的发票，门户显示号码为 {invoice}，请补发副本。"}},
		"unknown_charge":             {"发票 {invoice} 不明费用", []string{"发票 {invoice} 上有一项不明费用：“{line}”，{amount}。我们没有订购，请说明或取消。"}},
		"remittance":                 {"付款通知 {invoice}", []string{"付款通知：我们今天已支付发票 {invoice}，参考号 {order}。"}},
		"cancellation":               {"申请取消服务", []string{"我们希望尽早取消“{line}”，请书面确认合同终止日期。账户 {account}。"}},
		"refund":                     {"申请退还余额", []string{"账户 {account} 在发票 {invoice} 之后有余额，请退还到登记的银行账户。"}},
		"goodwill":                   {"关于上周的故障", []string{"“{line}”连续几天不稳定。合同虽无约定，但希望贵司就发票 {invoice} 酌情补偿。"}},
		"general":                    {"关于发票 {invoice} 的问题", []string{"请问发票 {invoice} 的服务期如何计算？我们想先弄清“{line}”再审批。"}},
	}
}
