package configfile

import (
	"cmp"
	"context"
	"slices"
	"strings"

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
}

func (s Services) mailboxes(ctx context.Context, h *here, f *File) error {
	list, err := s.Inbox.Mailboxes(ctx)
	for _, m := range list {
		one := Mailbox{Address: m.Address, Server: m.IMAPAddress, Security: m.Security, Username: m.Username, Folder: m.Folder, Auth: m.Auth, Tagged: m.TaggedReplies}
		if m.EntityID != nil {
			one.Entity = strings.Join(h.codes([]int64{*m.EntityID}), "")
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
	return m
}

func (s Services) planMailboxes(now, want File) []Change {
	for i, m := range want.Mailboxes {
		var there *Mailbox
		if n := slices.IndexFunc(now.Mailboxes, func(o Mailbox) bool { return o.Address == m.Address }); n >= 0 {
			there = &now.Mailboxes[n]
			there.PasswordFrom = m.PasswordFrom
		}
		want.Mailboxes[i] = m.like(there)
	}
	return differing("mailboxes", now.Mailboxes, want.Mailboxes, func(m Mailbox) string { return m.Address },
		func(_ *Mailbox, m Mailbox) func(context.Context, Order) (string, error) {
			return func(ctx context.Context, o Order) (string, error) { return s.keepMailbox(ctx, o, m) }
		})
}

func (s Services) keepMailbox(ctx context.Context, o Order, m Mailbox) (string, error) {
	h, err := s.look(ctx, o.By)
	if err != nil {
		return "", err
	}
	in := inbox.NewMailbox{Address: m.Address, IMAPAddress: m.Server, Security: m.Security, Username: m.Username, Folder: m.Folder, Auth: m.Auth, TaggedReplies: m.Tagged}
	if m.PasswordFrom != "" {
		if in.Password = s.Env(m.PasswordFrom); in.Password == "" {
			return "", errs.InvalidField("password_from", "configfile.no_password", "name", m.PasswordFrom)
		}
	}
	if m.Entity != "" {
		ids, err := h.ids([]string{m.Entity})
		if err != nil {
			return "", err
		}
		in.EntityID = &ids[0]
	}
	list, err := s.Inbox.Mailboxes(ctx)
	if err != nil {
		return "", err
	}
	for _, there := range list {
		if there.Address == m.Address {
			_, err := s.Inbox.ChangeMailbox(ctx, o.By, there.ID, there.Version, in)
			return "changed", err
		}
	}
	_, err = s.Inbox.AddMailbox(ctx, o.By, in)
	return "added", err
}
