package erasure

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"makegood/cases"
	"makegood/inbox"
	"makegood/inbox/papers"
	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/idempotency"
	"makegood/internal/personal"
)

// Erase asks for what was agreed to be done.
type Erase struct {
	ID ID `json:"id"`
}

// Kind names the job.
func (Erase) Kind() string { return "erasure.erase" }

// Unique says that one try of an erasure waits or runs at a time.
func (Erase) Unique() bool { return true }

// Takes is how long the job may take: it does all of it in one transaction.
func (Erase) Takes() time.Duration { return 30 * time.Minute }

// RetryWithin has one that failed tried again as often as one that waits.
func (Erase) RetryWithin() time.Duration { return time.Hour }

// Resume asks for what was agreed and had to wait to be tried again.
type Resume struct{}

// Kind names the job.
func (Resume) Kind() string { return "erasure.resume" }

// RemoveFiles asks for files to be removed that an erasure took the last name from.
type RemoveFiles struct {
	SHA256 [][]byte `json:"sha256"`
}

// Kind names the job.
func (RemoveFiles) Kind() string { return "erasure.files" }

// erase does what was agreed, in one transaction. While something stands in its way it says so and ends: resume tries it again. That it failed is
// said too.
func (s *Service) erase(ctx context.Context, in Erase) error {
	var counts personal.Counts
	err := s.DB.Do(ctx, func(tx *db.Tx) error {
		var err error
		counts, err = s.doneTx(ctx, tx, in.ID)
		return err
	})
	if why := obstacle(err); why != nil {
		return s.waits(ctx, in.ID, why)
	}
	if err != nil {
		if kept := s.waits(ctx, in.ID, errFailed); kept != nil {
			s.logger.ErrorContext(ctx, "why an erasure is not done is not kept", "erasure", int64(in.ID), "error", kept)
		}
		return fmt.Errorf("erase: %w", err)
	}
	if counts == nil {
		return nil // it was done before
	}
	s.logger.InfoContext(ctx, "erasure done", "erasure", int64(in.ID), "counts", counts)
	return nil
}

// doneTx carries out what was agreed and gives what it took; nil where it was done before.
func (s *Service) doneTx(ctx context.Context, tx *db.Tx, id ID) (personal.Counts, error) {
	// Each statement is over all there is of somebody; the time of the job bounds the whole.
	if _, err := tx.Exec(ctx, `set local statement_timeout = 0`); err != nil {
		return nil, fmt.Errorf("let an erasure take its time: %w", err)
	}
	if err := aloneTx(ctx, tx); err != nil {
		return nil, err
	}
	e, err := byID(ctx, tx, id, "for update of e")
	if err != nil || e.State != Agreed {
		return nil, err
	}
	who := personal.Person{Erasure: int64(e.ID), Addresses: e.Addresses, Names: e.Names, Typed: e.NamesTyped}
	done, err := s.takeTx(ctx, tx, access.SystemActor("erasure"), who)
	if err != nil {
		return nil, err
	}
	if _, err := tx.Exec(ctx, `update erasures set state = 'done', done_at = $2, counts = $3, addresses = '{}', names = '{}', obstacle = '', obstacle_params = '{}',
			reason = without_person(reason, $4, $5), decision_note = without_person(decision_note, $4, $5) where id = $1`, e.ID, tx.Now(), done.counts, who.Sure(), who.Likely()); err != nil {
		return nil, fmt.Errorf("end erasure: %w", err)
	}
	if len(done.files) > 0 {
		if err := tx.Enqueue(ctx, RemoveFiles{SHA256: done.files}); err != nil {
			return nil, err
		}
	}
	if err := tx.Enqueue(ctx, idempotency.Forget{}); err != nil { // what was answered before tells of them
		return nil, err
	}
	e.Counts = done.counts
	return done.counts, e.recordTx(ctx, tx, access.SystemActor("erasure"), "erasure.done")
}

// errFailed stands on the page for a failure that only the log can tell of.
var errFailed = errs.New(errs.Unavailable, "erasure.failed")

// waits keeps why an erasure is not done yet, also when the time of the job is over.
func (s *Service) waits(ctx context.Context, id ID, why error) error {
	e, ok := errors.AsType[*errs.Error](why)
	if !ok {
		e = errFailed
	}
	params := errs.Params{}
	maps.Copy(params, e.Params)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `update erasures set obstacle = $2, obstacle_params = $3 where id = $1 and state = 'agreed' and (obstacle, obstacle_params) is distinct from ($2, $3)`,
			id, e.Key, params); err != nil {
			return fmt.Errorf("keep what an erasure waits for: %w", err)
		}
		return nil
	})
}

