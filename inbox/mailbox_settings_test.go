package inbox_test

import (
	"errors"
	"slices"
	"testing"

	"makegood/inbox"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

func adminOf(entities ...int64) access.Actor {
	return access.Actor{Kind: access.Person, UserID: 1, Name: "Ada", Roles: []access.Role{access.Admin}, EntityIDs: entities}
}

// Who administers one legal entity sets its mailboxes and no others', gives none away and takes none; what is of all is for who sees all.
func TestMailboxesAreSetByTheirEntity(t *testing.T) {
	t.Parallel()
	b := setupBox(t)
	whole, here := adminOf(), adminOf(2)
	in := func(address string, entity *int64) inbox.NewMailbox {
		return inbox.NewMailbox{Address: address, EntityID: entity, IMAPAddress: "imap.us.example:993", Security: "tls", Username: "billing", Password: "open sesame"}
	}
	mine, theirs := new(int64(2)), new(int64(3))
	boxes := map[string]inbox.Mailbox{}
	for name, entity := range map[string]*int64{"mine": mine, "theirs": theirs, "nobody's": nil} {
		m, err := b.inbox.AddMailbox(t.Context(), whole, in(string(name[0])+"@us.example", entity))
		b.must(err)
		boxes[name] = m
	}
	for name, m := range boxes {
		_, read := b.inbox.MailboxToSet(t.Context(), here, m.ID)
		changed, change := b.inbox.ChangeMailbox(t.Context(), here, m.ID, m.Version, in("", mine))
		_, switched := b.inbox.SwitchMailbox(t.Context(), here, m.ID, changed.Version, true)
		for deed, err := range map[string]error{"read": read, "change": change, "switch": switched} {
			if allowed := err == nil; allowed != (name == "mine") {
				t.Errorf("%s %s: %v", deed, name, err)
			}
		}
	}
	for name, entity := range map[string]*int64{"theirs": theirs, "nobody's": nil} {
		if _, err := b.inbox.ChangeMailbox(t.Context(), here, boxes["mine"].ID, 3, in("", entity)); errs.KindOf(err) != errs.NotFound && errs.KindOf(err) != errs.Forbidden {
			t.Errorf("one's own is made %s: %v", name, err)
		}
		if _, err := b.inbox.AddMailbox(t.Context(), here, in("new@us.example", entity)); errs.KindOf(err) != errs.NotFound && errs.KindOf(err) != errs.Forbidden {
			t.Errorf("a new one is %s: %v", name, err)
		}
	}
	list, err := b.inbox.MailboxesToSet(t.Context(), here)
	b.must(err)
	all, err := b.inbox.MailboxesToSet(t.Context(), whole)
	b.must(err)
	if len(list) != 1 || list[0].ID != boxes["mine"].ID || len(all) != 3 || inbox.AdministersAll(here) || !inbox.AdministersAll(whole) {
		t.Errorf("%+v of %d", list, len(all))
	}
	bounds, err := b.inbox.CurrentBounds(t.Context())
	b.must(err)
	key := inbox.DKIMInput{By: here, Domain: "us.example", Selector: "mg1"}
	_, setKey := b.inbox.SetDKIMKey(t.Context(), key)
	_, switchKey := b.inbox.SwitchDKIMKey(t.Context(), inbox.DKIMSwitch{By: here, Domain: "us.example", Selector: "mg1", Active: true, Version: 1})
	_, setBounds := b.inbox.SetBounds(t.Context(), here, bounds)
	for deed, err := range map[string]error{"a key": setKey, "its switch": switchKey, "bounds": setBounds} {
		if errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s of all: %v", deed, err)
		}
	}
}

