package reportmail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"makegood/internal/access"
	"makegood/internal/audit"
	"makegood/internal/db"
	"makegood/internal/errs"
	"makegood/internal/people"
)

// mayKeep refuses who may not say what comes by mail. What an assistant is told by its owner leaves the house by nothing but their own hand.
func mayKeep(by access.Actor) error {
	if by.Assistant || by.Kind != access.Person {
		return access.ErrForbidden
	}
	return access.Can(by, access.ReadReports, access.Object{})
}

// Make has a report come by mail, to the actor or to somebody else of the desk who may read reports. The report is read once as its reader
// would get it now, so that what cannot be read is refused at once.
func (s *Service) Make(ctx context.Context, in Input) (Schedule, error) {
	if err := mayKeep(in.By); err != nil {
		return Schedule{}, err
	}
	in = s.tidy(in)
	if err := in.check(); err != nil {
		return Schedule{}, err
	}
	sch := Schedule{
		ReaderID: in.ReaderID, MadeBy: in.By.UserID, Scopes: append([]string{}, in.By.Scopes...), Title: in.Title, Report: in.Report, Filters: in.Filters, Covers: in.Covers, Form: in.Form, Rhythm: in.Rhythm,
	}
	reader, err := s.readable(ctx, sch)
	if err != nil {
		return Schedule{}, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		next := sch.Next(tx.Now(), zoneOf(reader))
		sch.ID, err = db.Value[int64](ctx, tx, `insert into report_schedules
				(reader_id, made_by, made_at, scopes, title, report, filters, covers, form, repeats, on_day, at_minute, zone, next_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning id`,
			sch.ReaderID, sch.MadeBy, tx.Now(), sch.Scopes, sch.Title, sch.Report, sch.Filters, sch.Covers, sch.Form, sch.Repeats, sch.OnDay, sch.AtMinute, zoneOf(reader).String(), next)
		if err != nil {
			return fmt.Errorf("insert schedule of a report: %w", err)
		}
		return sch.record(ctx, tx, in.By, "report_schedule.made")
	})
	if err != nil {
		return Schedule{}, err
	}
	return scheduleByID(ctx, s.DB, sch.ID)
}

// readable is the reader of a schedule, when they may read its report as it stands.
func (s *Service) readable(ctx context.Context, sch Schedule) (people.User, error) {
	reader, err := s.People.User(ctx, sch.ReaderID)
	if err != nil || !reader.Active {
		return reader, errs.InvalidField("reader", people.ErrNoUser.Key)
	}
	if why := sch.unfit(reader); why != "" {
		return reader, errs.InvalidField("reader", why)
	}
	now := s.DB.Now().In(zoneOf(reader))
	q, _, _ := sch.Question(sch.actor(reader), now)
	_, err = s.Reports.Workbook(ctx, q)
	return reader, err
}

// unfit says why a reader gets no report, as a message key; "" when they do.
func (sch Schedule) unfit(reader people.User) string {
	switch {
	case !reader.Active:
		return "reportmail.stopped_left"
	case !access.May(sch.actor(reader), access.ReadReports):
		return "reportmail.stopped_no_right"
	case reader.Email == "":
		return "reportmail.stopped_no_address"
	}
	return ""
}

// zoneOf is the zone of a person's wall clock.
func zoneOf(u people.User) *time.Location { return zoneNamed(u.TimeZone) }

func zoneNamed(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

// record keeps the schedule as it stands with who changed it.
func (sch Schedule) record(ctx context.Context, tx *db.Tx, by access.Actor, what string) error {
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: what, Data: map[string]any{
		"schedule": sch.ID, "reader": sch.ReaderID, "title": sch.Title, "report": sch.Report, "filters": sch.Filters, "covers": sch.Covers, "form": sch.Form,
		"repeats": sch.Repeats, "on_day": sch.OnDay, "at_minute": sch.AtMinute,
	}})
}

// lockTx locks the reader and then the schedule, in the order in which somebody who is shut out has theirs stopped.
func (s *Service) lockTx(ctx context.Context, tx *db.Tx, id int64) (Schedule, people.User, error) {
	reader, err := db.One[people.User](ctx, tx, `select u.* from users u where u.id = (select reader_id from report_schedules where id = $1) for share`, id)
	if errors.Is(err, db.ErrNoRow) {
		return Schedule{}, reader, ErrNoSchedule
	}
	if err != nil {
		return Schedule{}, reader, fmt.Errorf("lock reader of a report: %w", err)
	}
	if _, err := tx.Exec(ctx, `select from report_schedules where id = $1 for update`, id); err != nil {
		return Schedule{}, reader, fmt.Errorf("lock schedule of a report: %w", err)
	}
	sch, err := scheduleByID(ctx, tx, id)
	return sch, reader, err
}

// keptTx locks a schedule that the actor may keep, as they read it.
func (s *Service) keptTx(ctx context.Context, tx *db.Tx, by access.Actor, id int64, version int) (Schedule, people.User, error) {
	sch, reader, err := s.lockTx(ctx, tx, id)
	if err != nil {
		return sch, reader, err
	}
	if _, err := s.scheduleOf(ctx, tx, by, id); err != nil {
		return sch, reader, err
	}
	if sch.Version != version {
		err = ErrStale
	}
	return sch, reader, err
}

