package parse_test

import (
	"testing"

	"makegood/inbox/parse"
)

func TestKinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		raw  string
		want parse.Kind
	}{
		"person":                {"From: a@b.example\nSubject: Invoice wrong\n\nIt is wrong.", parse.Person},
		"person names absence":  {"From: a@b.example\nSubject: I was out of office, invoice is late\n\nIt is wrong.", parse.Person},
		"person names a bounce": {"From: a@b.example\nSubject: Your mail was undeliverable\n\nuser unknown, they said.", parse.Person},
		"auto submitted no":     {"From: a@b.example\nAuto-Submitted: no\nSubject: x\n\nx", parse.Person},
		"vacation":              {"From: a@b.example\nAuto-Submitted: auto-replied (vacation)\nSubject: x\n\nx", parse.AutoReply},
		"exchange":              {"From: a@b.example\nX-Auto-Response-Suppress: All\nSubject: Automatic reply: Invoice\n\nx", parse.AutoReply},
		"german":                {"From: a@b.example\nSubject: Automatische Antwort: Rechnung\n\nx", parse.AutoReply},
		"words with null path":  {"Return-Path: <>\nFrom: a@b.example\nSubject: Urlaub\n\nIch bin bis Montag weg.", parse.AutoReply},
		"list":                  {"From: a@b.example\nList-Id: <news.b.example>\nSubject: News\n\nx", parse.List},
		"bulk":                  {"From: a@b.example\nPrecedence: bulk\nSubject: News\n\nx", parse.Notification},
		"own loop":              {"From: a@b.example\nX-Makegood-Loop: abc\nSubject: x\n\nx", parse.Notification},
		"daemon":                {"From: MAILER-DAEMON@b.example\nSubject: failure notice\n\n<c@d.example>:\n550 user unknown", parse.Bounced},
		"read receipt":          {"From: a@b.example\nSubject: Read: x\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\nread\n--b--", parse.Notification},
		"generated":             {"From: a@b.example\nAuto-Submitted: auto-generated\nSubject: Your order\n\nThank you", parse.Notification},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "kind", parse.Parse([]byte(c.raw), parse.Options{}).Kind, c.want)
		})
	}
}

func TestProseBounces(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ raw, recipient, status string }{
		"qmail": {"Return-Path: <>\nFrom: MAILER-DAEMON@m.example\nTo: desk@m.example\nSubject: failure notice\n\nHi. This is the mail program at m.example.\nI'm afraid I wasn't able to deliver your message.\n\n<gone@k.example>:\nRemote host said: 550 5.1.1 no such user\n\n--- Below this line is a copy.\n\nMessage-ID: <memo.1@m.example>\n", "gone@k.example", "5.1.1"},
		"exim":  {"From: Mail Delivery System <Mailer-Daemon@m.example>\nTo: desk@m.example\nX-Failed-Recipients: gone@k.example\nSubject: Mail delivery failed: returning message to sender\n\nThe following address failed:\n\n  gone@k.example\n    mailbox is full\n", "gone@k.example", "4.2.2"},
		"code":  {"From: postmaster@k.example\nTo: desk@m.example\nSubject: Undeliverable\n\nCould not be delivered to gone@k.example: 452 try again", "gone@k.example", "4.0.0"},
	} {
		m := parse.Parse([]byte(c.raw), parse.Options{})
		equal(t, name+" kind", m.Kind, parse.Bounced)
		equal(t, name+" recipient", m.Bounce.Recipient, c.recipient)
		equal(t, name+" status", m.Bounce.Status, c.status)
	}
}

func TestLanguages(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"Please correct the invoice, we have not ordered this.":            "en",
		"Bitte korrigieren Sie die Rechnung, wir haben das nicht bestellt": "de",
		"Merci de corriger la facture, nous n'avons pas commandé cela.":    "fr",
		"Por favor corrijan la factura, no hemos pedido esto. Gracias.":    "es",
		"Por favor corrijam a fatura, não encomendámos isto. Obrigado.":    "pt",
		"請求書の訂正をお願いします。":                                                   "ja",
		"请更正这张发票，我们没有订购。":                                                  "zh",
		"INV-2041": "",
		"":         "",
	} {
		equal(t, text, parse.Parse([]byte("Content-Type: text/plain; charset=utf-8\n\n"+text), parse.Options{}).Language, want)
	}
}