// The secrets of a mailbox are sent nowhere that whoever gave them did not name.
func TestSecretsAreAskedForWhereTheyWouldGoElsewhere(t *testing.T) {
	t.Parallel()
	b := setupBox(t)
	sesame := inbox.NewMailbox{Address: "p@us.example", IMAPAddress: "imap.us.example:993", Security: "tls", Username: "billing", Password: "open sesame"}
	token := sesame
	token.Address, token.Password, token.Auth = "o@us.example", "", inbox.OAuthBearer
	token.Grant = inbox.NewGrant{TokenURL: "https://sign.us.example/token", ClientID: "desk", ClientSecret: "client", RefreshToken: "refresh"}
	change := func(m inbox.Mailbox, in inbox.NewMailbox) (inbox.Mailbox, error) {
		err := b.db.Do(t.Context(), func(tx *db.Tx) error {
			var err error
			m, err = b.inbox.ChangeMailboxTx(t.Context(), tx, m.ID, m.Version, in)
			return err
		})
		return m, err
	}
	var byPassword, byToken inbox.Mailbox
	b.do(func(tx *db.Tx) (err error) {
		if byPassword, err = b.inbox.AddMailboxTx(t.Context(), tx, sesame); err != nil {
			return err
		}
		byToken, err = b.inbox.AddMailboxTx(t.Context(), tx, token)
		return err
	})
	for name, c := range map[string]struct {
		of   inbox.Mailbox
		in   inbox.NewMailbox
		with func(in *inbox.NewMailbox)
	}{
		"server":               {byPassword, sesame, func(in *inbox.NewMailbox) { in.IMAPAddress = "imap.elsewhere.example:993" }},
		"way":                  {byPassword, sesame, func(in *inbox.NewMailbox) { in.Security = "none" }},
		"user":                 {byPassword, sesame, func(in *inbox.NewMailbox) { in.Username = "other" }},
		"kind of sign-in":      {byPassword, token, func(*inbox.NewMailbox) {}},
		"server for a token":   {byToken, token, func(in *inbox.NewMailbox) { in.IMAPAddress = "imap.elsewhere.example:993" }},
		"token address":        {byToken, token, func(in *inbox.NewMailbox) { in.Grant.TokenURL = "https://elsewhere.example/token" }},
		"password after token": {byToken, sesame, func(*inbox.NewMailbox) {}},
	} {
		in := c.in
		in.Password, in.Grant.ClientSecret, in.Grant.RefreshToken = "", "", ""
		c.with(&in)
		if _, err := change(c.of, in); !slices.Contains([]string{"password", "client_secret"}, fieldOf(err, "inbox.secret_anew")) {
			t.Errorf("another %s: %v", name, err)
		}
	}
	bare := sesame
	bare.Password, bare.Folder = "", "Bills"
	byPassword, err := change(byPassword, bare)
	b.must(err)
	if kept, err := b.inbox.Password(byPassword); err != nil || kept != "open sesame" {
		t.Errorf("another folder keeps %q, %v", kept, err)
	}
	same := token
	same.Grant.ClientSecret, same.Grant.RefreshToken, same.Grant.Scope = "", "", "imap"
	byToken, err = change(byToken, same)
	b.must(err)
	same.Grant.TokenURL, same.Grant.ClientSecret = "https://elsewhere.example/token", "another"
	byToken, err = change(byToken, same)
	b.must(err)
	if g, err := b.inbox.GrantOf(t.Context(), byToken.ID); err != nil || g.ClientSecret != "another" || g.RefreshToken != "" {
		t.Errorf("it goes to another address with %+v, %v", g, err)
	}
	byPassword, err = change(byPassword, token)
	b.must(err)
	if kept, err := b.inbox.Password(byPassword); err != nil || kept != "" {
		t.Errorf("beside a token the password %q is kept, %v", kept, err)
	}
	same.Grant.TokenURL = "ftp://127.0.0.1/token"
	if _, err := change(byToken, same); fieldOf(err, "inbox.bad_token_url") != "token_url" {
		t.Errorf("a token from %s: %v", same.Grant.TokenURL, err)
	}
}

// fieldOf is the field that an error refuses for a reason.
func fieldOf(err error, key string) string {
	wrong, ok := errors.AsType[*errs.Error](err)
	if !ok {
		return ""
	}
	for _, f := range wrong.Fields {
		if f.Key == key {
			return f.Name
		}
	}
	return ""
}
