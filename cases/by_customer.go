package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/billing"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// Reader is a customer who looks at requests of theirs: a proven address and, where the address is a contact's, the
// customer it speaks for. Family is set for a partner or a parent, who also sees the requests of its end customers.
type Reader struct {
	Address  string
	Customer billing.CustomerID // 0: nobody's contact, who sees only what they take part in
	Family   bool
}

// ReaderOf is a contact of a customer as a reader.
func ReaderOf(address string, c *billing.Customer) Reader {
	r := Reader{Address: strings.ToLower(address)}
	if c != nil {
		r.Customer, r.Family = c.ID, c.Kind != billing.EndCustomer
	}
	return r
}

// ofCustomer is the condition on a case c that it is the reader's customer's, or its family's.
const ofCustomer = `(c.customer_id = $1 or ($2 and c.customer_id in (select id from customers where family_id = $1)))`

// ofReader is the condition on a case c that it is a reader's: their customer's, its family's, or one they take part in.
const ofReader = `c.merged_into is null and (` + ofCustomer + `
	or exists (select 1 from case_participants p where p.case_id = c.id and p.address = $3 and p.accepted))`

// casesOfReader are the ids of a page of a reader's cases, as an array: found by customer and by address, and only then put in order, so that
// however many cases others have, theirs alone are read.
const casesOfReader = `array(select id from cases where merged_into is null and ($4 = 0 or id < $4)
		and customer_id = any (array(select $1::bigint union all select id from customers where $2 and family_id = $1))
	union select k.id from case_participants p join cases k on k.id = p.case_id
		where p.address = $3 and p.accepted and k.merged_into is null and ($4 = 0 or k.id < $4)
	order by 1 desc limit $5)`

// CasesOf lists the requests of a reader, the latest first; before is the last id of the page before, 0 at first.
func (s *Service) CasesOf(ctx context.Context, r db.Reader, who Reader, before ID, limit int) ([]Case, error) {
	list, err := db.List[Case](ctx, r, `select `+prefixed("c", caseColumns)+` from cases c
		where c.id = any (`+casesOfReader+`) order by c.id desc`, who.Customer, who.Family, who.Address, before, limit)
	if err != nil {
		return nil, fmt.Errorf("list cases of customer: %w", err)
	}
	return list, nil
}

// CaseOf reads a request by number, for a reader; another's is not there: ErrNoCase.
func (s *Service) CaseOf(ctx context.Context, r db.Reader, who Reader, number string) (Case, error) {
	c, err := db.One[Case](ctx, r, `select `+prefixed("c", caseColumns)+` from cases c where `+ofReader+` and c.number = $4`,
		who.Customer, who.Family, who.Address, strings.ToUpper(strings.TrimSpace(number)))
	if errors.Is(err, db.ErrNoRow) {
		return Case{}, ErrNoCase
	}
	if err != nil {
		return Case{}, fmt.Errorf("read case of customer: %w", err)
	}
	return c, nil
}

func prefixed(table, columns string) string {
	names := strings.Split(columns, ",")
	for i, name := range names {
		names[i] = table + "." + strings.TrimSpace(name)
	}
	return strings.Join(names, ", ")
}

// Told reads of a conversation what a customer may read: what people wrote to us, our letters, and our replies once they can no
// longer be taken back, which is when their mail has left. Notes and what machines wrote stay inside. Somebody who only takes part, since they were let in, reads what
// they wrote and what was said from then on; since is the zero time for all others.
func (s *Service) Told(ctx context.Context, r db.Reader, who Reader, id ID) (out []Message, since time.Time, err error) {
	all, err := s.Messages(ctx, r, id)
	if err != nil {
		return nil, since, err
	}
	if since, err = takesPartSince(ctx, r, who, id); err != nil {
		return nil, since, err
	}
	back, err := mayBeTakenBack(ctx, r, id)
	if err != nil {
		return nil, since, err
	}
	for _, m := range all {
		shown := m.Kind == Inbound && !m.Machine || m.Kind == Letter || m.Kind == PublicReply && !slices.Contains(back, m.ID)
		theirs := m.Kind == Inbound && m.AuthorAddress == who.Address
		if shown && (theirs || !m.At.Before(since)) {
			out = append(out, m)
		}
	}
	return out, since, nil
}

