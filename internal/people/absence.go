package people

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// What absences are refused with.
var (
	ErrNoAbsence      = errs.New(errs.NotFound, "people.no_such_absence")
	ErrAbsentAlready  = errs.New(errs.Conflict, "people.absent_already")
	ErrOthersAbsences = errs.New(errs.Forbidden, "people.others_absences")
)

// noteOfAbsence and longestAbsence bound what one may enter.
const (
	noteOfAbsence  = 200
	longestAbsence = 400 // days
)

// Absence is a time in which somebody is not at the desk: nothing new waits for them, and what waits goes to who stands in or higher up.
type Absence struct {
	ID        int64
	UserID    int64
	Name      string
	FirstDay  time.Time // a day of the person's calendar, at midnight UTC
	LastDay   time.Time // the last day they are away
	FromAt    time.Time
	UntilAt   time.Time
	Note      string
	EnteredBy int64
	EnteredAt time.Time
	EndedBy   *int64
	EndedAt   *time.Time
}

// AbsenceInput enters an absence from the first day to the last, both as 2026-12-24 in the time zone of who is away. UserID 0 is who acts.
type AbsenceInput struct {
	By                access.Actor
	UserID            int64
	FirstDay, LastDay string
	Note              string
}

// SettleAbsences asks for those to be marked away who are, and for those to be back who are.
type SettleAbsences struct{}

// Kind names the job.
func (SettleAbsences) Kind() string { return "people.settle_absences" }

// OnMove names what has to happen, in the same transaction, when somebody comes, goes, is shut out, or has other rights.
func (s *Service) OnMove(told func(context.Context, *db.Tx) error) { s.moved = append(s.moved, told) }

func (s *Service) movedTx(ctx context.Context, tx *db.Tx) error {
	for _, told := range s.moved {
		if err := told(ctx, tx); err != nil {
			return err
		}
	}
	return nil
}

// Absences lists who is away and who will be, the earliest first; at most 500.
func (s *Service) Absences(ctx context.Context, by access.Actor) ([]Absence, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	return db.List[Absence](ctx, s.db, `select a.*, u.name from absences a join users u on u.id = a.user_id
		where a.ended_at is null and a.until_at > $1 order by a.from_at, a.id limit 500`, s.db.Now())
}

// EnterAbsence says that somebody will be away, or is from now on when the first day has begun. Everybody may for themselves; for others
// supervisors and admins. Days that are over, in the wrong order or more than a year are refused by field; days the person is away
// already with ErrAbsentAlready.
func (s *Service) EnterAbsence(ctx context.Context, in AbsenceInput) (Absence, error) {
	if in.UserID == 0 {
		in.UserID = in.By.UserID
	}
	if err := mayEnter(in.By, in.UserID); err != nil {
		return Absence{}, err
	}
	var a Absence
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		user, err := db.One[User](ctx, tx, `select * from users where id = $1 and active for update`, in.UserID)
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoUser
		}
		if err != nil {
			return err
		}
		if a, err = in.read(user, tx.Now()); err != nil {
			return err
		}
		if err := a.insertTx(ctx, tx); err != nil {
			return err
		}
		if err := tx.EnqueueAt(ctx, SettleAbsences{}, a.UntilAt); err != nil {
			return err
		}
		if err := tx.EnqueueAt(ctx, SettleAbsences{}, a.FromAt); err != nil {
			return err
		}
		if err := s.settleTx(ctx, tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: in.By, What: "absence.entered", Data: map[string]any{
			"absence": a.ID, "user": a.UserID, "first_day": a.FirstDay.Format(time.DateOnly), "last_day": a.LastDay.Format(time.DateOnly), "until": a.UntilAt,
		}})
	})
	return a, err
}

func mayEnter(by access.Actor, userID int64) error {
	if by.Assistant {
		return access.ErrForbidden // whom decisions go to is no matter for an assistant
	}
	if userID != by.UserID {
		if access.Can(by, access.ManageAbsences, access.Object{}) != nil {
			return ErrOthersAbsences
		}
		return nil
	}
	return access.Can(by, access.ReadCases, access.Object{})
}

