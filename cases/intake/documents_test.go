package intake_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"makegood/billing"
	"makegood/cases"
	"makegood/cases/intake"
	"makegood/inbox"
	"makegood/inbox/parse"
	"makegood/internal/access"
	"makegood/internal/db"
)

// pay records a payment of Aster's that settles a part of its invoice.
func (d *desk) pay(bank string) billing.Payment {
	d.t.Helper()
	var p billing.Payment
	d.do(func(tx *db.Tx) error {
		var err error
		p, err = d.billing.RecordPaymentTx(d.t.Context(), tx, billing.NewPayment{
			EntityID: d.astersInvoice.EntityID, CustomerID: d.aster, Currency: "EUR", Amount: decimal.NewFromInt(100), ReceivedOn: time.Date(2026, 5, 8, 0, 0, 0, 0, time.UTC),
			BankReference: bank, Allocate: []billing.Allocate{{InvoiceID: d.astersInvoice.ID, Amount: decimal.NewFromInt(100)}}, By: access.SystemActor("test"),
		})
		return err
	})
	return p
}

// TestPaymentsTie: a payment names the invoice it settled to those whose invoice it is, and to nobody else. What is said of amounts then
// is not held to contest the invoice.
func TestPaymentsTie(t *testing.T) {
	t.Parallel()
	d := setup(t)
	p := d.pay("E2E-77120045")
	for id, text := range map[string]string{
		"number": "Our payment " + p.Number + " of 100,00 EUR was charged twice.",
		"bank":   "The payment reference E2E-77120045 of 100,00 EUR was charged twice.",
	} {
		c := d.caseOf(d.deliver(post{from: anna, subject: "Payment", id: id + "@aster.example", text: text}))
		if n := d.count(`case_invoices where case_id = $1 and invoice_id = $2 and confidence = 70 and evidence = 'body'`, c.ID, d.astersInvoice.ID); n != 1 {
			t.Errorf("%s: %d links", id, n)
		}
		if n := d.count(`dispute_lines where case_id = $1`, c.ID); n != 0 {
			t.Errorf("%s: %d disputes", id, n)
		}
		other := d.caseOf(d.deliver(post{from: "bo@borealis.example", subject: "Payment", id: id + "@borealis.example", text: text}))
		if n := d.count(`case_invoices where case_id = $1`, other.ID); n != 0 || d.warned(other, intake.WarnForeignInvoice) {
			t.Errorf("%s: somebody else got %d links", id, n)
		}
	}
}

// TestMatchByMemo: a credit memo leads to its invoice under the rule for invoices; the number of somebody else's is foreign.
func TestMatchByMemo(t *testing.T) {
	t.Parallel()
	aster := billing.Customer{ID: 1, FamilyID: 1}
	found := []billing.FoundInvoice{{Invoice: billing.Invoice{ID: 7, CustomerID: 1, SoldToID: 1}, Customer: aster, Reference: "CM-DE-2026-00003", ByMemo: true}}
	m := intake.Match(&aster, found, parse.Message{Subject: "CM-DE-2026-00003"})
	if len(m.Links) != 1 || m.Links[0] != (cases.LinkedInvoice{InvoiceID: 7, Evidence: "subject", Confidence: 90}) || !m.Beside || len(m.Foreign) != 0 {
		t.Errorf("%+v", m)
	}
	other := billing.Customer{ID: 2, FamilyID: 2}
	if m := intake.Match(&other, found, parse.Message{}); len(m.Links) != 0 || len(m.Foreign) != 1 || m.Foreign[0] != "CM-DE-2026-00003" {
		t.Errorf("%+v", m)
	}
}

// TestSeriesOfEntities: numbers of a legal entity, or of the system before, that no usual pattern knows tie a mail to their invoice.
func TestSeriesOfEntities(t *testing.T) {
	t.Parallel()
	d := setup(t)
	d.do(func(tx *db.Tx) error {
		if _, err := tx.Exec(t.Context(), `insert into legal_entities (code, name, base_currency, country, address, support_address, support_name, signature, time_zone, language)
			values ('NORD7', 'Nordlicht Sieben AG', 'EUR', 'DE', 'Weg 7', 'x@nordlicht.example', 'N', 'N', 'Europe/Berlin', 'de')`); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `insert into invoices select (jsonb_populate_record(i, jsonb_build_object('id', 900 + n, 'number', x.no, 'reference_key', key, 'origin', 'imported',
				'external_system', case n when 3 then 'older' else 'old' end, 'external_id', n::text, 'sequence_no', null, 'net', i.net, 'total', i.total))).* from invoices i,
			(values (1, 'NORD7-2026-00042', 'NORD7202642'), (2, 'QXK/00815', 'QXK815'), (3, 'ZWV/00077', 'ZWV77')) x (n, no, key) where i.id = $1`, d.astersInvoice.ID)
		return err
	})
	d.clock.Add(2 * time.Minute) // what the desk knows is a minute old at most
	for number, text := range map[string]string{
		"NORD7-2026-00042": "see nord7 2026-00042 please",
		"QXK/00815":        "see QXK 00815 please",
		"ZWV/00077":        "see ZWV 00077 please",
	} {
		m := d.deliver(post{from: anna, subject: "Hello", id: number[:3] + "@aster.example", text: text})
		d.want(m, inbox.NewCase, intake.ReasonOpened)
		if n := d.count(`case_invoices c join invoices i on i.id = c.invoice_id where c.case_id = $1 and i.number = $2`, d.caseOf(m).ID, number); n != 1 {
			t.Errorf("%s: %d links", number, n)
		}
	}
}
