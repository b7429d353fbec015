package inbox

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// PastMessage is a message that came, with its raw bytes and the legal entity whose mailbox it came to.
type PastMessage struct {
	Inbound

	Content  []byte
	Blob     []byte
	EntityID *int64
}

// pastBytes is how large a message may be to be read again in numbers: what rules look at stands in small ones.
const pastBytes = 256 << 10

// Past reads messages that came from outside before one (0 means the newest), the newest first. Duplicates and our own mail come
// back are left out, and so are large ones.
func (s *Service) Past(ctx context.Context, before InboundID, limit int) ([]PastMessage, error) {
	list, err := db.List[PastMessage](ctx, s.db, `select m.*, r.content, r.blob, b.entity_id
		from inbound_messages m join inbound_raw r on r.inbound_message_id = m.id
		left join mailboxes b on b.id = m.mailbox_id
		where ($1 = 0 or m.id < $1) and m.size <= $3 and m.fate <> 'duplicate' and m.fate_reason <> 'intake.own_mail'
		order by m.id desc limit $2`, before, limitOf(limit), pastBytes)
	if err != nil {
		return nil, fmt.Errorf("read past messages: %w", err)
	}
	for n := range list {
		m := &list[n]
		if m.Content, err = s.bytes(ctx, s.db, raw{Content: m.Content, Blob: m.Blob, SHA256: m.SHA256}); err != nil {
			return nil, fmt.Errorf("read past message %d: %w", m.ID, err)
		}
	}
	return list, nil
}
