package inbox

import (
	"context"
	"fmt"

	"makegood/internal/db"
)

// lately is how many of a mailbox's last messages tell how it fares.
const lately = 200

// fewest is how many messages say anything about a mailbox.
const fewest = 20

// Unheard is a mailbox whose mail is mostly ignored for having come by a list.
type Unheard struct {
	MailboxID MailboxID
	Ignored   int
	Of        int // its last messages, at most 200
}

// UnheardMailboxes are those more than half of whose last messages were ignored as mail of a list: such a mailbox often stands behind a
// group whose address nobody told us.
func (s *Service) UnheardMailboxes(ctx context.Context) ([]Unheard, error) {
	list, err := db.List[Unheard](ctx, s.db, `select b.id as mailbox_id, n.ignored, n."of" from mailboxes b
		cross join lateral (select count(*) filter (where m.fate = 'ignored' and m.fate_reason = 'intake.list') as ignored, count(*) as "of"
			from (select fate, fate_reason from inbound_messages where mailbox_id = b.id order by uid_validity desc, uid desc limit $1) m) n
		where n."of" >= $2 and n.ignored * 2 > n."of" order by b.id`, lately, fewest)
	if err != nil {
		return nil, fmt.Errorf("find mailboxes whose mail is ignored: %w", err)
	}
	return list, nil
}
