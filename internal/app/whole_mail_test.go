package app_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"makegood/cases/letters"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/api"
	"makegood/internal/scenario"
)

const ada = "ada@lumen.example"

// mail writes a customer's mail.
func mail(from, id, subject, text string, more ...string) []byte {
	head := append([]string{
		"From: " + from, "To: " + scenario.SupportAddress, "Subject: " + subject, "Message-ID: <" + id + ">",
		"Date: Thu, 12 Nov 2026 09:30:00 +0100", "MIME-Version: 1.0",
	}, more...)
	if !slices.ContainsFunc(more, func(field string) bool { return strings.HasPrefix(field, "Content-Type:") }) {
		head = append(head, "Content-Type: text/plain; charset=utf-8")
	}
	return []byte(strings.Join(head, "\r\n") + "\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n")
}

func TestMailBecomesCase(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent := h.as(access.Agent)
	number := h.LumenBill.Number
	must(t, h.post(ada, mail("Ada Lumen <"+ada+">", "first@lumen.example", "Invoice "+number,
		"Hello,\n\nwe were charged twice: 595.00 EUR too much on invoice "+number+".\n\nAda Lumen")))
	letter := h.awaitMails(1)[0]
	var c api.Case
	agent.ask(200, "GET", "/cases/"+onlyCase(agent, "?invoice="+number), nil, &c)

	t.Run("tied to invoice and customer", func(t *testing.T) {
		if len(c.Invoices) != 1 || c.Invoices[0].Number != number || c.Customer != h.Lumen.Account || c.Type != "dispute" {
			t.Errorf("%+v", c)
		}
		if len(c.Disputes) != 1 || c.Disputes[0].Contested != (api.Money{Amount: "595.00", Currency: "EUR"}) {
			t.Errorf("disputes %+v", c.Disputes)
		}
		var invoice api.Invoice
		agent.ask(200, "GET", "/invoices/"+number, nil, &invoice)
		if invoice.Disputed.Amount != "595.00" {
			t.Errorf("%s held", invoice.Disputed.Amount)
		}
	})
	t.Run("clocks run", func(t *testing.T) {
		running := map[string]bool{}
		for _, clock := range c.Clocks {
			running[clock.Kind] = clock.Outcome == "running" && clock.DueAt != nil && clock.DueAt.After(clock.StartedAt)
		}
		if !running["first_response"] || !running["resolution"] {
			t.Errorf("%+v", c.Clocks)
		}
	})
	t.Run("and say why each falls due then", func(t *testing.T) { explainsClocks(t, agent, c.Number) })
	t.Run("acknowledged in its thread", func(t *testing.T) { acknowledges(t, letter, c.Number) })
	t.Run("the answer continues the case", func(t *testing.T) {
		must(t, h.post(ada, mail(ada, "second@lumen.example", "Re: "+letter.Subject, "The contract is attached to our first order.",
			"In-Reply-To: <"+strings.Trim(letter.MessageID, "<>")+">", "References: <first@lumen.example> <"+strings.Trim(letter.MessageID, "<>")+">")))
		h.awaitFates("attached", 1)
		if got := onlyCase(agent, ""); got != c.Number {
			t.Errorf("joined %s, not %s", got, c.Number)
		}
		if n := count(t, h.app.DB, `select count(*) from case_messages where kind = 'inbound'`); n != 2 {
			t.Errorf("%d messages in the conversation", n)
		}
		if n := count(t, h.app.DB, `select count(*) from outgoing_messages`); n != 1 || len(h.mails()) != 1 {
			t.Errorf("%d mails queued, %d out", n, len(h.mails()))
		}
	})
	h.sound()
}

// explainsClocks checks that the reasons leave no second out and that what counted is what was promised.
func explainsClocks(t *testing.T, c caller, number string) {
	t.Helper()
	var clocks struct{ Items []api.CaseClock }
	c.ask(200, "GET", "/cases/"+number+"/clocks", nil, &clocks)
	for _, k := range clocks.Items {
		at, counted := k.StartedAt, int64(0)
		for _, s := range k.Why {
			if !s.From.Equal(at) {
				t.Errorf("%s: nothing told of %s to %s", k.Kind, at, s.From)
			}
			if at = s.To; s.Reason == "counted" {
				counted += int64(s.To.Sub(s.From).Seconds())
			}
		}
		if k.DueAt == nil || !at.Equal(*k.DueAt) || counted != k.TargetSeconds-k.CarriedOver || k.Calendar == "" {
			t.Errorf("%s in %s: explained up to %s, %d seconds counted of %d", k.Kind, k.Calendar, at, counted, k.TargetSeconds)
		}
	}
	if len(clocks.Items) == 0 {
		t.Error("no clock")
	}
}

