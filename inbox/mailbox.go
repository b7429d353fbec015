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
	last_success_at, last_error, last_error_at, backlog, version, auth, retry_at, failures, reconciled_at, missing, alarm, tagged_replies, epoch`

// NewMailbox is a mailbox to be read. Security is "tls", "starttls" or "none"; Folder "" means INBOX, Auth "" a password.
type NewMailbox struct {
	Address     string
	EntityID    *int64
	IMAPAddress string // host:port
	Security    string
	Username    string
	Password    string
	Folder      string
	Auth        Auth
	Grant       NewGrant // only for the two ways of OAuth 2.0
	// TaggedReplies has mail from this address ask for answers to name+c12.TAG@…, which its server must deliver here (RFC 5233).
	TaggedReplies bool
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

// heldTx reads one mailbox and holds it as it is.
func (s *Service) heldTx(ctx context.Context, tx *db.Tx, id MailboxID) (Mailbox, error) {
	m, err := db.One[Mailbox](ctx, tx, `select `+mailboxColumns+` from mailboxes where id = $1 for update`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Mailbox{}, ErrNoMailbox
	}
	return m, err
}

// AddMailboxTx adds a mailbox and seals its password. It refuses an address that is read already, and one without a
// server to read it from.
func (s *Service) AddMailboxTx(ctx context.Context, tx *db.Tx, in NewMailbox) (Mailbox, error) {
	in = in.tidy()
	wrong := in.check()
	if !strings.Contains(in.Address, "@") {
		wrong = append(wrong, errs.Field{Name: "address", Key: "inbox.bad_address"})
	}
	if in.Auth != Password && in.Grant.bare() {
		wrong = append(wrong, errs.Field{Name: "client_secret", Key: "inbox.no_token_secret"})
	}
	if len(wrong) > 0 {
		return Mailbox{}, errs.InvalidFields(wrong...)
	}
	m, err := db.One[Mailbox](ctx, tx, `insert into mailboxes (address, entity_id, imap_address, security, username, password_sealed, folder, auth, tagged_replies)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (address) do nothing returning `+mailboxColumns,
		in.Address, in.EntityID, in.IMAPAddress, in.Security, in.Username, s.keys.Seal(in.Password), in.Folder, string(in.Auth), in.TaggedReplies)
	if errors.Is(err, db.ErrNoRow) {
		return Mailbox{}, errs.InvalidField("address", "inbox.mailbox_exists", "address", in.Address)
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("add mailbox: %w", err)
	}
	tx.Publish("board", "intake")
	return m, s.setGrantTx(ctx, tx, m.ID, in, true)
}

// ChangeMailboxTx changes the settings of a mailbox, all but its address. An empty password, client secret or refresh token
// keeps the one there is, but where it would be sent to another server, account or token address, or by another way: whoever names those is
// not told secrets of before, and has to give them anew. Another server, account or folder is read from its beginning; what we have already
// is found to be a duplicate. Whoever reads the mailbox begins anew within seconds. ErrStale when somebody else was quicker.
func (s *Service) ChangeMailboxTx(ctx context.Context, tx *db.Tx, id MailboxID, version int, in NewMailbox) (Mailbox, error) {
	in = in.tidy()
	was, err := s.heldTx(ctx, tx, id)
	if err != nil {
		return Mailbox{}, err
	}
	if was.Version != version {
		return Mailbox{}, ErrStale
	}
	anew, err := elsewhere(ctx, tx, was, in)
	if err != nil {
		return Mailbox{}, err
	}
	wrong := in.check()
	switch {
	case anew && in.Auth == Password && in.Password == "":
		wrong = append(wrong, errs.Field{Name: "password", Key: "inbox.secret_anew"})
	case anew && in.Auth != Password && in.Grant.bare():
		wrong = append(wrong, errs.Field{Name: "client_secret", Key: "inbox.secret_anew"})
	}
	if len(wrong) > 0 {
		return Mailbox{}, errs.InvalidFields(wrong...)
	}
	var password []byte
	if in.Password != "" || in.Auth != Password { // one that is not used any more is not kept either
		password = s.keys.Seal(in.Password)
	}
	m, err := db.One[Mailbox](ctx, tx, `update mailboxes set entity_id = $3, imap_address = $4, security = $5, username = $6,
			password_sealed = coalesce($7, password_sealed), folder = $8, auth = $9, tagged_replies = $10, retry_at = null, failures = 0, last_error = '', alarm = '',
			epoch = epoch + (imap_address <> $4 or username <> $6 or folder <> $8)::integer, version = version + 1
		where id = $1 and version = $2 returning `+mailboxColumns,
		id, version, in.EntityID, in.IMAPAddress, in.Security, in.Username, password, in.Folder, string(in.Auth), in.TaggedReplies)
	if errors.Is(err, db.ErrNoRow) {
		return Mailbox{}, ErrStale
	}
	if err != nil {
		return Mailbox{}, fmt.Errorf("change mailbox: %w", err)
	}
	tx.Publish("board", "intake")
	return m, s.setGrantTx(ctx, tx, id, in, anew)
}

// SwitchMailboxTx has a mailbox read, or not any more. Nothing that was stored is touched.
func (s *Service) SwitchMailboxTx(ctx context.Context, tx *db.Tx, id MailboxID, version int, active bool) error {
	n, err := tx.Exec(ctx, `update mailboxes set active = $3, version = version + 1 where id = $1 and version = $2`, id, version, active)
	if err != nil {
		return fmt.Errorf("switch mailbox: %w", err)
	}
	if n == 0 {
		return ErrStale
	}
	tx.Publish("board", "intake")
	return nil
}

func (in NewMailbox) tidy() NewMailbox {
	in.Address = strings.ToLower(strings.TrimSpace(in.Address))
	in.IMAPAddress, in.Username = strings.TrimSpace(in.IMAPAddress), strings.TrimSpace(in.Username)
	if in.Folder = strings.TrimSpace(in.Folder); in.Folder == "" {
		in.Folder = "INBOX"
	}
	if in.Auth == "" {
		in.Auth = Password
	}
	return in
}

// elsewhere tells whether the secrets of a mailbox would be sent somewhere, or by a way, that they were not given for.
func elsewhere(ctx context.Context, tx *db.Tx, was Mailbox, in NewMailbox) (bool, error) {
	if was.IMAPAddress != in.IMAPAddress || was.Security != in.Security || was.Username != in.Username || (was.Auth == Password) != (in.Auth == Password) {
		return true, nil
	}
	if in.Auth == Password {
		return false, nil
	}
	same, err := db.Value[bool](ctx, tx, `select exists (select from mailbox_grants where mailbox_id = $1 and token_url = $2)`, was.ID, in.Grant.TokenURL)
	if err != nil {
		return false, fmt.Errorf("read token address: %w", err)
	}
	return !same, nil
}

// check tells what is wrong with settings, new or changed.
func (in NewMailbox) check() []errs.Field {
	wrong := checkServer(in.IMAPAddress, in.Security)
	if in.Username == "" {
		wrong = append(wrong, errs.Field{Name: "username", Key: "error.required"})
	}
	switch in.Auth {
	case Password:
	case XOAuth2, OAuthBearer:
		wrong = append(wrong, in.Grant.check()...)
		if in.Security == "none" { // a token is worth as much as a password, and is sent as it is
			wrong = append(wrong, errs.Field{Name: "security", Key: "inbox.token_needs_tls"})
		}
	default:
		wrong = append(wrong, errs.Field{Name: "auth", Key: "inbox.bad_auth"})
	}
	return wrong
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

// SetMailboxServerTx moves a mailbox to another server address, which is read from its beginning.
func (s *Service) SetMailboxServerTx(ctx context.Context, tx *db.Tx, id MailboxID, imapAddress, security string) error {
	if wrong := checkServer(imapAddress, security); len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	n, err := tx.Exec(ctx, `update mailboxes set imap_address = $2, security = $3, epoch = epoch + (imap_address <> $2)::integer,
		version = version + 1 where id = $1`, id, imapAddress, security)
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
