package billing_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/billing/importer"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func newCustomer(account string) billing.NewCustomer {
	return billing.NewCustomer{
		Entity: "DE", Domains: []string{"@Halde.example ", "halde.example", ""},
		Particulars: billing.Particulars{By: controller(), Account: account, Name: " Halde Bau GmbH ", Country: "at", Language: "de", TermsDays: 14},
	}
}

func TestACustomerIsEnteredByHand(t *testing.T) {
	t.Parallel()
	s := setup(t)
	in := newCustomer("K-77")
	in.Tier, in.Currency, in.Region = billing.Gold, "usd", "Alps"
	c, err := s.billing.AddCustomer(t.Context(), in)
	s.must(err)
	if c.Name != "Halde Bau GmbH" || c.Kind != billing.Direct || c.FamilyID != c.ID || c.Country != "AT" || c.Currency != "USD" || c.Tier != billing.Gold ||
		strings.Join(c.EmailDomains, " ") != "halde.example" || c.CreatedBy == nil || *c.CreatedBy != controller().UserID || c.TermsDays != 14 {
		t.Errorf("%+v", c)
	}
	if _, err := s.billing.AddCustomer(t.Context(), newCustomer("K-77")); !errors.Is(err, billing.ErrAccountTaken) && errs.KeyOf(err) != "billing.account_of" {
		t.Errorf("a second with the account: %v", err)
	}
	shop := newCustomer("K-78")
	shop.Parent = "C-2"
	end, err := s.billing.AddCustomer(t.Context(), shop)
	s.must(err)
	if end.Kind != billing.EndCustomer || end.ParentID == nil || *end.ParentID != s.partner || end.FamilyID != s.partner || end.Currency != "EUR" || end.Tier != billing.Silver {
		t.Errorf("%+v", end)
	}
	trail, err := audit.Timeline(t.Context(), s.db, audit.Books(int64(s.entity)), 0, 100)
	s.must(err)
	n := 0
	for _, e := range trail {
		if e.What == "customer.added" {
			n++
		}
	}
	if n != 2 {
		t.Errorf("%d customers on record as added", n)
	}
}

