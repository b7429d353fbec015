package inbox

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"makegood/internal/db"
)

// WebMessage is what is known of a message from the contact form beside its bytes. The one who filled in the form is not
// yet known to own the address.
type WebMessage struct {
	InboundMessageID InboundID
	EntityID         int64
	Address          string
	TokenHash        []byte
	CreatedAt        time.Time
	ExpiresAt        time.Time
	ProvenAt         *time.Time
}

// FromForm is a message of the contact form as it comes in. Of the token, which is mailed to the address, only the hash
// is kept.
type FromForm struct {
	Raw       []byte
	EntityID  int64
	Address   string
	Token     string
	ExpiresAt time.Time
}

// StoreWebTx keeps a message of the contact form and asks for it to be understood.
func (s *Service) StoreWebTx(ctx context.Context, tx *db.Tx, f FromForm) (InboundID, error) {
	id, _, err := s.StoreTx(ctx, tx, Arrived{Source: SourceWeb, Raw: f.Raw})
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(ctx, `insert into web_messages (inbound_message_id, entity_id, address, token_hash, created_at, expires_at)
		values ($1, $2, $3, $4, $5, $6)`, id, f.EntityID, strings.ToLower(f.Address), hashOf(f.Token), tx.Now(), f.ExpiresAt)
	if err != nil {
		return 0, fmt.Errorf("store message of the form: %w", err)
	}
	return id, nil
}

// WebMessageByToken reads the message whose link carries a token that still holds: neither used nor expired.
// ErrNoMessage otherwise, whatever the reason.
func (s *Service) WebMessageByToken(ctx context.Context, r db.Reader, token string) (WebMessage, error) {
	m, err := db.One[WebMessage](ctx, r, `select * from web_messages where token_hash = $1 and expires_at > $2 and proven_at is null`,
		hashOf(token), r.Now())
	if errors.Is(err, db.ErrNoRow) {
		return WebMessage{}, ErrNoMessage
	}
	return m, err
}

// ProveWebTx uses up a token: the sender of its message has shown that the mailbox is theirs. A token proves once;
// ErrNoMessage when it does not hold (any more).
func (s *Service) ProveWebTx(ctx context.Context, tx *db.Tx, token string) (WebMessage, error) {
	m, err := db.One[WebMessage](ctx, tx, `update web_messages set proven_at = $2
		where token_hash = $1 and expires_at > $2 and proven_at is null returning *`, hashOf(token), tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return WebMessage{}, ErrNoMessage
	}
	return m, err
}

// ProveSameTx has a message of the form count as proven by the link of another that was sent from the same address: one form sent
// twice is one message with two links. ErrNoMessage when it is no such message.
func (s *Service) ProveSameTx(ctx context.Context, tx *db.Tx, id InboundID, address string) (WebMessage, error) {
	m, err := db.One[WebMessage](ctx, tx, `update web_messages set proven_at = coalesce(proven_at, $3)
		where inbound_message_id = $1 and address = $2 returning *`, id, strings.ToLower(address), tx.Now())
	if errors.Is(err, db.ErrNoRow) {
		return WebMessage{}, ErrNoMessage
	}
	return m, err
}

func hashOf(token string) []byte {
	sum := sha256.Sum256([]byte(token))
	return sum[:]
}
