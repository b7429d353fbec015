package cases_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/dbtest"
)

// wondered opens a case of a customer with these words.
func (k *desk) wondered(customer billing.CustomerID, topic, subject, body string) cases.Case {
	k.t.Helper()
	in := k.mail()
	in.Type, in.CustomerID, in.Topic, in.Subject = cases.Inquiry, &customer, topic, subject
	in.Message.Subject, in.Message.Body = subject, body
	return k.open(in)
}

func (k *desk) resolved(c cases.Case, how string) cases.Case {
	k.t.Helper()
	c, err := k.cases.SetStatus(k.t.Context(), cases.StatusInput{On: k.on(k.reload(c.ID)), To: cases.StatusResolved, RootCause: &k.root, Resolution: how})
	k.must(err)
	return c
}

// like is what is similar to a case: each by its subject, with what they share.
func (k *desk) like(c cases.Case, by access.Actor) string {
	k.t.Helper()
	list, err := k.cases.Similar(k.t.Context(), k.db, k.reload(c.ID), by)
	k.must(err)
	var out []string
	for _, s := range list {
		slices.Sort(s.Words)
		out = append(out, fmt.Sprint(s.Subject, s.Why, s.Words))
	}
	return strings.Join(out, "; ")
}

// What was settled about the same is found, by the invoice, the customer, their family, the reason and the topic, with the words in common;
// the most similar first. What shares too little, is still open, or is another's to see is not.
func TestSimilarCases(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var sister, stranger billing.CustomerID
	k.do(func(tx *db.Tx) error {
		sister, stranger = k.addCustomer(tx, "C-2", "gold", k.entity), k.addCustomer(tx, "C-3", "gold", k.other)
		_, err := tx.Exec(t.Context(), `update customers set family_id = $1 where id = $2`, k.customer, sister)
		return err
	})
	const body = "Anna Behn anna@brandung.example: the kubernetes cluster was throttled during maintenance."
	k.resolved(k.wondered(sister, "", "Cluster throttled", "Our kubernetes cluster was throttled since the maintenance"), "Explained")
	k.resolved(k.wondered(k.customer, "", "Maintenance of a cluster", "Hello"), "Explained")
	k.resolved(k.wondered(stranger, "usage_wrong", "Elsewhere", "kubernetes cluster throttled, maintenance"), "Explained")
	k.resolved(k.wondered(stranger, "", "Nothing in common but words", "kubernetes cluster throttled, maintenance"), "Explained")
	k.wondered(k.customer, "usage_wrong", "Open still", "kubernetes cluster throttled during maintenance")
	k.resolved(k.wondered(k.customer, "", "Invoice copy", "Please send a copy, Anna Behn"), "Sent")
	c := k.wondered(k.customer, "usage_wrong", "Bill", body)
	k.want(k.like(c, k.agent), "Maintenance of a cluster[customer] [cluster maintenance]; Elsewhere[topic] [cluster kubernetes maintenance throttled]; "+
		"Cluster throttled[family] [cluster kubernetes maintenance throttled]")
	narrow := k.agent
	narrow.EntityIDs = []int64{int64(k.entity)}
	k.want(k.like(c, narrow), "Maintenance of a cluster[customer] [cluster maintenance]; Cluster throttled[family] [cluster kubernetes maintenance throttled]")
}

// Words in common stand as the customer wrote them, not as they are searched.
func TestSimilarWordsKeepTheirAccents(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.resolved(k.wondered(k.customer, "usage_wrong", "Gebühr", "Grundgebuhr fur Anschlusse geandert"), "Explained")
	c := k.wondered(k.customer, "usage_wrong", "Rechnung", "Die Grundgebühr für Anschlüsse wurde geändert.")
	k.want(k.like(c, k.agent), "Gebühr[customer topic] [anschlüsse geändert grundgebühr]")
}

