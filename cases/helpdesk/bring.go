package helpdesk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"makegood/cases"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// broughtAtOnce is how many cases come in with one transaction, unless all must.
const broughtAtOnce = 50

// Plan is what would become of files.
type Plan struct {
	Counts  Counts
	Refused []Refusal
	Ignored []string
	Format  Format
	System  string
}

// Plan reads files and tells what would become of each case. Nothing is kept.
func (s *Service) Plan(ctx context.Context, in Input, files []File) (Plan, error) {
	_, plan, err := s.plan(ctx, in.named(), files)
	return plan, err
}

// plan also gives what was read.
func (s *Service) plan(ctx context.Context, in Input, files []File) (Export, Plan, error) {
	if err := in.may(); err != nil {
		return Export{}, Plan{}, err
	}
	x, err := s.read(ctx, in, files)
	if err != nil {
		return x, Plan{}, err
	}
	plan := Plan{Format: in.Format, System: in.System, Refused: slices.Clone(x.Refused), Ignored: x.Ignored, Counts: x.counts()}
	for piece := range slices.Chunk(x.Cases, 10*broughtAtOnce) {
		list, known, err := s.look(ctx, s.DB, in, piece)
		if err != nil {
			return x, plan, err
		}
		plan.Counts.Known += known
		for _, t := range list {
			plan.Counts.add(t)
			if t.other != nil {
				plan.Refused = append(plan.Refused, t.refusal())
			}
		}
	}
	plan.Counts.Refused = len(plan.Refused)
	return x, plan, nil
}

// read reads files by the clock of the legal entity.
func (s *Service) read(ctx context.Context, in Input, files []File) (Export, error) {
	entity, err := s.Billing.EntityByID(ctx, s.DB, in.EntityID)
	if err != nil {
		return Export{}, err
	}
	return Read(in.Format, files, Options{DateOrder: in.DateOrder, Zone: entity.Zone()}, s.DB.Now())
}

// counts are those that stand in the files themselves.
func (x Export) counts() Counts {
	c := Counts{Read: len(x.Cases) + len(x.Refused), Deleted: x.Deleted, Orphans: x.Orphans, Bare: x.Bare}
	if n := len(x.Cases); n > 0 {
		c.From, c.To = &x.Cases[0].OpenedAt, &x.Cases[n-1].OpenedAt
	}
	return c
}

// add counts a case that is to come in.
func (c *Counts) add(t tied) {
	if t.other != nil {
		return
	}
	if c.Messages += len(t.Messages); t.Status.Active() {
		c.Open++
	} else {
		c.Closed++
	}
	if t.customer == nil {
		c.Untied++
	}
}

// look ties cases that are not here yet, and counts those that are.
func (s *Service) look(ctx context.Context, r db.Reader, in Input, list []Past) (out []tied, known int, err error) {
	numbers := make([]string, len(list))
	for n, p := range list {
		numbers[n] = p.Number
	}
	there, err := s.Cases.BroughtAs(ctx, r, in.System, numbers)
	if err != nil {
		return nil, 0, err
	}
	before := map[string]bool{}
	for _, ref := range there {
		before[ref.Number] = true
	}
	var fresh []Past
	for _, p := range list {
		if !before[p.Number] {
			fresh = append(fresh, p)
		}
	}
	out, err = s.tie(ctx, r, in, fresh)
	return out, len(list) - len(fresh), err
}

// Bring reads files and brings their cases in. What has come in stays when it is cut off, and is passed over when it is run again. Tell hears how
// far it is; it may be nil.
func (s *Service) Bring(ctx context.Context, in Input, files []File, tell func(done, of int)) (Import, []Refusal, error) {
	in = in.named()
	x, plan, err := s.plan(ctx, in, files)
	if err != nil {
		return Import{}, nil, err
	}
	if in.AllOrNothing && len(plan.Refused) > 0 {
		return Import{Format: in.Format, System: in.System, Counts: plan.Counts}, plan.Refused, errs.New(ErrRejected.Kind, ErrRejected.Key, "rows", itoa(len(plan.Refused)))
	}
	var imp Import
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		if imp, err = insertImport(ctx, tx, in, namesOf(files), Running, plan.Counts); err != nil {
			return err
		}
		return record(ctx, tx, in.By, "case_import.started", imp)
	})
	if err != nil {
		return imp, nil, err
	}
	return s.run(ctx, imp, in.By, x, tell)
}

func namesOf(files []File) string {
	list := make([]string, len(files))
	for n, f := range files {
		list[n] = f.Name
	}
	return shortened(strings.Join(list, ", "), 300)
}

// running is an import on its way.
type running struct {
	*Service
	imp     Import
	in      Input
	by      access.Actor
	counts  Counts
	refused []Refusal
}

// run brings in what was read and is not here yet, and ends the import.
func (s *Service) run(ctx context.Context, imp Import, by access.Actor, x Export, tell func(done, of int)) (Import, []Refusal, error) {
	in := imp.input()
	in.By = by
	r := running{Service: s, imp: imp, in: in, by: by, counts: x.counts(), refused: slices.Clone(x.Refused)}
	if tell == nil {
		tell = func(int, int) {}
	}
	var err error
	if imp.AllOrNothing {
		err = s.DB.Do(ctx, func(tx *db.Tx) error { return r.whole(ctx, tx, x.Cases) })
	} else {
		err = r.pieces(ctx, x.Cases, tell)
	}
	if err != nil {
		return imp, r.refused, err
	}
	if imp.AllOrNothing {
		tell(len(x.Cases), len(x.Cases))
	} else {
		err = s.DB.Do(ctx, func(tx *db.Tx) error { return r.end(ctx, tx) })
	}
	return r.imp, r.refused, err
}

