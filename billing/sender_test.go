package billing_test

import (
	"errors"
	"strings"
	"testing"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/errs"
)

func TestSetSender(t *testing.T) {
	t.Parallel()
	s := setup(t)
	entities, err := s.billing.Entities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	was := entities[0]
	admin := access.Actor{Kind: access.Person, UserID: 9, Name: "Ada Boss", Roles: []access.Role{access.Admin}}
	good := billing.SenderInput{
		By: admin, Entity: was.Code, Version: was.Version, Address: " Billing@Nordwall.example ", Name: " Nordwall Billing ", Signature: "Your team\r\nHafenstraße 12\n",
	}
	with := func(change func(in *billing.SenderInput)) billing.SenderInput {
		in := good
		change(&in)
		return in
	}
	for name, c := range map[string]struct {
		in    billing.SenderInput
		field string
		key   string
	}{
		"no address":        {with(func(in *billing.SenderInput) { in.Address = "" }), "address", "inbox.bad_address"},
		"a name in it":      {with(func(in *billing.SenderInput) { in.Address = "Us <us@us.example>" }), "address", "inbox.bad_address"},
		"two addresses":     {with(func(in *billing.SenderInput) { in.Address = "a@us.example, b@us.example" }), "address", "inbox.bad_address"},
		"no name":           {with(func(in *billing.SenderInput) { in.Name = " " }), "name", "error.required"},
		"a header in it":    {with(func(in *billing.SenderInput) { in.Name = "Us\r\nBcc: x@evil.example" }), "name", "billing.bad_sender_name"},
		"a long name":       {with(func(in *billing.SenderInput) { in.Name = strings.Repeat("ä", 101) }), "name", "billing.bad_sender_name"},
		"a long signature":  {with(func(in *billing.SenderInput) { in.Signature = strings.Repeat("ä", 1001) }), "signature", "billing.long_signature"},
		"a tall signature":  {with(func(in *billing.SenderInput) { in.Signature = "a" + strings.Repeat("\na", 12) }), "signature", "billing.long_signature"},
		"a stale version":   {with(func(in *billing.SenderInput) { in.Version-- }), "", "billing.entity_changed"},
		"no such entity":    {with(func(in *billing.SenderInput) { in.Entity = "??" }), "", "billing.no_entity"},
		"an agent":          {with(func(in *billing.SenderInput) { in.By.Roles = []access.Role{access.Agent} }), "", access.ErrForbidden.Key},
		"another's company": {with(func(in *billing.SenderInput) { in.By.EntityIDs = []int64{999} }), "", "error.not_found"},
	} {
		_, err := s.billing.SetSender(t.Context(), c.in)
		var e *errs.Error
		if !errors.As(err, &e) || c.field == "" && e.Key != c.key || c.field != "" && !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s: %v", name, err)
		}
	}
	now, err := s.billing.SetSender(t.Context(), good)
	if err != nil || now.SupportAddress != "billing@nordwall.example" || now.SupportName != "Nordwall Billing" || now.Signature != "Your team\nHafenstraße 12" || now.Version != was.Version+1 {
		t.Errorf("%+v %v", now, err)
	}
	var before string
	if err := s.db.Pool().QueryRow(t.Context(), `select data->>'address_before' from audit_log where what = 'entity.sender_set'`).Scan(&before); err != nil || before != was.SupportAddress {
		t.Errorf("noted %q %v", before, err)
	}
}
