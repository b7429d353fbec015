package inbox

import (
	"context"
	"fmt"
	"strings"

	"makegood/internal/db"
)

// Identity is by what two deliveries of one mail are known to be the same.
type Identity struct {
	ID        InboundID
	SHA256    []byte
	MessageID string // as parsed, brackets or not; empty when the mail has none
	MailboxID *MailboxID
	// Fingerprint is what the deliveries of it share and no other mail has, whatever their bytes; nil when there is nothing of the kind.
	Fingerprint []byte
}

// Sight is what the inbox knows about a message before it is understood.
type Sight struct {
	OwnAddresses []string    // of every mailbox of ours, and those our legal entities write from
	EntityID     *int64      // of the mailbox or the form it came to
	Proven       *bool       // whether the sender of a form has shown that the mailbox is theirs; nil for all other ways in
	Earlier      []InboundID // fated messages with the same bytes, the same Message-ID or, without one, the same Delivery, the oldest first
	Erased       *int64      // the erasure in which this very mail was erased; nil for all others
}

// ownAddresses are those that mail of ours comes from, whether we read a mailbox of that address or not, as SQL.
const ownAddresses = `(select coalesce(array_agg(a order by a), '{}') from (select address as a from mailboxes
		union select lower(support_address) from legal_entities where support_address <> '') own)`

// OwnAddresses are those of our mailboxes, and those our legal entities write from.
func (s *Service) OwnAddresses(ctx context.Context) ([]string, error) {
	list, err := db.Value[[]string](ctx, s.db, `select `+ownAddresses)
	if err != nil {
		return nil, fmt.Errorf("read our addresses: %w", err)
	}
	return list, nil
}

// lockSpace keeps the advisory locks on mails apart from other locks of the program.
const lockSpace = 0x6d61_696c

// SeeTx waits until nobody else decides about a delivery of the same mail, keeps others waiting until the commit, and
// tells what is known then. Deliveries are the same by Message-ID or, without one, by their Fingerprint, or their bytes.
func (s *Service) SeeTx(ctx context.Context, tx *db.Tx, i Identity) (Sight, error) {
	list, err := s.SeeAllTx(ctx, tx, []Identity{i})
	if err != nil {
		return Sight{}, err
	}
	return list[0], nil
}

// SeeAllTx is SeeTx for several messages, in their order. It waits for them in one order, so that two who see the same mails
// never wait in a circle.
func (s *Service) SeeAllTx(ctx context.Context, tx *db.Tx, list []Identity) ([]Sight, error) {
	ids, sums, boxes := make([]InboundID, len(list)), make([][]byte, len(list)), make([]*MailboxID, len(list))
	names, keys, prints := make([]string, len(list)), make([]string, len(list)), make([][]byte, len(list))
	for n, i := range list {
		ids[n], sums[n], boxes[n], names[n] = i.ID, i.SHA256, i.MailboxID, Bracketed(i.MessageID)
		prints[n] = i.Fingerprint
		switch keys[n] = names[n]; {
		case names[n] != "":
		case i.Fingerprint != nil:
			keys[n] = fmt.Sprintf("%x", i.Fingerprint)
		default:
			keys[n] = fmt.Sprintf("%x", i.SHA256)
		}
	}
	// A statement of its own: the next one must see what the one waited for has committed.
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock($1, k) from (select distinct hashtext(key) as k from unnest($2::text[]) key order by 1) m`,
		int32(lockSpace), keys); err != nil {
		return nil, fmt.Errorf("lock mail: %w", err)
	}
	sights, err := db.List[Sight](ctx, tx, `select
			`+ownAddresses+` as own_addresses,
			coalesce((select entity_id from mailboxes where id = u.box), (select entity_id from web_messages where inbound_message_id = u.id)) as entity_id,
			(select proven_at is not null from web_messages where inbound_message_id = u.id) as proven,
			(select coalesce(array_agg(e.id order by e.id), '{}') from (
				(select i.id from inbound_messages i where i.sha256 = u.sum and i.id <> u.id and i.fate not in ('pending', 'duplicate') order by i.id limit 20)
				union
				(select i.id from inbound_messages i where i.message_id = u.name and i.message_id <> '' and i.id <> u.id
					and i.fate not in ('pending', 'duplicate') order by i.id limit 20)
				union
				(select i.id from inbound_messages i where i.delivery = u.print and u.name = '' and i.id <> u.id
					and i.fate not in ('pending', 'duplicate') order by i.id limit 20)
			) e) as earlier,
			(select erasure_id from erased_mails where hash = u.print) as erased
		from unnest($1::bigint[], $2::bytea[], $3::text[], $4::bigint[], $5::bytea[]) with ordinality u (id, sum, name, box, print, place) order by u.place`,
		ids, sums, names, boxes, prints)
	if err != nil {
		return nil, fmt.Errorf("look for deliveries of the same mail: %w", err)
	}
	return sights, nil
}

// MessagesByID reads several messages, the oldest first.
func (s *Service) MessagesByID(ctx context.Context, r db.Reader, ids []InboundID) ([]Inbound, error) {
	list, err := db.List[Inbound](ctx, r, `select * from inbound_messages where id = any ($1) order by id`, ids)
	if err != nil {
		return nil, fmt.Errorf("read messages: %w", err)
	}
	return list, nil
}

// FailedTx counts an attempt to understand a message that came to nothing, and tells how many there were.
func (s *Service) FailedTx(ctx context.Context, tx *db.Tx, id InboundID) (int, error) {
	attempts, err := db.Value[int](ctx, tx, `update inbound_messages set attempts = attempts + 1 where id = $1 returning attempts`, id)
	if err != nil {
		return 0, fmt.Errorf("count attempt: %w", err)
	}
	return attempts, nil
}

// ReopenTx takes a held or quarantined message back to pending, and asks for it to be understood anew. The caller
// holds it by LockTx. A message with an end is refused with ErrFated.
func (s *Service) ReopenTx(ctx context.Context, tx *db.Tx, id InboundID) error {
	n, err := tx.Exec(ctx, `update inbound_messages set fate = 'pending', fate_reason = '', fate_params = '{}', fated_at = null, attempts = 0,
		version = version + 1 where id = $1 and fate in ('held', 'quarantined')`, id)
	if err != nil {
		return fmt.Errorf("reopen message: %w", err)
	}
	if n == 0 {
		return ErrFated
	}
	tx.Publish("intake", "board")
	return tx.Enqueue(ctx, MessageArrived{ID: id})
}

// Bracketed is a Message-ID as it is stored: in angle brackets, or empty.
func Bracketed(id string) string {
	if id = strings.Trim(id, "<> "); id == "" {
		return ""
	}
	return "<" + id + ">"
}

// Ours tells by its shape whether a Message-ID is one this installation gave.
func (s *Service) Ours(messageID string) bool {
	left, domain, _ := strings.Cut(strings.Trim(messageID, "<> "), "@")
	parts := strings.Split(left, ".")
	return strings.EqualFold(domain, s.domain) && len(parts) == 3 && strings.HasPrefix(parts[0], "c") && len(parts[2]) == 26
}

// Final tells whether a fate is an end: neither waiting to be handled nor waiting for a person.
func (f FateKind) Final() bool { return f != Pending && f != Held && f != Quarantined }
