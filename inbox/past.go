package inbox

import (
	"context"
	"errors"
	"fmt"

	"makegood/internal/blob"
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

// Past reads messages of the legal entities in scope (empty means all) that came from outside before one (0 means the newest), the newest
// first. Duplicates and our own mail come
// back are left out, and so are large ones, and those whose bytes are lost or altered, which `makegood verify` tells of. Next is what to ask before
// for those that came earlier; 0 when there are none.
func (s *Service) Past(ctx context.Context, scope []int64, before InboundID, limit int) (list []PastMessage, next InboundID, err error) {
	var c conditions
	c.add(`m.fate <> 'duplicate' and m.fate_reason <> 'intake.own_mail' and m.size <= ?`, pastBytes)
	if before != 0 {
		c.add("m.id < ?", before)
	}
	c.within(inboundScope, scope)
	all, err := db.List[PastMessage](ctx, s.db, fmt.Sprintf(`select m.*, r.content, r.blob, b.entity_id
		from inbound_messages m join inbound_raw r on r.inbound_message_id = m.id
		left join mailboxes b on b.id = m.mailbox_id%s
		order by m.id desc limit %d`, c.where(), limitOf(limit)), c.args...)
	if err != nil {
		return nil, 0, fmt.Errorf("read past messages: %w", err)
	}
	for _, m := range all {
		next = m.ID
		m.Content, err = s.files.Bytes(ctx, s.db, blob.Lying{Content: m.Content, Blob: m.Blob, SHA256: m.SHA256})
		switch {
		case errors.Is(err, blob.ErrLost), errors.Is(err, blob.ErrAltered):
			s.logger.WarnContext(ctx, "past message not read", "message", int64(m.ID), "error", err.Error())
		case err != nil:
			return nil, 0, fmt.Errorf("read past message %d: %w", m.ID, err)
		default:
			list = append(list, m)
		}
	}
	return list, next, nil
}
