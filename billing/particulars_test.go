package billing_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func TestSetParticulars(t *testing.T) {
	t.Parallel()
	s := setup(t)
	was, err := s.billing.CustomerByID(t.Context(), s.db, s.customer)
	s.must(err)
	good := billing.Particulars{
		By: controller(), Account: was.Account, Version: was.Version, Name: " Lumen Freight GmbH ", Address: "Kai 4\r\n20457 Hamburg\n", Country: "de",
		Language: "de", TaxID: " DE123456789 ", EndpointScheme: "0088", EndpointID: "4012345678901", TermsDays: 14,
	}
	with := func(change func(in *billing.Particulars)) billing.Particulars {
		in := good
		change(&in)
		return in
	}
	for name, c := range map[string]struct {
		in         billing.Particulars
		field, key string
	}{
		"no name":           {with(func(in *billing.Particulars) { in.Name = " " }), "name", ""},
		"two lines of name": {with(func(in *billing.Particulars) { in.Name = "A\nB" }), "name", ""},
		"a long address":    {with(func(in *billing.Particulars) { in.Address = strings.Repeat("ä", 501) }), "address", ""},
		"no such country":   {with(func(in *billing.Particulars) { in.Country = "QQ" }), "country", ""},
		"a continent":       {with(func(in *billing.Particulars) { in.Country = "150" }), "country", ""},
		"no language":       {with(func(in *billing.Particulars) { in.Language = "" }), "language", ""},
		"half an endpoint":  {with(func(in *billing.Particulars) { in.EndpointID = "" }), "endpoint_id", ""},
		"a wrong scheme":    {with(func(in *billing.Particulars) { in.EndpointScheme = "GLN" }), "endpoint_id", ""},
		"terms below zero":  {with(func(in *billing.Particulars) { in.TermsDays = -1 }), "terms_days", ""},
		"a long owner":      {with(func(in *billing.Particulars) { in.SalesOwner = new(strings.Repeat("ä", 101)) }), "sales_owner", ""},
		"a stale version":   {with(func(in *billing.Particulars) { in.Version-- }), "", "billing.customer_changed"},
		"no such customer":  {with(func(in *billing.Particulars) { in.Account = "??" }), "", "billing.no_customer"},
		"an agent":          {with(func(in *billing.Particulars) { in.By.Roles = []access.Role{access.Agent} }), "", access.ErrForbidden.Key},
		"another's company": {with(func(in *billing.Particulars) { in.By.EntityIDs = []int64{999} }), "", "error.not_found"},
	} {
		_, err := s.billing.SetParticulars(t.Context(), c.in)
		var e *errs.Error
		if !errors.As(err, &e) || c.field == "" && e.Key != c.key || c.field != "" && (len(e.Fields) != 1 || e.Fields[0].Name != c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now, err := s.billing.SetParticulars(t.Context(), good)
	if err != nil || now.Name != "Lumen Freight GmbH" || now.Address != "Kai 4\n20457 Hamburg" || now.Country != "DE" || now.TaxID != "DE123456789" ||
		now.TermsDays != 14 || now.Version != was.Version+1 {
		t.Errorf("%+v %v", now, err)
	}
	if before := value[string](t, s.db, `select data->'before'->>'name' from audit_log where what = 'customer.particulars_set'`); before != was.Name {
		t.Errorf("the trail says %q was before, not %q", before, was.Name)
	}
	owned, err := s.billing.SetParticulars(t.Context(), with(func(in *billing.Particulars) { in.Version, in.SalesOwner = now.Version, new(" Vera  Holt ") }))
	if err != nil || owned.SalesOwner != "Vera Holt" {
		t.Errorf("%q %v", owned.SalesOwner, err)
	}
	if kept, err := s.billing.SetParticulars(t.Context(), with(func(in *billing.Particulars) { in.Version = owned.Version })); err != nil || kept.SalesOwner != "Vera Holt" {
		t.Errorf("left out: %q %v", kept.SalesOwner, err)
	}
	s.sound()
}
