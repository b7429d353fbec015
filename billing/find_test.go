package billing_test

import (
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"makegood/billing"
	"makegood/internal/db"
)

func TestReferenceKey(t *testing.T) {
	t.Parallel()
	for _, same := range [][]string{
		{"DE-2026-00042", "de 2026/42", "DE2O2600042", "DE.2026.0042", "DE_2026 – 00042", "DE-2O26-OOO42", "de202600042", "#DE-2026-42"},
		{"INV-10151", "inv 1O151", "INV-IO15L", "INV10151"},
		{"IL-2026-1", "IL2026OOOO1", "il 2026 0001"},
		{"IOLO", "iolo"},
		{"US-2026-00000", "us 2026-0"},
	} {
		for _, number := range same {
			if got, want := billing.ReferenceKey(number), billing.ReferenceKey(same[0]); got != want {
				t.Errorf("%s has %s, %s has %s", number, got, same[0], want)
			}
		}
	}
	if got := billing.ReferenceKey("DE-2026-00042"); got != "DE202642" {
		t.Errorf("key %s", got)
	}
	if billing.ReferenceKey("DE-2026-42") == billing.ReferenceKey("DE-2026-43") {
		t.Error("two numbers, one key")
	}
	if got := billing.ReferenceKey(" -/. "); got != "" {
		t.Errorf("nothing has %q", got)
	}
}

func TestReferenceKeyOfAKeyIsItself(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`[A-Z]{2}-20[0-9]{2}-[0-9]{4}[2-9]`).Draw(t, "number")
		key := billing.ReferenceKey(number)
		garbled := number[:6] + strings.ReplaceAll(strings.ReplaceAll(number[6:], "0", "O"), "1", "l")
		if got := billing.ReferenceKey(strings.ToLower(garbled)); got != key {
			t.Errorf("%s: %s, garbled as %s: %s", number, key, garbled, got)
		}
		if again := billing.ReferenceKey(key); again != key {
			t.Errorf("%s: %s, then %s", number, key, again)
		}
	})
}

func TestInvoicesAreFoundByTheirBestReference(t *testing.T) {
	t.Parallel()
	s := setup(t)
	one := s.issue(s.invoice("EUR", line("1", "19")))
	two := s.invoice("EUR", line("1", "19"))
	two.PurchaseOrder, two.CustomerID, two.SoldToID = "DE-2026-00001", s.partner, s.client
	second := s.issue(two)
	for reference, want := range map[string]billing.FoundInvoice{
		"de-2026-00001": {Invoice: billing.Invoice{ID: one.ID}, Exact: true},
		"DE 2026 / 2":   {Invoice: billing.Invoice{ID: second.ID}},
		"PO 4711":       {Invoice: billing.Invoice{ID: one.ID}, ByOrder: true},
	} {
		found, err := s.billing.InvoicesByReference(t.Context(), s.db, []string{reference})
		s.must(err)
		if len(found) != 1 || found[0].ID != want.ID || found[0].Exact != want.Exact || found[0].ByOrder != want.ByOrder || found[0].Reference != reference {
			t.Errorf("%s: %+v", reference, found)
		}
	}
	found, err := s.billing.InvoicesByReference(t.Context(), s.db, []string{"nothing", "DE-2026-2", "DE-2026-00002", "PO 4711"})
	s.must(err)
	if len(found) != 2 || found[0].Reference != "DE-2026-00002" || found[0].SoldTo.Account != "C-3" || found[0].Customer.Account != "C-2" {
		t.Errorf("found %+v", found)
	}
}

func TestWhomAnInvoiceMayConcern(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := s.invoice("EUR", line("1", "19"))
	in.CustomerID, in.SoldToID = s.partner, s.client
	viaPartner := s.issue(in)
	in.CustomerID = s.client
	direct := s.issue(in)
	in.SoldToID = s.partner
	in.CustomerID = s.partner
	own := s.issue(in)
	customers := map[string]billing.Customer{}
	for _, account := range []string{"C-1", "C-2", "C-3"} {
		c, err := s.billing.CustomerByAccount(t.Context(), s.db, account)
		s.must(err)
		customers[account] = c
	}
	for _, c := range []struct {
		sender  string
		invoice billing.InvoiceDetail
		want    bool
	}{
		{"C-1", viaPartner, false},
		{"C-2", viaPartner, true},
		{"C-3", viaPartner, true},
		{"C-1", direct, false},
		{"C-2", direct, true},
		{"C-3", direct, true},
		{"C-2", own, true},
		{"C-3", own, false},
	} {
		if got := billing.MayConcern(customers[c.sender], c.invoice.Invoice, c.invoice.Customer); got != c.want {
			t.Errorf("%s about %s: %t", c.sender, c.invoice.Number, got)
		}
	}
}

