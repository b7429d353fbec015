package erasure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/personal"
)

// Preview is what an erasure would take, what would stay although it names them, and what stands in its way.
type Preview struct {
	Who
	Counts   personal.Counts
	Remains  personal.Counts
	Obstacle error // nil where nothing does
}

// errTrial ends the transaction of a trial.
var errTrial = errors.New("only tried")

// Preview tries an erasure and takes it back: nothing has changed afterwards. ErrNobody when nothing is kept.
func (s *Service) Preview(ctx context.Context, by access.Actor, who Who) (Preview, error) {
	if err := may(by); err != nil {
		return Preview{}, err
	}
	who, err := who.tidied()
	if err != nil {
		return Preview{}, err
	}
	var p Preview
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		var err error
		if p, err = s.tryTx(ctx, tx, by, who); err != nil {
			return err
		}
		return errTrial
	})
	if !errors.Is(err, errTrial) {
		return Preview{}, err
	}
	if p.Obstacle == nil && len(p.Counts) == 0 {
		return Preview{}, ErrNobody
	}
	return p, nil
}

// tryTx does what an erasure would do, in a transaction that is to be taken back.
func (s *Service) tryTx(ctx context.Context, tx *db.Tx, by access.Actor, who Who) (Preview, error) {
	var p Preview
	// The statements of an erasure are over all there is of somebody, which may be more than those of a page.
	if _, err := tx.Exec(ctx, `set local statement_timeout = '2min'`); err != nil {
		return p, fmt.Errorf("let a trial take its time: %w", err)
	}
	err := s.outside(ctx, tx, who.Addresses)
	if err != nil {
		return p, err
	}
	if p.Who, err = s.named(ctx, tx, who); err != nil {
		return p, err
	}
	id, err := db.Value[ID](ctx, tx, `insert into erasures (addresses, names, names_typed, reason, state, asked_by, asked_at) values ($1, $2, $3, 'trial', 'tried', $4, $5) returning id`,
		p.Addresses, p.Names, p.typed, by.UserID, tx.Now())
	if err != nil {
		return p, fmt.Errorf("try erasure: %w", err)
	}
	done, err := s.takeTx(ctx, tx, by, p.person(id))
	p.Counts = done.counts
	switch p.Obstacle = obstacle(err); {
	case err == nil:
		p.Remains, err = remains(ctx, tx, p.person(id), done)
	case p.Obstacle != nil: // that is an answer too
		err = nil
	}
	return p, err
}

// obstacle is err where it says why an erasure has to wait.
func obstacle(err error) error {
	if errs.KindOf(err) == errs.Conflict {
		return err
	}
	return nil
}

// remains counts what stays although it names them, once everything else is gone.
func remains(ctx context.Context, tx *db.Tx, p personal.Person, done taken) (personal.Counts, error) {
	found, err := db.One[struct{ Credits, Trail, Words int64 }](ctx, tx, `with requests as (select id from credit_requests where case_id = any ($1))
		select
			(select count(*) from credit_requests r where r.case_id = any ($1) and r.explanation || ' ' || r.customer_note ~* $2) as credits,
			(select count(*) from audit_log l where l.stream = any (select 'case:' || c from unnest($1::bigint[]) c) and l.actor_name || ' ' || l.data::text ~* $2) as trail,
			(select count(*) from credit_decisions where credit_request_id in (select id from requests) and comment ~* $2)
				+ (select count(*) from credit_questions where credit_request_id in (select id from requests) and question || ' ' || answer ~* $2)
				+ (select count(*) from quality_reviews where case_id = any ($1) and note || ' ' || reply ~* $2)
				+ (select count(*) from case_points where case_id = any ($1) and text || ' ' || hint ~* $2)
				+ (select count(*) from case_field_values where case_id = any ($1) and text_value ~* $2)
				+ (select count(*) from payment_promises where customer_id in (select customer_id from cases where id = any ($1) union select c.customer_id from contacts c join erased_rows e on e.kind = 'contact' and e.row_id = c.id
					where e.erasure_id = $3) and decision ~* $2) as words`,
		done.cases, p.Sure(), p.Erasure)
	if err != nil {
		return nil, fmt.Errorf("count what stays: %w", err)
	}
	counts := personal.Counts{}
	counts.Add("credit_requests", found.Credits)
	counts.Add("audit_rows", found.Trail)
	counts.Add("mails_of_others", int64(done.quoted))
	counts.Add("desk_words", found.Words)
	return counts, nil
}

// AskInput asks for an erasure. The reason says how the request came and how it was made sure that it was theirs.
type AskInput struct {
	By access.Actor
	Who
	Reason string
}