func (s *Service) resume(ctx context.Context, _ Resume) error {
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		ids, err := db.Values[ID](ctx, tx, `select id from erasures where state = 'agreed' order by id`)
		if err != nil {
			return fmt.Errorf("find erasures that wait: %w", err)
		}
		for _, id := range ids {
			if err := tx.Enqueue(ctx, Erase{ID: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// tells says of a file that lies among the files whether it tells of somebody, as far as we can read it, and notes that its bytes go.
func (s *Service) tells(who personal.Person, gone *[][]byte) func(context.Context, *db.Tx, []byte) (bool, error) {
	return func(ctx context.Context, tx *db.Tx, file []byte) (bool, error) {
		content, err := s.Files.Content(ctx, tx, file)
		if err != nil {
			return false, err
		}
		tells := who.In(content)
		if !tells {
			tells, err = db.Value[bool](ctx, tx, `select without_person($1::text, $2, $3) <> $1::text`, papers.Text(content), who.Sure(), who.Likely())
		}
		if err == nil && tells {
			*gone = append(*gone, file)
		}
		return tells, err
	}
}

// taken is what an erasure took.
type taken struct {
	counts personal.Counts
	files  [][]byte
	cases  []int64
	quoted int // mails of others that name them
}

// takeTx takes a person out of every room, the cases first: their locks come before all others. It refuses while something stands in the way.
func (s *Service) takeTx(ctx context.Context, tx *db.Tx, by access.Actor, who personal.Person) (taken, error) {
	out := taken{counts: personal.Counts{}}
	list, err := s.freeTx(ctx, tx, who.Addresses)
	if err != nil {
		return out, err
	}
	for _, c := range list {
		out.cases = append(out.cases, int64(c.ID))
	}
	if out.cases == nil {
		out.cases = []int64{}
	}
	rooms := []func() (personal.Counts, error){
		func() (personal.Counts, error) {
			return s.Cases.EraseTx(ctx, tx, cases.Erasing{Person: who, By: by, Hash: s.Hash, Tells: s.tells(who, &out.files)}, list)
		},
		func() (personal.Counts, error) {
			mails, err := s.Inbox.EraseTx(ctx, tx, inbox.Erasing{Person: who, Cases: out.cases, Fingerprint: s.Intake.Fingerprint})
			out.files, out.quoted = append(out.files, mails.Files...), mails.Quoted
			return mails.Counts, err
		},
		func() (personal.Counts, error) { return s.Survey.EraseTx(ctx, tx, who) },
		func() (personal.Counts, error) { return s.Portal.EraseTx(ctx, tx, who) },
		func() (personal.Counts, error) { return s.Billing.EraseTx(ctx, tx, who, out.cases) },
		func() (personal.Counts, error) { return audit.EraseTx(ctx, tx, who) },
		func() (personal.Counts, error) { return nil, eraseHoldsTx(ctx, tx, who) },
		func() (personal.Counts, error) { return nil, eraseReasonsTx(ctx, tx, who) },
	}
	for _, room := range rooms {
		counts, err := room()
		if err != nil {
			return out, err
		}
		for kind, n := range counts {
			out.counts.Add(kind, int64(n))
		}
	}
	return out, nil
}

// eraseReasonsTx takes a person out of why other erasures were asked for and decided, of theirs before and of others'.
func eraseReasonsTx(ctx context.Context, tx *db.Tx, who personal.Person) error {
	found, err := db.Values[ID](ctx, tx, `select id from erasures where id <> $1 and without_person(reason || ' ' || decision_note, $2, $3) <> reason || ' ' || decision_note order by id for update`,
		who.Erasure, who.Sure(), who.Likely())
	if err != nil {
		return fmt.Errorf("find reasons: %w", err)
	}
	if _, err := tx.Exec(ctx, `insert into erased_rows (kind, row_id, erasure_id) select 'erasure', i, $1 from unnest($2::bigint[]) i on conflict do nothing`, who.Erasure, found); err != nil {
		return fmt.Errorf("mark reasons: %w", err)
	}
	if _, err := tx.Exec(ctx, `update erasures set reason = without_person(reason, $2, $3), decision_note = without_person(decision_note, $2, $3) where id = any ($1)`,
		found, who.Sure(), who.Likely()); err != nil {
		return fmt.Errorf("erase reasons: %w", err)
	}
	return nil
}

// patience is how long somebody who asks or sets a hold waits for another before they are told of an erasure that is under way.
const patience = "2s"

// shortlyTx is aloneTx for who works at the desk: an erasure under way may take longer than they wait.
func shortlyTx(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `set local lock_timeout = '`+patience+`'`); err != nil {
		return fmt.Errorf("bound the wait: %w", err)
	}
	if err := aloneTx(ctx, tx); err != nil {
		if db.GaveUpWaiting(err) {
			return ErrUnderWay
		}
		return err
	}
	if _, err := tx.Exec(ctx, `set local lock_timeout to default`); err != nil {
		return fmt.Errorf("wait as ever: %w", err)
	}
	return nil
}

// aloneTx keeps who asks, who sets a hold and who erases apart: each sees what the one before has done.
func aloneTx(ctx context.Context, tx *db.Tx) error {
	if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtext('erasures'))`); err != nil {
		return fmt.Errorf("wait for other erasures: %w", err)
	}
	return nil
}

// freeTx locks and gives the cases of somebody, and refuses with what stands in the way of erasing them and does not pass by itself.
func (s *Service) freeTx(ctx context.Context, tx *db.Tx, addresses []string) ([]cases.Case, error) {
	list, err := s.Cases.TakingPartTx(ctx, tx, addresses)
	if err != nil {
		return nil, err
	}
	if err := heldTx(ctx, tx, addresses, list); err != nil {
		return nil, err
	}
	return list, settled(list)
}

// settled refuses while a case of theirs is active: what is in dispute is needed to settle it.
func settled(list []cases.Case) error {
	var open []string
	for _, c := range list {
		if c.Status.Active() {
			open = append(open, c.Number)
		}
	}
	if len(open) == 0 {
		return nil
	}
	return errs.New(ErrOpenCases.Kind, ErrOpenCases.Key, "numbers", strings.Join(open, ", "))
}
