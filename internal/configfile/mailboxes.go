package configfile

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"makegood/inbox"
	"makegood/internal/errs"
)

// Mailbox is a mailbox in a file. Its secrets are not: password_from names a variable of the environment that has the password of a
// new one, or another one of a mailbox there is.
type Mailbox struct {
	Address      string     `yaml:"address"`
	Entity       string     `yaml:"entity,omitempty"`
	Server       string     `yaml:"server"` // host:port
	Security     string     `yaml:"security"`
	Username     string     `yaml:"username"`
	Folder       string     `yaml:"folder,omitempty"`
	Auth         inbox.Auth `yaml:"auth,omitempty"`
	Tagged       bool       `yaml:"tagged_replies,omitempty"`
	PasswordFrom string     `yaml:"password_from,omitempty"`
	OAuth        *OAuth     `yaml:"oauth,omitempty"`
}

// OAuth is how a mailbox signs in by OAuth 2.0. Its secrets are not in a file either: the two variables of the environment have those of a
// new mailbox, or other ones of a mailbox there is, which else keeps what it has.
type OAuth struct {
	TokenURL         string `yaml:"token_url"`
	ClientID         string `yaml:"client_id"`
	Scope            string `yaml:"scope,omitempty"`
	EndsOn           string `yaml:"ends_on,omitempty"` // when a person must renew the grant
	ClientSecretFrom string `yaml:"client_secret_from,omitempty"`
	RefreshTokenFrom string `yaml:"refresh_token_from,omitempty"`
}

func (s Services) mailboxes(ctx context.Context, h *here, f *File) error {
	list, err := s.Inbox.Mailboxes(ctx)
	for _, m := range list {
		one := Mailbox{Address: m.Address, Server: m.IMAPAddress, Security: m.Security, Username: m.Username, Folder: m.Folder, Auth: m.Auth, Tagged: m.TaggedReplies}
		if m.EntityID != nil {
			one.Entity = strings.Join(h.codes([]int64{*m.EntityID}), "")
		}
		if m.Auth != inbox.Password {
			grant, err := s.Inbox.GrantOf(ctx, m.ID)
			if err != nil {
				return err
			}
			one.OAuth = &OAuth{TokenURL: grant.TokenURL, ClientID: grant.ClientID, Scope: grant.Scope}
			if grant.EndsAt != nil {
				one.OAuth.EndsOn = grant.EndsAt.Format(time.DateOnly)
			}
		}
		f.Mailboxes = append(f.Mailboxes, one)
	}
	return err
}

// like gives what a file leaves out: as it is here, or as the room takes it. Which variable has the password is no difference.
func (m Mailbox) like(there *Mailbox) Mailbox {
	if there == nil {
		there = &Mailbox{Folder: "INBOX", Auth: inbox.Password}
	}
	m.Folder, m.Auth = cmp.Or(m.Folder, there.Folder), cmp.Or(m.Auth, there.Auth)
	if m.Auth == inbox.Password {
		m.OAuth = nil
		return m
	}
	here, want := OAuth{}, OAuth{}
	if there.OAuth != nil {
		here = *there.OAuth
	}
	if m.OAuth != nil {
		want = *m.OAuth
	}
	m.OAuth = &OAuth{
		TokenURL: cmp.Or(want.TokenURL, here.TokenURL), ClientID: cmp.Or(want.ClientID, here.ClientID), Scope: cmp.Or(want.Scope, here.Scope), EndsOn: cmp.Or(want.EndsOn, here.EndsOn),
		ClientSecretFrom: want.ClientSecretFrom, RefreshTokenFrom: want.RefreshTokenFrom,
	}
	return m
}

// sameSecrets takes over which variables have the secrets: they are no difference.
func (m *Mailbox) sameSecrets(from Mailbox) {
	m.PasswordFrom = from.PasswordFrom
	if m.OAuth != nil && from.OAuth != nil {
		m.OAuth.ClientSecretFrom, m.OAuth.RefreshTokenFrom = from.OAuth.ClientSecretFrom, from.OAuth.RefreshTokenFrom
	}
}

// secrets says what becomes of the secrets that a file does not have: they stay, unless they would be sent elsewhere than before.
func (m Mailbox) secrets(there *Mailbox) string {
	switch anew := there == nil || m.elsewhere(*there); {
	case m.OAuth == nil && there != nil && anew && m.PasswordFrom == "":
		return "! its password is missing: password_from names the variable that has it, which is asked for anew where it is sent to another server, user or by another way"
	case m.OAuth == nil || m.given():
		return ""
	case anew:
		return "! its secrets are missing: client_secret_from or refresh_token_from names the variable that has one"
	}
	return "= its secrets stay as they are here"
}