func TestContacts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	if _, _, err := s.billing.ContactByAddress(t.Context(), s.db, "mara@c-1.example"); !errors.Is(err, billing.ErrNoContact) {
		t.Errorf("unknown: %v", err)
	}
	s.do(func(tx *db.Tx) error {
		learned, err := s.billing.LearnContactTx(t.Context(), tx, s.customer, "Mara Holt", " Mara@C-1.example")
		s.must(err)
		again, err := s.billing.LearnContactTx(t.Context(), tx, s.partner, "Somebody else", "mara@c-1.example")
		s.must(err)
		if again.ID != learned.ID || again.CustomerID != s.customer || !again.Learned {
			t.Errorf("learned %+v, then %+v", learned, again)
		}
		return nil
	})
	contact, customer, err := s.billing.ContactByAddress(t.Context(), s.db, "MARA@c-1.example")
	s.must(err)
	if contact.Name != "Mara Holt" || customer.Account != "C-1" || customer.FamilyID != customer.ID {
		t.Errorf("%+v of %+v", contact, customer)
	}
	people, err := s.billing.Contacts(t.Context(), s.db, s.customer)
	s.must(err)
	byDomain, err := s.billing.CustomersByDomain(t.Context(), s.db, "C-2.example")
	s.must(err)
	if len(people) != 1 || len(byDomain) != 1 || byDomain[0].ID != s.partner {
		t.Errorf("people %+v, by domain %+v", people, byDomain)
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	s, i, memo := oneOfEach(t)
	for range 4 {
		s.issue(s.invoice("EUR", line("1", "19")))
	}
	var seen []string
	filter := billing.InvoiceFilter{CustomerID: s.customer, Query: "de-2026", OpenOnly: true, Limit: 2}
	for {
		page, err := s.billing.Invoices(t.Context(), filter)
		s.must(err)
		for _, row := range page.Rows {
			seen = append(seen, row.Number)
		}
		if filter.After = page.Next; page.Next == "" {
			break
		}
	}
	if len(seen) != 5 || seen[0] != "DE-2026-00005" || seen[4] != i.Number {
		t.Errorf("invoices %v", seen)
	}
	overdue, err := s.billing.Invoices(t.Context(), billing.InvoiceFilter{Overdue: true})
	s.must(err)
	memos, err := s.billing.Memos(t.Context(), billing.MemoFilter{InvoiceID: i.ID, Kind: billing.BillingError, EntityIDs: []billing.EntityID{s.entity}})
	s.must(err)
	payments, err := s.billing.Payments(t.Context(), billing.PaymentFilter{CustomerID: s.customer, Query: "pay-"})
	s.must(err)
	unapplied, err := s.billing.Payments(t.Context(), billing.PaymentFilter{Unapplied: true})
	s.must(err)
	if len(overdue.Rows) != 0 || len(memos.Rows) != 1 || memos.Rows[0].Number != memo.Number || len(payments.Rows) != 1 || len(unapplied.Rows) != 0 {
		t.Errorf("overdue %+v memos %+v payments %+v unapplied %+v", overdue, memos, payments, unapplied)
	}
	customers, err := s.billing.Customers(t.Context(), billing.CustomerFilter{Query: "c-", Tier: billing.Gold, EntityIDs: []billing.EntityID{s.entity}, Limit: 2})
	s.must(err)
	entities, err := s.billing.Entities(t.Context())
	s.must(err)
	if len(customers.Rows) != 2 || customers.Next != "C-2" || len(entities) != 1 || entities[0].FiscalYear(day("2026-01-31")) != 2026 {
		t.Errorf("customers %+v entities %+v", customers, entities)
	}
}

// What is typed finds customers by the beginning of an account, a part of a name or a mail domain, within the legal entities asked for, and along
// indexes: a name that few have is no walk through all of them.
func TestCustomersAreFoundAlongIndexes(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.do(func(tx *db.Tx) error {
		_, err := tx.Exec(t.Context(), `update customers set name = 'Brandung Medien' where account = 'C-1'`)
		return err
	})
	for typed, want := range map[string]string{"c-1": "C-1", "randung med": "C-1", "c-2.example": "C-2", "Nobody": "", " ": "", "100%": ""} {
		list, err := s.billing.FindCustomers(t.Context(), billing.CustomerFilter{Query: typed, Limit: 4})
		s.must(err)
		got := ""
		for _, c := range list {
			got += c.Account
		}
		if got != want {
			t.Errorf("%q finds %q, want %q", typed, got, want)
		}
	}
	list, err := s.billing.FindCustomers(t.Context(), billing.CustomerFilter{Query: "C-1", EntityIDs: []billing.EntityID{s.entity + 1000}})
	s.must(err)
	if len(list) != 0 {
		t.Errorf("%+v", list)
	}
	for condition, index := range map[string]string{`account like 'C-1%'`: "customers_account_begins", `email_domains @> array['c-1.example']`: "customers_domains"} {
		s.do(func(tx *db.Tx) error {
			if _, err := tx.Exec(t.Context(), `set local enable_seqscan = off`); err != nil {
				return err
			}
			plan, err := db.Values[string](t.Context(), tx, `explain select id from customers where `+condition)
			if text := strings.Join(plan, "\n"); !strings.Contains(text, index) {
				t.Errorf("%s: %s", condition, text)
			}
			return err
		})
	}
}