// Change gives a schedule another report, form or rhythm, from the version that was read. Its reader stays.
func (s *Service) Change(ctx context.Context, in Input) (Schedule, error) {
	if err := mayKeep(in.By); err != nil {
		return Schedule{}, err
	}
	was, err := s.Schedule(ctx, in.By, in.ID)
	if err != nil {
		return Schedule{}, err
	}
	in.ReaderID = was.ReaderID
	in = s.tidy(in)
	if err := in.check(); err != nil {
		return Schedule{}, err
	}
	changed := func(sch Schedule) Schedule {
		sch.Title, sch.Report, sch.Filters, sch.Covers, sch.Form, sch.Rhythm = in.Title, in.Report, in.Filters, in.Covers, in.Form, in.Rhythm
		if in.By.UserID == sch.MadeBy {
			sch.Scopes = append([]string{}, in.By.Scopes...)
		}
		return sch
	}
	if _, err := s.readable(ctx, changed(was)); err != nil {
		return Schedule{}, err
	}
	err = s.DB.Do(ctx, func(tx *db.Tx) error {
		sch, reader, err := s.keptTx(ctx, tx, in.By, in.ID, in.Version)
		if err != nil {
			return err
		}
		sch = changed(sch)
		var next *time.Time // what stands stays so
		switch {
		case sch.NextAt == nil:
		case sch.NextAt.After(tx.Now()):
			next = new(sch.Next(tx.Now(), zoneOf(reader)))
		default: // due already, and about to be sent
			next = sch.NextAt
		}
		if _, err := tx.Exec(ctx, `update report_schedules set title = $2, report = $3, filters = $4, covers = $5, form = $6, repeats = $7, on_day = $8, at_minute = $9, zone = $10, next_at = $11,
				scopes = $12, version = version + 1 where id = $1`,
			sch.ID, sch.Title, sch.Report, sch.Filters, sch.Covers, sch.Form, sch.Repeats, sch.OnDay, sch.AtMinute, zoneOf(reader).String(), next, sch.Scopes); err != nil {
			return fmt.Errorf("change schedule of a report: %w", err)
		}
		return sch.record(ctx, tx, in.By, "report_schedule.changed")
	})
	if err != nil {
		return Schedule{}, err
	}
	return scheduleByID(ctx, s.DB, in.ID)
}

// Stop ends a schedule until somebody has it run again: its reader, who set it up, or who administers.
func (s *Service) Stop(ctx context.Context, by access.Actor, id int64, version int) error {
	if err := mayKeep(by); err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		sch, _, err := s.keptTx(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if sch.NextAt == nil {
			return ErrStopped
		}
		return sch.stopTx(ctx, tx, by, "reportmail.stopped_by", errs.Params{"by": by.Name})
	})
}

// stopTx ends a schedule with its reason.
func (sch Schedule) stopTx(ctx context.Context, tx *db.Tx, by access.Actor, why string, params errs.Params) error {
	if params == nil {
		params = errs.Params{}
	}
	if _, err := tx.Exec(ctx, `update report_schedules set next_at = null, stopped_at = $2, stopped_why = $3, stopped_params = $4, version = version + 1 where id = $1`,
		sch.ID, tx.Now(), why, params); err != nil {
		return fmt.Errorf("stop schedule of a report: %w", err)
	}
	return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "report_schedule.stopped", Data: map[string]any{
		"schedule": sch.ID, "reader": sch.ReaderID, "title": sch.Title, "why": why,
	}})
}

// Resume has a schedule that was stopped run again, from its next due moment on.
func (s *Service) Resume(ctx context.Context, by access.Actor, id int64, version int) error {
	if err := mayKeep(by); err != nil {
		return err
	}
	was, err := s.Schedule(ctx, by, id)
	if err != nil {
		return err
	}
	if _, err := s.readable(ctx, was); err != nil {
		return err
	}
	return s.DB.Do(ctx, func(tx *db.Tx) error {
		sch, reader, err := s.keptTx(ctx, tx, by, id, version)
		if err != nil {
			return err
		}
		if sch.NextAt != nil {
			return ErrRuns
		}
		if _, err := tx.Exec(ctx, `update report_schedules set next_at = $2, zone = $3, stopped_at = null, stopped_why = '', stopped_params = '{}', version = version + 1 where id = $1`,
			id, sch.Next(tx.Now(), zoneOf(reader)), zoneOf(reader).String()); err != nil {
			return fmt.Errorf("resume schedule of a report: %w", err)
		}
		return audit.RecordTx(ctx, tx, audit.Event{Stream: audit.Admin, By: by, What: "report_schedule.resumed", Data: map[string]any{
			"schedule": sch.ID, "reader": sch.ReaderID, "title": sch.Title,
		}})
	})
}

// stopLeftTx stops what comes to those who have left, in the transaction that shuts them out.
func (s *Service) stopLeftTx(ctx context.Context, tx *db.Tx) error {
	left, err := db.List[Schedule](ctx, tx, `select `+scheduleColumns+scheduleTables+`where s.next_at is not null and not r.active order by s.id for update of s`)
	if err != nil {
		return fmt.Errorf("find reports of who has left: %w", err)
	}
	for _, sch := range left {
		if err := sch.stopTx(ctx, tx, access.SystemActor("reportmail.left"), "reportmail.stopped_left", nil); err != nil {
			return err
		}
	}
	return nil
}
