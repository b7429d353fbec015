package cases

import (
	"context"
	"fmt"
	"time"

	"makegood/cases/clock"
	"makegood/internal/db"
)

// overdueTimer is how long a breach may be due before its timer has been worked, sweeper included.
const overdueTimer = 5 * time.Minute

// Verify derives every clock of every case anew from the case's events and compares it with what is stored, and the
// figures on the case with its clocks. It reads cases in pieces and reports every difference.
func (s *Service) Verify(ctx context.Context) ([]Fault, error) {
	const piece = 200
	var faults []Fault
	after := ID(0)
	for {
		list, err := db.List[Case](ctx, s.db, `select `+caseColumns+` from cases where id > $1 order by id limit $2`, after, piece)
		if err != nil {
			return faults, fmt.Errorf("read cases: %w", err)
		}
		if len(list) == 0 {
			return faults, nil
		}
		found, err := s.verifyPiece(ctx, list)
		if err != nil {
			return faults, err
		}
		faults = append(faults, found...)
		after = list[len(list)-1].ID
	}
}

func (s *Service) verifyPiece(ctx context.Context, list []Case) ([]Fault, error) {
	ids := make([]ID, len(list))
	for n, c := range list {
		ids[n] = c.ID
	}
	rows, err := clockRows(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	events := map[string][]clockRow{}
	for _, row := range rows {
		events[row.Stream] = append(events[row.Stream], row)
	}
	all, err := storedClocks(ctx, s.db, ids...)
	if err != nil {
		return nil, err
	}
	stored := map[ID][]Clock{}
	for _, c := range all {
		stored[c.CaseID] = append(stored[c.CaseID], c)
	}
	var faults []Fault
	for _, c := range list {
		h, err := s.history(ctx, s.db, events[c.ID.Topic()], s.db.Now())
		if err != nil {
			return nil, err
		}
		derived, err := clock.Derive(h)
		if err != nil {
			faults = append(faults, Fault{Number: c.Number, Row: "cases", Detail: err.Error()})
			continue
		}
		if len(c.compare(timing{derived: derived, stored: stored[c.ID]}, h.Now)) == 0 {
			continue
		}
		found, err := s.verifyLocked(ctx, c.ID)
		if err != nil {
			return nil, err
		}
		faults = append(faults, found...)
	}
	return faults, nil
}

// verifyLocked looks again at a case while nobody can change it: what was read before may have been read in pieces.
func (s *Service) verifyLocked(ctx context.Context, id ID) ([]Fault, error) {
	var faults []Fault
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		c, err := lockCase(ctx, tx, id)
		if err != nil {
			return err
		}
		t, err := s.timing(ctx, tx, c)
		if err != nil {
			return err
		}
		faults = c.compare(t, tx.Now())
		return nil
	})
	return faults, err
}

// compare finds what is stored differently from what the events give.
func (c Case) compare(t timing, now time.Time) []Fault {
	var faults []Fault
	fault := func(row, detail string, args ...any) {
		faults = append(faults, Fault{Number: c.Number, Row: row, Detail: fmt.Sprintf(detail, args...)})
	}
	for _, id := range t.orphans() {
		fault(fmt.Sprintf("case_clocks %d", id), "no event of the case started this clock")
	}
	for _, i := range t.derived {
		row, isNew, differs := t.rowFor(c.ID, i, false)
		name := fmt.Sprintf("case_clocks %s %d.%d", row.Kind, row.Instance, row.Revision)
		switch {
		case isNew:
			fault(name, "the clock is not stored")
		case differs && !row.justBreached(t, now):
			fault(name, "the events give due %s outcome %s, stored is %s", textOf(row.DueAt), row.Outcome, t.storedText(row.ID))
		}
	}
	want := c
	want.cacheClocks(t.derived)
	if want.NextClock != c.NextClock || !sameTime(want.NextDueAt, c.NextDueAt) || want.ClockPaused != c.ClockPaused {
		fault("cases", "next clock is %s due %s, stored is %s due %s", want.NextClock, textOf(want.NextDueAt), c.NextClock, textOf(c.NextDueAt))
	}
	return faults
}

// justBreached tells that the only difference is a breach whose timer has not been worked yet.
func (c Clock) justBreached(t timing, now time.Time) bool {
	for _, old := range t.stored {
		if old.ID == c.ID && old.Outcome == clock.Running && c.Outcome == clock.BreachedOpen && c.DueAt != nil {
			old.Outcome, old.BreachedAt = c.Outcome, c.BreachedAt
			return old.same(c) && now.Sub(*c.DueAt) < overdueTimer
		}
	}
	return false
}

func (t timing) storedText(id ClockID) string {
	for _, c := range t.stored {
		if c.ID == id {
			return fmt.Sprintf("due %s outcome %s", textOf(c.DueAt), c.Outcome)
		}
	}
	return "nothing"
}

func textOf(at *time.Time) string {
	if at == nil {
		return "never"
	}
	return at.UTC().Format(time.RFC3339Nano)
}