// onlyCase is the number of the one case a list holds.
func onlyCase(c caller, query string) string {
	c.t.Helper()
	var list struct{ Items []api.Case }
	c.ask(200, "GET", "/cases"+query, nil, &list)
	if len(list.Items) != 1 {
		c.t.Fatalf("%d cases: %+v", len(list.Items), list.Items)
	}
	return list.Items[0].Number
}

// awaitFates waits until so many messages ended so.
func (h *house) awaitFates(fate string, n int) {
	h.t.Helper()
	until(h.t, fmt.Sprintf("%d messages %s", n, fate), h.news, func() bool {
		return count(h.t, h.app.DB, `select count(*) from inbound_messages where fate = $1`, fate) >= n
	})
}

func acknowledges(t *testing.T, m parse.Message, number string) {
	t.Helper()
	switch {
	case len(m.To) != 1 || m.To[0].Address != ada:
		t.Errorf("to %v", m.To)
	case len(m.From) != 1 || m.From[0].Address != scenario.SupportAddress:
		t.Errorf("from %v", m.From)
	case !slices.Equal(m.InReplyTo, []string{"first@lumen.example"}) || !slices.Equal(m.References, []string{"first@lumen.example"}):
		t.Errorf("in reply to %v, references %v", m.InReplyTo, m.References)
	case !strings.HasPrefix(m.Subject, "Re: ") || !strings.Contains(m.Subject, number):
		t.Errorf("subject %q", m.Subject)
	case m.Headers.AutoSubmitted != "auto-replied" || m.Headers.Precedence != "bulk" || m.Headers.Loop == "":
		t.Errorf("headers %+v", m.Headers)
	case m.Kind != parse.AutoReply:
		t.Errorf("others would take it for mail of kind %s", m.Kind)
	}
}

func TestForeignInvoiceStaysSecret(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	agent := h.as(access.Agent)
	foreign := h.FerroBill.Number
	must(t, h.post(ada, mail(ada, "nosy@lumen.example", "An invoice", "Please tell me what is open on "+foreign+" and why.")))
	letter := h.awaitMails(1)[0]
	var c api.Case
	agent.ask(200, "GET", "/cases/"+onlyCase(agent, ""), nil, &c)
	if len(c.Invoices) != 0 || c.Customer != h.Lumen.Account {
		t.Errorf("tied to %+v of %s", c.Invoices, c.Customer)
	}
	if !slices.ContainsFunc(c.Warnings, func(w api.CaseWarning) bool { return w.Code == "intake.foreign_invoice" }) {
		t.Errorf("warnings %+v", c.Warnings)
	}
	for _, word := range []string{foreign, "Ferro", "Finn", "100002", "107.00", "107,00"} {
		if strings.Contains(letter.Subject+letter.Text+letter.HTML, word) {
			t.Errorf("the mail to %v tells of %q:\n%s", letter.To, word, letter.Text)
		}
	}
	if n := count(t, h.app.DB, `select count(*) from outgoing_messages`); n != 1 {
		t.Errorf("%d mails", n)
	}
	h.sound()
}

func TestOneMailTwiceAtOnce(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	raw := mail(ada, "twice@lumen.example", "Invoice "+h.LumenBill.Number, "The price is wrong.")
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			if err := h.post(ada, raw); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	h.awaitFates("duplicate", 1)
	h.awaitMails(1)
	for table, want := range map[string]int{"cases": 1, "inbound_messages": 2, "outgoing_messages": 1} {
		if n := count(t, h.app.DB, `select count(*) from `+table); n != want {
			t.Errorf("%d %s, want %d", n, table, want)
		}
	}
	h.sound()
}

func TestOwnWordsReachTheCustomer(t *testing.T) {
	t.Parallel()
	h := open(t, scenario.Options{})
	for _, language := range letters.Languages() {
		h.as(access.Admin).ask(200, "PUT", "/entities/"+h.Entity.Code+"/letters/acknowledgement/"+language, map[string]any{"body": "Moin,\n\n{{.number}} ist da.\n", "base": 0}, nil)
	}
	must(t, h.post(ada, mail("Ada Lumen <"+ada+">", "own@lumen.example", "A question", "How do I read my invoice?")))
	letter := h.awaitMails(1)[0]
	number := onlyCase(h.as(access.Agent), "")
	if !strings.HasPrefix(letter.Text, "Moin,\n\n"+number+" ist da.") {
		t.Errorf("the customer reads %q", letter.Text)
	}
	if n := count(t, h.app.DB, `select count(*) from outgoing_messages o join letter_versions v on v.id = o.letter_version_id where v.kind = 'acknowledgement'`); n != 1 {
		t.Errorf("%d mails tell the version they were written in", n)
	}
}
