package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/errs"
)

// What is wrong about a case is put right, and stands in its history; doing it again tells nothing.
func TestWhatIsWrongAboutACaseIsPutRight(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c := k.open(k.mail())
	ctx := t.Context()
	subject, language := " Two  prices ", "de"
	for range 2 {
		var err error
		c, err = k.cases.Amend(ctx, cases.AmendInput{On: k.on(c), Subject: &subject, Language: &language})
		k.must(err)
		c, err = k.cases.Tag(ctx, cases.TagInput{On: k.on(c), Tag: "Audit"})
		k.must(err)
		c, err = k.cases.AddParticipant(ctx, cases.AddParticipantInput{On: k.on(c), Address: "Bea@brandung.example", Name: "Bea"})
		k.must(err)
	}
	if c.Subject != "Two prices" || c.Language != "de" || k.events(c.ID, "case.retitled") != 1 || k.events(c.ID, "case.language_set") != 1 || k.events(c.ID, "tag.added") != 1 || k.events(c.ID, "participant.added") != 1 {
		t.Errorf("%+v", c)
	}
	// The trail proves who was let in, by a hash alone.
	if n := value[int](t, k.db, `select count(*)::int from audit_personal where address = 'bea@brandung.example'`); n != 1 {
		t.Errorf("%d", n)
	}
	if n := value[int](t, k.db, `select count(*)::int from audit_log where data::text like '%bea@brandung%' or data::text like '%Two prices%'`); n != 0 {
		t.Error("an event holds a person's address or words")
	}
	sent, err := k.cases.Reply(ctx, cases.ReplyInput{On: k.on(c), Body: "Guten Tag.", CcAll: true})
	k.must(err)
	if cc := value[[]string](t, k.db, `select cc from outgoing_messages where id = $1 and language = 'de'`, sent.OutgoingID); len(cc) != 1 || cc[0] != "bea@brandung.example" {
		t.Errorf("%q", cc)
	}

	for range 2 {
		c, err = k.cases.EndParticipant(ctx, cases.ParticipantInput{On: k.on(k.reload(c.ID)), Address: "bea@brandung.example"})
		k.must(err)
		c, err = k.cases.Tag(ctx, cases.TagInput{On: k.on(c), Tag: "audit", Off: true})
		k.must(err)
	}
	if k.events(c.ID, "participant.ended") != 1 || k.events(c.ID, "tag.removed") != 1 {
		t.Error("it is told twice, or not at all")
	}
	sent, err = k.cases.Reply(ctx, cases.ReplyInput{On: k.on(c), Body: "Guten Tag.", CcAll: true})
	k.must(err)
	if cc := value[[]string](t, k.db, `select cc from outgoing_messages where id = $1`, sent.OutgoingID); len(cc) != 0 {
		t.Errorf("%q", cc)
	}
	k.sound()
}

func TestWhatCannotBePutRight(t *testing.T) {
	t.Parallel()
	k := setup(t)
	ctx := t.Context()
	c, line := k.disputed("50")
	blank, klingon := " ", "tlh"
	_, err := k.cases.Amend(ctx, cases.AmendInput{On: k.on(c), Subject: &blank})
	k.field(err, "subject", "case.needs_subject")
	_, err = k.cases.Amend(ctx, cases.AmendInput{On: k.on(c), Language: &klingon})
	k.field(err, "language", "case.unknown_language")
	_, err = k.cases.Tag(ctx, cases.TagInput{On: k.on(c), Tag: "a,b"})
	k.field(err, "tag", "macro.bad_tag")
	_, err = k.cases.AddParticipant(ctx, cases.AddParticipantInput{On: k.on(c), Address: "nobody"})
	k.field(err, "address", "case.bad_address")
	_, err = k.cases.EndParticipant(ctx, cases.ParticipantInput{On: k.on(c), Address: "nobody@brandung.example"})
	k.field(err, "address", "case.no_participant")
	_, err = k.cases.UnlinkInvoice(ctx, cases.LinkInvoiceInput{On: k.on(c), InvoiceID: line.InvoiceID})
	if errs.KeyOf(err) != "case.dispute_holds_invoice" {
		t.Errorf("%v", err)
	}

	// One on which nothing hangs goes, and is told.
	other := k.invoice()
	c, err = k.cases.LinkInvoice(ctx, cases.LinkInvoiceInput{On: k.on(c), InvoiceID: other.ID})
	k.must(err)
	c, err = k.cases.UnlinkInvoice(ctx, cases.LinkInvoiceInput{On: k.on(c), InvoiceID: other.ID})
	k.must(err)
	left := value[[]billing.InvoiceID](t, k.db, `select array_agg(invoice_id) from case_invoices where case_id = $1`, c.ID)
	if len(left) != 1 || left[0] != line.InvoiceID || k.events(c.ID, "invoice.unlinked") != 1 {
		t.Errorf("%v", left)
	}
	k.mark(c.ID, 9, cases.CreditPending, map[string]any{"total": "50.00", "currency": "EUR"})
	c, err = k.cases.LinkInvoice(ctx, cases.LinkInvoiceInput{On: k.on(k.reload(c.ID)), InvoiceID: other.ID})
	k.must(err)
	_, err = k.cases.UnlinkInvoice(ctx, cases.LinkInvoiceInput{On: k.on(c), InvoiceID: other.ID})
	if errs.KeyOf(err) != "case.credit_holds_invoice" {
		t.Errorf("%v", err)
	}
}
