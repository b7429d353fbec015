package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
)

// Somebody who is retired as a customer's person takes part in none of its cases any more.
func TestWhoIsRetiredTakesPartNoMore(t *testing.T) {
	t.Parallel()
	k := setup(t)
	agent := access.Actor{Kind: access.Person, UserID: k.agent.UserID, Name: k.agent.Name, Roles: []access.Role{access.Agent}}
	account := value[string](t, k.db, `select account from customers where id = $1`, k.customer)
	in := billing.ContactInput{By: agent, Account: account, Name: "Anna Behn", Email: "anna@brandung.example"}
	anna, err := k.billing.KeepContact(t.Context(), in)
	k.must(err)
	c := k.open(k.mail())
	takesPart := func() bool {
		return value[bool](t, k.db, `select accepted from case_participants where case_id = $1 and address = 'anna@brandung.example'`, c.ID)
	}
	if !takesPart() {
		t.Fatal("who opened the case takes no part")
	}
	in.ID, in.Version, in.Retired = anna.ID, anna.Version, true
	_, err = k.billing.KeepContact(t.Context(), in)
	k.must(err)
	if takesPart() {
		t.Error("somebody retired takes part")
	}
	if n := value[int](t, k.db, `select count(*)::int from audit_log where what = 'participant.retired'`); n != 1 {
		t.Errorf("%d events", n)
	}
	if _, err := k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(k.reload(c.ID)), Body: "Dear Anna"}); err == nil {
		t.Error("a reply goes to somebody retired")
	}
}
