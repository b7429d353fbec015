package billing_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func facts() billing.EntityFacts {
	return billing.EntityFacts{
		Name: " Südwind Netz AG ", BaseCurrency: "chf", Country: "ch", TaxID: "CHE-123.456.789 MWST", Address: "Seeweg 1\r\n8001 Zürich", BankDetails: "Musterbank, CH00 0000",
		TimeZone: "Europe/Zurich", Language: "de-ch", FiscalMonth: 4, WriteOffTaxRelief: true, MemoPeriodPolicy: "memo_day",
	}
}

func newEntity() billing.NewEntity {
	return billing.NewEntity{By: controller(), Code: "CH", EntityFacts: facts(), SupportAddress: "billing@suedwind.example"}
}

// TestAddEntity: a legal entity is there with all of its accounts, and can issue its first invoice by its own fiscal year.
func TestAddEntity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	e, err := s.billing.AddEntity(t.Context(), newEntity())
	s.must(err)
	if e.Name != "Südwind Netz AG" || e.BaseCurrency != "CHF" || e.Country != "CH" || e.Language != "de-CH" || e.Address != "Seeweg 1\n8001 Zürich" || e.SupportName != e.Name ||
		e.FiscalMonth != 4 || !e.WriteOffTaxRelief || e.MemoPeriodPolicy != "memo_day" || e.BrandColor != "#0b5a7d" {
		t.Errorf("%+v", e)
	}
	kept, err := s.billing.EntityToKeep(t.Context(), "CH", controller())
	s.must(err)
	if len(kept.Accounts) != 13 || kept.Posted {
		t.Errorf("%d accounts, posted %v", len(kept.Accounts), kept.Posted)
	}
	if n := value[int](t, s.db, `select count(*) from audit_log where what = 'entity.added' and data->'facts'->>'bank_details' = 'Musterbank, CH00 0000' and actor_id = 7`); n != 1 {
		t.Errorf("%d audit rows", n)
	}
	s.do(func(tx *db.Tx) error {
		customer := s.addCustomer(tx, "S-1", "direct", nil)
		_, err := tx.Exec(t.Context(), `update customers set entity_id = $1, currency = 'CHF' where id = $2`, e.ID, customer)
		s.must(err)
		n := s.invoice("CHF", line("100", "0"))
		n.EntityID, n.CustomerID, n.IssuedOn = e.ID, customer, day("2026-03-31")
		i, err := s.billing.IssueInvoiceTx(t.Context(), tx, n)
		if i.Number != "CH-2025-00001" {
			t.Errorf("number %s of the fiscal year that begins in April", i.Number)
		}
		return err
	})
}

