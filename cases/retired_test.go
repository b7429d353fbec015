package cases_test

import (
	"testing"

	"makegood/billing"
	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
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

// An address that a person of a customer no longer has takes part no more, however it is changed: who has another goes on with that one.
func TestAnAddressThatIsLeftTakesPartNoMore(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		retired bool
		replies bool
	}{"for another": {false, true}, "for another, and retired": {true, false}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := setup(t)
			agent := access.Actor{Kind: access.Person, UserID: k.agent.UserID, Name: k.agent.Name, Roles: []access.Role{access.Agent}}
			account := value[string](t, k.db, `select account from customers where id = $1`, k.customer)
			in := billing.ContactInput{By: agent, Account: account, Name: "Anna Behn", Email: "anna@brandung.example"}
			anna, err := k.billing.KeepContact(t.Context(), in)
			k.must(err)
			one := k.open(k.mail())
			in.ID, in.Version, in.Email, in.Retired = anna.ID, anna.Version, "a.behn@brandung.example", c.retired
			_, err = k.billing.KeepContact(t.Context(), in)
			k.must(err)
			if value[bool](t, k.db, `select accepted from case_participants where case_id = $1 and address = 'anna@brandung.example'`, one.ID) {
				t.Error("the address before takes part")
			}
			_, err = k.cases.Reply(t.Context(), cases.ReplyInput{On: k.on(k.reload(one.ID)), Body: "Dear Anna"})
			if c.replies {
				k.must(err)
				if to := value[string](t, k.db, `select to_address from outgoing_messages where case_id = $1 order by id desc limit 1`, one.ID); to != in.Email {
					t.Errorf("the reply goes to %s", to)
				}
				return
			}
			k.refused(err, cases.ErrNobodyToAnswer)
		})
	}
}

// A partner's person who is retired takes part in no case of its end customers either; in those of others they were let in by somebody.
func TestWhoIsRetiredLeavesTheFamilysCases(t *testing.T) {
	t.Parallel()
	k := setup(t)
	var end, other billing.CustomerID
	k.do(func(tx *db.Tx) error {
		end, other = k.addCustomer(tx, "C-2", "gold", k.entity), k.addCustomer(tx, "C-3", "gold", k.entity)
		if _, err := tx.Exec(t.Context(), `update customers set kind = 'partner' where id = $1`, k.customer); err != nil {
			return err
		}
		_, err := tx.Exec(t.Context(), `update customers set kind = 'end_customer', parent_id = $1, family_id = $1 where id = $2`, k.customer, end)
		return err
	})
	account := value[string](t, k.db, `select account from customers where id = $1`, k.customer)
	in := billing.ContactInput{By: k.agent, Account: account, Name: "Anna Behn", Email: "anna@brandung.example"}
	anna, err := k.billing.KeepContact(t.Context(), in)
	k.must(err)
	opened := map[billing.CustomerID]cases.Case{}
	for _, customer := range []billing.CustomerID{end, other} {
		mail := k.mail()
		mail.CustomerID = &customer
		opened[customer] = k.open(mail)
	}
	in.ID, in.Version, in.Retired = anna.ID, anna.Version, true
	_, err = k.billing.KeepContact(t.Context(), in)
	k.must(err)
	for customer, want := range map[billing.CustomerID]bool{end: false, other: true} {
		if got := value[bool](t, k.db, `select accepted from case_participants where case_id = $1 and address = 'anna@brandung.example'`, opened[customer].ID); got != want {
			t.Errorf("takes part in the case of customer %d: %v", customer, got)
		}
	}
}
