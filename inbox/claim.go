package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"makegood/internal/blob"
	"makegood/internal/db"
)

// Claimed is a mail of the outbox in the hands of one sender.
type Claimed struct {
	OutgoingMessage
	Attachments []Attachment
	// CutOff says that an earlier attempt was cut off by a crash: the server may have taken the mail already.
	CutOff bool
	// LeftOut are copies it would have gone to whose addresses are dead.
	LeftOut []string
	// Refused are copies that the server refused while it was handed over, each with its words.
	Refused []string
	// Signed says that the mail is to be signed if its sender's domain has a key.
	Signed bool
	// Delayed says that it was not taken because it has to wait for its turn; it comes back by itself.
	Delayed bool
}

// Claim takes a queued mail for sending. It answers false when there is nothing to do: sent, cancelled, not yet due, waiting for its
// turn or for its attachment, or stopped because its reader's address is dead. A mail found in the state sending was cut off; it is given with CutOff.
// What of its attachments lies outside the database is left to Bring.
func (s *Service) Claim(ctx context.Context, id OutgoingID) (Claimed, bool, error) {
	return s.ClaimNext(ctx, nil, id)
}

// ClaimNext is Claim for the next of several mails: in the same transaction it settles the one before, if there is one. An error leaves
// that one settled all the same, unless the database cannot be reached.
func (s *Service) ClaimNext(ctx context.Context, before *Settlement, id OutgoingID) (Claimed, bool, error) {
	c, taken, err := s.claimQueued(ctx, before, id)
	if err != nil {
		if before != nil {
			err = errors.Join(err, s.Settle(context.WithoutCancel(ctx), *before))
		}
		return Claimed{}, false, fmt.Errorf("claim mail: %w", err)
	}
	if taken {
		return c, true, nil
	}
	turn, err := s.turnOf(ctx, id)
	if err != nil {
		return Claimed{}, false, fmt.Errorf("claim mail: %w", err)
	}
	err = s.db.Do(ctx, func(tx *db.Tx) error {
		if c, taken, err = claimTx(ctx, tx, id, turn); err != nil || !taken {
			return err
		}
		tagged, err := db.Value[bool](ctx, tx, `select `+repliesTagged+` from outgoing_messages m where m.id = $1`, id)
		s.askForAnswers(&c, tagged)
		return err
	})
	if err != nil {
		return Claimed{}, false, fmt.Errorf("claim mail: %w", err)
	}
	return c, taken, nil
}

// repliesTagged asks whether the mailbox a mail m leaves from takes answers at an address of their case.
const repliesTagged = `exists (select from mailboxes box where box.address = lower(m.from_address) and box.tagged_replies)`

// askForAnswers has a mail say where its answers go, unless it says so already.
func (s *Service) askForAnswers(c *Claimed, tagged bool) {
	if tagged && c.ReplyTo == "" {
		c.ReplyTo = s.replyAddress(c.OutgoingMessage)
	}
}

// turnOf takes a turn for a mail that is queued and has none yet; the zero time for any other.
func (s *Service) turnOf(ctx context.Context, id OutgoingID) (time.Time, error) {
	sender, err := db.Value[string](ctx, s.db, `select from_address from outgoing_messages
		where id = $1 and state = 'queued' and not paced and not awaits_attachment and not_before <= $2`, id, s.db.Now())
	if errors.Is(err, db.ErrNoRow) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return s.turn(ctx, sender)
}

// claimTx is Claim for a mail with anything about it: it was cut off, has to wait for its turn, or a reader's address is dead.
func claimTx(ctx context.Context, tx *db.Tx, id OutgoingID, turn time.Time) (c Claimed, take bool, err error) {
	row, err := db.One[OutgoingMessage](ctx, tx, `select * from outgoing_messages where id = $1 for update`, id)
	if errors.Is(err, db.ErrNoRow) {
		return c, false, ErrNoMessage
	}
	if err != nil {
		return c, false, err
	}
	c = Claimed{OutgoingMessage: row, CutOff: row.State == Sending, Signed: true}
	due := row.State == Queued && !row.AwaitsAttachment && !row.NotBefore.After(tx.Now())
	if !c.CutOff && !due {
		return c, false, nil
	}
	if due {
		if stopped, err := stopTx(ctx, tx, &c); err != nil || stopped {
			return c, false, err
		}
	}
	if due && !row.Paced {
		if delayed, err := delayTx(ctx, tx, &c, turn); err != nil || delayed {
			return c, false, err
		}
	}
	if _, err := tx.Exec(ctx, `update outgoing_messages set state = 'sending', claimed_at = $2, attempts = attempts + 1, version = version + 1
		where id = $1`, id, tx.Now()); err != nil {
		return c, false, err
	}
	c.Attachments, err = db.List[Attachment](ctx, tx, attachmentsOf, id)
	return c, err == nil, err
}

const attachmentsOf = `select a.filename, a.media_type, coalesce(a.content, b.content) as content, a.blob
	from outgoing_attachments a left join blobs b on b.sha256 = a.blob where a.outgoing_message_id = $1 order by a.position`