// Ask keeps an erasure for somebody else to agree to. It is refused while a legal hold or an active case stands in its way, and answers the one
// that waits when the same was asked for already; ErrWaits when that one has other names.
func (s *Service) Ask(ctx context.Context, in AskInput) (Erasure, error) {
	if err := may(in.By); err != nil {
		return Erasure{}, err
	}
	who, err := in.tidied()
	if err != nil {
		return Erasure{}, err
	}
	in.Reason = strings.TrimSpace(in.Reason)
	switch {
	case in.By.UserID == 0:
		return Erasure{}, access.ErrSignIn
	case in.Reason == "":
		return Erasure{}, errs.InvalidField("reason", "error.required")
	case len([]rune(in.Reason)) > longestReason:
		return Erasure{}, errs.InvalidField("reason", "erasure.long_reason")
	}
	var e Erasure
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		if err := shortlyTx(ctx, tx); err != nil {
			return err
		}
		if err := s.outside(ctx, tx, who.Addresses); err != nil {
			return err
		}
		if _, err := s.freeTx(ctx, tx, who.Addresses); err != nil {
			return err
		}
		who, err := s.named(ctx, tx, who)
		if err != nil {
			return err
		}
		if e, err = waitingTx(ctx, tx, who); err != nil || e.ID != 0 {
			return err
		}
		id, err := db.Value[ID](ctx, tx, `insert into erasures (addresses, names, names_typed, reason, asked_by, asked_at) values ($1, $2, $3, $4, $5, $6) returning id`,
			who.Addresses, who.Names, who.typed, in.Reason, in.By.UserID, tx.Now())
		if err != nil {
			return fmt.Errorf("keep erasure: %w", err)
		}
		if e, err = byID(ctx, tx, id, ""); err != nil {
			return err
		}
		return e.recordTx(ctx, tx, in.By, "erasure.asked")
	})
	return e, err
}

// waitingTx is the erasure of the same addresses that waits already, or none; ErrWaits when that one has other names.
func waitingTx(ctx context.Context, tx *db.Tx, who Who) (Erasure, error) {
	list, err := db.List[Erasure](ctx, tx, erasureRows+`where e.state in ('asked','agreed') and e.addresses = $1 limit 1`, who.Addresses)
	if err != nil {
		return Erasure{}, fmt.Errorf("look for the same erasure: %w", err)
	}
	if len(list) == 0 {
		return Erasure{}, nil
	}
	if !slices.Equal(list[0].Names, who.Names) || list[0].NamesTyped != who.typed {
		return Erasure{}, errs.New(ErrWaits.Kind, ErrWaits.Key, "number", strconv.FormatInt(int64(list[0].ID), 10))
	}
	return list[0], nil
}

const longestReason = 1000

func (e Erasure) recordTx(ctx context.Context, tx *db.Tx, by access.Actor, what string) error {
	data := map[string]any{"erasure": int64(e.ID), "asked_by": e.AskedBy}
	if len(e.Counts) > 0 {
		data["counts"] = e.Counts
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: data})
}

// Decide agrees to an erasure or refuses it, as somebody else than who asked for it, who may withdraw it. What is agreed is done by a job as
// soon as nothing stands in its way; a legal hold or an active case refuses it here already.
func (s *Service) Decide(ctx context.Context, by access.Actor, id ID, verdict, note string) (Erasure, error) {
	if err := may(by); err != nil {
		return Erasure{}, err
	}
	note = strings.TrimSpace(note)
	if verdict == "refuse" && note == "" {
		return Erasure{}, errs.InvalidField("note", "error.required")
	}
	if len([]rune(note)) > longestReason {
		return Erasure{}, errs.InvalidField("note", "erasure.long_reason")
	}
	var e Erasure
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		var err error
		if e, err = byID(ctx, tx, id, "for update of e"); err != nil {
			return err
		}
		to, err := e.verdict(by, verdict)
		if err != nil {
			return err
		}
		who := personal.Person{Addresses: e.Addresses, Names: e.Names, Typed: e.NamesTyped}
		if to == Agreed {
			if _, err := s.freeTx(ctx, tx, e.Addresses); err != nil {
				return err
			}
			if err := tx.Enqueue(ctx, Erase{ID: id}); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(ctx, `update erasures set state = $2, decided_by = $3, decided_at = $4, decision_note = case when $2 = 'agreed' then $5 else without_person($5::text, $6, $7) end,
				addresses = case when $2 = 'agreed' then addresses else '{}' end, names = case when $2 = 'agreed' then names else '{}' end,
				reason = case when $2 = 'agreed' then reason else without_person(reason, $6, $7) end where id = $1`,
			id, string(to), by.UserID, tx.Now(), note, who.Sure(), who.Likely()); err != nil {
			return fmt.Errorf("decide erasure: %w", err)
		}
		if e, err = byID(ctx, tx, id, ""); err != nil {
			return err
		}
		return e.recordTx(ctx, tx, by, "erasure."+string(to))
	})
	return e, err
}

// verdict is the state that a word of somebody leads to.
func (e Erasure) verdict(by access.Actor, word string) (State, error) {
	own := e.AskedBy == by.UserID
	switch {
	case by.UserID == 0:
		return "", access.ErrSignIn
	case e.State != Asked:
		return "", ErrDecided
	case word == "withdraw" && own:
		return Withdrawn, nil
	case word == "withdraw":
		return "", ErrNotYours
	case own:
		return "", ErrOwn
	case word == "confirm":
		return Agreed, nil
	case word == "refuse":
		return Refused, nil
	}
	return "", ErrNoErasure
}