// given tells whether a file names a variable with a secret for OAuth 2.0.
func (m Mailbox) given() bool {
	return m.OAuth.ClientSecretFrom != "" || m.OAuth.RefreshTokenFrom != ""
}

// elsewhere tells whether its secrets would be sent to another server, user or token address than before, or by another way.
func (m Mailbox) elsewhere(there Mailbox) bool {
	return m.Server != there.Server || m.Security != there.Security || m.Username != there.Username || (m.OAuth == nil) != (there.OAuth == nil) ||
		m.OAuth != nil && m.OAuth.TokenURL != there.OAuth.TokenURL
}

func (s Services) planMailboxes(now, want File) []Change {
	for i, m := range want.Mailboxes {
		var there *Mailbox
		if n := slices.IndexFunc(now.Mailboxes, func(o Mailbox) bool { return o.Address == m.Address }); n >= 0 {
			there = &now.Mailboxes[n]
		}
		want.Mailboxes[i] = m.like(there)
		if there != nil {
			there.sameSecrets(want.Mailboxes[i])
		}
	}
	plan := differing("mailboxes", now.Mailboxes, want.Mailboxes, func(m Mailbox) string { return m.Address },
		func(_ *Mailbox, m Mailbox) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.keepMailbox(ctx, o, m) }
		})
	for i, change := range plan {
		m := want.Mailboxes[slices.IndexFunc(want.Mailboxes, func(m Mailbox) bool { return m.Address == change.Name })]
		var before *Mailbox
		if n := slices.IndexFunc(now.Mailboxes, func(o Mailbox) bool { return o.Address == m.Address }); n >= 0 {
			before = &now.Mailboxes[n]
		}
		if line := m.secrets(before); line != "" {
			plan[i].Lines = append(plan[i].Lines, line)
		}
	}
	return plan
}

// settings are those of a mailbox as the inbox takes them, its secrets out of the environment.
func (s Services) settings(h *here, m Mailbox) (inbox.NewMailbox, error) {
	in := inbox.NewMailbox{Address: m.Address, IMAPAddress: m.Server, Security: m.Security, Username: m.Username, Folder: m.Folder, Auth: m.Auth, TaggedReplies: m.Tagged}
	var err error
	if in.Password, err = s.secret("password_from", m.PasswordFrom); err != nil {
		return in, err
	}
	if m.OAuth != nil {
		if in.Grant, err = s.grant(*m.OAuth); err != nil {
			return in, err
		}
	}
	if m.Entity != "" {
		ids, err := h.ids([]string{m.Entity})
		if err != nil {
			return in, err
		}
		in.EntityID = &ids[0]
	}
	return in, nil
}

func (s Services) grant(o OAuth) (inbox.NewGrant, error) {
	g := inbox.NewGrant{TokenURL: o.TokenURL, ClientID: o.ClientID, Scope: o.Scope}
	var err error
	if g.ClientSecret, err = s.secret("client_secret_from", o.ClientSecretFrom); err != nil {
		return g, err
	}
	if g.RefreshToken, err = s.secret("refresh_token_from", o.RefreshTokenFrom); err != nil {
		return g, err
	}
	if o.EndsOn != "" {
		on, err := time.Parse(time.DateOnly, o.EndsOn)
		if err != nil {
			return g, errs.InvalidField("ends_on", "clock.bad_date", "text", o.EndsOn)
		}
		g.EndsAt = &on
	}
	return g, nil
}

// secret reads a variable of the environment that a file names; "" when it names none.
func (s Services) secret(field, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	value := s.Env(name)
	if value == "" {
		return "", errs.InvalidField(field, "configfile.no_secret", "name", name)
	}
	return value, nil
}

func (s Services) keepMailbox(ctx context.Context, o Order, m Mailbox) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	in, err := s.settings(h, m)
	if err != nil {
		return "", err
	}
	list, err := s.Inbox.Mailboxes(ctx)
	if err != nil {
		return "", err
	}
	for _, there := range list {
		if there.Address == m.Address {
			if there.Auth == inbox.Password && m.OAuth != nil && !m.given() {
				return "", errNoOAuthSecret(m)
			}
			_, err := s.Inbox.ChangeMailbox(ctx, o.By, there.ID, there.Version, in)
			return "changed", err
		}
	}
	if m.OAuth != nil && !m.given() {
		return "", errNoOAuthSecret(m)
	}
	_, err = s.Inbox.AddMailbox(ctx, o.By, in)
	return "added", err
}

// errNoOAuthSecret: nothing here has a secret of the mailbox yet, and the file names no variable that does.
func errNoOAuthSecret(m Mailbox) error {
	return errs.InvalidField("oauth", "configfile.no_oauth_secret", "address", m.Address)
}
