package billing_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// bookRaw is the statement by which a raw session books an entry: its kind, document and number, the entry it takes back or
// null, and its postings as account, amount, kind and id of the open item. What moves the open items with it comes behind.
func bookRaw(head, lines string, also ...string) string {
	statements := append([]string{`with e as (insert into journal_entries (entity_id, booked_on, dated_on, document_kind, document_id, document_number, reverses_id,
			customer_id, currency, credit_request_id, actor_kind, posted_at)
			select entity_id, '2026-05-12', '2026-05-12', h.kind, h.document, h.number, h.reverses, customer_id, 'EUR',
				coalesce((select credit_request_id from write_offs where number = h.number), (select credit_request_id from credit_memos where number = h.number)), 'system', '2026-05-12 08:00Z'
			from invoices, (values (` + head + `)) h(kind, document, number, reverses) where id = 1 returning id, entity_id, customer_id)`}, also...)
	return strings.Join(statements, ", ") + ` insert into postings (entry_id, entity_id, account, customer_id, currency, amount, base_amount, item_kind, item_id, booked_on, dated_on, posted_on)
		select e.id, e.entity_id, v.account, case when v.item is not null then e.customer_id end, 'EUR', v.amount, v.amount, v.kind, v.item, '2026-05-12', '2026-05-12', '2026-05-12'
		from e, (values ` + lines + `) v(account, amount, kind, item)`
}

// owes is what follows from a raw entry that takes a part off what is open on a document.
func owes(name, kind, document string) string {
	return name + ` as (update open_items set open = open - 5, base_open = base_open - 5 where kind = '` + kind + `' and document_id = ` + document + `)`
}

// partlyWrittenOff is a company whose first invoice is partly paid, credited and written off, with a second payment that is unapplied.
func partlyWrittenOff(t *testing.T) *shop {
	t.Helper()
	s, i, _ := oneOfEach(t)
	s.paid("20")
	s.carried(billing.AdjustmentInput{Kind: billing.WriteOff, ReasonCode: "uncollectable", Items: []billing.ItemPart{{Kind: billing.InvoiceItem, ID: int64(i.ID), Amount: d("7")}}})
	return s
}

// Whoever may write to the journal books nothing round the documents, on which the approvals hang.
func TestRawSessionBooksNothingWithoutItsDocument(t *testing.T) {
	t.Parallel()
	const unbooked, twice = "entry_has_its_document", "journal_entries_one_for_a_document"
	for name, c := range map[string]struct{ constraint, statement string }{
		"write off for a document that is not there": {unbooked, bookRaw(`'write_off', 900, 'WO-X', null::bigint`,
			`('bad_debt', 5.00, null, null::bigint), ('receivable', -5.00, 'invoice', 1)`, owes("o", "invoice", "1"))},
		"write off once more for one that is": {unbooked, bookRaw(`'write_off', 1, (select number from write_offs), null::bigint`,
			`('bad_debt', 5.00, null, null::bigint), ('receivable', -5.00, 'invoice', 1)`, owes("o", "invoice", "1"))},
		"pay unapplied money out": {unbooked, bookRaw(`'refund', 900, 'RF-X', null::bigint`,
			`('unapplied', 5.00, 'payment', 2), ('cash_clearing', -5.00, null, null::bigint)`, owes("o", "payment", "2"))},
		"give money away as a concession": {unbooked, bookRaw(`'credit_memo', 900, 'CM-X', null::bigint`,
			`('concessions', 5.00, null, null::bigint), ('cash', -5.00, null, null)`)},
		"give money away under an allocation": {unbooked, bookRaw(`'allocation', 900, 'X', null::bigint`,
			`('concessions', 5.00, null, null::bigint), ('cash', -5.00, null, null)`)},
		"book a memo a second time": {twice, bookRaw(`'credit_memo', (select min(id) from credit_memos), (select min(number) from credit_memos), null::bigint`,
			`('concessions', 5.00, null, null::bigint), ('cash', -5.00, null, null)`)},
		"apply money without saying so": {unbooked, bookRaw(`'allocation', 900, 'X', null::bigint`,
			`('unapplied', 5.00, 'payment', 2), ('receivable', -5.00, 'invoice', 1)`, owes("o", "invoice", "1"), owes("p", "payment", "2"))},
		"take a payment back without a reversal": {unbooked, bookRaw(`'reversal', 900, 'RV-X', (select id from journal_entries where document_kind = 'payment' and document_id = 2)`,
			`('cash', -20.00, null, null::bigint), ('unapplied', 20.00, 'payment', 2)`,
			`o as (update open_items set open = 0, base_open = 0, closed_on = '2026-05-12' where kind = 'payment' and document_id = 2)`)},
		"take an application back without saying so": {unbooked, bookRaw(`'allocation', 900, 'X', (select max(id) from journal_entries where document_kind = 'allocation')`,
			`('unapplied', -11.90, 'credit_memo', 1), ('receivable', 11.90, 'invoice', 1)`,
			`o as (update open_items set open = open + 11.90, base_open = base_open + 11.90, closed_on = null where (kind, document_id) in (('invoice', 1), ('credit_memo', 1)))`)},
		"call it taken back to book a payment again": {unbooked, bookRaw(`'payment', 1, (select number from payments where id = 1), (select min(id) from journal_entries where document_kind = 'payment')`,
			`('cash', -5.00, null, null::bigint), ('concessions', 5.00, null, null)`)},
		"record a payment and book something else": {unbooked, bookRaw(`'payment', 900, 'PAY-X', null::bigint`,
			`('concessions', 5.00, null, null::bigint), ('unapplied', -5.00, 'payment', 900)`,
			`n as (update document_sequences set last_no = 3 where series = 'PAY-DE')`,
			`p as (insert into payments (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, received_on, fx_rate, posted_at)
				select 900, entity_id, 'PAY-X', series, fiscal_year, 3, customer_id, 'EUR', 5, '2026-05-12', 1, posted_at from payments where id = 1)`,
			`o as (insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, base_open, due_on, opened_on)
				select 'payment', 900, 'PAY-X', customer_id, entity_id, 'EUR', 5, 5, 5, '2026-05-12', '2026-05-12' from payments where id = 1)`)},
		"give a credit as if it had been there before": {"opening_credit_is_approved", bookRaw(`'payment', 900, 'PAY-X', null::bigint`,
			`('opening_balance', 5.00, null, null::bigint), ('unapplied', -5.00, 'payment', 900)`,
			`n as (update document_sequences set last_no = 3 where series = 'PAY-DE')`,
			`p as (insert into payments (id, entity_id, number, series, fiscal_year, sequence_no, customer_id, currency, amount, method, received_on, fx_rate, posted_at)
				select 900, entity_id, 'PAY-X', series, fiscal_year, 3, customer_id, 'EUR', 5, 'opening_balance', '2026-05-12', 1, posted_at from payments where id = 1)`,
			`o as (insert into open_items (kind, document_id, number, customer_id, entity_id, currency, original, open, base_open, due_on, opened_on)
				select 'payment', 900, 'PAY-X', customer_id, entity_id, 'EUR', 5, 5, 5, '2026-05-12', '2026-05-12' from payments where id = 1)`)},
		"use another's number": {unbooked, bookRaw(`'write_off', 1, 'WO-X', null::bigint`,
			`('bad_debt', 7.00, null, null::bigint), ('receivable', -7.00, 'invoice', 1)`,
			`o as (update open_items set open = open - 7, base_open = base_open - 7 where kind = 'invoice' and document_id = 1)`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := partlyWrittenOff(t)
			before := value[int](t, s.db, `select count(*) from journal_entries`)
			if err := s.refused(c.statement); !db.Violates(err, c.constraint) {
				t.Errorf("refused by %v", err)
			}
			if after := value[int](t, s.db, `select count(*) from journal_entries`); after != before {
				t.Errorf("%d entries more", after-before)
			}
			s.sound()
		})
	}
}