// Bring completes the attachments of a claimed mail by those that lie outside the database. False: one of them is lost or altered, which
// does not pass, and the mail is settled: Failed, or Unknown where it was cut off and may be with the server. An error passes: the mail
// goes back to the queue, for nothing of it was sent, or stays cut off.
func (s *Service) Bring(ctx context.Context, c *Claimed) (bool, error) {
	for n := range c.Attachments {
		a := &c.Attachments[n]
		err := s.bring(ctx, a)
		if err == nil {
			continue
		}
		why := ""
		switch {
		case errors.Is(err, blob.ErrLost):
			why = "the attachment " + a.Filename + " is lost"
		case errors.Is(err, blob.ErrAltered):
			why = "the attachment " + a.Filename + " is no longer what was attached"
		}
		s.logger.WarnContext(ctx, "attachment not read", "outgoing", c.ID, "attachment", a.Filename, "error", err.Error())
		ctx := context.WithoutCancel(ctx)
		switch {
		case why != "" && c.CutOff:
			return false, s.Settle(ctx, Settlement{c.ID, Unknown, "cut off while the server was taking it, and " + why})
		case why != "":
			return false, s.Settle(ctx, Settlement{c.ID, Failed, why})
		case !c.CutOff:
			err = errors.Join(err, s.Settle(ctx, Settlement{c.ID, Queued, "the attachment could not be read"}))
		}
		return false, fmt.Errorf("bring %s: %w", a.Filename, err)
	}
	return true, nil
}

func (s *Service) bring(ctx context.Context, a *Attachment) (err error) {
	if a.Content == nil {
		a.Content, err = s.files.Content(ctx, s.db, a.Blob)
		return err
	}
	if a.Blob != nil {
		return blob.Check(a.Content, a.Blob)
	}
	return nil
}

// claimQueued is Claim for what nearly every mail is: queued, due, in its turn, and to nobody whose address is dead. It takes one round
// trip, with the settling of the mail before. The row is given as it was before.
func (s *Service) claimQueued(ctx context.Context, before *Settlement, id OutgoingID) (Claimed, bool, error) {
	type claimed struct {
		OutgoingMessage

		Signed  bool
		Bounded bool
		Tagged  bool
	}
	var rows []claimed
	var c Claimed
	now := s.db.Now()
	batch := &pgx.Batch{}
	if before != nil {
		before.queue(batch, now)
	}
	db.QueueList(batch, &rows, `update outgoing_messages m set state = 'sending', claimed_at = $2, attempts = m.attempts + 1, version = m.version + 1
		from mail_bounds b
		where m.id = $1 and m.state = 'queued' and not m.awaits_attachment and m.not_before <= $2
			and not exists (select from unnest(m.to_address || m.cc) reader join dead_addresses d on d.address = lower(reader) and d.released_at is null)
			and (m.paced or (b.sender_per_hour = 0 or m.from_address = any ($3)) and not `+readerFull+`)
		returning m.*, b.sender_per_hour > 0 as bounded, exists (select from dkim_keys where active) as signed,
			`+repliesTagged+` as tagged`, id, now, s.turns.ready(now))
	db.QueueList(batch, &c.Attachments, attachmentsOf, id)
	if err := s.db.Batch(ctx, batch); err != nil {
		return Claimed{}, false, err
	}
	if before != nil {
		s.tally.count(before.State)
	}
	if len(rows) == 0 {
		return Claimed{}, false, nil
	}
	c.OutgoingMessage, c.Signed = rows[0].OutgoingMessage, rows[0].Signed
	if rows[0].Bounded && !c.Paced {
		s.turns.spend(c.FromAddress)
	}
	c.State, c.Attempts, c.Version = Queued, c.Attempts-1, c.Version-1
	s.askForAnswers(&c, rows[0].Tagged)
	return c, true, nil
}

// Settlement is how sending a claimed mail ended, with the words of the server or why it could not be asked. Queued puts it back for
// another attempt.
type Settlement struct {
	ID     OutgoingID
	State  OutgoingState
	Answer string
}

// queue adds the settling to a batch. Where a bounce was quicker, that stays.
func (e Settlement) queue(batch *pgx.Batch, now time.Time) {
	batch.Queue(`with settled as (
			update outgoing_messages set state = $2, error = case when $2 = 'sent' then '' else $3 end, version = version + 1,
				sent_at = case when $2 = 'sent' then $4::timestamptz else sent_at end
			where id = $1 and state in ('sending', 'unknown') returning id)
		insert into outgoing_steps (outgoing_message_id, at, state, answer) select id, $4, $2, $3 from settled`, e.ID, string(e.State), e.Answer, now)
	batch.Queue(`select pg_notify($2, t) from (select 'board' union all select 'case:' || case_id from outgoing_messages where id = $1 and case_id is not null) n (t)`,
		e.ID, db.Channel)
}

// Settle records how sending a claimed mail ended.
func (s *Service) Settle(ctx context.Context, e Settlement) error {
	batch := &pgx.Batch{}
	e.queue(batch, s.db.Now())
	if err := s.db.Batch(ctx, batch); err != nil {
		return fmt.Errorf("settle mail: %w", err)
	}
	s.tally.count(e.State)
	return nil
}
