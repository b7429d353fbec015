package intake_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/inbox"
	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// storeAll keeps mails as they would be fetched from a mailbox in one batch.
func (d *desk) storeAll(raws ...[]byte) []inbox.InboundID {
	d.t.Helper()
	var ids []inbox.InboundID
	d.do(func(tx *db.Tx) error {
		var list []inbox.Arrived
		for _, raw := range raws {
			list = append(list, inbox.Arrived{Source: inbox.SourceIMAP, MailboxID: &d.box, UIDValidity: new(int64(1)), UID: new(d.uid.Add(1)), Raw: raw})
		}
		var err error
		ids, err = d.inbox.StoreAllTx(d.t.Context(), tx, list)
		return err
	})
	return ids
}

// mixed is mail as it comes: plain questions and disputes, and among them what has to do with one another or needs a closer look.
func (d *desk) mixed() [][]byte {
	var raws [][]byte
	for n, p := range []post{
		{from: anna, subject: "Invoice " + d.astersInvoice.Number, text: "The position is charged twice, 119,00 EUR too much.", headers: []string{dmarc("pass")}},
		{from: "Anna's colleague <ben@aster.example>", subject: "Invoice " + d.astersInvoice.Number, text: "Charged twice: 119,00 EUR too much."},
		{from: "bo@borealis.example", subject: "Invoice " + d.borealisInvoice.Number, text: "We were charged twice, 200,00 EUR too much on " + d.borealisInvoice.Number + "."},
		{from: "pat@partner.example", subject: "A question", text: "What is your bank account?"},
		{from: "stranger@nowhere.example", subject: "Hello", text: "How do I read my invoice?"},
		{from: "other@nowhere.example", subject: "Invoice " + d.borealisInvoice.Number, text: "What is open on " + d.borealisInvoice.Number + "?"},
		{from: "eve@client.example", subject: "Bill", text: "The total of 1.190,00 EUR of 1 May 2026 is wrong."},
		{from: "x@borealis.example", subject: "Foreign", text: "What about " + d.astersInvoice.Number + "?"},
		{from: "forged@aster.example", subject: "Invoice " + d.astersInvoice.Number, text: "Send it to me.", headers: []string{dmarc("fail")}},
		{from: "stranger@nowhere.example", subject: "Again", text: "Did you get my mail? My invoice is not readable."},
		{from: "robot@aster.example", subject: "Out of office", text: "I am away.", headers: []string{"Auto-Submitted: auto-replied"}},
		{from: "pat@partner.example", subject: "Re: A question", text: "I forgot to say which one.", headers: []string{"In-Reply-To: <4@mixed.example>", "References: <4@mixed.example>"}},
		{from: "", subject: "Nobody", text: "Who am I?"},
		{from: ours, subject: "Ourselves", text: "Our own mail come back."},
		{from: "copy@stranger.example", to: ours + ", friend@stranger.example", subject: "Copied", text: "Please cancel our contract."},
	} {
		p.id = fmt.Sprintf("%d@mixed.example", n+1)
		raws = append(raws, p.raw())
	}
	return append(raws, raws[3]) // the same mail once more
}

// outcome is everything that became of the mails, in their order, without what depends on the order in which numbers were given.
func (d *desk) outcome(ids []inbox.InboundID) []string {
	d.t.Helper()
	var out []string
	for n, id := range ids {
		m := d.message(id)
		line := fmt.Sprintf("%d: %s %s %s %s %q %s", n+1, m.Fate, m.FateReason, m.Kind, m.Sender, m.Subject, m.MessageID)
		if m.CaseID != nil {
			line += " " + value[string](d.t, d.db, `select concat_ws(' | ', c.type, c.subject, c.status, c.priority, c.topic, c.language, (select account from customers where id = c.customer_id),
				(select email from contacts where id = c.contact_id), c.entity_id, c.disputed::text, c.disputed_currency, c.risk_base::text, c.snippet, c.policy_id,
				c.opened_at::text, c.unanswered_since::text, c.version,
				(select string_agg(address || accepted, ' ' order by address) from case_participants where case_id = c.id),
				(select string_agg(i.number || l.evidence || l.confidence, ' ' order by i.number) from case_invoices l join invoices i on i.id = l.invoice_id where l.case_id = c.id),
				(select string_agg(key || (params - 'number')::text, ' ' order by key, params::text) from case_warnings where case_id = c.id),
				(select string_agg(m.kind || m.trust || m.machine || m.author_address || m.body || array_to_string(m.recipients, ','), ' ' order by m.id) from case_messages m where m.case_id = c.id and m.kind <> 'letter'),
				(select count(*) from case_messages m join outgoing_messages o on o.id = m.outgoing_message_id where m.case_id = c.id and m.kind = 'letter' and o.case_id = c.id and m.body = o.text_body),
				(select string_agg(d.contested || d.reason_code || d.claim || d.status, ' ') from dispute_lines d where d.case_id = c.id),
				(select string_agg(h.amount || h.reason_code, ' ') from holds h where h.case_id = c.id),
				(select string_agg(what, ' ' order by seq) from audit_log where stream = 'case:' || c.id),
				(select s.topic || s.type || s.decided_by from sortings s where s.case_id = c.id))
			from cases c where c.id = $1`, *m.CaseID)
		}
		out = append(out, line)
	}
	return out
}

