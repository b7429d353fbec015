package parse_test

import (
	"testing"

	"makegood/inbox/parse"
)

func kindOf(head, body string) parse.Kind {
	raw := "From: alex@k.example\nTo: desk@m.example\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n" + head + "\n\n" + body
	return parse.Parse([]byte(raw), parse.Options{}).Kind
}

// Subjects by which mail programs answer in somebody's name, in the languages of our customers and others.
func TestAutoReplySubjects(t *testing.T) {
	t.Parallel()
	for _, subject := range []string{
		"Automatic reply: Invoice INV-2041", "Auto-Reply: Invoice", "Autoreply: Invoice", "Auto Response: Invoice", "AUTO: Alex Moreau is out of the office (returning 3 March)",
		"Out of Office: Invoice", "Out of the office: Invoice", "Automatische Antwort: Rechnung", "Abwesenheitsnotiz: Rechnung", "Abwesend: Rechnung", "Automatische Abwesenheitsmeldung: Rechnung",
		"Réponse automatique : Facture", "Réponse automatique: Facture", "Absence du bureau : Facture", "Respuesta automática: Factura", "Fuera de la oficina: Factura",
		"Resposta automática: Fatura", "Fora do escritório: Fatura", "Risposta automatica: Fattura", "Automatisch antwoord: Factuur", "Afwezig: Factuur", "Autosvar: Faktura", "Automatiskt svar: Faktura",
		"自動応答: 請求書", "自動返信: 請求書", "【自動返信】請求書", "自动回复: 发票", "自動回覆: 發票", "자동 회신: 송장", "Автоответ: Счёт", "Odpowiedź automatyczna: Faktura", "Automatická odpověď: Faktura",
	} {
		t.Run(subject, func(t *testing.T) {
			t.Parallel()
			equal(t, "kind", kindOf("Subject: "+subject, "I am away."), parse.AutoReply)
		})
	}
}

func TestMachineHeaders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		head, body string
		want       parse.Kind
	}{
		"forwarded by a rule": {"Subject: Invoice\nAuto-Submitted: auto-forwarded", "It is wrong.", parse.Person},
		"not automatic":       {"Subject: Invoice\nAuto-Submitted: no; type=manual", "It is wrong.", parse.Person},
		"generated":           {"Subject: Invoice\nAuto-Submitted: Auto-Generated", "It is wrong.", parse.Notification},
		"replied":             {"Subject: Invoice\nAuto-Submitted: Auto-Replied", "It is wrong.", parse.AutoReply},
		"x-autoreply":         {"Subject: Invoice\nX-Autoreply: yes", "Away.", parse.AutoReply},
		"precedence":          {"Subject: Invoice\nPrecedence: auto_reply", "Away.", parse.AutoReply},
		"complaint": {
			"Subject: complaint about message\nX-HmXmrOriginalRecipient: c@d.example", "Reported.", parse.Notification,
		},
		"list refuses a post": {
			"Subject: You are not a member\nX-MLServer: list 4\nFrom: talk-admin@lists.k.example", "You are not a member of this mailing list.", parse.Notification,
		},
		"talk of a holiday":      {"Subject: Invoice for our holiday party", "The vacation rental is charged twice.", parse.Person},
		"talk of automatic":      {"Subject: Automatic payment failed", "Why was it not taken?", parse.Person},
		"talk of an absence":     {"Subject: Facture: absence de TVA", "La TVA manque.", parse.Person},
		"talk of automatic, de":  {"Subject: Automatische Zahlung doppelt", "Bitte prüfen.", parse.Person},
		"talk of returned goods": {"Subject: Returned mail order", "The goods went back; credit us.", parse.Person},
		"ticket named mail":      {"Subject: Delivery failure of order 7", "The goods could not be delivered.", parse.Person},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			equal(t, "kind", kindOf(c.head, c.body), c.want)
		})
	}
}

func TestListSoftwareRefuses(t *testing.T) {
	t.Parallel()
	m := parse.Parse([]byte("From: talk-admin@lists.k.example\nTo: desk@m.example\nX-MLServer: list 4\nSubject: You desk@m.example are not member\n\nYou are not a member of this list.\n"), parse.Options{})
	equal(t, "kind", m.Kind, parse.Bounced)
	equal(t, "status", m.Bounce.Status[:1], "5")
}

func TestComplaintEncloses(t *testing.T) {
	t.Parallel()
	m := parse.Parse([]byte("From: staff@provider.example\nTo: abuse@m.example\nSubject: complaint\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: c@d.example\nSubject: Invoice\n\nText\n--b--\n"), parse.Options{})
	equal(t, "kind", m.Kind, parse.Notification)
}

// Final words of a report decide between an address that is gone and a server that is busy.
func TestFinality(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ subject, body, action, class string }{
		"given up":   {"Mail delivery failed", "This is a permanent error. <gone@k.example>: delivery retry timeout exceeded", "failed", "5"},
		"queue":      {"failed delivery", "Unable to deliver to <gone@k.example>: connection timed out. I'm not going to try again; in the queue too long.", "failed", "5"},
		"full":       {"Undelivered Mail", "<full@k.example>: mailbox is full", "failed", "4"},
		"delayed":    {"Delivery Status Notification (Delay)", "Delivery to gone@k.example has been delayed. Message will be retried for 2 more days.", "delayed", "4"},
		"4xx failed": {"Undeliverable: Invoice", "Could not be delivered to <gone@k.example>: 452 4.3.1 try again later", "failed", "4"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := parse.Parse([]byte("Return-Path: <>\nFrom: MAILER-DAEMON@m.example\nTo: desk@m.example\nSubject: "+c.subject+"\n\n"+c.body+"\n"), parse.Options{})
			equal(t, "kind", m.Kind, parse.Bounced)
			equal(t, "action", m.Bounce.Action, c.action)
			equal(t, "class", m.Bounce.Status[:1], c.class)
		})
	}
}

func TestOddMessageIDs(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"<a$b@@c.example>": "a$b@@c.example", "  <x@k.example>  ": "x@k.example", "<x@k.example@gate.example>": "x@k.example@gate.example",
		"x@k.example": "x@k.example", "<no-at-sign>": "no-at-sign", "<folded\n @k.example>": "folded@k.example",
	} {
		equal(t, value, parse.Parse([]byte("Message-ID: "+value+"\n\nx"), parse.Options{}).MessageID, want)
	}
}
