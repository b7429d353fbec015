package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/blob"
	"makegood/internal/db"
	"makegood/internal/jobs"
)

// Loaded is a message with its raw bytes.
type Loaded struct {
	Inbound
	Content []byte
	Erased  bool   // on request; there are no bytes then
	Blob    []byte // the hash its bytes are kept by when they are large and not among the raw mail; Content has them all the same
}

// Raw reads the bytes of a message exactly as they came.
func (s *Service) Raw(ctx context.Context, r db.Reader, id InboundID) ([]byte, error) {
	found, err := db.One[blob.Lying](ctx, r, `select r.content, r.blob, m.sha256 from inbound_raw r join inbound_messages m on m.id = r.inbound_message_id
		where r.inbound_message_id = $1`, id)
	if errors.Is(err, db.ErrNoRow) {
		return nil, ErrNoMessage
	}
	if err != nil {
		return nil, err
	}
	return s.files.Bytes(ctx, r, found)
}

// Kept reads a file of a mail of ours by the hash it is kept by.
func (s *Service) Kept(ctx context.Context, r db.Reader, sum []byte) ([]byte, error) {
	return s.files.Content(ctx, r, sum)
}

// Load reads a message with its raw bytes; ErrNoMessage when there is none.
func (s *Service) Load(ctx context.Context, r db.Reader, id InboundID) (Loaded, error) {
	list, err := s.LoadAll(ctx, r, []InboundID{id})
	if err != nil {
		return Loaded{}, err
	}
	if len(list) == 0 {
		return Loaded{}, ErrNoMessage
	}
	return list[0], nil
}

// LoadAll is Load for several, the oldest first. Those that do not exist are left out.
func (s *Service) LoadAll(ctx context.Context, r db.Reader, ids []InboundID) ([]Loaded, error) {
	list, err := db.List[Loaded](ctx, r, `select m.*, r.content, r.blob,
			exists (select from erased_rows e where e.kind = 'inbound' and e.row_id = m.id) as erased from inbound_messages m left join inbound_raw r on r.inbound_message_id = m.id
		where m.id = any ($1) order by m.id`, ids)
	if err != nil {
		return nil, fmt.Errorf("load messages: %w", err)
	}
	for n := range list {
		l := &list[n]
		if l.Refusal != "" || l.Erased {
			continue // there are no bytes
		}
		if l.Content, err = s.files.Bytes(ctx, r, blob.Lying{Content: l.Content, Blob: l.Blob, SHA256: l.SHA256}); err != nil {
			return nil, fmt.Errorf("load message %d: %w", l.ID, err)
		}
	}
	return list, nil
}

// Stow has large raw mail put among the files, from where it is moved outside.
type Stow struct{}

// Kind names the job.
func (Stow) Kind() string { return "inbox.stow" }

const (
	stowEvery = time.Minute
	stowLimit = 200
)

// Register has large raw mail leave the database, where there is a place for it.
func (s *Service) Register(r *jobs.Registry) {
	jobs.Handle(r, func(ctx context.Context, _ Stow) error {
		_, err := s.StowLarge(ctx, stowLimit)
		return err
	})
	if s.files.Moves() {
		jobs.Repeat(r, stowEvery, Stow{})
	}
}

// StowLarge puts the bytes of large mails that have their fate among the files, at most limit of them, where the same bytes are
// kept once, and tells how many it put there. New mail never waits for the place outside: it is stored with its cursor, and
// leaves later.
func (s *Service) StowLarge(ctx context.Context, limit int) (int, error) {
	stowed := 0
	for stowed < limit {
		one, err := s.stow(ctx)
		if err != nil || !one {
			return stowed, err
		}
		stowed++
	}
	return stowed, nil
}

func (s *Service) stow(ctx context.Context) (bool, error) {
	found := false
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		m, err := db.One[struct {
			ID      InboundID
			Content []byte
		}](ctx, tx, `select r.inbound_message_id as id, r.content from inbound_raw r join inbound_messages m on m.id = r.inbound_message_id
			where octet_length(r.content) >= 65536 and m.fate <> 'pending' order by r.inbound_message_id limit 1 for update of r skip locked`)
		if found = err == nil; errors.Is(err, db.ErrNoRow) {
			return nil
		}
		if err != nil {
			return err
		}
		batch := &pgx.Batch{}
		sum := blob.QueueKeep(batch, m.Content)
		batch.Queue(`update inbound_raw set content = null, blob = $2 where inbound_message_id = $1`, m.ID, sum)
		return tx.Batch(ctx, batch)
	})
	if err != nil {
		return false, fmt.Errorf("stow raw mail: %w", err)
	}
	return found, nil
}
