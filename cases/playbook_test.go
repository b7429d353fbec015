package cases_test

import (
	"strings"
	"testing"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
)

// playbook puts a text in force.
func (k *desk) playbook(of cases.Type, reason, check string) cases.Playbook {
	k.t.Helper()
	there, err := k.cases.PlaybookOf(k.t.Context(), of, reason, k.supervisor)
	k.must(err)
	kept, err := k.cases.SavePlaybook(k.t.Context(), cases.PlaybookInput{By: k.supervisor, CaseType: of, Reason: reason, Base: there.Number, PlaybookText: cases.PlaybookText{Checks: check}})
	k.must(err)
	return kept
}

// beside are the playbooks beside a case, by what they say to check.
func (k *desk) beside(c cases.Case) string {
	k.t.Helper()
	list, err := k.cases.CasePlaybooks(k.t.Context(), k.db, c)
	k.must(err)
	var out []string
	for _, p := range list {
		out = append(out, p.Checks)
	}
	return strings.Join(out, ", ")
}

// A playbook is a version of its own for each reason and type; an empty one ends it. What is wrong is refused, and so is whoever is slower.
func TestPlaybookIsKeptInVersions(t *testing.T) {
	t.Parallel()
	k := setup(t)
	save := func(by access.Actor, in cases.PlaybookInput) error {
		in.By = by
		_, err := k.cases.SavePlaybook(t.Context(), in)
		return err
	}
	first := k.playbook("", "wrong_price", " The list\r\nof the day ")
	if first.Number != 1 || first.Checks != "The list\nof the day" || first.ReasonName != "Overcharge" || first.CreatedName != k.supervisor.Name {
		t.Errorf("%+v", first)
	}
	if second := k.playbook(cases.Dispute, "wrong_price", "In disputes"); second.Number != 1 {
		t.Errorf("%+v", second)
	}
	if second := k.playbook("", "wrong_price", "The list"); second.Number != 2 {
		t.Errorf("%+v", second)
	}
	k.refused(save(k.agent, cases.PlaybookInput{Reason: "wrong_price", Base: 2}), access.ErrForbidden)
	k.refused(save(k.supervisor, cases.PlaybookInput{Reason: "wrong_price", Base: 1}), cases.ErrStalePlaybook)
	k.field(save(k.supervisor, cases.PlaybookInput{}), "reason", "playbook.for_what")
	k.field(save(k.supervisor, cases.PlaybookInput{CaseType: "party"}), "type", "case.unknown_type")
	k.field(save(k.supervisor, cases.PlaybookInput{Reason: "weather"}), "reason", "case.unknown_reason")
	k.field(save(k.supervisor, cases.PlaybookInput{Reason: "wrong_price", Base: 2, PlaybookText: cases.PlaybookText{Offers: strings.Repeat("ä", 5001)}}), "offer", "playbook.long_text")
	k.must(save(k.supervisor, cases.PlaybookInput{Reason: "wrong_price", Base: 2}))
	list, err := k.cases.Playbooks(t.Context(), k.agent)
	k.must(err)
	if len(list) != 1 || list[0].Checks != "In disputes" || list[0].CaseType != cases.Dispute {
		t.Errorf("%+v", list)
	}
	if n := value[int](t, k.db, `select count(*) from audit_log where what = 'playbook.saved'`); n != 4 {
		t.Errorf("%d audit rows", n)
	}
	if err := k.db.Do(t.Context(), func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update playbooks set checks = 'x'`)
		return err
	}); err == nil {
		t.Error("a version was changed")
	}
}

// Beside a case stands what is for what is claimed in it, what it is about and its type; the special goes before the general.
func TestPlaybooksBesideACase(t *testing.T) {
	t.Parallel()
	k := setup(t)
	k.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `insert into reason_codes (code, name, position) values ('tax_wrong', 'Tax wrong', 2), ('fraud', 'Fraud', 3)`)
		return err
	})
	k.playbook(cases.Dispute, "", "any dispute")
	k.playbook("", "wrong_price", "price")
	k.playbook("", "tax_wrong", "tax")
	k.playbook(cases.Refund, "wrong_price", "refunded price")
	c, _ := k.disputed("10")
	k.want(k.beside(c), "price, any dispute")
	c.Topic = "tax_wrong"
	k.want(k.beside(c), "tax, price, any dispute")
	k.playbook(cases.Dispute, "wrong_price", "disputed price")
	k.want(k.beside(c), "tax, disputed price, any dispute")
	k.playbook(cases.Dispute, "wrong_price", "")
	k.want(k.beside(c), "tax, price, any dispute")
	bare := k.open(cases.OpenInput{Type: cases.Inquiry, Subject: "Hello", Source: "agent", CustomerID: &k.customer, By: k.agent})
	k.want(k.beside(bare), "")
}
