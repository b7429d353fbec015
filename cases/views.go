package cases

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/cases/filter"
	"makegood/internal/access"
	"makegood/internal/db"
	"makegood/internal/errs"
)

// ViewID names a view that somebody keeps.
type ViewID int64

// SavedView is a selection of the queue that somebody keeps: a standing view, what narrows it as it was typed, and the
// order. A shared one is everybody's to look at; each sees in it what they may see.
type SavedView struct {
	ID        ViewID
	OwnerID   int64
	OwnerName string
	Name      string
	Shared    bool
	Within    View
	Query     string
	Sort      Sort
	CreatedAt time.Time
	Version   int
}

// SaveViewInput keeps a new view (ID 0), or changes one that is based on Version.
type SaveViewInput struct {
	By      access.Actor
	ID      ViewID
	Version int
	Name    string
	Shared  bool
	Within  View
	Query   string
	Sort    Sort
}

// How many views one person keeps, and how many of their own and of the shared ones are shown.
const (
	maxViews   = 50
	shownViews = 60
)

// What views refuse.
var (
	ErrNoView   = errs.New(errs.NotFound, "view.no_view")
	ErrSameName = errs.New(errs.Conflict, "view.same_name")
)

// SaveView keeps a view of the actor's own. To share one, or to change what somebody else shares, takes the right to give
// cases to others. A name is used once by each person: ErrSameName.
func (s *Service) SaveView(ctx context.Context, in SaveViewInput) (SavedView, error) {
	in.Name, in.Query = strings.Join(strings.Fields(in.Name), " "), strings.TrimSpace(in.Query)
	if err := in.check(s.db.Now()); err != nil {
		return SavedView{}, err
	}
	var saved SavedView
	err := s.db.Do(ctx, func(tx *db.Tx) error {
		var err error
		if in.ID == 0 {
			saved, err = addView(ctx, tx, in)
			return err
		}
		if saved, err = s.changeable(ctx, tx, in.By, in.ID); err != nil {
			return err
		}
		if in.Version != saved.Version {
			return errs.New(errs.Conflict, "view.changed_meanwhile", "name", saved.Name)
		}
		saved, err = changeView(ctx, tx, in)
		return err
	})
	if db.Violates(err, "queue_views_own") {
		return SavedView{}, errs.New(ErrSameName.Kind, ErrSameName.Key, "name", in.Name)
	}
	return saved, err
}

func (in SaveViewInput) check(now time.Time) error {
	if err := access.Can(in.By, access.ReadCases, access.Object{}); err != nil {
		return err
	}
	if in.Shared {
		if err := access.Can(in.By, access.AssignOthers, access.Object{}); err != nil {
			return err
		}
	}
	var wrong []errs.Field
	if in.Name == "" || utf8.RuneCountInString(in.Name) > 60 {
		wrong = append(wrong, errs.Field{Name: "name", Key: "view.needs_name"})
	}
	if in.Within != ViewAll && !slices.Contains(Views(), in.Within) {
		wrong = append(wrong, errs.Field{Name: "within", Key: "view.unknown"})
	}
	if in.Sort != "" && !slices.Contains([]Sort{SortDue, SortAge, SortRisk, SortNewest, SortResolved}, in.Sort) {
		wrong = append(wrong, errs.Field{Name: "sort", Key: "view.unknown_sort"})
	}
	read, err := filter.Reader{Now: now}.Parse(in.Query)
	if in.Sort.among(in.Within.active() || err != nil || askOpen(read.Terms)) != nil {
		wrong = append(wrong, errs.Field{Name: "sort", Key: "view.sorts_open_work"})
	}
	if unreadable := (*errs.Error)(nil); errors.As(err, &unreadable) {
		wrong = append(wrong, unreadable.Fields...)
	}
	if len(wrong) > 0 {
		return errs.InvalidFields(wrong...)
	}
	return err
}

// changeable locks a view that the actor may change: their own, or a shared one by whoever may share.
func (s *Service) changeable(ctx context.Context, tx *db.Tx, by access.Actor, id ViewID) (SavedView, error) {
	v, err := viewByID(ctx, tx, id)
	if err != nil {
		return v, err
	}
	if v.OwnerID == by.UserID {
		return v, nil
	}
	if !v.Shared {
		return v, ErrNoView
	}
	if access.Can(by, access.AssignOthers, access.Object{}) != nil {
		return v, errs.New(errs.Conflict, "view.of_another", "name", v.Name, "owner", v.OwnerName)
	}
	return v, nil
}

// RemoveView drops a view as it is in the version given; the cases in it are not touched.
func (s *Service) RemoveView(ctx context.Context, id ViewID, version int, by access.Actor) error {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return err
	}
	return s.db.Do(ctx, func(tx *db.Tx) error {
		v, err := s.changeable(ctx, tx, by, id)
		if err != nil {
			return err
		}
		if v.Version != version {
			return errs.New(errs.Conflict, "view.changed_meanwhile", "name", v.Name)
		}
		if _, err := tx.Exec(ctx, `delete from queue_views where id = $1`, id); err != nil {
			return fmt.Errorf("remove view: %w", err)
		}
		return nil
	})
}

// SavedViews lists the actor's own views and those others share, by name.
func (s *Service) SavedViews(ctx context.Context, by access.Actor) ([]SavedView, error) {
	if err := access.Can(by, access.ReadCases, access.Object{}); err != nil {
		return nil, err
	}
	return listViews(ctx, s.db, by.UserID)
}

// CountSaved counts the cases of views that the actor may see, up to CountCap. Only what is narrowed to open work, and not
// by words, is counted: the rest would cost what ever was.
func (s *Service) CountSaved(ctx context.Context, views []SavedView, by access.Actor, zone *time.Location) (map[ViewID]int, error) {
	all := &query{}
	var parts []string
	var closes []closing
	if slices.ContainsFunc(views, func(v SavedView) bool { return v.Within == ViewClosing }) {
		var err error
		if closes, err = s.closings(ctx, s.db, s.db.Now()); err != nil {
			return nil, err
		}
	}
	for _, v := range views {
		a := asked{Filter: Filter{View: v.Within}, by: by, now: s.db.Now(), closing: closes}
		read, err := filter.Reader{Now: a.now, Zone: zone}.Parse(v.Query)
		if err != nil || read.Words != "" || !v.Within.active() {
			continue
		}
		a.terms = read.Terms
		parts = append(parts, all.counting(a.whereAfter(all.args), fmt.Sprintf(`%d`, v.ID)))
	}
	if len(parts) == 0 {
		return map[ViewID]int{}, nil
	}
	list, err := db.List[struct {
		View ViewID
		N    int
	}](ctx, s.db, strings.Join(parts, ` union all `), all.plannedAnew()...)
	if err != nil {
		return nil, fmt.Errorf("count saved views: %w", err)
	}
	counts := make(map[ViewID]int, len(list))
	for _, c := range list {
		counts[c.View] = c.N
	}
	return counts, nil
}

// active tells whether the view holds open work only.
func (v View) active() bool { return v != ViewAll && v != ViewResolved }
