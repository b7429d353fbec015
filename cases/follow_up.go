package cases

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/jobs"
)

// FollowUpInput says when a case is to come back, and what for.
type FollowUpInput struct {
	On
	At   time.Time
	Note string
}

// The furthest a follow-up may lie ahead, and what its note may hold.
const (
	followUpMost     = 366 * 24 * time.Hour
	longestFollowUp  = 500
	followUpWhyAsked = "asked"
)

// FollowUp takes a case out of the working views until a moment, at most a year ahead. It comes back at their top then, and whoever works
// on it is told. What its customer writes before ends it. Its clocks go on, and the views of what is late or soon due still show it.
func (s *Service) FollowUp(ctx context.Context, in FollowUpInput) (Case, error) {
	in.Note = strings.TrimSpace(in.Note)
	return s.command(ctx, in.On, true, func(w *work) error {
		var wrong []errs.Field
		if !in.At.After(w.tx.Now()) || in.At.After(w.tx.Now().Add(followUpMost)) {
			wrong = append(wrong, errs.Field{Name: "at", Key: "follow_up.not_ahead"})
		}
		if utf8.RuneCountInString(in.Note) > longestFollowUp {
			wrong = append(wrong, errs.Field{Name: "note", Key: "follow_up.long_note"})
		}
		if len(wrong) > 0 {
			return errs.InvalidFields(wrong...)
		}
		return w.followUp(ctx, in.At, in.Note)
	})
}

func (w *work) followUp(ctx context.Context, at time.Time, note string) error {
	if !w.c.Status.Active() {
		return errs.New(ErrClosed.Kind, ErrClosed.Key, "number", w.c.Number)
	}
	at = at.UTC().Truncate(time.Second)
	w.c.FollowUpAt, w.c.FollowUpNote, w.c.FollowUpDue = &at, note, false
	w.note("follow_up.set", map[string]any{"at": at}) // the note stands in the case alone, where it can be erased
	return w.tx.EnqueueAt(ctx, FollowUpDue{CaseID: w.c.ID, At: at, By: w.by.UserID}, at)
}

// EndFollowUp is for a case that is dealt with, or not to be put off any longer.
func (s *Service) EndFollowUp(ctx context.Context, in On) (Case, error) {
	return s.command(ctx, in, true, func(w *work) error {
		w.followUpEnds(followUpWhyAsked)
		return nil
	})
}

// followUpEnds forgets the follow-up of a case that has one.
func (w *work) followUpEnds(why string) {
	if w.c.FollowUpAt == nil {
		return
	}
	w.c.FollowUpAt, w.c.FollowUpNote, w.c.FollowUpDue = nil, "", false
	w.note("follow_up.ended", map[string]any{"why": why})
}

// followUpRests takes the follow-up of a case that is joined to another, whose note stays for its being taken out again.
func (w *work) followUpRests() {
	note := w.c.FollowUpNote
	w.followUpEnds("joined")
	w.c.FollowUpNote = note
}

// followUpBefore is a case's follow-up before something changed it.
type followUpBefore struct {
	FollowUpAt   *time.Time `json:"follow_up_at,omitempty"`
	FollowUpNote string     `json:"follow_up_note,omitempty"`
	FollowUpDue  bool       `json:"follow_up_due,omitempty"`
}

// followUpBack brings a case's follow-up back to what it was.
func (w *work) followUpBack(ctx context.Context, was followUpBefore) error {
	switch {
	case was.FollowUpAt == nil:
		w.followUpEnds("undone")
	case w.c.FollowUpAt == nil || !w.c.FollowUpAt.Equal(*was.FollowUpAt):
		if err := w.followUp(ctx, *was.FollowUpAt, was.FollowUpNote); err != nil {
			return err
		}
		w.c.FollowUpDue = was.FollowUpDue
	}
	return nil
}

// FollowUpDue brings a case back at the moment it was put off to. One that was put off to another moment since, or has no follow-up
// any more, stays as it is.
type FollowUpDue struct {
	CaseID ID        `json:"case_id"`
	At     time.Time `json:"at"`
	By     int64     `json:"by"` // who asked for it, told when nobody works on the case
}

// Kind names the job.
func (FollowUpDue) Kind() string { return "cases.follow_up" }

// Unique says that a moment of a case has one job.
func (FollowUpDue) Unique() bool { return true }

// Queue is that of the timers.
func (FollowUpDue) Queue() string { return jobs.Timers }

func (s *Service) followUpDue(ctx context.Context, job FollowUpDue) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		_, err := s.changeTx(ctx, tx, job.CaseID, access.SystemActor("follow-up"), func(w *work) error {
			if w.c.FollowUpAt == nil || w.c.FollowUpDue || !w.c.FollowUpAt.Equal(job.At) || tx.Now().Before(job.At) {
				return nil
			}
			w.quiet = true
			w.c.FollowUpDue = true
			w.note("follow_up.due", nil)
			to := job.By
			if w.c.AssigneeID != nil {
				to = *w.c.AssigneeID
			}
			if to == 0 {
				return nil
			}
			key := "notice.follow_up"
			if w.c.FollowUpNote != "" {
				key = "notice.follow_up_note"
			}
			return insertNotice(ctx, tx, Notice{
				UserID: to, CaseID: &w.c.ID, Key: key, Params: map[string]string{"number": w.c.Number, "note": w.c.FollowUpNote},
			})
		})
		return err
	})
}

// sweepFollowUps brings back what should have come back and did not.
func (s *Service) sweepFollowUps(ctx context.Context, limit int) error {
	missed, err := db.List[FollowUpDue](ctx, s.db, `select id as case_id, follow_up_at as at, 0::bigint as by from cases
		where follow_up_at is not null and not follow_up_due and follow_up_at < $1 order by follow_up_at, id limit $2`, s.db.Now().Add(-30*time.Second), limit)
	if err != nil {
		return fmt.Errorf("find missed follow-ups: %w", err)
	}
	for _, m := range missed {
		if err := s.followUpDue(ctx, m); err != nil {
			s.logger.ErrorContext(ctx, "sweep follow-up", "case", m.CaseID, "error", err)
		}
	}
	return nil
}