// What is added to an entry that stands is booked for nothing, balanced or not, and the entry may lie in a closed month.
func TestRawSessionAddsNothingToAnEntry(t *testing.T) {
	t.Parallel()
	const late = `insert into postings (entry_id, entity_id, account, customer_id, currency, amount, base_amount, item_kind, item_id, booked_on, dated_on, posted_on)
		select e.id, e.entity_id, v.account, case when v.item is not null then e.customer_id end, e.currency, v.amount, v.amount, v.kind, v.item, e.booked_on, e.dated_on,
			(e.posted_at at time zone 'UTC')::date
		from (select * from journal_entries where document_kind = 'payment' order by id limit 1) e, (values %s) v(account, amount, kind, item)`
	for name, statement := range map[string]string{
		"give away":  fmt.Sprintf(late, `('concessions', 5.00, null, null::bigint), ('cash', -5.00, null, null)`),
		"write off":  `with ` + owes("o", "invoice", "1") + fmt.Sprintf(late, ` ('bad_debt', 5.00, null, null::bigint), ('receivable', -5.00, 'invoice', 1)`),
		"as it left": `do $$ begin set constraints all immediate; ` + fmt.Sprintf(late, `('concessions', 5.00, null, null::bigint), ('cash', -5.00, null, null)`) + `; end $$`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := partlyWrittenOff(t)
			if err := s.refused(statement); !db.Violates(err, "postings_come_with_their_entry") {
				t.Errorf("refused by %v", err)
			}
			s.sound()
		})
	}
}

// Written past the triggers, by somebody with full power over the database, it is found.
func TestVerifyFindsAnEntryWithoutItsDocument(t *testing.T) {
	t.Parallel()
	s := partlyWrittenOff(t)
	s.sound()
	dbtest.AsOwner(t, s.db, bookRaw(`'credit_memo', 900, 'CM-X', null::bigint`, `('concessions', 5.00, null, null::bigint), ('cash', -5.00, null, null)`))
	faults, err := s.billing.Verify(t.Context())
	s.must(err)
	if !slices.ContainsFunc(faults, func(f billing.Fault) bool {
		return f.Check == "entry_has_its_document" && strings.Contains(f.Row, "credit_memo CM-X") && f.Detail == "no such credit memo"
	}) || len(faults) != 1 {
		t.Errorf("found %v", faults)
	}
}

// A line without its customer stands on nobody's ledger, however well the sums agree.
func TestRawSessionAppliesNothingOnNobodysLedger(t *testing.T) {
	t.Parallel()
	s := partlyWrittenOff(t)
	applied := bookRaw(`'allocation', 900, 'X', null::bigint`, `('unapplied', 5.00, 'payment', 2), ('receivable', -5.00, 'invoice', 1)`,
		owes("o", "invoice", "1"), owes("p", "payment", "2"),
		`al as (insert into allocations (id, entity_id, customer_id, source_kind, source_id, invoice_id, currency, amount, allocated_on, posted_at)
			select 900, entity_id, customer_id, 'payment', 2, 1, 'EUR', 5, '2026-05-12', '2026-05-12 08:00Z' from invoices where id = 1)`)
	nobodys := strings.Replace(applied, "case when v.item is not null then e.customer_id end", "null::bigint", 1)
	if err := s.refused(nobodys); !db.Violates(err, "entry_has_its_document") {
		t.Errorf("refused by %v", err)
	}
	if err := s.refused(applied); err != nil { // with the customer it is an application like any other
		t.Errorf("and this by %v", err)
	}
}
