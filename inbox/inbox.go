// Package inbox keeps every mail that came, with the one fate each has, and every mail that leaves. It knows mailboxes
// and bytes, not customers or money.
package inbox

import (
	"context"
	"log/slog"
	"time"

	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/secrets"
)

// InboundID names a message that came.
type InboundID int64

// OutgoingID names a message that leaves.
type OutgoingID int64

// MailboxID names a mailbox.
type MailboxID int64

// Source says by which way a message came.
type Source string

// The ways in.
const (
	SourceIMAP Source = "imap"
	SourceFile Source = "file"
	SourceWeb  Source = "web"
	SourceAPI  Source = "api"
)

// FateKind is what became of a message. Every stored message ends in exactly one.
type FateKind string

// The fates. Pending is not yet one: the message waits for its job.
const (
	Pending     FateKind = "pending"
	NewCase     FateKind = "new_case"
	Attached    FateKind = "attached"
	Duplicate   FateKind = "duplicate"
	Held        FateKind = "held"
	Quarantined FateKind = "quarantined"
	AutoReply   FateKind = "auto_reply"
	Bounce      FateKind = "bounce"
	Ignored     FateKind = "ignored"
)

// Fates are all fates, and pending.
func Fates() []FateKind {
	return []FateKind{Pending, NewCase, Attached, Duplicate, Held, Quarantined, AutoReply, Bounce, Ignored}
}

// Inbound is a message that came.
type Inbound struct {
	ID           InboundID
	Source       Source
	MailboxID    *MailboxID
	UIDValidity  *int64 `db:"uid_validity"`
	UID          *int64 `db:"uid"`
	SHA256       []byte `db:"sha256"`
	Size         int64
	Oversize     bool
	InternalDate *time.Time
	StoredAt     time.Time
	MessageID    string
	Sender       string
	SenderName   string
	Subject      string
	Kind         string
	Fate         FateKind
	FateReason   string
	FateParams   map[string]string
	FatedAt      *time.Time
	CaseID       *int64
	OriginalID   *InboundID
	Attempts     int
	Version      int
	Refusal      string // the server's words when it would not give the message; there are no raw bytes then
	Infected     string // what the virus scanner found; nobody gets such a message
	Quiet        bool   // imported from the past: nobody gets an automatic answer to it
	Delivery     []byte // what other deliveries of a mail without a Message-ID share with it; nil for one that has such an id
}

// Mailbox is one IMAP folder that is read, with its cursor and its health.
type Mailbox struct {
	ID             MailboxID
	Address        string
	EntityID       *int64
	IMAPAddress    string `db:"imap_address"`
	Security       string
	Username       string
	PasswordSealed []byte
	Folder         string
	Active         bool
	Epoch          int   // raised when server, account or folder change
	UIDValidity    int64 `db:"uid_validity"` // as Validity makes it
	LastUID        int64 `db:"last_uid"`
	LeaseOwner     string
	LeaseUntil     time.Time
	LastSuccessAt  *time.Time
	LastError      string
	LastErrorAt    *time.Time
	Backlog        int
	Version        int
	Auth           Auth
	RetryAt        *time.Time // while it fails: when the next attempt is made
	Failures       int        // in a row
	ReconciledAt   *time.Time
	Missing        int    // on the server, at or below the cursor and not stored, when last compared
	Alarm          string // what will make it fail soon unless a person acts
	TaggedReplies  bool   // its server takes plus addressing: answers are asked for at an address that leads to their case
}

// Validity makes of the UIDVALIDITY that a server gives (32 bits, RFC 3501) the one that messages are kept by: another server, account or
// folder may give the same, and its mail is other mail all the same.
func (m Mailbox) Validity(given uint32) int64 { return int64(m.Epoch)<<32 | int64(given) }

// Failing tells whether the last attempt to read the mailbox came to nothing.
func (m Mailbox) Failing() bool { return m.LastError != "" }

// Auth is how a mailbox signs in.
type Auth string

// The ways to sign in: a password, or a token of OAuth 2.0 by one of the two SASL mechanisms that carry it.
const (
	Password    Auth = "password"
	XOAuth2     Auth = "xoauth2"
	OAuthBearer Auth = "oauthbearer" // RFC 7628
)

// Options tunes the service.
type Options struct {
	// Domain stands behind the @ of our Message-IDs.
	Domain string
	// Files is where large files lie; nil means in the database.
	Files *blob.Store
	// LargestMail is the size in bytes up to which mail is fetched whole; of a larger one only the headers are kept, and its sender is
	// told. 0 means 30 MB.
	LargestMail int64
}

// Service is the door to the inbox and the outbox.
type Service struct {
	db     *db.DB
	keys   secrets.Keys
	domain string
	files  *blob.Store
	logger *slog.Logger
	turns  *turns
	tally  *tally
	// largest is the size of mail that is fetched whole.
	largest int64
}

// LargestMail is the size in bytes up to which mail is fetched whole.
func (s *Service) LargestMail() int64 { return s.largest }

// Ask has jobs worked, in one transaction of their own.
func (s *Service) Ask(ctx context.Context, list []db.Job) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		for _, job := range list {
			if err := tx.Enqueue(ctx, job); err != nil {
				return err
			}
		}
		return nil
	})
}

// New makes the service. The keys seal mailbox passwords and sign reply tokens.
func New(d *db.DB, keys secrets.Keys, logger *slog.Logger, o Options) *Service {
	if o.Domain == "" {
		o.Domain = "makegood.invalid"
	}
	if o.LargestMail == 0 {
		o.LargestMail = 30_000_000
	}
	if o.Files == nil {
		o.Files = blob.New(d, nil)
	}
	return &Service{db: d, keys: keys, domain: o.Domain, files: o.Files, logger: logger, turns: newTurns(), tally: &tally{ended: map[OutgoingState]int64{}}, largest: o.LargestMail}
}
