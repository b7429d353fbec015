package demo

func japanese() voice {
	return voice{
		greeting: []string{"ご担当者様\n\nお世話になっております。", "お世話になっております。"},
		closing:  "よろしくお願いいたします。\n{company}\n{me}",
		claims:   japaneseClaims(),
		more: []string{
			"早速のご返信ありがとうございます。注文確認書の内容は弊社の記録と同じで、その後の変更合意はございません。",
			"アカウントは {account}、対象は「{line}」のみです。残りは期日どおりにお支払いします。",
		},
		chase:    []string{"その後いかがでしょうか。金曜日に月次締めがあり、{invoice} の件を上長に報告する必要がございます。"},
		thanks:   []string{"ありがとうございます。解決いたしました。", "確認しました。本件は終了で結構です。"},
		hello:    "{name} 様\n\nお世話になっております。",
		looking:  []string{"請求書 {invoice} についてご連絡ありがとうございます。該当部分の督促は止めております。契約内容と照合し、明日までにご連絡いたします。"},
		ask:      []string{"確認のため、注文確認書または見積書をお送りいただけますでしょうか。その間、{invoice} の該当部分の督促は止めております。", "請求書 {invoice} のどの明細か、またいつから相違があるかをお知らせいただけますでしょうか。"},
		upstream: []string{"担当部署に確認を依頼いたしました。二営業日以内に回答がある見込みですので、改めてご連絡いたします。"},
		posted:   []string{"請求書 {invoice} の「{line}」はご指摘のとおりでした。訂正を計上し、明細は別メールでお送りしております。元データも修正済みです。"},
		refused:  []string{"請求書 {invoice} の「{line}」を担当部署と確認いたしました。契約および {period} の記録と一致しておりますので、請求書の変更はございません。詳細はお電話でもご説明いたします。"},
		answered: map[string]string{
			"":                "ご質問ありがとうございます。{invoice} の二ページ目に記載のとおり、サービス期間は月初から月末まで、従量分は翌月に請求いたします。",
			"invoice_missing": "請求書 {invoice} を再送いたしました。迷惑メールフォルダもご確認ください。",
			"remittance":      "ご連絡ありがとうございます。ご入金を確認し、{invoice} に充当いたしました。",
			"cancellation":    "解約のお申し出を承りました。通知期間の終了をもって解約となります。",
			"refund":          "ご要望を承りました。残高はアカウント {account} に残っております。",
			"withdrawn":       "ご連絡ありがとうございます。{invoice} の保留を解除し、本件を終了いたしました。",
			"goodwill":        "ご辛抱いただきありがとうございます。{invoice} について上長と相談し、今週中に営業担当よりご連絡いたします。",
		},
	}
}

func japaneseClaims() map[string]claim {
	return map[string]claim{
		"overcharge":                 {"請求書 {invoice} の単価について", []string{"請求書 {invoice} の「{line}」の単価が注文書と違っております。{amount} の過大請求と思われますので、ご確認ください。"}},
		"duplicate_charge":           {"二重請求の件 {invoice}", []string{"「{line}」が {period} 分として前回の請求書と {invoice} で二重に請求されています。重複分は {amount} です。"}},
		"charged_after_cancellation": {"{invoice}：解約済みサービス", []string{"「{line}」は前四半期末に解約し、確認書もいただいておりますが、解約後の {invoice} で {amount} が請求されております。"}},
		"not_delivered":              {"未開通サービスの請求 {invoice}", []string{"{invoice} に「{line}」がございますが、まだ開通していません。開通まで {amount} について異議を申し立てます。"}},
		"usage_wrong":                {"請求書 {invoice} の使用量", []string{"{invoice} の「{line}」の使用量が誤っています。弊社の計測では {period} ははるかに少なく、{amount} が相違します。"}},
		"contract_terms":             {"{invoice} が契約と異なります", []string{"契約の料率と {invoice} が異なります。「{line}」の差額は {amount} です。"}},
		"discount_missing":           {"割引漏れ {invoice}", []string{"今年の割引が {invoice} で漏れております。「{line}」で {amount} になります。"}},
		"sla_credit":                 {"{period} のSLAクレジット", []string{"{period} の障害で「{line}」が保証稼働率を下回りました。契約に基づきSLAクレジット {amount} を {invoice} について申請いたします。"}},
		"tax_wrong":                  {"請求書 {invoice} の税率", []string{"{invoice} の税率が誤っています。「{line}」は非課税のはずで、{amount} が対象です。"}},
		"wrong_currency":             {"請求書 {invoice} の通貨", []string{"{invoice} の通貨が間違っています。契約は円建てです。「{line}」{amount} をご訂正ください。"}},
		"wrong_bill_to":              {"請求書 {invoice} の宛名", []string{"{invoice} の請求先に注文番号 {order} が不足しております。「{line}」{amount} の件です。"}},
		"payment_not_applied":        {"{invoice} 入金未反映", []string{"{invoice} は二週間前に {amount} を支払い済みですが、明細では未払いのままです。入金が反映されていません。"}},
		"refund_not_received":        {"返金未着の件", []string{"{invoice} の「{line}」について {amount} の返金とのことでしたが、まだ返金されていません。"}},
		"invoice_missing":            {"{period} 分の請求書未着", []string{"{period} 分の請求書（{invoice}）がまだ届いておりません。再発行をお願いいたします。"}},
		"unknown_charge":             {"{invoice} の不明な請求", []string{"{invoice} に身に覚えのない「{line}」{amount} がございます。ご説明または取消をお願いいたします。"}},
		"remittance":                 {"支払通知 {invoice}", []string{"支払通知：本日 {invoice} を参照番号 {order} で振り込みました。"}},
		"cancellation":               {"サービス解約のお願い", []string{"「{line}」をできるだけ早く解約したく存じます。終了日を書面でご確認ください。アカウントは {account} です。"}},
		"refund":                     {"残高返金のお願い", []string{"アカウント {account} に {invoice} 後の残高がございます。登録口座への返金をお願いいたします。"}},
		"goodwill":                   {"先週の障害について", []string{"「{line}」が数日間不安定でした。契約上の定めはございませんが、{invoice} についてご厚意での対応をお願いできないでしょうか。"}},
		"general":                    {"請求書 {invoice} についての質問", []string{"{invoice} のサービス期間の数え方を教えてください。「{line}」を承認する前に理解したく存じます。"}},
	}
}
