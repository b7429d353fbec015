package cases

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"makegood/cases/clock"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ErrNoCalendar says that there is no such version of a calendar.
var ErrNoCalendar = errs.New(errs.NotFound, "calendar.none")

// CalendarInUse is the newest version of a calendar, and the names of the policies in force that count by it.
type CalendarInUse struct {
	CalendarVersion
	Policies []string
}

// CalendarInput is a calendar as it shall be. Its name says which one it is; BasedOn is the version that was read, 0 for a new calendar.
type CalendarInput struct {
	By         access.Actor
	Definition clock.Calendar
	BasedOn    int
	Comment    string // why; needed to save
}

const calendarColumns = `id, name, version, definition, created_at`

// Calendars reads the newest version of every calendar, by name.
func (s *Service) Calendars(ctx context.Context, by access.Actor) ([]CalendarInUse, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	list, err := db.List[CalendarVersion](ctx, s.db, `select distinct on (name) `+calendarColumns+` from calendars order by name, version desc`)
	if err != nil {
		return nil, fmt.Errorf("read calendars: %w", err)
	}
	users, err := db.List[struct{ Policy, Calendar string }](ctx, s.db, `select p.name as policy, c.name as calendar
		from sla_policies p join calendars c on c.id = p.calendar_id where p.active order by p.position, p.id`)
	if err != nil {
		return nil, fmt.Errorf("read who uses calendars: %w", err)
	}
	names := map[string][]string{}
	for _, u := range users {
		names[u.Calendar] = append(names[u.Calendar], u.Policy)
	}
	all := make([]CalendarInUse, len(list))
	for n, c := range list {
		all[n] = CalendarInUse{c, names[c.Name]}
	}
	return all, nil
}

// Calendar reads one version with all versions of the same calendar, the newest first; ErrNoCalendar when there is none.
func (s *Service) Calendar(ctx context.Context, by access.Actor, id int64) (CalendarVersion, []CalendarVersion, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return CalendarVersion{}, nil, err
	}
	list, err := db.List[CalendarVersion](ctx, s.db, `select `+calendarColumns+` from calendars where name = (select name from calendars where id = $1) order by version desc`, id)
	if err != nil {
		return CalendarVersion{}, nil, fmt.Errorf("read calendar: %w", err)
	}
	for _, c := range list {
		if c.ID == id {
			return c, list, nil
		}
	}
	return CalendarVersion{}, nil, ErrNoCalendar
}

func newestCalendar(ctx context.Context, r db.Reader, name string) (CalendarVersion, error) {
	c, err := db.One[CalendarVersion](ctx, r, `select `+calendarColumns+` from calendars where name = $1 order by version desc limit 1`, name)
	if errors.Is(err, db.ErrNoRow) {
		return CalendarVersion{Name: name}, nil
	}
	if err != nil {
		return c, fmt.Errorf("read calendar: %w", err)
	}
	return c, nil
}

// SaveCalendar keeps a new version of a calendar. The policies in force that count by it get a new version too, and the clocks that run
// under them go on by the new hours, with the time already used. ErrStaleSetting when somebody else made a version since.
func (s *Service) SaveCalendar(ctx context.Context, in CalendarInput) (CalendarVersion, ClockChange, error) {
	var saved CalendarVersion
	in.Definition.Name = strings.TrimSpace(in.Definition.Name)
	change, err := s.changeClocks(ctx, setting{by: in.By, what: CalendarSetting, name: in.Definition.Name, comment: in.Comment}, func(tx *db.Tx, now *setting) error {
		if err := in.check(ctx, tx); err != nil {
			return err
		}
		id, err := s.SaveCalendarTx(ctx, tx, in.Definition)
		if err != nil {
			return err
		}
		if saved, err = newestCalendar(ctx, tx, in.Definition.Name); err != nil {
			return err
		}
		policies, err := s.followCalendar(ctx, tx, in.Definition.Name, id)
		now.version, now.moves = saved.Version, len(policies) > 0
		now.data["policies"] = policies
		return err
	})
	return saved, change, err
}

// check refuses what is no calendar, has no name, changes nothing or is based on a version that is not the newest.
func (in CalendarInput) check(ctx context.Context, r db.Reader) error {
	if in.Definition.Name == "" {
		return errs.InvalidField("name", "error.required")
	}
	if err := in.Definition.Validate(); err != nil {
		return err
	}
	newest, err := newestCalendar(ctx, r, in.Definition.Name)
	if err != nil {
		return err
	}
	if newest.Version != in.BasedOn {
		return ErrStaleSetting
	}
	if in.BasedOn == 0 {
		return nil
	}
	before, err := json.Marshal(newest.Definition)
	if err != nil {
		return fmt.Errorf("write calendar: %w", err)
	}
	after, err := json.Marshal(in.Definition)
	if err != nil {
		return fmt.Errorf("write calendar: %w", err)
	}
	if string(before) == string(after) {
		return errs.New(errs.Invalid, "clock_setting.unchanged")
	}
	return nil
}

// followCalendar gives the policies in force that count by a calendar a new version each, which counts by the new one. It names them.
func (s *Service) followCalendar(ctx context.Context, tx *db.Tx, name string, id int64) ([]string, error) {
	list, err := db.List[Policy](ctx, tx, `select `+policyColumns+` from sla_policies p where p.active
		and p.calendar_id in (select c.id from calendars c where c.name = $1) order by p.position, p.id`, name)
	if err != nil {
		return nil, fmt.Errorf("read policies of calendar: %w", err)
	}
	names := []string{}
	for _, p := range list {
		p.CalendarID = id
		if _, err := s.SavePolicyTx(ctx, tx, p); err != nil {
			return nil, err
		}
		names = append(names, p.Name)
	}
	return names, nil
}

const policyColumns = `p.id, p.name, p.version, p.position, p.match, p.definition, p.ladder, p.calendar_id, p.active, p.created_at`

// PreviewCalendar tells what saving the calendar would do to the clocks that run, and changes nothing.
func (s *Service) PreviewCalendar(ctx context.Context, in CalendarInput) (ClockMoves, error) {
	if err := access.Can(in.By, access.ManageClocks, access.Object{}); err != nil {
		return ClockMoves{}, err
	}
	in.Definition.Name = strings.TrimSpace(in.Definition.Name)
	if err := in.check(ctx, s.db); err != nil {
		return ClockMoves{}, err
	}
	calendar, err := clock.Compile(in.Definition)
	if err != nil {
		return ClockMoves{}, err
	}
	concerned, err := db.Values[int64](ctx, s.db, `select p.id from sla_policies p join calendars c on c.id = p.calendar_id where p.active and c.name = $1`, in.Definition.Name)
	if err != nil {
		return ClockMoves{}, fmt.Errorf("read policies of calendar: %w", err)
	}
	pins := map[int64]clock.Pin{}
	for _, id := range concerned {
		p, err := s.rules(ctx, s.db, id)
		if err != nil {
			return ClockMoves{}, err
		}
		p.pin.Calendar, p.pin.PolicyVersion, p.pin.CalendarVersion = calendar, foreseen, foreseen
		pins[id] = p.pin
	}
	return s.foreseeMoves(ctx, in.By, pins)
}
