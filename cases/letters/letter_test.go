package letters_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"makegood/cases/letters"
	"makegood/internal/money"
)

var update = flag.Bool("update", false, "write the golden files anew")

func eur(text string) money.Amount { return money.MustParse(text, "EUR") }

func yen(text string) money.Amount { return money.MustParse(text, "JPY") }

func at(day, hour int) time.Time {
	return time.Date(2026, 11, day, hour, 5, 0, 0, time.FixedZone("", 8*3600))
}

func frame() letters.Frame {
	return letters.Frame{
		CaseNumber: "MG-004182", Subject: "AW: Rechnung DE-2026-01877", Entity: "Nordwall Cloud GmbH",
		Signature: "Nordwall Cloud GmbH\nBilling support",
	}
}

func lines() []letters.Line {
	return []letters.Line{
		{Description: "Cross-connect FRA-2", Outcome: letters.Accepted, Contested: eur("420.00"), Credited: eur("420.00")},
		{Description: "Egress traffic", Outcome: letters.PartlyAccepted, Contested: eur("210.00"), Credited: eur("55.10"), Explanation: "Half of it was metered <twice>."},
	}
}

func samples() map[letters.Kind]any {
	const name = "Sabine Köhler"
	big := frame()
	big.CaseNumber = ""
	return map[letters.Kind]any{
		letters.Acknowledgement: letters.AcknowledgementVars{Frame: frame(), Name: name, ReceivedAt: at(12, 17), AnswerBy: at(13, 12), Invoices: []string{"DE-2026-01877", "DE-2026-01878"}},
		letters.Reply:           letters.ReplyVars{Frame: frame(), Body: "Dear Ms Köhler,\r\n\r\nports 3 & 4 went live on 2 Nov.", Agent: "Mara Lindqvist", Quote: &letters.Quote{From: name, At: at(11, 16), Text: "Two ports\nare missing."}},
		letters.CreditPosted:    letters.CreditPostedVars{Frame: frame(), Name: name, Memo: "CM-DE-2026-00412", Amount: eur("1844.90"), PostedAt: at(13, 9), Invoice: "DE-2026-01877", Open: eur("1234567.89"), PayLink: "https://pay.example/?i=DE-2026-01877&a=1200000.00", PayNow: eur("1200000.00"), MemoAttached: true, Lines: lines()},
		letters.DebitPosted:     letters.DebitPostedVars{Frame: frame(), Name: name, Memo: "DM-DE-2026-00007", Amount: eur("357.00"), PostedAt: at(13, 9), DueOn: at(27, 9), Reason: "Cross-connect FRA-3 was left out <by mistake>.", Invoice: "DE-2026-01877", Attached: true},
		letters.RefundPosted:    letters.RefundPostedVars{Frame: frame(), Name: name, Refund: "RF-DE-2026-00003", Amount: eur("1200.00"), PostedAt: at(13, 9), Destination: "DE•• •••• 4711", From: []string{"PAY-DE-2026-00031", "CM-DE-2026-00412"}, Attached: true},
		letters.Nudge:           letters.NudgeVars{Frame: frame(), Name: name, AskedAt: at(3, 9), Question: "Which order do you mean?", ClosesAt: at(20, 9)},
		letters.AutoClose:       letters.AutoCloseVars{Frame: frame(), Name: name, AskedAt: at(3, 9), ReopenUntil: at(30, 9), ReopenURL: "https://billing.example/r/abc?x=1&y=2"},
		letters.Oversize:        letters.OversizeVars{Frame: big, ReceivedAt: at(12, 17), Size: 41_270_000, Limit: 30_000_000},
		letters.ContactProof:    letters.ContactProofVars{Frame: big, URL: "https://billing.example/contact/proof?t=abc", EndsAt: at(19, 17)},
		letters.PortalCode:      letters.PortalCodeVars{Frame: big, Name: name, Code: "4711 0815", URL: "https://billing.example/portal/link?t=abc", EndsAt: at(12, 18)},
		letters.Survey:          letters.SurveyVars{Frame: frame(), Name: name, URL: "https://billing.example/survey?t=12.abc", EndsAt: at(26, 17)},
		letters.Statement: letters.StatementVars{Frame: big, Name: name, Account: "C-10231", From: at(1, 9), To: at(27, 9), Attached: true, Parts: []letters.StatementPart{
			{Balance: eur("1884.89"), Disputed: eur("420.00"), Later: eur("357.00"), Unused: eur("50.00"), PayNow: eur("1107.89"), PayLink: "https://pay.example/?a=C-10231&s=1107.89"},
			{Balance: yen("-500"), Disputed: yen("0"), Later: yen("0"), Unused: yen("500"), PayNow: yen("0")},
		}},
	}
}