func TestWhatIsWrongOfACustomerIsNamed(t *testing.T) {
	t.Parallel()
	s := setup(t)
	for name, c := range map[string]struct {
		spoil func(*billing.NewCustomer)
		field string
	}{
		"no account":          {func(in *billing.NewCustomer) { in.Account = " " }, "account"},
		"a slash":             {func(in *billing.NewCustomer) { in.Account = "K/7" }, "account"},
		"no name":             {func(in *billing.NewCustomer) { in.Name = "" }, "name"},
		"no such country":     {func(in *billing.NewCustomer) { in.Country = "ZZ" }, "country"},
		"no such entity":      {func(in *billing.NewCustomer) { in.Entity = "FR" }, "entity"},
		"no such currency":    {func(in *billing.NewCustomer) { in.Currency = "EURO" }, "currency"},
		"no such tier":        {func(in *billing.NewCustomer) { in.Tier = "lead" }, "tier"},
		"nobody's end":        {func(in *billing.NewCustomer) { in.Kind = billing.EndCustomer }, "kind"},
		"no such parent":      {func(in *billing.NewCustomer) { in.Parent = "NOBODY" }, "parent"},
		"a parent of no kind": {func(in *billing.NewCustomer) { in.Parent = "C-1" }, "parent"},
		"everybody's domain":  {func(in *billing.NewCustomer) { in.Domains = []string{"gmail.com"} }, "domains"},
		"no domain":           {func(in *billing.NewCustomer) { in.Domains = []string{"nonsense"} }, "domains"},
	} {
		in := newCustomer("K-79")
		c.spoil(&in)
		_, err := s.billing.AddCustomer(t.Context(), in)
		var e *errs.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != c.field {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := newCustomer("K-79")
	in.By = access.Actor{Kind: access.Person, UserID: 9, Roles: []access.Role{access.Agent}}
	if _, err := s.billing.AddCustomer(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an agent: %v", err)
	}
	in.By = controller()
	in.By.EntityIDs = []int64{999}
	if _, err := s.billing.AddCustomer(t.Context(), in); err == nil {
		t.Error("a controller of another legal entity")
	}
}

// People are added, changed as they were read and retired; an address is one person's, and nobody retired speaks for the customer.
func TestPeopleOfACustomerAreKept(t *testing.T) {
	t.Parallel()
	s := setup(t)
	agent := access.Actor{Kind: access.Person, UserID: 9, Name: "Mara", Roles: []access.Role{access.Agent}}
	eva := billing.ContactInput{By: agent, Account: "C-1", Name: "Eva Roth", Email: " Eva@C-1.example", Title: "Accounts payable", Language: "de-AT"}
	kept, err := s.billing.KeepContact(t.Context(), eva)
	s.must(err)
	if kept.Email != "eva@c-1.example" || kept.Language != "de-AT" || kept.Version != 1 || kept.Learned {
		t.Errorf("%+v", kept)
	}
	if _, err := s.billing.KeepContact(t.Context(), eva); errs.KeyOf(err) != "billing.contact_of" {
		t.Errorf("twice: %v", err)
	}
	there := eva
	there.Account = "C-2"
	if _, err := s.billing.KeepContact(t.Context(), there); errs.KeyOf(err) != "billing.contact_of" {
		t.Errorf("at another customer: %v", err)
	}
	change := eva
	change.ID, change.Version, change.Title = kept.ID, kept.Version, "Treasury"
	changed, err := s.billing.KeepContact(t.Context(), change)
	s.must(err)
	if changed.Title != "Treasury" || changed.Version != 2 {
		t.Errorf("%+v", changed)
	}
	if _, err := s.billing.KeepContact(t.Context(), change); !errors.Is(err, billing.ErrContactChanged) {
		t.Errorf("a stale form: %v", err)
	}
	change.Version, change.Retired = 2, true
	retired, err := s.billing.KeepContact(t.Context(), change)
	s.must(err)
	if retired.RetiredAt == nil {
		t.Error("not retired")
	}
	if _, _, err := s.billing.ContactByAddress(t.Context(), s.db, "eva@c-1.example"); !errors.Is(err, billing.ErrNoContact) || !errors.Is(err, billing.ErrContactRetired) {
		t.Errorf("somebody retired speaks: %v", err)
	}
	if writers, err := s.billing.WritersByAddress(t.Context(), s.db, []string{"eva@c-1.example"}); err != nil || writers["eva@c-1.example"].Customer.ID != 0 {
		t.Errorf("%v %v", writers, err)
	}
	moved, err := s.billing.KeepContact(t.Context(), there)
	s.must(err)
	if moved.ID != kept.ID || moved.CustomerID != s.partner || moved.RetiredAt != nil {
		t.Errorf("taken up at the other customer: %+v", moved)
	}
	for name, spoil := range map[string]func(*billing.ContactInput){
		"email": func(in *billing.ContactInput) { in.Email = "nobody" }, "name": func(in *billing.ContactInput) { in.Name = "" }, "language": func(in *billing.ContactInput) { in.Language = "xx-yy-zz-nothing" },
	} {
		in := billing.ContactInput{By: agent, Account: "C-1", Name: "New", Email: "new@c-1.example"}
		spoil(&in)
		_, err := s.billing.KeepContact(t.Context(), in)
		var e *errs.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Name != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	s.do(func(tx *db.Tx) error { // mail that an agent ties takes them up again
		change.Account, change.Version, change.Retired = "C-2", moved.Version, true
		return nil
	})
	_, err = s.billing.KeepContact(t.Context(), change)
	s.must(err)
	s.do(func(tx *db.Tx) error {
		back, err := s.billing.LearnContactTx(t.Context(), tx, s.partner, "Eva", "eva@c-1.example")
		if err == nil && back.RetiredAt != nil {
			t.Error("still retired after mail was tied to her customer")
		}
		return err
	})
}

// An import says which address it left out because somebody at another customer has it.
func TestAnImportSaysWhoseAddressItLeftOut(t *testing.T) {
	t.Parallel()
	s := setup(t)
	_, err := s.billing.KeepContact(t.Context(), billing.ContactInput{By: controller(), Account: "C-1", Name: "Eva Roth", Email: "eva@c-1.example"})
	s.must(err)
	b := s.bring(s.file(importer.Customers), "account,name,email\nK-80,Halde Bau GmbH,eva@c-1.example\n")
	s.counted(b.ID, billing.ImportCounts{billing.RowDone: 1})
	if r := s.rows(b.ID)[0]; len(r.Reasons) != 1 || r.Reasons[0].Key != "billing.import.contact_elsewhere" || r.Reasons[0].Params["name"] != "Eva Roth" {
		t.Errorf("%+v", r.Reasons)
	}
}