// The same invoice is enough, with how the case ended and what its credit gave; the same reason takes words too.
func TestSimilarDisputes(t *testing.T) {
	t.Parallel()
	k := setup(t)
	before, line := k.disputed("190.40")
	credit := func(state cases.CreditState, data map[string]any) {
		k.do(func(tx *db.Tx) error {
			return k.cases.MarkCreditTx(t.Context(), tx, before.ID, cases.CreditMark{Request: 7, State: state, Data: data}, k.lead)
		})
	}
	credit(cases.CreditPending, map[string]any{"total": "120.5", "currency": "EUR"})
	credit(cases.CreditApproved, nil)
	credit(cases.CreditPosted, nil)
	_, err := k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(k.reload(before.ID)), DisputeID: line.ID, Accepted: d("100"), Explanation: "As agreed."})
	k.must(err)
	k.resolved(before, "By hand")
	other, otherLine := k.disputed("10")
	_, err = k.cases.DecideDispute(t.Context(), cases.DecideDisputeInput{On: k.on(k.reload(other.ID)), DisputeID: otherLine.ID, Explanation: "Right as it is."})
	k.must(err)
	k.resolved(other, "")
	in := k.mail()
	in.Invoices = []cases.LinkedInvoice{{InvoiceID: line.InvoiceID, Evidence: "number in the subject", Confidence: 100}}
	c := k.open(in)
	list, err := k.cases.Similar(t.Context(), k.db, k.reload(c.ID), k.agent)
	k.must(err)
	if len(list) != 2 || list[0].Number != before.Number {
		t.Fatalf("%+v", list)
	}
	if s := list[0]; s.Why[0] != cases.SameInvoice || s.Why[1] != cases.SameCustomer || s.Partly != 1 || len(s.Credited) != 1 || s.Credited[0].String() != "120.50 EUR" || s.Resolution != "By hand" || s.RootCause != "Old price list" {
		t.Errorf("%+v", s)
	}
	if s := list[1]; s.Rejected != 1 || len(s.Credited) != 0 {
		t.Errorf("%+v", s)
	}
	credit(cases.CreditReversed, nil)
	if list, err = k.cases.Similar(t.Context(), k.db, k.reload(c.ID), k.agent); err != nil || len(list) != 2 || len(list[0].Credited) != 0 {
		t.Errorf("what was taken back counts: %+v %v", list, err)
	}
}

// With a long history nothing is read through: each way in goes by an index, so many rows of each.
func TestSimilarCasesReadByIndex(t *testing.T) {
	t.Parallel()
	k := setup(t)
	c, _ := k.disputed("10")
	k.do(func(tx *db.Tx) error {
		for n := range 40 {
			k.addCustomer(tx, fmt.Sprint("H-", n), "gold", k.entity)
		}
		return nil
	})
	for _, statement := range []string{
		`insert into reason_codes (code, name, position) select 'reason_' || n, 'Reason ' || n, 10 + n from generate_series(1, 19) n`,
		`insert into cases (type, subject, status, customer_id, entity_id, topic, priority, disputed, risk_base, opened_at, resolved_at, version)
			select 'dispute', 'Wrong price of ' || n, 'closed', (select min(id) from customers) + n % 40, (select min(id) from legal_entities),
				case when n % 20 = 0 then 'wrong_price' else 'reason_' || n % 20 end, 'P3', 0, 0, now() - n * interval '1 minute', now() - n * interval '1 minute', 1
			from generate_series(1, 20000) n`,
		`insert into dispute_lines (case_id, invoice_id, currency, contested, reason_code, claim, status, opened_at, decided_at)
			select id, (select min(id) from invoices), 'EUR', 1, topic, 'x', 'rejected', opened_at, resolved_at from cases where status = 'closed'`,
		`insert into case_invoices (case_id, invoice_id, evidence, confidence, linked_at) select id, case when id % 100 = 0 then (select min(id) from invoices) else 1000000 + id end, 'x', 1, opened_at from cases where status = 'closed'`,
		`insert into case_words (source, case_id, words) select -id, id, search_words(subject) from cases where status = 'closed' on conflict do nothing`,
	} {
		dbtest.AsOwner(t, k.db, statement)
	}
	for _, table := range []string{"cases", "dispute_lines", "case_words", "case_invoices"} {
		dbtest.AsOwner(t, k.db, "analyze "+table)
	}
	c.Topic = "wrong_price"
	plan, err := k.cases.SimilarPlan(t.Context(), c, k.agent)
	k.must(err)
	for _, index := range []string{"dispute_lines_reason", "cases_topic", "case_invoices_invoice"} {
		if !strings.Contains(plan, "using "+index+" ") && !strings.Contains(plan, " on "+index+" ") {
			t.Errorf("%s is not used:\n%s", index, plan)
		}
	}
	for _, table := range []string{"cases", "dispute_lines", "case_words", "case_invoices"} {
		if strings.Contains(plan, "Seq Scan on "+table+" ") {
			t.Errorf("%s is read through:\n%s", table, plan)
		}
	}
	list, err := k.cases.Similar(t.Context(), k.db, c, k.agent)
	k.must(err)
	if len(list) != 5 {
		t.Errorf("%+v", list)
	}
}