func (in AbsenceInput) read(user User, now time.Time) (Absence, error) {
	zone, err := time.LoadLocation(user.TimeZone)
	if err != nil {
		return Absence{}, fmt.Errorf("time zone of user %d: %w", user.ID, err)
	}
	first, err := time.ParseInLocation(time.DateOnly, in.FirstDay, zone)
	if err != nil {
		return Absence{}, errs.InvalidField("first_day", "people.not_a_day")
	}
	last, err := time.ParseInLocation(time.DateOnly, in.LastDay, zone)
	if err != nil {
		return Absence{}, errs.InvalidField("last_day", "people.not_a_day")
	}
	note, until := strings.TrimSpace(in.Note), last.AddDate(0, 0, 1)
	switch {
	case last.Before(first):
		return Absence{}, errs.InvalidField("last_day", "people.absence_ends_first")
	case !until.After(now):
		return Absence{}, errs.InvalidField("last_day", "people.absence_over")
	case until.After(now.AddDate(0, 0, 2*longestAbsence)), until.After(first.AddDate(0, 0, longestAbsence)):
		return Absence{}, errs.InvalidField("last_day", "people.absence_too_long")
	case utf8.RuneCountInString(note) > noteOfAbsence:
		return Absence{}, errs.InvalidField("note", "people.absence_note")
	}
	from := first
	if now.After(first) {
		from = now
	}
	return Absence{UserID: user.ID, Name: user.Name, FirstDay: dayOf(first), LastDay: dayOf(last), FromAt: from, UntilAt: until, Note: note, EnteredBy: in.By.UserID, EnteredAt: now}, nil
}

func dayOf(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

// insertTx adds the absence. The row of who is away is locked, so that two of the same days meet here.
func (a *Absence) insertTx(ctx context.Context, tx *db.Tx) error {
	met, err := db.Value[bool](ctx, tx, `select exists (select 1 from absences where user_id = $1 and ended_at is null and from_at < $3 and until_at > $2)`, a.UserID, a.FromAt, a.UntilAt)
	if err != nil {
		return err
	}
	if met {
		return ErrAbsentAlready
	}
	a.ID, err = db.Value[int64](ctx, tx, `insert into absences (user_id, first_day, last_day, from_at, until_at, note, entered_by, entered_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8) returning id`, a.UserID, a.FirstDay, a.LastDay, a.FromAt, a.UntilAt, a.Note, a.EnteredBy, a.EnteredAt)
	return err
}

// EndAbsence takes back one that has not begun, or brings somebody back at once.
func (s *Service) EndAbsence(ctx context.Context, by access.Actor, id int64) error {
	return s.db.Do(ctx, func(tx *db.Tx) error {
		user, err := db.Value[int64](ctx, tx, `select user_id from absences where id = $1 and ended_at is null and until_at > $2 for update`, id, tx.Now())
		if errors.Is(err, db.ErrNoRow) {
			return ErrNoAbsence
		}
		if err != nil {
			return err
		}
		if err := mayEnter(by, user); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update absences set ended_at = $2, ended_by = $3 where id = $1`, id, tx.Now(), by.UserID); err != nil {
			return err
		}
		if err := s.settleTx(ctx, tx); err != nil {
			return err
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "absence.ended", Data: map[string]any{"absence": id, "user": user}})
	})
}

func (s *Service) settleAbsences(ctx context.Context, _ SettleAbsences) error {
	return s.db.Do(ctx, func(tx *db.Tx) error { return s.settleTx(ctx, tx) })
}

// settleTx brings who is marked away in line with the absences, and tells when somebody came or went. Who has no absence keeps their mark.
func (s *Service) settleTx(ctx context.Context, tx *db.Tx) error {
	moved, err := db.Values[int64](ctx, tx, `with due as (
			select u.id, exists (select 1 from absences a where a.user_id = u.id and a.ended_at is null and a.from_at <= $1 and a.until_at > $1) as away
			from users u where exists (select 1 from absences a where a.user_id = u.id))
		update users u set away = due.away from due where due.id = u.id and due.away <> u.away returning u.id`, tx.Now())
	if err != nil {
		return fmt.Errorf("settle who is away: %w", err)
	}
	if len(moved) == 0 {
		return nil
	}
	tx.Publish("approvals", "board")
	data := map[string]any{"users": moved}
	if err := audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: access.SystemActor("people.settle_absences"), What: "absence.settled", Data: data}); err != nil {
		return err
	}
	return s.movedTx(ctx, tx)
}