// TestNewEntityRefused: everything that is wrong is named at once; a code is taken once, also side by side; who sees only
// some entities adds none, nor does who has no right to.
func TestNewEntityRefused(t *testing.T) {
	t.Parallel()
	s := setup(t)
	wrong := billing.NewEntity{By: controller(), Code: "de-1", SupportAddress: "nobody", Signature: strings.Repeat("\n-", 20), EntityFacts: billing.EntityFacts{
		BaseCurrency: "EURO", Country: "Europe", FiscalMonth: 13, TimeZone: "Local", Language: "", BrandColor: "red", MemoPeriodPolicy: "never",
		EndpointScheme: "9930", BankDetails: strings.Repeat("x", 501),
	}}
	_, err := s.billing.AddEntity(t.Context(), wrong)
	want := []string{"bank_details", "base_currency", "brand_color", "code", "country", "endpoint_id", "fiscal_month", "language", "memo_period_policy", "name", "support_address", "time_zone"}
	if got := fieldsOf(err); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	in := newEntity()
	in.Code = "DE"
	if _, err = s.billing.AddEntity(t.Context(), in); !slices.Equal(fieldsOf(err), []string{"code"}) {
		t.Errorf("a code that is taken: %v", err)
	}
	for what, by := range map[string]access.Actor{
		"an agent":              {Kind: access.Person, UserID: 7, Roles: []access.Role{access.Agent}},
		"a director":            {Kind: access.Person, UserID: 7, Roles: []access.Role{access.Director}},
		"of another entity":     {Kind: access.Person, UserID: 7, Roles: []access.Role{access.Controller}, EntityIDs: []int64{int64(s.entity)}},
		"an assistant":          {Kind: access.Person, UserID: 7, Roles: []access.Role{access.Admin}, Assistant: true},
		"without a fresh proof": {Kind: access.Person, UserID: 7, Roles: []access.Role{access.Admin}, StepUpDue: true},
	} {
		in := newEntity()
		in.By = by
		if _, err := s.billing.AddEntity(t.Context(), in); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// TestSetEntity: an entity without entries may become anything; the audit trail says what changed and from what, a second
// save of the same changes nothing, and a stale form is refused.
func TestSetEntity(t *testing.T) {
	t.Parallel()
	s := setup(t)
	e, err := s.billing.AddEntity(t.Context(), newEntity())
	s.must(err)
	change := billing.EntityChange{By: controller(), Entity: "CH", Version: e.Version, EntityFacts: e.Facts()}
	change.BaseCurrency, change.Country, change.FiscalMonth, change.MemoPeriodPolicy = "EUR", "LI", 1, "tax_point"
	changed, err := s.billing.SetEntity(t.Context(), change)
	s.must(err)
	if changed.BaseCurrency != "EUR" || changed.Country != "LI" || changed.FiscalMonth != 1 || changed.MemoPeriodPolicy != "tax_point" || changed.Version != e.Version+1 || changed.Code != "CH" {
		t.Errorf("%+v", changed)
	}
	if _, err = s.billing.SetEntity(t.Context(), change); !errors.Is(err, billing.ErrEntityChanged) {
		t.Errorf("a stale form: %v", err)
	}
	change.Version = changed.Version
	if again, err := s.billing.SetEntity(t.Context(), change); err != nil || again.Version != changed.Version {
		t.Errorf("the same again: %+v %v", again, err)
	}
	said := value[map[string]any](t, s.db, `select data->'before' from audit_log where what = 'entity.changed'`)
	if got := slices.Sorted(maps.Keys(said)); !slices.Equal(got, []string{"base_currency", "country", "fiscal_month", "memo_period_policy"}) || said["base_currency"] != "CHF" {
		t.Errorf("the trail says %v", said)
	}
	change.Entity = "XX"
	if _, err = s.billing.SetEntity(t.Context(), change); !errors.Is(err, billing.ErrNoEntity) {
		t.Errorf("an entity that is not there: %v", err)
	}
}

// TestPostedEntityStands: once something is posted the currency, the country and the fiscal month stand, each with its reason,
// in the program and in the database; the rest changes.
func TestPostedEntityStands(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.issue(s.invoice("EUR", line("100", "19")))
	kept, err := s.billing.EntityToKeep(t.Context(), "DE", controller())
	s.must(err)
	if !kept.Posted {
		t.Error("something is posted")
	}
	change := billing.EntityChange{By: controller(), Entity: "DE", Version: kept.Version, EntityFacts: kept.Facts()}
	change.BaseCurrency, change.Country, change.FiscalMonth = "USD", "AT", 7
	_, err = s.billing.SetEntity(t.Context(), change)
	if got := fieldsOf(err); !slices.Equal(got, []string{"base_currency", "country", "fiscal_month"}) || fieldKey(err) != "billing.fixed_base_currency" {
		t.Errorf("%v: %v", got, err)
	}
	change.EntityFacts = kept.Facts()
	change.WriteOffTaxRelief, change.BankDetails = true, "Hafenbank, DE00 0001"
	if e, err := s.billing.SetEntity(t.Context(), change); err != nil || !e.WriteOffTaxRelief || e.BankDetails != "Hafenbank, DE00 0001" {
		t.Errorf("%+v %v", e, err)
	}
	for _, set := range []string{`code = 'D2'`, `base_currency = 'USD'`, `country = 'AT'`, `fiscal_month = 2`} {
		err := s.db.Do(t.Context(), func(tx *db.Tx) error {
			_, err := tx.Exec(t.Context(), `update legal_entities set `+set+` where code = 'DE'`)
			return err
		})
		if !db.Violates(err, "entity_stands_once_posted") {
			t.Errorf("%s: %v", set, err)
		}
	}
}

// TestSetAccounts: entries stay on their roles and are shown under the new codes; two roles may share one, none may lack one.
func TestSetAccounts(t *testing.T) {
	t.Parallel()
	s := setup(t)
	s.issue(s.invoice("EUR", line("100", "19")))
	kept, err := s.billing.EntityToKeep(t.Context(), "DE", controller())
	s.must(err)
	list, err := s.billing.SetAccounts(t.Context(), billing.AccountsChange{By: controller(), Entity: "DE", Version: kept.Version, Accounts: []billing.EntityAccount{
		{Role: "revenue", Code: " 8400 ", Name: "Erlöse"}, {Role: "concessions", Code: "8400", Name: "Nachlässe"}, kept.Accounts[0],
	}})
	s.must(err)
	if len(list) != 13 || !slices.Contains(list, billing.EntityAccount{Role: "revenue", Code: "8400", Name: "Erlöse"}) {
		t.Errorf("%+v", list)
	}
	if before := value[map[string]any](t, s.db, `select data->'before' from audit_log where what = 'entity.accounts_changed'`); len(before) != 2 || before["revenue"] != "1020 revenue" {
		t.Errorf("the trail says %v", before)
	}
	again := billing.AccountsChange{By: controller(), Entity: "DE", Version: kept.Version}
	if _, err := s.billing.SetAccounts(t.Context(), again); !errors.Is(err, billing.ErrEntityChanged) {
		t.Errorf("a stale form: %v", err)
	}
	again.Version++
	again.Accounts = []billing.EntityAccount{{Role: "tax", Code: "", Name: "Tax"}, {Role: "cash", Code: "1,2", Name: "Cash"}, {Role: "unapplied", Code: "1", Name: ""}, {Role: "goodwill", Code: "1", Name: "x"}}
	if _, err := s.billing.SetAccounts(t.Context(), again); !slices.Equal(fieldsOf(err), []string{"accounts.cash.code", "accounts.goodwill.role", "accounts.tax.code", "accounts.unapplied.name"}) {
		t.Errorf("%v", err)
	}
	s.sound()
}

// fieldsOf are the fields that an error names, in order.
func fieldsOf(err error) []string {
	var list []string
	if e, ok := errors.AsType[*errs.Error](err); ok {
		for _, f := range e.Fields {
			list = append(list, f.Name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}