func write(t *testing.T, kind letters.Kind, lang string, vars any) letters.Letter {
	t.Helper()
	l, err := letters.Write(kind, lang, vars)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestEveryLetterInEveryLanguage(t *testing.T) {
	t.Parallel()
	leftover := regexp.MustCompile(`\{[a-z]*\}|<no value>|%!|\b[a-z]+\.[a-z]+_?[a-z]*\b\s*:`)
	for _, kind := range letters.Kinds() {
		for _, lang := range letters.Languages() {
			t.Run(string(kind)+"/"+lang, func(t *testing.T) {
				t.Parallel()
				l := write(t, kind, lang, samples()[kind])
				got := "Subject: " + l.Subject + "\n\n" + l.Text + "\n--- html ---\n" + l.HTML
				if l.Lang != lang || leftover.MatchString(got) || strings.Contains(l.Text, "\n\n\n") {
					t.Errorf("lang %s, something left unwritten or blank:\n%s", l.Lang, got)
				}
				golden(t, filepath.Join("testdata", string(kind)+"."+lang+".golden"), got)
			})
		}
	}
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs (run with -update to accept):\n%s", path, got)
	}
}

func TestValuesCannotBecomeMarkupOrHeaders(t *testing.T) {
	t.Parallel()
	vars, ok := samples()[letters.Nudge].(letters.NudgeVars)
	if !ok {
		t.Fatal("no sample")
	}
	vars.Name = "<script>alert(1)</script>\u202e"
	vars.Question = "<b>bold</b>\x00 {number}"
	vars.Entity = `"><img src=x>`
	vars.Subject = "Hello\r\nBcc: all@example.com\r\n\r\nbody"
	l := write(t, letters.Nudge, "en", vars)
	for _, bad := range []string{"<script>", "<b>bold", "<img", "\u202e", "\x00"} {
		if strings.Contains(l.HTML, bad) {
			t.Errorf("HTML holds %q", bad)
		}
	}
	if strings.ContainsAny(l.Subject, "\r\n") || l.Subject != "Re: Hello Bcc: all@example.com body [MG-004182]" {
		t.Errorf("subject %q", l.Subject)
	}
	if !strings.Contains(l.Text, "{number}") {
		t.Error("what a person wrote was taken for a variable of ours")
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	for theirs, ours := range map[string]string{
		"Invoice wrong":                        "Re: Invoice wrong [MG-004182]",
		"Re: AW: RE[2]: Invoice":               "Re: Invoice [MG-004182]",
		"Re: Invoice wrong [MG-004182]":        "Re: Invoice wrong [MG-004182]",
		"回复：账单":                                "Re: 账单 [MG-004182]",
		"":                                     "Re: Ihre Nachricht [MG-004182]",
		"Reply wanted":                         "Re: Reply wanted [MG-004182]",
		strings.Repeat("ä", 200):               "Re: " + strings.Repeat("ä", 160) + "… [MG-004182]",
		"two [MG-000001] numbers [MG-004182] ": "Re: two numbers [MG-004182]",
	} {
		f := frame()
		f.Subject = theirs
		if got := write(t, letters.Nudge, "de", letters.NudgeVars{Frame: f, AskedAt: at(1, 1)}).Subject; got != ours {
			t.Errorf("%q: got %q, want %q", theirs, got, ours)
		}
	}
}

func TestMissingVariablesAreNamed(t *testing.T) {
	t.Parallel()
	noReason := lines()
	noReason[1].Explanation = " "
	for name, c := range map[string]struct {
		kind letters.Kind
		vars any
		want string
	}{
		"entity":      {letters.Nudge, letters.NudgeVars{Frame: letters.Frame{CaseNumber: "MG-1", Signature: "x"}, AskedAt: at(1, 1)}, "Entity"},
		"case number": {letters.Nudge, letters.NudgeVars{Frame: letters.Frame{Entity: "x", Signature: "x"}, AskedAt: at(1, 1)}, "CaseNumber"},
		"time":        {letters.Nudge, letters.NudgeVars{Frame: frame()}, "AskedAt"},
		"amount":      {letters.CreditPosted, letters.CreditPostedVars{Frame: frame(), Memo: "CM-1", PostedAt: at(1, 1)}, "Amount"},
		"open":        {letters.CreditPosted, letters.CreditPostedVars{Frame: frame(), Memo: "CM-1", Amount: eur("1.00"), PostedAt: at(1, 1), Invoice: "I"}, "Open"},
		"rebill":      {letters.CreditPosted, letters.CreditPostedVars{Frame: frame(), Memo: "CM-1", Amount: eur("1.00"), PostedAt: at(1, 1), NewInvoice: "I"}, "NewAmount"},
		"pay link":    {letters.CreditPosted, letters.CreditPostedVars{Frame: frame(), Memo: "CM-1", Amount: eur("1.00"), PostedAt: at(1, 1), PayLink: "http://pay.example", PayNow: eur("1.00")}, "PayLink"},
		"debit":       {letters.DebitPosted, letters.DebitPostedVars{Frame: frame(), Memo: "DM-1", Amount: eur("1.00"), PostedAt: at(1, 1), DueOn: at(9, 1), Reason: " "}, "Reason"},
		"refund":      {letters.RefundPosted, letters.RefundPostedVars{Frame: frame(), Refund: "RF-1", Amount: eur("0.00"), PostedAt: at(1, 1)}, "Amount"},
		"statement":   {letters.Statement, letters.StatementVars{Frame: frame(), Account: "C-1", From: at(1, 1), To: at(2, 1)}, "Parts"},
		"asks nothing": {letters.Statement, letters.StatementVars{Frame: frame(), Account: "C-1", From: at(1, 1), To: at(2, 1), Parts: []letters.StatementPart{
			{Balance: eur("1.00"), Disputed: eur("1.00"), Later: eur("0.00"), Unused: eur("0.00"), PayNow: eur("0.00"), PayLink: "https://pay.example"},
		}}, "Parts.PayLink"},
		"explanation": {letters.CreditPosted, letters.CreditPostedVars{Frame: frame(), Memo: "CM-1", Amount: eur("1.00"), PostedAt: at(1, 1), Lines: noReason}, "Lines.Explanation"},
		"quote":       {letters.Reply, letters.ReplyVars{Frame: frame(), Body: "x", Quote: &letters.Quote{At: at(1, 1), Text: "x"}}, "Quote.From"},
		"link":        {letters.AutoClose, letters.AutoCloseVars{Frame: frame(), AskedAt: at(1, 1), ReopenUntil: at(2, 1), ReopenURL: "javascript:x"}, "ReopenURL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := letters.Write(c.kind, "en", c.vars)
			if !errors.Is(err, letters.ErrVariable) || !strings.Contains(err.Error(), "names="+c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	for _, vars := range []any{nil, "text", samples()[letters.Nudge], &letters.ReplyVars{}} {
		if _, err := letters.Write(letters.RefundPosted, "en", vars); err == nil {
			t.Errorf("%T passed for a letter of another kind", vars)
		}
	}
}

func TestLanguageFallsBackToEnglish(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"": "en", "fr": "en", "en-GB": "en", "de_AT": "de", "zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-Hans-SG": "zh-Hans",
		"zh-Hant": "en", "zh-TW": "en", "pt-BR": "pt", "JA": "ja",
	} {
		if got := letters.Language(tag); got != want {
			t.Errorf("%q: %s, want %s", tag, got, want)
		}
	}
}

func TestAccountCreditTellsOfNoInvoice(t *testing.T) {
	t.Parallel()
	yen := money.MustParse("1234567", "JPY")
	l := write(t, letters.CreditPosted, "ja", letters.CreditPostedVars{Frame: frame(), Memo: "CM-JP-2026-00001", Amount: yen, PostedAt: at(1, 1)})
	if !strings.Contains(l.Text, "1,234,567\u00a0JPY") || strings.Contains(l.Text, "請求書") {
		t.Error(l.Text)
	}
}

func TestCreditTellsOfRefundAndRebill(t *testing.T) {
	t.Parallel()
	vars := letters.CreditPostedVars{
		Frame: frame(), Memo: "CM-1", Amount: eur("1190.00"), PostedAt: at(1, 1), Invoice: "DE-2026-01877", Open: eur("0.00"), Refunded: eur("190.00"), Kept: eur("41.00"),
		NewInvoice: "DE-2026-01999", NewAmount: eur("952.00"),
	}
	for _, lang := range letters.Languages() {
		l := write(t, letters.CreditPosted, lang, vars)
		for _, body := range []string{l.Text, l.HTML} {
			if !strings.Contains(body, "190") || !strings.Contains(body, "41") || !strings.Contains(body, "DE-2026-01999") || !strings.Contains(body, "952") {
				t.Errorf("%s:\n%s", lang, body)
			}
		}
	}
}

func TestNoTextBreaksALetter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String()
		f := frame()
		f.Subject = text.Draw(t, "subject")
		body := "x" + text.Draw(t, "body")
		lang := rapid.SampledFrom(letters.Languages()).Draw(t, "lang")
		l, err := letters.Write(letters.Reply, lang, letters.ReplyVars{Frame: f, Body: body, Agent: text.Draw(t, "agent")})
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(l.Subject, "\r\n\x00") || strings.ContainsAny(l.Text, "\r\x00") {
			t.Fatalf("%q %q", l.Subject, l.Text)
		}
	})
}
