package inbox

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"makegood/internal/db"
	"makegood/internal/errs"
)

// mailboxColumns are those of Mailbox, with a lease nobody holds as a moment Go can hold.
const mailboxColumns = `id, address, entity_id, imap_address, security, username, password_sealed, folder, active, uid_validity,
	last_uid, lease_owner, case when isfinite(lease_until) then lease_until else 'epoch'::timestamptz end as lease_until,
	last_success_at, last_error, last_error_at, backlog, version`

// NewMailbox is a mailbox to be read. Security is "tls", "starttls" or "none"; Folder "" means INBOX.
type NewMailbox struct {
	Address     string
	EntityID    *int64
	IMAPAddress string // host:port
	Security    string
	Username    string
	Password    string
	Folder      string
}

// Mailboxes lists every mailbox by address, with its health.
func (s *Service) Mailboxes(ctx context.Context) ([]Mailbox, error) {
	list, err := db.List[Mailbox](ctx, s.db, `select `+mailboxColumns+` from mailboxes order by address`)
	if err != nil {
		return nil, fmt.Errorf("list mailboxes: %w", err)
	}
	return list, nil
}

// MailboxByID reads one mailbox; ErrNoMailbox when there is none.
func (s *Service) MailboxByID(ctx context.Context, r db.Reader, id MailboxID) (Mailbox, error) {
	m, err := db.One[Mailbox](ctx, r, `select `+mailboxColumns+` from mailboxes where id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Mailbox{}, ErrNoMailbox
	}
	return m, err
}

// AddMailboxTx adds a mailbox and seals its password. It refuses an address that is read already, and one without a
// server to read it from.
func (s *Service) AddMailboxTx(ctx context.Context, tx *db.Tx, in NewMailbox) (Mailbox, error) {
	in.Address = strings.ToLower(strings.TrimSpace(in.Address))
	if in.Folder == "" {
		in.Folder = "INBOX"
	}
	if err := in.check(); err != nil {
		return Mailbox{}, err
	}
	m, err := db.One[Mailbox](ctx, tx, `insert into mailboxes (address, entity_id, imap_address, security, username, password_sealed, folder)
		values ($1, $2, $3, $4, $5, $6, $7) on conflict (address) do nothing returning `+mailboxColumns,
		in.Address, in.EntityID, in.IMAPAddress, in.Security, in.Username, s.keys.Seal(in.Password), in.Folder)
	if errors.Is(err, db.ErrNoRow) {
		return Mailbox{}, errs.InvalidField("address", "inbox.mailbox_exists", "address", in.Address)
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("add mailbox: %w", err)
	}
	tx.Publish("board", "intake")
	return m, nil
}

func (in NewMailbox) check() error {
	var wrong []errs.Field
	if !strings.Contains(in.Address, "@") {
		wrong = append(wrong, errs.Field{Name: "address", Key: "inbox.bad_address"})
	}
	wrong = append(wrong, checkServer(in.IMAPAddress, in.Security)...)
	if in.Username == "" {
		wrong = append(wrong, errs.Field{Name: "username", Key: "error.required"})
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return nil
}

func checkServer(address, security string) []errs.Field {
	var wrong []errs.Field
	if host, port, err := net.SplitHostPort(address); err != nil || host == "" || port == "" {
		wrong = append(wrong, errs.Field{Name: "imap_address", Key: "inbox.bad_server_address"})
	}
	if !slices.Contains([]string{"tls", "starttls", "none"}, security) {
		wrong = append(wrong, errs.Field{Name: "security", Key: "inbox.bad_security"})
	}
	return wrong
}

// SetMailboxServerTx moves a mailbox to another server address. The cursor stays: a server that numbers its mail anew
// says so by its UIDVALIDITY.
func (s *Service) SetMailboxServerTx(ctx context.Context, tx *db.Tx, id MailboxID, imapAddress, security string) error {
	if wrong := checkServer(imapAddress, security); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	n, err := tx.Exec(ctx, `update mailboxes set imap_address = $2, security = $3, version = version + 1 where id = $1`, id, imapAddress, security)
	if err != nil {
		return fmt.Errorf("set mailbox server: %w", err)
	}
	if n == 0 {
		return ErrNoMailbox
	}
	tx.Publish("board", "intake")
	return nil
}

// Password opens the sealed password of a mailbox.
func (s *Service) Password(m Mailbox) (string, error) {
	password, err := s.keys.Open(m.PasswordSealed)
	if err != nil {
		return "", fmt.Errorf("open password of %s: %w", m.Address, err)
	}
	return password, nil
}