// whole brings in all cases in one transaction, or none.
func (r *running) whole(ctx context.Context, tx *db.Tx, list []Past) error {
	fresh := running{Service: r.Service, imp: r.imp, in: r.in, by: r.by, counts: r.counts, refused: slices.Clone(r.refused)} // the transaction may begin again
	for piece := range slices.Chunk(list, broughtAtOnce) {
		if err := fresh.bring(ctx, tx, piece); err != nil {
			return err
		}
	}
	if len(fresh.refused) > 0 {
		return errs.New(ErrRejected.Kind, ErrRejected.Key, "rows", itoa(len(fresh.refused)))
	}
	if err := fresh.end(ctx, tx); err != nil {
		return err
	}
	*r = fresh
	return nil
}

// pieces brings cases in some at a time. Of some that fail together each is tried by itself, so that one keeps no other out.
func (r *running) pieces(ctx context.Context, list []Past, tell func(done, of int)) error {
	done := 0
	for piece := range slices.Chunk(list, broughtAtOnce) {
		err := r.one(ctx, piece)
		if err != nil && ctx.Err() == nil && errs.KindOf(err) != errs.Unavailable {
			err = r.singly(ctx, piece)
		}
		if err != nil {
			return err
		}
		done += len(piece)
		tell(done, len(list))
	}
	return nil
}

// one brings a piece in, in one transaction.
func (r *running) one(ctx context.Context, piece []Past) error {
	var after running
	err := r.DB.Do(ctx, func(tx *db.Tx) error {
		after = *r
		after.refused = slices.Clone(r.refused)
		if err := after.bring(ctx, tx, piece); err != nil {
			return err
		}
		tx.Publish(r.imp.ID.Topic())
		return touch(ctx, tx, r.imp.ID)
	})
	if err == nil {
		*r = after
	}
	return err
}

func (r *running) singly(ctx context.Context, piece []Past) error {
	for _, p := range piece {
		err := r.one(ctx, []Past{p})
		switch {
		case err == nil:
		case ctx.Err() != nil, errs.KindOf(err) == errs.Unavailable:
			return err
		default:
			r.refuse(ctx, p, err)
		}
	}
	return nil
}

// refuse keeps the reason why a case could not be opened; one that is no reason for people goes to the log.
func (r *running) refuse(ctx context.Context, p Past, err error) {
	no := Refusal{File: p.File, Row: p.Row, Number: p.Number, Key: "case.past.failed"}
	if e, ok := errors.AsType[*errs.Error](err); ok && e.Kind != errs.Internal {
		no.Key, no.Params = e.Key, e.Params
		if len(e.Fields) > 0 {
			no.Key, no.Params = e.Fields[0].Key, e.Fields[0].Params
		}
	} else {
		r.logger.ErrorContext(ctx, "bring case", "import", int64(r.imp.ID), "number", p.Number, "error", err)
	}
	r.refused = append(r.refused, no)
}

// bring opens those of some cases that are not here yet.
func (r *running) bring(ctx context.Context, tx *db.Tx, piece []Past) error {
	list, known, err := r.look(ctx, tx, r.in, piece)
	if err != nil {
		return err
	}
	r.counts.Known += known
	list = slices.DeleteFunc(list, func(t tied) bool {
		if t.other != nil {
			r.refused = append(r.refused, t.refusal())
		}
		return t.other != nil
	})
	if len(list) == 0 {
		return nil
	}
	inputs := make([]cases.OpenInput, len(list))
	for n, t := range list {
		inputs[n] = t.opening(r.imp, r.by)
		r.counts.add(t)
	}
	if _, err := r.Cases.OpenAllTx(ctx, tx, inputs); err != nil {
		return fmt.Errorf("open cases: %w", err)
	}
	return nil
}

// end says what became of all of it, and lets go of the files.
func (r *running) end(ctx context.Context, tx *db.Tx) error {
	var err error
	if r.counts.Brought, err = r.Cases.BroughtBy(ctx, tx, int64(r.imp.ID)); err != nil {
		return err
	}
	// Run again after it was cut off, it finds its own here already.
	if again := r.counts.Brought - r.counts.Closed - r.counts.Open; again > 0 {
		planned := r.imp.Counts
		r.counts.Known -= again
		r.counts.Closed, r.counts.Open, r.counts.Messages, r.counts.Untied = planned.Closed, planned.Open, planned.Messages, planned.Untied
	}
	r.counts.Refused = len(r.refused)
	if r.imp, err = endImport(ctx, tx, r.imp.ID, Done, r.counts, nil); err != nil {
		return err
	}
	if err := keepRefusals(ctx, tx, r.imp.ID, r.refused); err != nil {
		return err
	}
	if err := dropFiles(ctx, tx, r.imp.ID); err != nil {
		return err
	}
	tx.Publish(r.imp.ID.Topic())
	return record(ctx, tx, r.by, "case_import.done", r.imp)
}