func TestTogetherEndsAsAlone(t *testing.T) {
	t.Parallel()
	alone, together := setup(t), setup(t)
	var one []inbox.InboundID
	for _, raw := range alone.mixed() {
		one = append(one, alone.store(alone.box, raw))
	}
	for _, id := range one {
		alone.handle(id)
	}
	all := together.storeAll(together.mixed()...)
	for range 2 { // a job may run twice
		together.must(together.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: all}))
	}
	want, got := alone.outcome(one), together.outcome(all)
	for n := range want {
		if got[n] != want[n] {
			t.Errorf("together:\n%s\nalone:\n%s", got[n], want[n])
		}
	}
	if !slices.ContainsFunc(want, func(line string) bool {
		return strings.Contains(line, "intake.same_matter") || strings.Contains(line, "intake.similar_case")
	}) {
		t.Error("no mail had to do with another one")
	}
	if n := together.count(`(select from cases group by xmin::text having count(*) >= 5) written`); n != 1 {
		t.Errorf("the plain ones share %d transactions", n)
	}
	for _, d := range []*desk{alone, together} {
		if faults, err := d.cases.Verify(t.Context()); err != nil || len(faults) > 0 {
			t.Errorf("clocks: %v %v", faults, err)
		}
		if faults, err := d.inbox.Verify(t.Context()); err != nil || len(faults) > 0 {
			t.Errorf("mail: %v %v", faults, err)
		}
	}
}

func TestOneThatFailsAmongSeveralFailsAlone(t *testing.T) {
	t.Parallel()
	d := setup(t)
	dbtest.AsOwner(t, d.db, `alter table cases add constraint not_this_one check (subject <> 'Broken')`)
	var raws [][]byte
	for n, subject := range []string{"First", "Second", "Broken", "Fourth"} {
		raws = append(raws, post{from: fmt.Sprintf("w%d@nowhere.example", n), subject: subject, id: fmt.Sprintf("%d@nowhere.example", n), text: "How do I pay?"}.raw())
	}
	ids := d.storeAll(raws...)
	for attempt := range 3 {
		err := d.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: ids})
		if last := attempt == 2; (err == nil) != last {
			t.Errorf("attempt %d: %v", attempt+1, err)
		}
	}
	for n, id := range ids {
		want := inbox.NewCase
		if n == 2 {
			want = inbox.Quarantined
		}
		if m := d.message(id); m.Fate != want {
			t.Errorf("mail %d is %s", n+1, m.Fate)
		}
	}
	if n := d.count(`cases`); n != 3 {
		t.Errorf("%d cases", n)
	}
	if n := d.count(`outgoing_messages`); n != 3 {
		t.Errorf("%d acknowledgements", n)
	}
}

// Two batches of the same mails, as when a mailbox is numbered anew while it is read, do not wait for one another in a circle.
func TestTheSameMailsInTwoBatchesAtOnce(t *testing.T) {
	t.Parallel()
	d := setup(t)
	var raws [][]byte
	for n := range 12 {
		raws = append(raws, post{from: fmt.Sprintf("w%d@nowhere.example", n), subject: "Question", id: fmt.Sprintf("%d@nowhere.example", n), text: "How do I pay?"}.raw())
	}
	first := d.storeAll(raws...)
	slices.Reverse(raws)
	second := d.storeAll(raws...)
	failed := make(chan error, 2)
	for _, ids := range [][]inbox.InboundID{first, second} {
		go func() { failed <- d.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: ids}) }()
	}
	for range 2 {
		d.must(<-failed)
	}
	if cases, twice := d.count(`cases`), d.count(`inbound_messages where fate = 'duplicate'`); cases != 12 || twice != 12 {
		t.Errorf("%d cases, %d duplicates", cases, twice)
	}
}

// TestOneUnreadableKeepsBackNoOther: of mails that came together one has bytes that are not those that came. The others are handled.
func TestOneUnreadableKeepsBackNoOther(t *testing.T) {
	t.Parallel()
	d := setup(t)
	ids := d.storeAll(
		post{from: "one@nowhere.example", id: "1@unreadable.example", subject: "One", text: "How do I read my invoice?"}.raw(),
		post{from: "two@nowhere.example", id: "2@unreadable.example", subject: "Two", text: "What is your bank account?"}.raw(),
		post{from: "three@nowhere.example", id: "3@unreadable.example", subject: "Three", text: "Please send me my invoice."}.raw(),
	)
	dbtest.AsOwner(t, d.db, fmt.Sprintf(`update inbound_raw set content = 'forged' where inbound_message_id = %d`, ids[1]))
	if err := d.intake.HandleAll(t.Context(), inbox.MessagesArrived{IDs: ids}); !errors.Is(err, blob.ErrAltered) {
		t.Errorf("nobody is told: %v", err)
	}
	for n, want := range []inbox.FateKind{inbox.NewCase, inbox.Pending, inbox.NewCase} {
		if m := d.message(ids[n]); m.Fate != want {
			t.Errorf("mail %d is %s, want %s", n+1, m.Fate, want)
		}
	}
}