// mayBeTakenBack are the replies of a case whose mail has not left.
func mayBeTakenBack(ctx context.Context, r db.Reader, id ID) ([]MessageID, error) {
	list, err := db.Values[MessageID](ctx, r, `select m.id from case_messages m join outgoing_messages o on o.id = m.outgoing_message_id
		where m.case_id = $1 and m.kind = 'reply' and o.state in ('queued', 'stopped', 'cancelled')`, id)
	if err != nil {
		return nil, fmt.Errorf("read replies that have not left: %w", err)
	}
	return list, nil
}

// takesPartSince is when a reader was let into a case that is not their customer's; the zero time for all others.
func takesPartSince(ctx context.Context, r db.Reader, who Reader, id ID) (time.Time, error) {
	list, err := db.Values[time.Time](ctx, r, `select p.accepted_at from case_participants p join cases c on c.id = p.case_id
		where p.case_id = $4 and p.address = $3 and p.accepted_at is not null
			and `+ofCustomer+` is not true`,
		who.Customer, who.Family, who.Address, id)
	if err != nil {
		return time.Time{}, fmt.Errorf("read since when somebody takes part: %w", err)
	}
	if len(list) == 0 {
		return time.Time{}, nil
	}
	return list[0], nil
}

// OutcomeAnswer is what a customer says to how their request was decided.
type OutcomeAnswer struct {
	ID       int64
	CaseID   ID
	Address  string
	Accepted bool
	At       time.Time
}

// LastAnswer reads what was last said to a case's outcome; ok is false when nothing was.
func (s *Service) LastAnswer(ctx context.Context, r db.Reader, id ID) (answer OutcomeAnswer, ok bool, err error) {
	list, err := db.List[OutcomeAnswer](ctx, r, `select * from outcome_answers where case_id = $1 order by id desc limit 1`, id)
	if err != nil || len(list) == 0 {
		return OutcomeAnswer{}, false, err
	}
	return list[0], true, nil
}

// ErrNoOutcome is told to a customer who answers what is not decided yet.
var ErrNoOutcome = errs.New(errs.Conflict, "case.no_outcome")

// Decided tells whether all that was contested in a case has an outcome.
func Decided(lines []DisputeLine) bool {
	for _, d := range lines {
		if !d.Status.Decided() {
			return false
		}
	}
	return len(lines) > 0
}

// saidTx tells whether an answer was given already, by the same person to the same decisions. It is asked under the lock of the case.
func (s *Service) saidTx(ctx context.Context, tx *db.Tx, a OutcomeAnswer, lines []DisputeLine) (bool, error) {
	last, ok, err := s.LastAnswer(ctx, tx, a.CaseID)
	if err != nil || !ok || last.Address != a.Address || last.Accepted != a.Accepted {
		return false, err
	}
	anew := slices.ContainsFunc(lines, func(d DisputeLine) bool { return d.DecidedAt != nil && d.DecidedAt.After(last.At) })
	return !anew, nil
}

// AnswerOutcomeTx keeps that a customer accepts or contests how their case was decided, and shows it in the conversation. To
// accept changes nothing else: the case stays resolved and no clock starts. What contests is a message besides, which the
// caller receives. The same answer of the same person to the same decisions is kept once. ErrNoOutcome while something is undecided.
func (s *Service) AnswerOutcomeTx(ctx context.Context, tx *db.Tx, id ID, accepted bool, said InboundMessage) error {
	by := access.Actor{Kind: access.Customer, Name: said.AuthorName, Address: said.AuthorAddress}
	_, err := s.changeTx(ctx, tx, id, by, func(w *work) error {
		w.quiet = true
		lines, err := disputesOf(ctx, tx, id)
		if err != nil {
			return err
		}
		if !Decided(lines) {
			return ErrNoOutcome
		}
		if said, err := s.saidTx(ctx, tx, OutcomeAnswer{CaseID: id, Address: said.AuthorAddress, Accepted: accepted}, lines); err != nil || said {
			return err
		}
		if _, err := tx.Exec(ctx, `insert into outcome_answers (case_id, address, accepted, at) values ($1, $2, $3, $4)`,
			id, said.AuthorAddress, accepted, tx.Now()); err != nil {
			return fmt.Errorf("keep answer to outcome: %w", err)
		}
		if !accepted {
			w.note("outcome.contested", map[string]any{})
			return nil
		}
		said.At = tx.Now()
		message, err := insertMessage(ctx, tx, said.row(id))
		if err != nil {
			return err
		}
		w.note("outcome.accepted", map[string]any{"message": message})
		return nil
	})
	return err
}
